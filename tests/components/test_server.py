"""The signaling server on a real socket."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rig.links import serving
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin

from signaling_server import wire
from signaling_server.server import SignalingServer, TokenBucket
from signaling_server.wire import ErrorCode, LeaveReason

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


class Client:
    """A client that says whatever it is told to."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, message: wire.ClientMessage) -> None:
        await self.socket.send(wire.encode(message))

    async def hear(self) -> wire.ServerMessage:
        return wire.decode_server(await self.socket.recv())

    async def hear_error(self) -> ErrorCode:
        message = await self.hear()
        assert isinstance(message, wire.Error)
        return message.code

    async def join(self, room: str, id_: str, resume: str | None = None) -> wire.Joined:
        await self.say(wire.Join(wire.VERSION, room, id_, resume))
        message = await self.hear()
        assert isinstance(message, wire.Joined)
        return message

    async def close_code(self) -> int | None:
        await self.socket.wait_closed()
        return self.socket.close_code

    def stop_reading(self) -> None:
        """As one whose network is gone: neither reads nor answers pings."""
        self.socket.transport.pause_reading()


@asynccontextmanager
async def client_of(server: SignalingServer, origin: str | None = None) -> AsyncIterator[Client]:
    url = f"ws://127.0.0.1:{server.port}{wire.PATH}"
    socket = await connect(
        url, proxy=None, compression=None, ping_interval=None, origin=Origin(origin) if origin else None
    )
    try:
        yield Client(socket)
    finally:
        socket.transport.abort()
        await socket.wait_closed()


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


async def test_too_many_messages_end_the_connection() -> None:
    async with serving(message_burst=3, message_rate_per_s=0.001) as server, client_of(server) as alice:
        await alice.join("room", A)
        for _ in range(3):
            await alice.say(wire.Relay("QUJD"))
        codes = [await alice.hear_error() for _ in range(3)]
        assert codes == [ErrorCode.NO_PEER, ErrorCode.NO_PEER, ErrorCode.RATE_LIMITED]
        assert await alice.close_code() == wire.CLOSE_POLICY


async def test_who_says_nothing_is_thrown_out() -> None:
    async with serving(join_timeout_s=0.1) as server, client_of(server) as alice:
        assert await alice.hear_error() is ErrorCode.JOIN_TIMEOUT
        assert await alice.close_code() == wire.CLOSE_POLICY


async def test_half_a_request_is_cut() -> None:
    async with serving(open_timeout_s=0.1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /ws HTTP/1.1\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_a_slow_reader_is_cut_and_blocks_nobody() -> None:
    limits: dict[str, Any] = {"message_burst": 5000, "outbox_messages": 8, "send_deadline_s": 0.5}
    async with serving(**limits) as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        assert await alice.hear() == wire.PeerJoined(B)
        bob.stop_reading()
        flood = asyncio.create_task(_flood(alice))
        assert await alice.hear() == wire.PeerLeft(B, LeaveReason.TIMEOUT)
        flood.cancel()
        async with client_of(server) as carol:
            assert (await carol.join("room", C)).peers == (A,)


async def _flood(client: Client) -> None:
    for _ in range(4000):
        await client.say(wire.Relay("a" * wire.MAX_PAYLOAD_CHARS))


async def test_the_number_of_connections_is_limited() -> None:
    async with serving(max_connections=1) as server:
        async with client_of(server) as alice:
            await alice.join("room", A)
            with pytest.raises((OSError, InvalidHandshake)):
                async with client_of(server):
                    pass
            await alice.say(wire.Leave())
            await alice.close_code()
        async with client_of(server) as bob:
            await bob.join("room", B)


async def test_the_number_of_rooms_is_limited() -> None:
    async with serving(max_rooms=1) as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.say(wire.Join(wire.VERSION, "another", B))
        assert await bob.hear_error() is ErrorCode.TOO_MANY_ROOMS


async def _http(server: SignalingServer, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 200 .*CallApp signaling server"),
        (b"GET /?a=b HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 200 "),
        (b"GET /secret HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 404 "),
        (b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 426 "),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", rb"HTTP/1.1 200 "),
        (b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n", rb"(HTTP/1.1 4|$)"),
    ],
)
async def test_plain_http_gets_a_small_answer_and_no_traceback_is_logged(
    request_: bytes, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as server:
        assert re.match(answer, await _http(server, request_), re.DOTALL)
    assert not [record for record in caplog.records if record.exc_info or record.levelno > logging.INFO]


async def test_web_pages_cannot_use_the_server() -> None:
    async with serving() as server:
        with pytest.raises(InvalidStatus) as caught:
            async with client_of(server, origin="https://example.org"):
                pass
        assert caught.value.response.status_code == 403


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


def test_a_token_bucket_refills_up_to_its_burst() -> None:
    bucket = TokenBucket(rate_per_s=2.0, burst=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]
    assert [bucket.take(1000.0) for _ in range(4)] == [True, True, True, False]
