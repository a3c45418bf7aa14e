"""Measures one server: memory and CPU of idle connections, messages a second and their delay, of busy pairs."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench.signaling.client import Client
from bench.signaling.contestants import Contestant, running

CLIENTS_PER_ADDRESS = 80  # below the limit of connections from one address
CONNECTING_AT_ONCE = 100
PAIRS = (1, 64)
_SETTLE_S = 3.0
_IDLE_S = 5.0


@dataclass(frozen=True)
class Usage:
    """Of a process and its children."""

    rss_bytes: int
    cpu_s: float


def usage_of(pid: int) -> Usage:
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return Usage(
        sum(member.memory_info().rss for member in family),
        sum(sum(member.cpu_times()[:2]) for member in family),
    )


async def measure(contestant: Contestant, port: int, connections: int, seconds: float) -> dict[str, Any]:
    """All figures of one server, with `connections` open all the time."""
    with running(contestant, port) as server:
        before = usage_of(server.pid)
        started = time.perf_counter()
        clients = await _connect(contestant, port, connections)
        connect_s = time.perf_counter() - started
        connected = usage_of(server.pid)
        await asyncio.sleep(_SETTLE_S)
        idle = usage_of(server.pid)
        await asyncio.sleep(_IDLE_S)
        idle_cpu = (usage_of(server.pid).cpu_s - idle.cpu_s) / _IDLE_S
        result: dict[str, Any] = {
            "base_mb": before.rss_bytes / 1e6,
            "kb_per_connection": (idle.rss_bytes - before.rss_bytes) / connections / 1024,
            "connections_per_s": connections / connect_s,
            "connections_per_cpu_s": connections / (connected.cpu_s - before.cpu_s),
            "idle_cpu_percent": 100 * idle_cpu,
        }
        for pairs in PAIRS:
            result[f"pairs_{pairs}"] = await _relay(clients, pairs, seconds, server.pid)
        result["peak_mb"] = usage_of(server.pid).rss_bytes / 1e6
        for client in clients:
            client.abort()
        await asyncio.sleep(0)
        return result


async def _connect(contestant: Contestant, port: int, connections: int) -> list[Client]:
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)
    context = _any_certificate() if contestant.tls else None

    async def connect(number: int) -> Client:
        async with gate:
            address = number // CLIENTS_PER_ADDRESS
            own_address = (f"127.0.{1 + address // 200}.{1 + address % 200}", 0)
            _, client = await loop.create_connection(
                lambda: contestant.client(number, context), "127.0.0.1", port, local_addr=own_address
            )
            async with asyncio.timeout(30):
                await client.ready
            return client

    return await asyncio.gather(*(connect(number) for number in range(connections)))


def _any_certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _relay(clients: list[Client], pairs: int, seconds: float, pid: int) -> dict[str, float]:
    """Each of `pairs` passes descriptions back and forth, one at a time, as fast as it goes."""
    delays_s: list[float] = []
    stop = asyncio.Event()
    step = len(clients) // 2 // pairs
    before, own_before = usage_of(pid), time.process_time()
    started = time.perf_counter()
    for pair in range(pairs):
        _play(clients[2 * pair * step], clients[2 * pair * step + 1], delays_s, stop.is_set)
    await asyncio.sleep(seconds)
    took_s = time.perf_counter() - started
    count, server_cpu_s = len(delays_s), usage_of(pid).cpu_s - before.cpu_s
    own_cpu_s = time.process_time() - own_before
    stop.set()
    await asyncio.sleep(0.5)
    return {
        "messages_per_s": count / took_s,
        "p50_ms": 1000 * percentile(delays_s[:count], 50),
        "p99_ms": 1000 * percentile(delays_s[:count], 99),
        "messages_per_cpu_s": count / server_cpu_s,
        "server_cpu_percent": 100 * server_cpu_s / took_s,
        "load_cpu_percent": 100 * own_cpu_s / took_s,
    }


def _play(alice: Client, bob: Client, delays_s: list[float], is_over: Callable[[], bool]) -> None:
    sent_at = time.perf_counter()

    def bob_heard() -> None:
        nonlocal sent_at
        now = time.perf_counter()
        delays_s.append(now - sent_at)
        sent_at = now
        bob.answer()

    def alice_heard() -> None:
        nonlocal sent_at
        now = time.perf_counter()
        delays_s.append(now - sent_at)
        sent_at = now
        if not is_over():
            alice.offer()

    alice.on_description, bob.on_description = alice_heard, bob_heard
    alice.offer()


def percentile(values: list[float], percent: float) -> float:
    """Of a non-empty list."""
    return sorted(values)[int(len(values) * percent / 100)]


def take_own_core() -> None:
    """Leave the server's core to the server."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[1:]))
