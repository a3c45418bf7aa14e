"""The limits of the signaling server on real sockets: what is refused, how, and that nobody else notices."""

import asyncio
import contextlib
import logging
from typing import Any

import pytest
from rig.links import serving
from rig.signaling_client import A, B, C, Client, client_of
from websockets.frames import Frame, Opcode

from signaling_server import wire
from signaling_server.limits import SPARE_CONNECTIONS_PER_ADDRESS
from signaling_server.wire import ErrorCode, LeaveReason


async def _refusal_of(client: Client) -> ErrorCode:
    """The error after which the connection ends; what went before is skipped."""
    while not isinstance(message := await client.hear(), wire.Error) or message.code is ErrorCode.NO_PEER:
        pass
    assert await client.close_code() == wire.CLOSE_POLICY
    return message.code


async def test_too_many_messages_end_the_connection() -> None:
    async with serving(message_burst=3, message_rate_per_s=0.001) as server, client_of(server) as alice:
        await alice.join("room", A)
        for _ in range(3):
            await alice.say(wire.Relay("QUJD"))
        codes = [await alice.hear_error() for _ in range(3)]
        assert codes == [ErrorCode.NO_PEER, ErrorCode.NO_PEER, ErrorCode.RATE_LIMITED]
        assert await alice.close_code() == wire.CLOSE_POLICY


async def test_large_messages_count_for_more() -> None:
    async with serving(message_burst=20, message_rate_per_s=0.001) as server, client_of(server) as alice:
        await alice.join("room", A)
        for _ in range(2):
            await alice.say(wire.Relay("a" * wire.MAX_PAYLOAD_CHARS))
        assert await alice.hear_error() is ErrorCode.NO_PEER
        assert await alice.hear_error() is ErrorCode.RATE_LIMITED


@pytest.mark.parametrize(
    "frame",
    [
        Frame(Opcode.PING, b""),
        Frame(Opcode.PONG, b""),
        Frame(Opcode.CONT, b"", fin=False),
    ],
    ids=["pings", "pongs", "empty fragments"],
)
async def test_frames_that_are_no_messages_count_too(frame: Frame) -> None:
    async with serving(message_burst=10, message_rate_per_s=0.001) as server, client_of(server) as alice:
        await alice.join("room", A)
        start = (
            Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True) if frame.opcode is Opcode.CONT else b""
        )
        alice.socket.transport.write(start + frame.serialize(mask=True) * 1000)
        assert await _refusal_of(alice) is ErrorCode.RATE_LIMITED


async def test_a_message_in_fragments_is_a_message() -> None:
    async with serving() as server, client_of(server) as alice:
        text = wire.encode(wire.Join(wire.VERSION, "room", A))
        await alice.socket.send([text[:5], text[5:9], text[9:]])
        assert isinstance(await alice.hear(), wire.Joined)


async def test_a_lower_message_size_can_be_set() -> None:
    async with serving(max_message_bytes=1000) as server, client_of(server) as alice:
        await alice.join("room", A)
        await alice.say(wire.Relay("a" * 1000))
        assert await _refusal_of(alice) is ErrorCode.TOO_LARGE


async def test_who_says_nothing_is_thrown_out() -> None:
    async with serving(join_timeout_s=0.1) as server, client_of(server) as alice:
        assert await _refusal_of(alice) is ErrorCode.JOIN_TIMEOUT


