"""One call at a time: delay, rate, freezes, bit rate, CPU and memory, and on request the picture's quality."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from bench.endpoint import Kind, Pair
from bench.lab import A, B
from bench.meeting import Meeting, Setting, meeting
from bench.metrics import received
from bench.paths import source_path
from bench.picture_quality import picture_quality
from bench.results import Results


@dataclass(frozen=True)
class Schedule:
    """After the first remote picture: `warm_s` unmeasured, then `seconds` measured; a grab every `grab_every_s`."""

    warm_s: float
    seconds: float
    grab_every_s: float = 0.0


async def _measure(met: Meeting, schedule: Schedule, setting: Setting) -> dict[str, Any]:
    callee = met.callee
    assert callee
    setup = await met.connected_call()
    await asyncio.sleep(schedule.warm_s)
    if schedule.grab_every_s:
        await callee.command("grab", every_s=schedule.grab_every_s)
    sides = ((met.caller, A), (callee, B))
    from_s = time.time()
    cpu_before_s = [endpoint.cpu_s() for endpoint, _ in sides]
    sent_before = [met.lab.sent_bytes(side) for _, side in sides]
    await asyncio.sleep(schedule.seconds)
    sent_after = [met.lab.sent_bytes(side) for _, side in sides]
    cpu_after_s = [endpoint.cpu_s() for endpoint, _ in sides]
    until_s = time.time()
    memory = [asdict(endpoint.memory()) for endpoint, _ in sides]
    a, b = [await endpoint.drain() for endpoint, _ in sides]
    smooth = callee.kind is Kind.CHROMIUM
    elapsed_s = until_s - from_s
    pairs = zip(sent_before, sent_after, strict=True)
    cpu_pairs = zip(cpu_before_s, cpu_after_s, strict=True)
    run: dict[str, Any] = {
        "setup": asdict(setup),
        "directions": [
            asdict(received(a.local, b.remote, from_s, until_s, smooth=smooth)),
            asdict(received(b.local, a.remote, from_s, until_s, smooth=smooth)),
        ],
        "kbps": [(after - before) * 8 / elapsed_s / 1e3 for before, after in pairs],
        "cpu_s_per_min": [(after - before) / elapsed_s * 60 for before, after in cpu_pairs],
        "memory": memory,
    }
    if schedule.grab_every_s:
        source = source_path(setting.width_px, setting.height_px)
        quality = picture_quality(met.grab_directory, source)
        run["quality"] = asdict(quality) if quality else None
    return run


async def _one_call(pair: Pair, setting: Setting, schedule: Schedule) -> dict[str, Any]:
    async with meeting(pair, setting) as met:
        return await _measure(met, schedule, setting)


async def measure_call(
    figure: str,
    pairs: Sequence[Pair],
    setting: Setting,
    sizes: Sequence[tuple[int, int]],
    rounds: int,
    schedule: Schedule,
) -> None:
    """`rounds` interleaved rounds: each size, each pair. `setting` says all but the size."""
    results = Results(figure, {**asdict(setting), **asdict(schedule)})
    for index in range(rounds):
        for width_px, height_px in sizes:
            sized = Setting(width_px, height_px, setting.display, setting.relay)
            about = {"source": f"{width_px}x{height_px}", "round": index}
            for pair in pairs:
                await results.add(
                    {"pair": pair.name, **about},
                    partial(_one_call, pair, sized, schedule),
                )
