"""`python -m signaling_server` as a process."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rig.links import PATIENCE_S, serving
from websockets.asyncio.client import connect

from signaling_server import wire


@asynccontextmanager
async def command(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "signaling_server", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_prints_where_it_listens_and_stops_gracefully(number: signal.Signals) -> None:
    async with command("--port", "0") as process:
        assert process.stdout
        printed = (await process.stdout.readuntil(b"listening on ")).decode()
        assert "max_rooms = 100" in printed
        address = (await process.stdout.readline()).decode().strip()
        socket = await connect(address.replace("http", "ws") + wire.PATH, proxy=None)
        await socket.send(wire.encode(wire.Join(wire.VERSION, "room", "a" * 32)))
        assert isinstance(wire.decode_server(await socket.recv()), wire.Joined)
        process.send_signal(number)
        await socket.wait_closed()
        assert socket.close_code == wire.CLOSE_GOING_AWAY
        _, errors = await process.communicate()
        assert process.returncode == 0
        assert b"Traceback" not in errors


async def _failing(*arguments: str) -> tuple[int | None, str]:
    async with command(*arguments) as process:
        _, errors = await process.communicate()
        return process.returncode, errors.decode()


async def test_the_command_says_in_one_line_why_it_cannot_listen() -> None:
    async with serving() as server:
        results = await asyncio.gather(
            _failing("--port", str(server.port)),
            _failing("--host", "0.0.0.0", "--port", "0"),
            _failing("--host", "no-such-host.invalid", "--port", "0"),
        )
    for code, errors in results:
        assert code == 2
        assert errors.startswith("callapp-server: cannot listen on ")
        assert errors.count("\n") == 1
    assert "in use" in results[0][1]
    assert "loopback" in results[1][1]


async def test_the_command_refuses_a_port_that_is_none() -> None:
    code, errors = await _failing("--port", "65536")
    assert code == 2
    assert "'65536' is not a port" in errors
