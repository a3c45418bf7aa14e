"""Attacks on one server, one after the other, and what two bystanders and the server's memory notice of each."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

from bench.paths import REPO, python_environment
from bench.signaling.attacks import ATTACKS
from bench.signaling.client import CallAppClient
from bench.signaling.contestants import Contestant, running
from bench.signaling.load import percentile, usage_of

RECOVERY_S = 12.0  # the longest that the server waits for anybody, and some more
DEFENDER = Contestant(
    "CallApp, default limits",
    sys.executable,
    ("-m", "signaling_server", "--port", "PORT"),
    CallAppClient,
)


async def measure(port: int, seconds: float) -> list[dict[str, Any]]:
    """A row for each attack; the first row is peace."""
    rows = []
    with running(DEFENDER, port) as server:
        for name, attack in {"peace": _peace, **ATTACKS}.items():
            before_mb = usage_of(server.pid).rss_bytes / 1e6
            bystander = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.signaling.bystander", str(port),
                cwd=REPO, env=python_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            await asyncio.sleep(1.0)
            over = asyncio.Event()
            peak = asyncio.create_task(_peak_mb(server.pid, over))
            strikes = await attack(port, seconds)
            over.set()
            output, _ = await bystander.communicate(b"")
            delays_ms = json.loads(output)[5:]
            await asyncio.sleep(RECOVERY_S)
            row = {
                "attack": name,
                "strikes": strikes,
                "p50_ms": percentile(delays_ms, 50),
                "p99_ms": percentile(delays_ms, 99),
                "longest_ms": max(delays_ms),
                "messages": len(delays_ms),
                "before_mb": before_mb,
                "peak_mb": await peak,
                "after_mb": usage_of(server.pid).rss_bytes / 1e6,
            }
            rows.append(row)
            print(json.dumps(row), flush=True)
    return rows


async def _peace(_port: int, seconds: float) -> int:
    await asyncio.sleep(seconds)
    return 0


async def _peak_mb(pid: int, over: asyncio.Event) -> float:
    most = 0.0
    while not over.is_set():
        most = max(most, usage_of(pid).rss_bytes / 1e6)
        await asyncio.sleep(0.1)
    return most


def yield_to_others() -> None:
    """The attackers share a core with the bystanders, who are to be measured."""
    os.nice(10)
