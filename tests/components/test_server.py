"""The signaling server on a real socket."""

import asyncio
import logging
from typing import Any

import pytest
from rig.links import serving
from rig.signaling_client import A, B, C, client_of
from websockets.exceptions import ConnectionClosed

from signaling_server import wire
from signaling_server.server import SignalingServer
from signaling_server.wire import ErrorCode, LeaveReason


async def test_two_find_each_other_and_talk() -> None:
    async with serving() as server, client_of(server) as alice, client_of(server) as bob:
        assert (await alice.join("room", A)).peers == ()
        assert (await bob.join("room", B)).peers == (A,)
        assert await alice.hear() == wire.PeerJoined(B)
        await bob.say(wire.Relay("QUJD"))
        assert await alice.hear() == wire.Relayed(B, "QUJD")
        await alice.say(wire.Relay("a" * wire.MAX_PAYLOAD_CHARS))
        assert await bob.hear() == wire.Relayed(A, "a" * wire.MAX_PAYLOAD_CHARS)


async def test_a_third_comer_is_told_and_closed() -> None:
    async with serving() as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        async with client_of(server) as carol:
            await carol.say(wire.Join(wire.VERSION, "room", C))
            assert await carol.hear() == wire.Full("room")
            assert await carol.close_code() == wire.CLOSE_NORMAL


async def test_leaving_is_told_at_once_and_frees_the_place() -> None:
    async with serving() as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        await bob.say(wire.Leave())
        assert await bob.close_code() == wire.CLOSE_NORMAL
        assert await alice.hear() == wire.PeerJoined(B)
        assert await alice.hear() == wire.PeerLeft(B, LeaveReason.LEFT)
        async with client_of(server) as carol:
            assert (await carol.join("room", C)).peers == (A,)


async def test_a_connection_that_breaks_is_told() -> None:
    async with serving() as server, client_of(server) as alice:
        await alice.join("room", A)
        async with client_of(server) as bob:
            await bob.join("room", B)
            bob.socket.transport.abort()
            assert await alice.hear() == wire.PeerJoined(B)
            assert await alice.hear() == wire.PeerLeft(B, LeaveReason.CLOSED)


async def test_a_client_that_answers_no_ping_is_gone_by_timeout() -> None:
    limits: dict[str, Any] = {"ping_interval_s": 0.1, "ping_timeout_s": 0.2, "close_timeout_s": 0.1}
    async with serving(**limits) as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        bob.stop_reading()
        assert await alice.hear() == wire.PeerJoined(B)
        assert await alice.hear() == wire.PeerLeft(B, LeaveReason.TIMEOUT)


async def test_a_client_that_comes_back_replaces_its_half_open_connection() -> None:
    async with serving() as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        token = (await bob.join("room", B)).resume
        assert await alice.hear() == wire.PeerJoined(B)
        async with client_of(server) as stranger:
            await stranger.say(wire.Join(wire.VERSION, "room", B, "0" * 32))
            assert await stranger.hear_error() is ErrorCode.ID_IN_USE
        async with client_of(server) as bob_again:
            assert (await bob_again.join("room", B, token)).peers == (A,)
            assert await bob.hear_error() is ErrorCode.REPLACED
            assert await bob.close_code() == wire.CLOSE_POLICY
            assert await alice.hear() == wire.PeerJoined(B)
            await alice.say(wire.Relay("QUJD"))
            assert await bob_again.hear() == wire.Relayed(A, "QUJD")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("garbage", ErrorCode.BAD_MESSAGE),
        ('{"type":"relay"}', ErrorCode.BAD_MESSAGE),
        (b"binary", ErrorCode.BINARY_MESSAGE),
        (" " * (wire.MAX_MESSAGE_BYTES + 1), ErrorCode.TOO_LARGE),
        (wire.encode(wire.Join(wire.VERSION, "room", C)), ErrorCode.UNEXPECTED_MESSAGE),
    ],
    ids=["garbage", "incomplete", "binary", "too large", "second join"],
)
async def test_a_bad_message_is_answered_then_the_connection_ends(
    frame: str | bytes, code: ErrorCode
) -> None:
    async with serving() as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        await bob.socket.send(frame)
        assert await bob.hear_error() is code
        assert await bob.close_code() == wire.CLOSE_POLICY
        assert await alice.hear() == wire.PeerJoined(B)
        assert await alice.hear() == wire.PeerLeft(B, LeaveReason.ERROR)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('{"type":"join","v":2,"room":"room","hello":"from the future"}', ErrorCode.UNSUPPORTED_VERSION),
        (wire.encode(wire.Relay("QUJD")), ErrorCode.UNEXPECTED_MESSAGE),
    ],
)
async def test_a_bad_first_message_is_answered_then_the_connection_ends(frame: str, code: ErrorCode) -> None:
    async with serving() as server, client_of(server) as alice:
        await alice.socket.send(frame)
        assert await alice.hear_error() is code
        assert await alice.close_code() == wire.CLOSE_POLICY


@pytest.mark.parametrize(
    ("frame", "close_code"), [("x" * (2 * wire.MAX_MESSAGE_BYTES + 1), 1009), (b"\xff\xfe", 1007)]
)
async def test_what_websockets_itself_refuses_ends_the_connection(
    frame: str | bytes, close_code: int
) -> None:
    async with serving() as server, client_of(server) as alice:
        await alice.join("room", A)
        await alice.socket.send(frame, text=True)
        assert await alice.close_code() == close_code


async def test_nobody_to_relay_to_ends_nothing() -> None:
    async with serving() as server, client_of(server) as alice:
        await alice.join("room", A)
        for _ in range(3):
            await alice.say(wire.Relay("QUJD"))
            assert await alice.hear_error() is ErrorCode.NO_PEER


async def test_a_port_in_use_is_an_os_error() -> None:
    async with serving() as server:
        with pytest.raises(OSError, match="in use"):
            await SignalingServer().start(port=server.port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_without_tls_it_listens_on_this_computer_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        await SignalingServer().start(host)


async def test_closing_says_goodbye_also_to_those_that_do_not_listen() -> None:
    async with serving() as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        bob.stop_reading()
        port = server.port
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(server.close(), server.close())
        assert await alice.hear() == wire.PeerJoined(B)
        with pytest.raises(ConnectionClosed):
            await alice.hear()
        assert await alice.close_code() == wire.CLOSE_GOING_AWAY
        silent.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_closing_a_server_that_never_started_is_fine() -> None:
    await SignalingServer().close()


async def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as server, client_of(server) as alice, client_of(server) as bob:
        caplog.clear()
        token = (await alice.join("the-room", A)).resume
        await bob.join("the-room", B)
        await alice.say(wire.Relay("QUJD" * 10))
        await bob.hear()
    own = [record.getMessage() for record in caplog.records if record.name.startswith("signaling_server")]
    assert own
    assert not [line for line in own if token in line or "QUJDQUJD" in line or "the-room" in line]
