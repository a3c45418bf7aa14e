"""The link with servers that lie, stay silent or talk nonsense."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from rig.links import PATIENCE_S, PEER, ROOM, SECRET, invite_for, linked
from websockets.asyncio.server import ServerConnection, serve

from callapp.errors import ErrorCode
from callapp.signaling import connection, link
from callapp.signaling.events import (
    Failed,
    Joined,
    Lost,
    Missed,
    PeerJoined,
    PeerLeft,
    Received,
    Restored,
    ServerNotice,
    Tampered,
)
from callapp.signaling.invite import LinkKind
from callapp.signaling.sealing import Interference, Sealer
from signaling_server import wire

OTHER = "c" * 32
TOKEN = "d" * 32


Script = Callable[["Puppet"], Awaitable[None]]


class Puppet:
    """A server's end of a connection, with a peer that is only pretended."""

    def __init__(self, socket: ServerConnection, join: wire.Join) -> None:
        self.socket = socket
        self.join = join
        self.peer = Sealer({LinkKind.APP: SECRET}, ROOM, PEER)

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
    async with raw_server(b"") as port, linked(invite_for(port)) as alice:
        assert await alice.next() == Lost(refused=False)


async def test_a_server_that_does_not_answer_the_join_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def say_nothing(puppet: Puppet) -> None:
        await puppet.socket.wait_closed()

    monkeypatch.setattr(link, "JOIN_TIMEOUT_S", 0.1)
    async with puppets(say_nothing, _stay) as port, linked(invite_for(port)) as alice:
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
    async with raw_server(answer) as port, linked(invite_for(port)) as alice:
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

    async with puppets(answer) as port, linked(invite_for(port)) as alice:
        assert (await alice.failed()).code is code


async def test_a_server_of_another_version_fails_the_link_and_may_say_why() -> None:
    async def refuse(puppet: Puppet) -> None:
        await puppet.say(wire.Error(wire.ErrorCode.UNSUPPORTED_VERSION, "only\nversion 7"))

    async with puppets(refuse) as port, linked(invite_for(port)) as alice:
        assert await alice.next() == ServerNotice("unsupported_version: only version 7")
        assert (await alice.failed()).code is ErrorCode.UNSUPPORTED_VERSION


@pytest.mark.parametrize("frame", ["garbage", b"\x00", "x" * (wire.MAX_MESSAGE_BYTES + 1)])
async def test_nonsense_in_the_room_makes_a_new_connection(frame: str | bytes) -> None:
    async def talk_nonsense(puppet: Puppet) -> None:
        await puppet.let_in(PEER)
        await puppet.socket.send(frame)
        await puppet.socket.wait_closed()

    async with puppets(talk_nonsense, _stay) as port, linked(invite_for(port)) as alice:
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

    async with puppets(contradict) as port, linked(invite_for(port)) as alice:
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

    async with puppets(drop, keep) as port, linked(invite_for(port)) as alice:
        await alice.until(Restored(peer_present=True))
    assert [join.resume for join in joins] == [None, TOKEN]
    assert joins[0].id == joins[1].id


@pytest.mark.parametrize("code", [wire.ErrorCode.ID_IN_USE, wire.ErrorCode.RATE_LIMITED])
async def test_an_error_that_may_pass_is_tried_again(code: wire.ErrorCode) -> None:
    async def refuse(puppet: Puppet) -> None:
        await puppet.say(wire.Error(code, "not now"))

    async with puppets(refuse, _stay) as port, linked(invite_for(port)) as alice:
        assert await alice.next() == ServerNotice(f"{code.value}: not now")
        assert await alice.next() == Lost(refused=False)
        assert await alice.next() == Joined(peer_present=True)


@pytest.mark.parametrize(
    "code",
    [wire.ErrorCode.TOO_MANY_CONNECTIONS, wire.ErrorCode.TOO_MANY_JOINS, wire.ErrorCode.TOO_MANY_ROOMS],
)
async def test_a_server_without_a_place_is_tried_again_only_by_who_had_one(code: wire.ErrorCode) -> None:
    async def refuse(puppet: Puppet) -> None:
        await puppet.say(wire.Error(code, "not now"))

    async def let_in_for_a_moment(puppet: Puppet) -> None:
        await puppet.let_in()

    notice = ServerNotice(f"{code.value}: not now")
    async with puppets(refuse, _stay) as port, linked(invite_for(port)) as alice:
        assert await alice.next() == notice
        assert (await alice.failed()).code is ErrorCode.SERVER_REFUSED
    async with puppets(let_in_for_a_moment, refuse, _stay) as port, linked(invite_for(port)) as bob:
        assert await bob.next() == Joined(peer_present=False)
        assert await bob.until(notice) == notice
        assert await bob.until(Restored(peer_present=True))


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

    async with puppets(lose_one) as port, linked(invite_for(port)) as alice:
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
        stranger = Sealer({LinkKind.APP: SECRET}, ROOM, OTHER)
        for _ in range(3):
            await puppet.say(wire.Relayed(PEER, stranger.seal(puppet.join.id, b"invented")))
        puppet.box(b"held back")
        await puppet.say(puppet.box(b"2"))
        await puppet.socket.wait_closed()

    async with puppets(tamper) as port, linked(invite_for(port)) as alice:
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

    async with puppets(mirror) as port, linked(invite_for(port)) as alice:
        assert await alice.next() == Tampered(Interference.REFLECTION)
        assert await alice.next() == Joined(peer_present=False)
        assert await alice.next() == PeerJoined()


async def test_closing_does_not_wait_for_a_server_that_does_not_listen() -> None:
    async def deaf(puppet: Puppet) -> None:
        await puppet.let_in(PEER)
        puppet.socket.transport.pause_reading()
        await puppet.socket.wait_closed()

    async with puppets(deaf) as port, linked(invite_for(port)) as alice:
        await alice.next()
        async with asyncio.timeout(PATIENCE_S):
            await alice.link.close()
