"""Markdown tables out of the newest results of each figure; peers of one table always come from the same run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.endpoint import PAIRS
from bench.metrics import percentile
from bench.results import newest

Run = Mapping[str, Any]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rule = ["---", *("---:" for _ in head[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)]


def _number(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _grouped(runs: Sequence[Run], *keys: str) -> dict[tuple[str, ...], list[Run]]:
    """Runs by the values of `keys`, in the order of their first appearance."""
    groups: defaultdict[tuple[str, ...], list[Run]] = defaultdict(list)
    for run in runs:
        groups[tuple(str(run[key]) for key in keys)].append(run)
    return dict(groups)


def _succeeded(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if "failed" not in run]


def _failures(runs: Sequence[Run]) -> list[str]:
    failed = [f"{PAIRS[run['pair']].title}: {run['failed']}" for run in runs if "failed" in run]
    return ["", f"Failed runs: {len(failed)} ({'; '.join(sorted(set(failed)))})."] if failed else []


def setup_table(results: Run) -> list[str]:
    """Percentiles over all calls of all rounds."""
    rows = []
    for (pair,), runs in _grouped(results["runs"], "pair").items():
        calls = [call for run in _succeeded(runs) for call in run["calls"]]
        cells = [PAIRS[pair].title]
        for side in ("caller_ms", "callee_ms"):
            times = [call[side] for call in calls if call[side] is not None]
            cells += [_number(percentile(times, percent)) for percent in (50, 95)]
        lost = sum(call["caller_ms"] is None for call in calls)
        rows.append([*cells, str(len(calls)), str(lost)])
    head = [
        "pair",
        "caller p50 ms",
        "caller p95 ms",
        "callee p50 ms",
        "callee p95 ms",
        "calls",
        "without a picture",
    ]
    return _table(head, rows) + _failures(results["runs"])


def call_table(results: Run) -> list[str]:
    """Medians over the rounds and both directions (CPU: both sides)."""
    rows = []
    for (source, pair), all_runs in _by_source(results["runs"]):
        runs = _succeeded(all_runs)
        ways = [way for run in runs for way in run["directions"]]

        def middle(key: str, digits: int, ways: Sequence[Run] = ways) -> str:
            return _number(_median(way[key] for way in ways), digits)

        rows.append(
            [
                f"{source}, {PAIRS[pair].title}",
                f"{middle('delay_p50_ms', 1)} / {middle('delay_p95_ms', 1)}",
                middle("fps", 1),
                f"{sum(way['freezes'] for way in ways)} / {len(ways)}",
                middle("longest_gap_ms", 0),
                _sizes(runs),
                _kbps(runs),
                _number(_median(cpu for run in runs for cpu in run["cpu_s_per_min"]), 1),
            ]
        )
    head = [
        "source, pair",
        "delay p50 / p95 ms",
        "fps",
        "freezes / directions",
        "longest gap ms",
        "size shown",
        "kbps",
        "CPU s per minute and side",
    ]
    return _table(head, rows) + _failures(results["runs"])


def quality_table(results: Run) -> list[str]:
    """Medians over the rounds of what the callee saw."""
    rows = []
    for (source, pair), all_runs in _by_source(results["runs"]):
        runs = _succeeded(all_runs)
        grabs = [run["quality"] for run in runs if run["quality"]]
        psnr_db, ssim = (_median(grab[key] for grab in grabs) for key in ("psnr_db", "ssim"))
        title = f"{source}, {PAIRS[pair].title}"
        rows.append([title, _number(psnr_db, 1), _number(ssim, 3), _sizes(runs), _kbps(runs)])
    head = ["source, pair", "PSNR dB", "SSIM", "size shown", "kbps"]
    return _table(head, rows) + _failures(results["runs"])


def _sizes(runs: Sequence[Run]) -> str:
    return ", ".join(sorted({way["size"] for run in runs for way in run["directions"]}))


def _kbps(runs: Sequence[Run]) -> str:
    return _number(_median(kbps for run in runs for kbps in run["kbps"]))


def _by_source(runs: Sequence[Run]) -> list[tuple[tuple[str, ...], list[Run]]]:
    """Runs by source and pair, small sources first."""

    def pixels(item: tuple[tuple[str, ...], list[Run]]) -> int:
        width, _, height = item[0][0].partition("x")
        return int(width) * int(height)

    return sorted(_grouped(runs, "source", "pair").items(), key=pixels)


def startup_table(results: Run) -> list[str]:
    """Medians over the rounds and both sides."""
    rows = []
    for (pair,), all_runs in _grouped(results["runs"], "pair").items():
        runs = _succeeded(all_runs)

        def middle(key: str, runs: Sequence[Run] = runs) -> str:
            return _number(_median(value for run in runs for value in run[key]))

        def memory(key: str, runs: Sequence[Run] = runs) -> str:
            sides = [side for run in runs for side in run[key]]
            pss, rss = (_median(side[kind] for side in sides) for kind in ("pss_mb", "rss_mb"))
            return f"{_number(pss)} / {_number(rss)}"

        rows.append(
            [
                PAIRS[pair].title,
                middle("ready_ms"),
                middle("own_picture_ms"),
                memory("memory_preview"),
                memory("memory_call"),
            ]
        )
    head = [
        "pair",
        "usable window ms",
        "Start to own picture ms",
        "preview PSS / RSS MB",
        "in the call PSS / RSS MB",
    ]
    return _table(head, rows) + _failures(results["runs"])


def _caption(results: Run) -> str:
    about, setting = results["surroundings"], results["setting"]
    rounds = 1 + max((run["round"] for run in results["runs"]), default=0)
    details = [
        f"{rounds} interleaved rounds" if rounds > 1 else "1 round",
        f"display {setting['display']}",
    ]
    if "seconds" in setting:
        details.append(f"{setting['seconds']:g} s each after {setting['warm_s']:g} s")
    details.append(f"link: {setting['relay'] or 'veth'}")
    return (
        f"{results['when']}, commit {about['commit']}, {about['processor']}, {about['system']}, "
        f"{', '.join(about['versions'])}; {', '.join(details)}; load before: {about['load_before']:.1f}."
    )


_TABLES: dict[str, Callable[[Run], list[str]]] = {
    "setup": setup_table,
    "call": call_table,
    "quality": quality_table,
    "startup": startup_table,
}


def sections() -> dict[str, str]:
    """Figure (`call`, `call@loss5`, ...) -> its caption and table, for every figure that has results."""
    return {
        figure: "\n".join([_caption(results), "", *_TABLES[figure.partition("@")[0]](results)])
        for figure, results in newest().items()
    }


def update(document: Path) -> None:
    """Put the figures between their `<!-- FIGURE -->` and `<!-- end -->` marks; those without marks are left out."""
    text = document.read_text()
    for figure, section in sections().items():
        marks = re.compile(rf"(<!-- {re.escape(figure)} -->\n).*?(<!-- end -->)", re.DOTALL)
        found = marks.search(text)
        if found:
            text = text[: found.end(1)] + section + "\n" + text[found.start(2) :]
    document.write_text(text)
