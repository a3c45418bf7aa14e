"""The link against the real server, and against servers that lie, stay silent or talk nonsense."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from callapp.errors import ErrorCode, SignalingError
from callapp.signaling import connection, link
from callapp.signaling.invite import Invite, Secret, ServerAddress, invite_at
from callapp.signaling.link import (
    OUTBOX_PAYLOADS,
    Failed,
    Joined,
    Link,
    LinkEvent,
    Lost,
    Missed,
    PeerJoined,
    PeerLeft,
    Received,
    Restored,
    RoomFull,
    ServerNotice,
    Tampered,
)
from callapp.signaling.sealing import MAX_PLAINTEXT_BYTES, Interference, Sealer
from signaling_server import wire
from signaling_server.server import Limits, SignalingServer

PATIENCE_S = 10.0
ROOM = "room"
SECRET = Secret(bytes(range(16)))
PEER, OTHER = "b" * 32, "c" * 32
TOKEN = "d" * 32


def _invite(port: int, secret: Secret = SECRET) -> Invite:
    return invite_at(ServerAddress("127.0.0.1", port), ROOM, secret)


class Ears:
    """A link, and what it posts, in order."""

    def __init__(self, invite: Invite) -> None:
        self._events: asyncio.Queue[LinkEvent] = asyncio.Queue()
        self.link = Link(invite, self._events.put_nowait)

    async def next(self) -> LinkEvent:
        async with asyncio.timeout(PATIENCE_S):
            return await self._events.get()

    async def until(self, *wanted: LinkEvent) -> LinkEvent:
        """The first of the `wanted` events; what came before it is forgotten."""
        while (event := await self.next()) not in wanted:
            pass
        return event

    async def failed(self) -> SignalingError:
        event = await self.next()
        assert isinstance(event, Failed)
        return event.error

    @property
    def silent(self) -> bool:
        return self._events.empty()


@asynccontextmanager
async def linked(invite: Invite) -> AsyncIterator[Ears]:
    ears = Ears(invite)
    ears.link.open()
    try:
        yield ears
    finally:
        await ears.link.close()


@asynccontextmanager
async def serving(port: int = 0, **limits: Any) -> AsyncIterator[SignalingServer]:
    server = SignalingServer(Limits(**limits))
    await server.start(port=port)
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def two_in_a_room(port: int) -> AsyncIterator[tuple[Ears, Ears]]:
    async with linked(_invite(port)) as alice:
        assert await alice.next() == Joined(peer_present=False)
        async with linked(_invite(port)) as bob:
            assert await bob.next() == Joined(peer_present=True)
            assert await alice.next() == PeerJoined()
            yield alice, bob


# ---- with the real server


async def test_two_links_find_each_other_and_talk() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        for number in range(50):
            assert alice.link.send(b"%d" % number)
        assert [await bob.next() for _ in range(50)] == [Received(b"%d" % number) for number in range(50)]
        assert bob.link.send(bytes(MAX_PLAINTEXT_BYTES))
        assert await alice.next() == Received(bytes(MAX_PLAINTEXT_BYTES))


async def test_closing_sends_what_waits_and_says_goodbye() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        bob.link.send(b"almost last")
        bob.link.send(b"last")
        await bob.link.close()
        assert await alice.next() == Received(b"almost last")
        assert await alice.next() == Received(b"last")
        assert await alice.next() == PeerLeft(crashed=False)
        assert not bob.link.send(b"too late")
        await bob.link.close()


async def test_a_peer_that_crashes_is_told_from_one_that_leaves() -> None:
    async with serving() as server, linked(_invite(server.port)) as alice:
        await alice.next()
        socket = await connect(f"ws://127.0.0.1:{server.port}{wire.PATH}", proxy=None)
        await socket.send(wire.encode(wire.Join(1, ROOM, PEER)))
        assert await alice.next() == PeerJoined()
        socket.transport.abort()
        assert await alice.next() == PeerLeft(crashed=True)
        await socket.wait_closed()


async def test_a_third_comer_hears_that_the_room_is_full_and_its_link_ends() -> None:
    async with serving() as server, two_in_a_room(server.port), linked(_invite(server.port)) as carol:
        assert await carol.next() == RoomFull()
        assert not carol.link.send(b"hello?")


async def test_a_server_without_a_place_for_the_room_fails_the_link() -> None:
    async with serving(max_rooms=0) as server, linked(_invite(server.port)) as alice:
        notice = await alice.next()
        assert isinstance(notice, ServerNotice)
        assert notice.text.startswith("too_many_rooms: ")
        assert (await alice.failed()).code is ErrorCode.SERVER_REFUSED


async def test_nobody_there_means_nothing_is_kept() -> None:
    async with serving() as server, linked(_invite(server.port)) as alice:
        assert not alice.link.send(b"too early")
        await alice.next()
        assert not alice.link.send(b"to nobody")


async def test_peers_find_each_other_again_after_a_restart_of_the_server() -> None:
    async with serving() as server:
        port = server.port
        async with two_in_a_room(port) as (alice, bob):
            assert alice.link.send(b"before")
            assert await bob.next() == Received(b"before")
            await server.close()
            assert await alice.next() == Lost(refused=False)
            assert await bob.next() == Lost(refused=False)
            assert await alice.next() == Lost(refused=True)
            assert await bob.next() == Lost(refused=True)
            assert alice.link.send(b"meanwhile 1")
            assert alice.link.send(b"meanwhile 2")
            async with serving(port):
                for ears in (alice, bob):
                    if await ears.next() == Restored(peer_present=False):
                        assert await ears.next() == PeerJoined()
                assert await bob.next() == Received(b"meanwhile 1")
                assert await bob.next() == Received(b"meanwhile 2")
                assert bob.link.send(b"after")
                assert await alice.next() == Received(b"after")


async def test_what_waits_for_a_peer_is_not_given_to_another_one() -> None:
    async with serving() as server:
        port = server.port
        async with two_in_a_room(port) as (alice, bob):
            await server.close()
            await alice.until(Lost(refused=True))
            alice.link.send(b"for bob only")
            await bob.link.close()
            async with serving(port):
                assert await alice.next() == Restored(peer_present=False)
                async with linked(_invite(port)) as carol:
                    assert await carol.next() == Joined(peer_present=True)
                    assert await alice.next() == PeerJoined()
                    assert alice.link.send(b"for carol")
                    assert await carol.next() == Received(b"for carol")


async def test_while_the_server_is_away_a_bounded_number_of_payloads_waits() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, _):
        await server.close()
        await alice.until(Lost(refused=True))
        sent = [alice.link.send(b"x") for _ in range(OUTBOX_PAYLOADS + 1)]
        assert sent == [True] * OUTBOX_PAYLOADS + [False]


async def test_a_payload_that_fits_into_no_message_is_refused() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        assert not alice.link.send(bytes(MAX_PLAINTEXT_BYTES + 1))
        assert alice.link.send(b"next")
        assert await bob.next() == Received(b"next")


async def test_a_server_that_does_not_run_yet_is_said_once_and_found_later() -> None:
    async with serving() as server:
        port = server.port
    async with linked(_invite(port)) as alice:
        assert await alice.next() == Lost(refused=True)
        async with serving(port):
            assert await alice.next() == Joined(peer_present=False)


async def test_closing_ends_a_link_in_any_state() -> None:
    async with serving() as server:
        port = server.port
    unopened = Ears(_invite(port))
    await unopened.link.close()
    async with linked(_invite(port)) as starting:
        await starting.link.close()
        assert starting.silent
    async with linked(_invite(port)) as waiting:
        await waiting.until(Lost(refused=True))
        await waiting.link.close()
        assert not waiting.link.send(b"x")


@pytest.mark.logs_warnings
async def test_a_peer_with_another_secret_is_noticed_on_both_sides() -> None:
    async with (
        serving() as server,
        linked(_invite(server.port)) as alice,
        linked(_invite(server.port, Secret(bytes(16)))) as bob,
    ):
        await asyncio.gather(*(ears.until(Joined(True), PeerJoined()) for ears in (alice, bob)))
        alice.link.send(b"hello")
        bob.link.send(b"hello")
        bob.link.send(b"hello again")
        for ears in (alice, bob):
            assert await ears.next() == Tampered(Interference.OTHER_LINK)


async def test_a_server_elsewhere_is_out_of_reach_for_now() -> None:
    async with linked(invite_at(ServerAddress("example.invalid", 443), ROOM, SECRET)) as alice:
        assert (await alice.failed()).code is ErrorCode.SERVER_UNREACHABLE


@pytest.mark.logs_warnings
async def test_an_owner_that_fails_still_hears_the_end() -> None:
    events: list[LinkEvent] = []
    ended = asyncio.Event()

    def post(event: LinkEvent) -> None:
        events.append(event)
        if isinstance(event, Failed):
            ended.set()
        else:
            raise ZeroDivisionError

    async with serving() as server:
        alice = Link(_invite(server.port), post)
        alice.open()
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()
        await alice.close()
    assert [type(event) for event in events] == [Joined, Failed]


# ---- with other servers

Script = Callable[["Puppet"], Awaitable[None]]


class Puppet:
    """A server's end of a connection, with a peer that is only pretended."""

    def __init__(self, socket: ServerConnection, join: wire.Join) -> None:
        self.socket = socket
        self.join = join
        self.peer = Sealer(SECRET, ROOM, PEER)

    async def say(self, *messages: wire.ServerMessage) -> None:
        for message in messages:
            await self.socket.send(wire.encode(message))

    async def let_in(self, *peers: str) -> None:
        await self.say(wire.Joined(ROOM, peers, TOKEN))

    def box(self, text: bytes) -> wire.Relayed:
        return wire.Relayed(PEER, self.peer.seal(self.join.id, text))


