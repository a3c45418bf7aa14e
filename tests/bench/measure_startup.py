"""Start-up: from the start of the process to a usable window, to the own picture; memory with preview and in a call.

Usable: CallApp shows its window and answers a first command, Chromium has loaded its page and run the script. The own
picture counts from the press of Start. The files are in the page cache: a warm start.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from bench.endpoint import Endpoint, Pair
from bench.meeting import Setting, meeting
from bench.results import Results

_PREVIEW_S, _CALL_S = 5.0, 10.0
_OWN_PICTURE_TIMEOUT_S = 15.0


async def _own_picture_ms(endpoint: Endpoint) -> float:
    """Press Start; ms until the own picture is shown."""
    pressed_s = time.time()
    await endpoint.command("start")
    deadline_s = time.monotonic() + _OWN_PICTURE_TIMEOUT_S
    while time.monotonic() < deadline_s:
        local = (await endpoint.drain()).local
        if local:
            return (local[0].shown_s - pressed_s) * 1e3
        await asyncio.sleep(0.1)
    raise RuntimeError("the own picture did not appear")


async def _one_start(pair: Pair, setting: Setting) -> dict[str, Any]:
    async with meeting(pair, setting, started=False) as met:
        own_picture_ms = [await _own_picture_ms(endpoint) for endpoint in reversed(met.endpoints)]
        await asyncio.sleep(_PREVIEW_S)
        preview = [asdict(endpoint.memory()) for endpoint in met.endpoints]
        await met.connected_call()
        await asyncio.sleep(_CALL_S)
        return {
            "ready_ms": [endpoint.ready_ms for endpoint in met.endpoints],
            "own_picture_ms": own_picture_ms,
            "memory_preview": preview,
            "memory_call": [asdict(endpoint.memory()) for endpoint in met.endpoints],
        }


async def measure_startup(figure: str, pairs: Sequence[Pair], setting: Setting, rounds: int) -> None:
    """`rounds` interleaved rounds of one start and one call a pair."""
    results = Results(figure, asdict(setting))
    for index in range(rounds):
        for pair in pairs:
            await results.add({"pair": pair.name, "round": index}, partial(_one_start, pair, setting))
