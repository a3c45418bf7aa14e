"""The signaling server over TLS, seen by real TLS clients."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rig.signaling_client import A, B, client_of

from signaling_server import tls, wire
from signaling_server.ice import IceConfig
from signaling_server.limits import Limits
from signaling_server.server import SignalingServer
from signaling_server.wire import ErrorCode, LeaveReason


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def trusting(folder: Path) -> ssl.SSLContext:
    """Of a client that trusts the server's certificate, and checks its name."""
    tls.self_signed(folder)
    return ssl.create_default_context(cafile=str(folder / tls.CERTIFICATE_FILE))


@asynccontextmanager
async def secure(folder: Path, ice: IceConfig | None = None, **limits: Any) -> AsyncIterator[SignalingServer]:
    server = SignalingServer(Limits(**limits), ice)
    await server.start("127.0.0.1", 0, tls.self_signed(folder))
    try:
        async with asyncio.timeout(30):
            yield server
    finally:
        await server.close()


async def test_two_find_each_other_over_tls(folder: Path, trusting: ssl.SSLContext) -> None:
    async with (
        secure(folder) as server,
        client_of(server, tls=trusting) as alice,
        client_of(server, tls=trusting, host="localhost") as bob,
    ):
        await alice.join("room", A)
        assert (await bob.join("room", B)).peers == (A,)
        assert await alice.hear() == wire.PeerJoined(B)
        await bob.say(wire.Relay("a" * wire.MAX_PAYLOAD_CHARS))
        assert await alice.hear() == wire.Relayed(B, "a" * wire.MAX_PAYLOAD_CHARS)
        await bob.say(wire.Leave())
        assert await bob.close_code() == wire.CLOSE_NORMAL
        assert await alice.hear() == wire.PeerLeft(B, LeaveReason.LEFT)
        await server.close()
        assert await alice.close_code() == wire.CLOSE_GOING_AWAY


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_http_is_answered_over_tls(
    folder: Path, trusting: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    trusting.minimum_version = trusting.maximum_version = version
    async with secure(folder) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=trusting)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert f"Content-Length: {len(body)}".encode() in head
        writer.close()
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            await writer.wait_closed()


async def test_a_page_from_here_may_connect_and_others_may_not(
    folder: Path, trusting: ssl.SSLContext
) -> None:
    async with secure(folder) as server:
        own = f"https://localhost:{server.port}"
        async with client_of(server, tls=trusting, host="localhost", origin=own) as alice:
            await alice.join("room", A)
        with pytest.raises(Exception, match="403"):
            async with client_of(server, tls=trusting, host="localhost", origin=own.replace("https", "http")):
                pass


async def test_plain_http_is_told_to_use_https(folder: Path) -> None:
    async with secure(folder) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /room HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"https://" in answer
        writer.close()


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
async def test_a_silent_or_half_handshake_is_cut(folder: Path, said: bytes) -> None:
    async with secure(folder, open_timeout_s=0.1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(said)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_garbage_in_a_handshake_ends_it_with_an_alert(folder: Path) -> None:
    async with secure(folder) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"\x16\x03\x01\x00\x05hello")
        assert (await reader.read())[:1] == b"\x15"
        writer.close()


async def test_handshakes_count_as_connections(folder: Path, trusting: ssl.SSLContext) -> None:
    async with secure(folder, max_connections=1) as server:
        _, silent = await asyncio.open_connection("127.0.0.1", server.port)
        async with client_of(server, tls=trusting) as alice:
            assert await alice.hear_error() is ErrorCode.TOO_MANY_CONNECTIONS
        silent.close()


async def test_a_client_that_vanishes_is_noticed(folder: Path, trusting: ssl.SSLContext) -> None:
    limits: dict[str, Any] = {"ping_interval_s": 0.1, "ping_timeout_s": 0.2}
    async with (
        secure(folder, **limits) as server,
        client_of(server, tls=trusting) as alice,
        client_of(server, tls=trusting) as bob,
    ):
        await alice.join("room", A)
        await bob.join("room", B)
        bob.stop_reading()
        assert await alice.hear() == wire.PeerJoined(B)
        assert await alice.hear() == wire.PeerLeft(B, LeaveReason.TIMEOUT)


async def test_clients_are_told_of_stun_and_turn_servers(folder: Path, trusting: ssl.SSLContext) -> None:
    ice = IceConfig(("stun:stun.example.org",), ("turn:turn.example.org",), "north")
    async with secure(folder, ice) as server, client_of(server, tls=trusting) as alice:
        stun, turn = (await alice.join("room", A)).ice_servers
        assert stun == wire.IceServer(("stun:stun.example.org",))
        assert turn.urls == ("turn:turn.example.org",)
        assert turn.username is not None
        assert turn.username.endswith(f":{A}")
