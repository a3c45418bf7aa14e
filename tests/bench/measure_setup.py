"""Set-up time: from the caller's press of Call to the first remote picture, over many calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from bench.endpoint import Pair
from bench.meeting import Setting, meeting
from bench.results import Results

_TALK_S, _PAUSE_S = 0.8, 0.8


async def _cycles(pair: Pair, setting: Setting, cycles: int) -> dict[str, Any]:
    calls = []
    async with meeting(pair, setting) as met:
        for _ in range(cycles):
            calls.append(asdict(await met.call()))
            await asyncio.sleep(_TALK_S)
            await met.caller.command("hang_up")
            await asyncio.sleep(_PAUSE_S)
    return {"calls": calls}


async def measure_setup(
    figure: str, pairs: Sequence[Pair], setting: Setting, rounds: int, cycles: int
) -> None:
    """`rounds` interleaved rounds of `cycles` calls a pair."""
    results = Results(figure, asdict(setting))
    for index in range(rounds):
        for pair in pairs:
            await results.add({"pair": pair.name, "round": index}, partial(_cycles, pair, setting, cycles))