@asynccontextmanager
async def puppets(*scripts: Script) -> AsyncIterator[int]:
    """A server whose nth connection follows the nth script (later ones the last) once the client has joined."""
    visits = 0

    async def handle(socket: ServerConnection) -> None:
        nonlocal visits
        script = scripts[min(visits, len(scripts) - 1)]
        visits += 1
        message = wire.decode_client(await socket.recv())
        assert isinstance(message, wire.Join)
        await script(Puppet(socket, message))

    server = await serve(handle, "127.0.0.1", 0, compression=None, close_timeout=0.1)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def _stay(puppet: Puppet) -> None:
    await puppet.let_in(PEER)
    await puppet.socket.wait_closed()


@asynccontextmanager
async def raw_server(answer: bytes) -> AsyncIterator[int]:
    """Answers every connection with the same bytes, and closes it; with b"" it stays silent."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            if not answer:
                await reader.read()
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_server_that_says_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "OPEN_TIMEOUT_S", 0.1)
    async with raw_server(b"") as port, linked(_invite(port)) as alice:
        assert await alice.next() == Lost(refused=False)


async def test_a_server_that_does_not_answer_the_join_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def say_nothing(puppet: Puppet) -> None:
        await puppet.socket.wait_closed()

    monkeypatch.setattr(link, "JOIN_TIMEOUT_S", 0.1)
    async with puppets(say_nothing, _stay) as port, linked(_invite(port)) as alice:
        assert await alice.next() == Lost(refused=False)
        assert await alice.next() == Joined(peer_present=True)


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ErrorCode.SERVER_MESSAGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ErrorCode.SERVER_MESSAGE),
        (b"HTTP/1.1 302 Found\r\nLocation: http://example.invalid/\r\n\r\n", ErrorCode.SERVER_MESSAGE),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ErrorCode.SERVER_MESSAGE),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", Lost(refused=False)),
        (b"H", Lost(refused=False)),
    ],
)
async def test_what_is_no_signaling_server_fails_what_may_pass_is_lost(
    answer: bytes, event: ErrorCode | Lost
) -> None:
    async with raw_server(answer) as port, linked(_invite(port)) as alice:
        first = await alice.next()
        assert (first.error.code if isinstance(first, Failed) else first) == event


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("garbage", ErrorCode.SERVER_MESSAGE),
        (b"\x00\x01", ErrorCode.SERVER_MESSAGE),
        (wire.encode(wire.Leave()), ErrorCode.SERVER_MESSAGE),
        (wire.encode(wire.PeerJoined(PEER)), ErrorCode.SERVER_MESSAGE),
        (wire.encode(wire.Joined("another", (), TOKEN)), ErrorCode.SERVER_MESSAGE),
        ('{"type":"joined","v":2,"welcome":"from the future"}', ErrorCode.UNSUPPORTED_VERSION),
    ],
)
async def test_an_answer_to_the_join_that_is_none_fails_the_link(frame: str | bytes, code: ErrorCode) -> None:
    async def answer(puppet: Puppet) -> None:
        await puppet.socket.send(frame)
        await puppet.socket.wait_closed()

    async with puppets(answer) as port, linked(_invite(port)) as alice:
        assert (await alice.failed()).code is code


async def test_a_server_of_another_version_fails_the_link_and_may_say_why() -> None:
    async def refuse(puppet: Puppet) -> None:
        await puppet.say(wire.Error(wire.ErrorCode.UNSUPPORTED_VERSION, "only\nversion 7"))

    async with puppets(refuse) as port, linked(_invite(port)) as alice:
        assert await alice.next() == ServerNotice("unsupported_version: only version 7")
        assert (await alice.failed()).code is ErrorCode.UNSUPPORTED_VERSION


@pytest.mark.parametrize("frame", ["garbage", b"\x00", "x" * (wire.MAX_MESSAGE_BYTES + 1)])
async def test_nonsense_in_the_room_makes_a_new_connection(frame: str | bytes) -> None:
    async def talk_nonsense(puppet: Puppet) -> None:
        await puppet.let_in(PEER)
        await puppet.socket.send(frame)
        await puppet.socket.wait_closed()

    async with puppets(talk_nonsense, _stay) as port, linked(_invite(port)) as alice:
        assert await alice.next() == Joined(peer_present=True)
        assert await alice.next() == Lost(refused=False)
        assert await alice.next() == Restored(peer_present=True)


async def test_messages_that_do_not_fit_are_ignored() -> None:
    async def contradict(puppet: Puppet) -> None:
        await puppet.let_in(PEER)
        await puppet.let_in()
        await puppet.say(
            wire.Full(ROOM),
            wire.PeerJoined(OTHER),
            wire.PeerLeft(OTHER, wire.LeaveReason.LEFT),
            wire.Relayed(OTHER, "QUJD"),
            wire.Error(wire.ErrorCode.NO_PEER, "nobody"),
            puppet.box(b"still here"),
        )
        await puppet.socket.wait_closed()

    async with puppets(contradict) as port, linked(_invite(port)) as alice:
        assert await alice.next() == Joined(peer_present=True)
        assert await alice.next() == Received(b"still here")


async def test_coming_back_shows_the_last_resume_token_and_the_same_id() -> None:
    joins: list[wire.Join] = []

    async def drop(puppet: Puppet) -> None:
        joins.append(puppet.join)
        await puppet.let_in(PEER)

    async def keep(puppet: Puppet) -> None:
        joins.append(puppet.join)
        await _stay(puppet)

    async with puppets(drop, keep) as port, linked(_invite(port)) as alice:
        await alice.until(Restored(peer_present=True))
    assert [join.resume for join in joins] == [None, TOKEN]
    assert joins[0].id == joins[1].id


@pytest.mark.parametrize("code", [wire.ErrorCode.ID_IN_USE, wire.ErrorCode.RATE_LIMITED])
async def test_an_error_that_may_pass_is_tried_again(code: wire.ErrorCode) -> None:
    async def refuse(puppet: Puppet) -> None:
        await puppet.say(wire.Error(code, "not now"))

    async with puppets(refuse, _stay) as port, linked(_invite(port)) as alice:
        assert await alice.next() == ServerNotice(f"{code.value}: not now")
        assert await alice.next() == Lost(refused=False)
        assert await alice.next() == Joined(peer_present=True)


async def test_payloads_lost_across_a_reconnect_are_told_without_suspicion() -> None:
    async def lose_one(puppet: Puppet) -> None:
        await puppet.let_in(PEER)
        await puppet.say(puppet.box(b"1"))
        puppet.box(b"lost")
        await puppet.say(wire.PeerJoined(PEER), puppet.box(b"2"), puppet.box(b"3"))
        puppet.box(b"lost as well")
        await puppet.say(
            wire.PeerLeft(PEER, wire.LeaveReason.CLOSED), wire.PeerJoined(PEER), puppet.box(b"4")
        )
        await puppet.socket.wait_closed()

    async with puppets(lose_one) as port, linked(_invite(port)) as alice:
        assert [await alice.next() for _ in range(9)] == [
            Joined(peer_present=True),
            Received(b"1"),
            Missed(),
            Received(b"2"),
            Received(b"3"),
            PeerLeft(crashed=True),
            PeerJoined(),
            Missed(),
            Received(b"4"),
        ]


@pytest.mark.logs_warnings
async def test_a_server_that_tampers_is_noticed_once_a_kind() -> None:
    async def tamper(puppet: Puppet) -> None:
        await puppet.let_in(PEER)
        first = puppet.box(b"1")
        await puppet.say(first, first, first)
        stranger = Sealer(SECRET, ROOM, OTHER)
        for _ in range(3):
            await puppet.say(wire.Relayed(PEER, stranger.seal(puppet.join.id, b"invented")))
        puppet.box(b"held back")
        await puppet.say(puppet.box(b"2"))
        await puppet.socket.wait_closed()

    async with puppets(tamper) as port, linked(_invite(port)) as alice:
        assert [await alice.next() for _ in range(6)] == [
            Joined(peer_present=True),
            Received(b"1"),
            Tampered(Interference.REPEAT),
            Tampered(Interference.AUTHENTICATION),
            Tampered(Interference.GAP),
            Received(b"2"),
        ]


@pytest.mark.logs_warnings
async def test_a_server_that_shows_us_a_mirror_is_not_believed() -> None:
    async def mirror(puppet: Puppet) -> None:
        await puppet.let_in(puppet.join.id)
        await puppet.say(wire.PeerJoined(puppet.join.id), wire.PeerJoined(PEER))
        await puppet.socket.wait_closed()

    async with puppets(mirror) as port, linked(_invite(port)) as alice:
        assert await alice.next() == Tampered(Interference.REFLECTION)
        assert await alice.next() == Joined(peer_present=False)
        assert await alice.next() == PeerJoined()


async def test_closing_does_not_wait_for_a_server_that_does_not_listen() -> None:
    async def deaf(puppet: Puppet) -> None:
        await puppet.let_in(PEER)
        puppet.socket.transport.pause_reading()
        await puppet.socket.wait_closed()

    async with puppets(deaf) as port, linked(_invite(port)) as alice:
        await alice.next()
        async with asyncio.timeout(PATIENCE_S):
            await alice.link.close()


async def test_neither_logs_nor_events_show_what_is_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        alice.link.send(b"v=0 fingerprint")
        received = await bob.next()
        assert received == Received(b"v=0 fingerprint")
        link_text = _invite(server.port).callapp_link
    shown = caplog.text + repr(received)
    assert "fingerprint" not in shown
    assert link_text.partition("#")[2] not in shown
