"""`python -m signaling_server` as a process."""

import asyncio
import contextlib
import os
import re
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rig.links import PATIENCE_S, serving
from rig.signaling_client import A, B, Client
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from signaling_server import tls, wire

LISTENING = re.compile(r"server is listening on (?P<url>https?://\S+?)(?:#\.(?P<pin>\S{43}))?\n")


@asynccontextmanager
async def command(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "signaling_server", *arguments, env={**os.environ, **(environment or {})},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def printed_by(process: asyncio.subprocess.Process) -> tuple[str, re.Match[str]]:
    """All that is printed up to where it listens, and that."""
    assert process.stdout
    text = (await process.stdout.readuntil(b"listening on ")).decode()
    text += (await process.stdout.readline()).decode()
    found = LISTENING.search(text)
    assert found, text
    return text, found


@asynccontextmanager
async def client_at(url: str, context: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    socket: ClientConnection = await connect(
        url.replace("http", "ws", 1) + wire.PATH, ssl=context, proxy=None, compression=None
    )
    try:
        yield Client(socket)
    finally:
        socket.transport.abort()
        await socket.wait_closed()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_prints_where_it_listens_and_stops_gracefully(number: signal.Signals) -> None:
    async with command("--port", "0") as process:
        text, listening = await printed_by(process)
        assert "mode = plain, for this computer only" in text
        assert "max_rooms = 2500" in text
        async with client_at(listening["url"]) as alice:
            await alice.join("room", A)
            process.send_signal(number)
            assert await alice.close_code() == wire.CLOSE_GOING_AWAY
        _, errors = await process.communicate()
        assert process.returncode == 0
        assert b"Traceback" not in errors


async def test_sigterm_lets_a_call_be_set_up_and_takes_nobody_new() -> None:
    async with command("--port", "0", "--drain-s", "60") as process:
        _, listening = await printed_by(process)
        async with client_at(listening["url"]) as alice, client_at(listening["url"]) as bob:
            await alice.join("room", A)
            await bob.join("room", B)
            assert await alice.hear() == wire.PeerJoined(B)
            await bob.say(wire.Relay("QUJD"))
            assert await alice.hear() == wire.Relayed(B, "QUJD")
            process.send_signal(signal.SIGTERM)
            assert process.stdout
            assert b"draining" in await process.stdout.readline()
            with pytest.raises(ConnectionRefusedError):
                async with client_at(listening["url"]):
                    pass
            for _ in range(3):
                await bob.say(wire.Relay("QUJD"))
                assert await alice.hear() == wire.Relayed(B, "QUJD")
            for client in (alice, bob):  # nobody is told that the other one left: calls go on
                with pytest.raises(ConnectionClosed):
                    await client.hear()
                assert await client.close_code() == wire.CLOSE_GOING_AWAY
        await process.communicate()
        assert process.returncode == 0


async def test_a_second_signal_stops_it_at_once() -> None:
    async with command("--port", "0", "--drain-s", "600") as process:
        _, listening = await printed_by(process)
        async with client_at(listening["url"]) as alice:
            await alice.join("room", A)
            chatter = asyncio.create_task(_chatter(alice))
            process.send_signal(signal.SIGTERM)
            assert process.stdout
            assert b"draining" in await process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            assert await alice.close_code() == wire.CLOSE_GOING_AWAY
            with contextlib.suppress(ConnectionClosed):
                await chatter
        await process.communicate()
        assert process.returncode == 0


async def _chatter(client: Client) -> None:
    while True:
        await client.say(wire.Relay("QUJD"))
        await asyncio.sleep(0.1)


async def test_others_reach_it_by_a_pinned_address(tmp_path: Path) -> None:
    async with command("--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path)) as process:
        text, listening = await printed_by(process)
        assert "mode = TLS, self-signed certificate, valid until 20" in text
        assert listening["pin"] == tls.self_signed(tmp_path).pin
        context = ssl.create_default_context(cafile=str(tmp_path / tls.CERTIFICATE_FILE))
        async with client_at(listening["url"], context) as alice:
            joined = await alice.join("room", A)
        host, port = listening["url"].removeprefix("https://").split(":")
        own = (
            () if host == "127.0.0.1" else (wire.IceServer((f"stun:{host}:{port}",)),)
        )  # without a network: none
        assert joined.ice_servers == own


async def test_a_given_certificate_is_printed_with_and_without_its_pin(tmp_path: Path) -> None:
    pin = tls.self_signed(tmp_path).pin
    files = ("--cert", str(tmp_path / tls.CERTIFICATE_FILE), "--key", str(tmp_path / tls.KEY_FILE))
    async with command("--port", "0", *files) as process:
        text, listening = await printed_by(process)
        assert "mode = TLS, given certificate" in text
        assert listening["pin"] is None
        assert f"pinned URL = {listening['url']}#.{pin}" in text


async def test_the_environment_configures_it_and_secrets_are_masked() -> None:
    environment = {
        "CALLAPP_PORT": "0",
        "CALLAPP_MAX_ROOMS": "7",
        "CALLAPP_TURN_URL": "turn:turn.example.org",
        "CALLAPP_TURN_SECRET": "north-by-northwest",
    }
    async with command(environment=environment) as process:
        text, listening = await printed_by(process)
        assert "max_rooms = 7" in text
        assert "turn_secret = ***" in text
        async with client_at(listening["url"]) as alice:
            (turn,) = (await alice.join("room", A)).ice_servers
            assert turn.urls == ("turn:turn.example.org",)
        process.send_signal(signal.SIGINT)
        output, errors = await process.communicate()
        everything = text.encode() + output + errors
        assert b"north-by" not in everything
        assert (turn.credential or "").encode() not in everything


async def _failing(*arguments: str) -> tuple[int | None, str]:
    async with command(*arguments) as process:
        _, errors = await process.communicate()
        return process.returncode, errors.decode()


async def test_the_command_says_in_one_line_why_it_cannot_listen(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with serving() as server:
        results = await asyncio.gather(
            _failing("--port", str(server.port)),
            _failing("--host", "no-such-host.invalid", "--port", "0", "--data", str(tmp_path)),
            _failing("--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path / "file")),
            _failing("--port", "0", "--cert", "none.pem", "--key", "none.pem"),
            _failing("--port", "65536"),
        )
    for code, errors in results:
        assert code == 2
        last = errors.splitlines()[-1]
        assert last.startswith("callapp-server: ")
        assert "Traceback" not in errors
    assert "in use" in results[0][1]
    assert "cannot listen on no-such-host.invalid" in results[1][1]
    assert "cannot keep a key" in results[2][1]
    assert "cannot read none.pem" in results[3][1]
    assert "'65536' is not a port" in results[4][1]
