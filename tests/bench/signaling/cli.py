"""Runs all servers in turn, some rounds, or all attacks on ours, and writes the table."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import os
import platform
import re
import resource
import subprocess
import time
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

from bench.paths import DOCUMENT, REPO
from bench.signaling import hostile
from bench.signaling.contestants import CONTESTANTS, FOLDER, install, versions
from bench.signaling.load import PAIRS, measure, take_own_core
from signaling_server import tls

_FIRST_PORT = 9100
Figures = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure signaling servers under load.")
    parser.add_argument("figure", choices=("load", "hostile"))
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each relay measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--update", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    install()
    tls.self_signed(FOLDER)
    load_before = os.getloadavg()[0]
    take_own_core()
    section = _hostile(options, load_before) if options.figure == "hostile" else _load(options, load_before)
    print(section)
    if options.update:
        marks = re.compile(rf"(<!-- signaling {options.figure} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(
            marks.sub(lambda found: found[1] + section + "\n" + found[2], text), encoding="utf-8"
        )
    return 0


def _load(options: argparse.Namespace, load_before: float) -> str:
    results: dict[str, list[Figures]] = {name: [] for name in options.only}
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        for round_number in range(options.rounds):
            for name in options.only:
                port = _FIRST_PORT + len(CONTESTANTS) * round_number + list(CONTESTANTS).index(name)
                figures = runner.run(measure(CONTESTANTS[name], port, options.connections, options.seconds))
                results[name].append(figures)
                print(time.strftime("%H:%M:%S"), name, json.dumps(_rounded(figures)), flush=True)
    setting = f"{options.connections} connections, median of {options.rounds} rounds"
    return "\n".join([_caption([*versions(), setting], load_before), "", *_table(results)])


def _hostile(options: argparse.Namespace, load_before: float) -> str:
    hostile.yield_to_others()
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        rows = runner.run(hostile.measure(_FIRST_PORT, options.seconds))
    head = ["attack", "times", "bystander p50 ms", "p99 ms", "longest ms", "MB before", "peak", "after"]
    cells = [head, ["---", *["---:"] * (len(head) - 1)]]
    for row in rows:
        delays = [f"{row[key]:.1f}" for key in ("p50_ms", "p99_ms", "longest_ms")]
        memory = [f"{row[key]:.0f}" for key in ("before_mb", "peak_mb", "after_mb")]
        cells.append([row["attack"], str(row["strikes"]), *delays, *memory])
    setting = f"{options.seconds:g} s each"
    return "\n".join([_caption([setting], load_before), "", *_lines(cells)])


def _fast_loop() -> Any:
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return float(f"{value:.4g}")
        case dict():
            return {name: _rounded(item) for name, item in value.items()}
        case _:
            return value


def _caption(details: Sequence[str], load_before: float) -> str:
    processors = os.cpu_count()
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, cwd=REPO, capture_output=True, text=True, check=True).stdout.strip()
    loop = "uvloop" if importlib.util.find_spec("uvloop") else "asyncio"
    libraries = f"websockets {version('websockets')}, event loop {loop}"
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, commit {commit}, {processors} processors, Linux {platform.release()}, "
        f"Python {platform.python_version()}, {libraries}, {', '.join(details)}; load before: {load_before:.1f}."
    )


def _table(results: dict[str, list[Figures]]) -> list[str]:
    head = ["server", "KB / idle connection", "idle CPU %", "connections / CPU s"]
    for pairs in PAIRS:
        few = f"{pairs} pair{'s' * (pairs > 1)}"
        head += [f"{few}: messages/s", "p50 / p99 ms", "messages / CPU s"]
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for name, rounds in results.items():
        rows.append(
            [
                CONTESTANTS[name].title,
                f"{median(figures['kb_per_connection'] for figures in rounds):.1f}",
                f"{median(figures['idle_cpu_percent'] for figures in rounds):.1f}",
                f"{median(figures['connections_per_cpu_s'] for figures in rounds):.0f}",
            ]
        )
        for pairs in PAIRS:
            busy = [figures[f"pairs_{pairs}"] for figures in rounds]
            p50, p99 = (median(figures[key] for figures in busy) for key in ("p50_ms", "p99_ms"))
            rows[-1] += [
                f"{median(figures['messages_per_s'] for figures in busy):.0f}",
                f"{p50:.2f} / {p99:.2f}",
                f"{median(figures['messages_per_cpu_s'] for figures in busy):.0f}",
            ]
    return _lines(rows)


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(cells) + " |" for cells in rows]
