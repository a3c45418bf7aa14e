"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from bench import report
from bench.endpoint import PAIRS, Pair
from bench.lab import PROFILES
from bench.measure_call import Schedule, measure_call
from bench.measure_setup import measure_setup
from bench.measure_startup import measure_startup
from bench.meeting import Setting
from bench.paths import DOCUMENT

_TWO_SIDED = [name for name, pair in PAIRS.items() if not pair.alone]
_DISPLAYS = ("offscreen", "xvfb", "headless")
_GRAB_EVERY_S = 0.5


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _add_common(parser: argparse.ArgumentParser, pairs: Sequence[str], rounds: int) -> None:
    parser.add_argument("--pairs", nargs="+", choices=pairs, default=list(pairs), help="who calls whom")
    parser.add_argument("--rounds", type=int, default=rounds, help="interleaved rounds (default %(default)s)")
    parser.add_argument(
        "--display", choices=_DISPLAYS, default="offscreen", help="where the app's window paints"
    )
    parser.add_argument(
        "--relay", metavar="PROFILE", help=f"{', '.join(PROFILES)}, or a control line of relay.c"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py", description="Measures calls; needs root, for network namespaces."
    )
    figures = parser.add_subparsers(dest="figure")
    setup = figures.add_parser("setup", help="from Call to the first remote picture")
    _add_common(setup, list(PAIRS), rounds=2)
    setup.add_argument("--cycles", type=int, default=12, help="calls a pair and round (default %(default)s)")
    for name, words in (
        ("call", "delay, rate, freezes, bit rate, CPU"),
        ("quality", "the same with PSNR and SSIM; apart, since keeping pictures costs CPU"),
    ):
        call = figures.add_parser(name, help=words)
        _add_common(call, _TWO_SIDED, rounds=2)
        call.add_argument("--sizes", nargs="+", type=_size, default=[(640, 480), (1280, 720)], metavar="WxH")
        call.add_argument(
            "--warm", type=float, default=12, help="seconds unmeasured first (default %(default)s)"
        )
        call.add_argument("--seconds", type=float, default=20, help="seconds measured (default %(default)s)")
    startup = figures.add_parser("startup", help="time to a usable window, memory")
    _add_common(startup, [name for name in _TWO_SIDED if name != "aiortc"], rounds=3)  # it has no preview
    told = figures.add_parser("report", help="the tables of the newest results")
    told.add_argument("--update", action="store_true", help=f"write them into {DOCUMENT.name}")
    figures.add_parser("all", help="setup, call, quality, startup and report; the default")
    return parser


async def _measure(options: argparse.Namespace) -> None:
    pairs: list[Pair] = [PAIRS[name] for name in options.pairs]
    setting = Setting(640, 480, options.display, PROFILES.get(options.relay, options.relay))
    figure = f"{options.figure}@{options.relay.replace(' ', '_')}" if options.relay else options.figure
    match options.figure:
        case "setup":
            await measure_setup(figure, pairs, setting, options.rounds, options.cycles)
        case "call" | "quality":
            grab_every_s = _GRAB_EVERY_S if options.figure == "quality" else 0.0
            schedule = Schedule(options.warm, options.seconds, grab_every_s)
            await measure_call(figure, pairs, setting, options.sizes, options.rounds, schedule)
        case "startup":
            await measure_startup(figure, pairs, setting, options.rounds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    match options.figure:
        case "report" if options.update:
            report.update(DOCUMENT)
        case "report":
            for section in report.sections().values():
                print(section, end="\n\n")
        case None | "all":
            for figure in ("setup", "call", "quality", "startup", "report"):
                main([figure])
        case _:
            asyncio.run(_measure(options))
    return 0
