"""What strangers on the internet do to a server: each attack runs for some seconds and returns how often it struck."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator

from bench.signaling.client import CallAppClient, frame

ROOMS = 10_000
SILENT_READERS = 100
_ATTACKERS = 50
_PER_ADDRESS = 40  # below the limits of one address
_LARGE = frame('{"type":"relay","payload":"' + "a" * 65_000 + '"}')
_SMALL = frame('{"type":"relay","payload":"a"}')
_PING = b"\x89\x80\0\0\0\0"
_REQUEST = b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
_STUN_REQUEST = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)

Attack = Callable[[int, float], Awaitable[int]]
_numbers = itertools.count()  # of clients; two share a room


def _new_addresses() -> Iterator[str]:
    for number in itertools.count():
        address = number // _PER_ADDRESS
        yield f"127.{1 + address // 62_500 % 250}.{1 + address // 250 % 250}.{1 + address % 250}"


_addresses = _new_addresses()


async def _client(port: int, address: str, number: int) -> CallAppClient:
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(
        lambda: CallAppClient(number, None), "127.0.0.1", port, local_addr=(address, 0)
    )
    await client.ready
    return client


async def _by_many(strike: Callable[[str], Awaitable[object]], seconds: float) -> int:
    """`strike` again and again, by many at once, from ever new addresses; they do not mind being refused."""
    count = 0
    end = time.monotonic() + seconds

    async def attacker() -> None:
        nonlocal count
        while time.monotonic() < end:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(10):
                    await strike(next(_addresses))
            count += 1

    await asyncio.gather(*(attacker() for _ in range(_ATTACKERS)))
    return count


async def _opened_with(port: int, address: str, data: bytes) -> None:
    """Send `data` and wait for the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    try:
        writer.write(data)
        while await reader.read(65_536):
            pass
    finally:
        writer.transport.abort()


async def rooms_opened_and_left(port: int, _seconds: float) -> int:
    """ROOMS rooms, each opened and left."""
    gate = asyncio.Semaphore(_ATTACKERS)

    async def visit() -> None:
        async with gate:
            client = await _client(port, next(_addresses), 2 * next(_numbers))
            client.write(frame('{"type":"leave"}'))
            client.abort()

    await asyncio.gather(*(visit() for _ in range(ROOMS)))
    return ROOMS


async def clients_that_never_read(port: int, seconds: float) -> int:
    """SILENT_READERS clients stop reading while their peers send them all that they may."""
    peers = []
    for _ in range(SILENT_READERS):
        number = 2 * next(_numbers)
        deaf = await _client(port, next(_addresses), number)
        deaf.stop_reading()
        peers.append((deaf, await _client(port, next(_addresses), number + 1)))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _, peer in peers:
            peer.write(_LARGE)
        await asyncio.sleep(1.0)  # of what the limits allow over time
    for client in itertools.chain.from_iterable(peers):
        client.abort()
    return SILENT_READERS


def _flood_of(data: bytes, bytes_in_all: int) -> Attack:
    async def attack(port: int, seconds: float) -> int:
        async def strike(address: str) -> None:
            client = await _client(port, address, 2 * next(_numbers))
            client.write(data * (bytes_in_all // len(data)))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await client.lost.wait()
            client.abort()

        return await _by_many(strike, seconds)

    return attack


async def half_headers(port: int, seconds: float) -> int:
    """Requests that never end, a byte at a time."""

    async def strike(address: str) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        try:
            for byte in _REQUEST:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.02)
                if writer.transport.is_closing():
                    return
        finally:
            writer.transport.abort()

    return await _by_many(strike, seconds)


async def connections(port: int, seconds: float) -> int:
    """Connections that say nothing and go again."""

    async def strike(address: str) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        writer.transport.abort()

    return await _by_many(strike, seconds)


async def page_loads(port: int, seconds: float) -> int:
    """The guest page, again and again."""
    return await _by_many(lambda a: _opened_with(port, a, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), seconds)


async def fuzzed_http(port: int, seconds: float) -> int:
    """Requests with bytes changed, left out and put in."""
    dice = random.Random(1)

    async def strike(address: str) -> None:
        data = bytearray(_REQUEST + b"Sec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\n\r\n")
        for _ in range(dice.randrange(1, 20)):
            at = dice.randrange(len(data))
            data[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
        await _opened_with(port, address, bytes(data) + b"\r\n\r\n")

    return await _by_many(strike, seconds)


async def fuzzed_frames(port: int, seconds: float) -> int:
    """Garbage where frames should be."""
    dice = random.Random(2)

    async def strike(address: str) -> None:
        client = await _client(port, address, 2 * next(_numbers))
        for _ in range(5):
            client.write(dice.randbytes(dice.randrange(1, 200)))
        client.write(b"\x88\x80\0\0\0\0")
        async with asyncio.timeout(2):
            await client.lost.wait()

    return await _by_many(strike, seconds)


async def tls_handshakes(port: int, seconds: float) -> int:
    """Handshakes, the dearest thing that a stranger can ask for (a server that speaks TLS)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    async def strike(address: str) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, local_addr=(address, 0))
        writer.transport.abort()

    return await _by_many(strike, seconds)


async def stun_requests(port: int, seconds: float) -> int:
    """STUN requests, and garbage, over UDP."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port), local_addr=("127.0.200.1", 0)
    )
    count = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(50):
            transport.sendto(_STUN_REQUEST if count % 2 else os.urandom(60))
            count += 1
        await asyncio.sleep(0.001)
    transport.abort()
    return count


ATTACKS: dict[str, Attack] = {
    f"{ROOMS} rooms opened and left": rooms_opened_and_left,
    f"{SILENT_READERS} clients that never read": clients_that_never_read,
    "floods of small messages": _flood_of(_SMALL, 1_000_000),
    "floods of large messages": _flood_of(_LARGE, 2_000_000),
    "floods of pings": _flood_of(_PING, 1_000_000),
    "half headers": half_headers,
    "connections": connections,
    "page loads": page_loads,
    "fuzzed HTTP": fuzzed_http,
    "fuzzed frames": fuzzed_frames,
    "STUN requests": stun_requests,
}