@pytest.mark.parametrize("said", [b"", b"GET /ws HTTP/1.1\r\n", b"GET /" + b"a" * 5000, b"\x16\x03\x01"])
async def test_half_a_request_is_cut(said: bytes) -> None:
    async with serving(open_timeout_s=0.1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(said)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_who_does_not_take_a_response_is_cut() -> None:
    async with serving(response_timeout_s=0.1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in answer
        await reader.read()
        while server.connections:  # noqa: ASYNC110 (we keep our end open, so that we hear nothing of it)
            await asyncio.sleep(0.01)
        writer.close()


async def test_a_slow_reader_is_cut_and_blocks_nobody() -> None:
    limits: dict[str, Any] = {"message_burst": 100_000, "send_deadline_s": 0.5, "ping_timeout_s": 60.0}
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


async def test_a_reader_that_stops_with_little_waiting_is_cut_after_the_deadline() -> None:
    limits: dict[str, Any] = {"message_burst": 100_000, "outbox_bytes": 10**8, "send_deadline_s": 0.3}
    async with serving(**limits) as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        assert await alice.hear() == wire.PeerJoined(B)
        bob.stop_reading()
        flood = asyncio.create_task(_flood(alice))
        assert await alice.hear() == wire.PeerLeft(B, LeaveReason.TIMEOUT)
        flood.cancel()


async def test_one_connection_too_many_is_told_so() -> None:
    async with serving(max_connections=1) as server:
        async with client_of(server) as alice:
            await alice.join("room", A)
            async with client_of(server) as bob:
                assert await _refusal_of(bob) is ErrorCode.TOO_MANY_CONNECTIONS
            await alice.say(wire.Leave())
            await alice.close_code()
        async with client_of(server) as bob:
            await bob.join("room", B)


async def test_an_address_has_its_share_and_others_theirs() -> None:
    async with serving(max_connections_per_address=1) as server, client_of(server) as alice:
        await alice.join("room", A)
        async with client_of(server) as bob, client_of(server, local_address="127.0.0.2") as carol:
            assert await _refusal_of(bob) is ErrorCode.TOO_MANY_CONNECTIONS
            assert (await carol.join("room", C)).peers == (A,)


async def test_far_too_many_connections_are_cut_at_once() -> None:
    async with serving(max_connections_per_address=0) as server:
        streams = [
            await asyncio.open_connection("127.0.0.1", server.port)
            for _ in range(SPARE_CONNECTIONS_PER_ADDRESS + 1)
        ]
        with contextlib.suppress(ConnectionResetError):
            assert await streams[-1][0].read() == b""
        for reader, writer in streams[:-1]:
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"503" in await reader.readline()
        for _, writer in streams:
            writer.close()


async def test_attempts_to_join_are_limited_by_address() -> None:
    async with serving(join_burst=2, join_rate_per_s=0.001) as server:
        for number in range(2):
            async with client_of(server) as guesser:
                await guesser.join(f"guess-{number}", A)
        async with client_of(server) as guesser, client_of(server, local_address="127.0.0.2") as bob:
            await guesser.say(wire.Join(wire.VERSION, "guess-3", A))
            assert await _refusal_of(guesser) is ErrorCode.TOO_MANY_JOINS
            await bob.join("room", B)


async def test_the_number_of_rooms_is_limited() -> None:
    async with serving(max_rooms=1) as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.say(wire.Join(wire.VERSION, "another", B))
        assert await _refusal_of(bob) is ErrorCode.TOO_MANY_ROOMS


async def test_an_idle_room_is_closed_for_all_in_it() -> None:
    limits: dict[str, Any] = {"room_idle_s": 0.3, "ping_interval_s": 0.1}
    async with serving(**limits) as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        refusals = await asyncio.gather(_refusal_of(alice), _refusal_of(bob))
        assert set(refusals) == {ErrorCode.ROOM_IDLE}


async def test_a_room_is_idle_only_if_nobody_in_it_speaks() -> None:
    limits: dict[str, Any] = {"room_idle_s": 0.3, "ping_interval_s": 0.1, "message_burst": 1000}
    async with serving(**limits) as server, client_of(server) as alice, client_of(server) as bob:
        await alice.join("room", A)
        await bob.join("room", B)
        assert await alice.hear() == wire.PeerJoined(B)
        loop = asyncio.get_running_loop()
        silent_since = loop.time()
        while loop.time() < silent_since + 0.6:  # bob is silent for twice as long as a room may be
            await alice.say(wire.Relay("QUJD"))
            assert await bob.hear() == wire.Relayed(A, "QUJD")
            await asyncio.sleep(0.02)


async def test_refusals_are_logged_but_a_flood_of_them_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving(max_connections_per_address=0) as server:
        for _ in range(60):
            async with client_of(server) as bob:
                assert await bob.hear_error() is ErrorCode.TOO_MANY_CONNECTIONS
    logged = [record for record in caplog.records if "too_many_connections" in record.getMessage()]
    assert 10 < len(logged) < 50
