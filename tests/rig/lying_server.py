"""A signaling server that lies: it does with messages and joins what a server can do, and a relay must not be able to.

It speaks the real protocol (signaling_server.wire) and introduces whoever comes, two at a time. What it does besides
is a `Lie`; `Lie` itself is honest.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from callapp.session import messages
from callapp.signaling.invite import Invite
from callapp.signaling.sealing import Sealer, SealError, new_id
from signaling_server import wire


@dataclass(frozen=True)
class Box:
    """A sealed message on its way. `number` counts those of `sender` from 0; `receiver` is its connection's id."""

    sender: str
    receiver: str
    number: int
    payload: str


class Lie:
    """Honest: everything as it is."""

    def relayed(self, box: Box) -> Iterable[Box]:
        """What is delivered in the place of `box`."""
        return (box,)

    def peer_shown(self, viewer: str, peer: str) -> str | None:
        """Whom `viewer` is told to be with, in the place of `peer`; None: nobody."""
        return peer

    def room(self, name: str) -> str:
        """Which room it is really put into."""
        return name


@dataclass
class _Target:
    """The boxes that are lied about: from the `first`th of each sender on, `count` of them."""

    first: int = 2
    count: int = 1

    def hits(self, box: Box) -> bool:
        return self.first <= box.number < self.first + self.count


class Drop(Lie):
    """Some never come."""

    def __init__(self, first: int = 2, count: int = 1) -> None:
        self._target = _Target(first, count)

    def relayed(self, box: Box) -> Iterable[Box]:
        return () if self._target.hits(box) else (box,)


class Replay(Lie):
    """One comes twice."""

    def relayed(self, box: Box) -> Iterable[Box]:
        return (box, box) if _Target().hits(box) else (box,)


class Reorder(Lie):
    """One comes after the next one."""

    def __init__(self) -> None:
        self._held: dict[str, Box] = {}

    def relayed(self, box: Box) -> Iterable[Box]:
        if _Target().hits(box):
            self._held[box.sender] = box
            return ()
        held = self._held.pop(box.sender, None)
        return (box,) if held is None else (box, held)


class Swap(Lie):
    """One has the content of an earlier one."""

    def __init__(self) -> None:
        self._earlier: dict[str, str] = {}

    def relayed(self, box: Box) -> Iterable[Box]:
        if _Target().hits(box):
            return (replace(box, payload=self._earlier[box.sender]),)
        self._earlier[box.sender] = box.payload
        return (box,)


class Reflect(Lie):
    """Each comes back to its sender, as if the other one had sent it."""

    def relayed(self, box: Box) -> Iterable[Box]:
        return (box, replace(box, sender=box.receiver, receiver=box.sender))


class Alter(Lie):
    """One has another character in it."""

    def relayed(self, box: Box) -> Iterable[Box]:
        if not _Target().hits(box):
            return (box,)
        place = len(box.payload) // 2
        other = "A" if box.payload[place] != "A" else "B"
        return (replace(box, payload=box.payload[:place] + other + box.payload[place + 1 :]),)


class Later(Lie):
    """Honest at first."""

    def __init__(self, lie: Lie) -> None:
        self._lie = lie
        self.begun = False

    def relayed(self, box: Box) -> Iterable[Box]:
        return self._lie.relayed(replace(box, number=_Target().first)) if self.begun else (box,)


class Inject(Lie):
    """One comes that nobody sent."""

    def relayed(self, box: Box) -> Iterable[Box]:
        if not _Target().hits(box):
            return (box,)
        return (box, replace(box, payload=secrets.token_urlsafe(60)))


class Rename(Lie):
    """Everybody is shown under another id."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def peer_shown(self, viewer: str, peer: str) -> str | None:
        return self._names.setdefault(peer, new_id())

    def relayed(self, box: Box) -> Iterable[Box]:
        return (replace(box, sender=self._names.get(box.sender, box.sender)),)


class Mirror(Lie):
    """Everybody is told to be with themselves."""

    def peer_shown(self, viewer: str, peer: str) -> str | None:
        return viewer

    def relayed(self, box: Box) -> Iterable[Box]:
        return (replace(box, receiver=box.sender),)


class Hide(Lie):
    """Nobody is told of the other."""

    def peer_shown(self, viewer: str, peer: str) -> str | None:
        return None


class MixUpRooms(Lie):
    """People of different rooms are put together."""

    def room(self, name: str) -> str:
        return "the same for all"


class PlantFingerprint(Lie):
    """It served the page, so it knows that link's secret, and puts a certificate of its own beside theirs.

    `instead`: in the place of theirs, in every section. Boxes sealed with another secret pass as they are.
    """

    def __init__(self, *, instead: bool) -> None:
        self._instead = instead
        self._invite: Invite | None = None
        self._ends: dict[str, Sealer] = {}
        self.opened = 0

    def learn(self, invite: Invite) -> None:
        """The link that the page was opened with."""
        self._invite = invite

    def relayed(self, box: Box) -> Iterable[Box]:
        try:
            plaintext = self._end(box.receiver).open(box.sender, box.payload).plaintext
        except SealError:
            return (box,)
        self.opened += 1
        message = messages.decode(plaintext)
        if isinstance(message, messages.Offer | messages.Answer):
            message = _replaced(message, self._planted(message.sdp))
        return (replace(box, payload=self._end(box.sender).seal(box.receiver, messages.encode(message))),)

    def _end(self, own_id: str) -> Sealer:
        assert self._invite is not None, "nobody has opened the page yet"
        return self._ends.setdefault(own_id, Sealer(self._invite.secrets, self._invite.room, own_id))

    def _planted(self, sdp: str) -> str:
        planted = f"a=fingerprint:sha-256 {':'.join(['EE'] * 32)}"
        lines = sdp.splitlines()
        places = [number for number, line in enumerate(lines) if line.startswith("a=fingerprint:")]
        for place in places if self._instead else places[1:2]:
            lines[place] = planted
        return "\r\n".join([*lines, ""])


def _replaced(message: messages.Offer | messages.Answer, sdp: str) -> messages.Message:
    if isinstance(message, messages.Offer):
        return messages.Offer(message.call_id, message.attempt, sdp, message.status, message.commitment)
    return messages.Answer(message.call_id, message.attempt, sdp, message.status, message.nonce)


class _Member:
    def __init__(self, socket: ServerConnection, own_id: str) -> None:
        self.socket = socket
        self.id = own_id
        self.said = 0

    async def say(self, message: wire.ServerMessage) -> None:
        with suppress(ConnectionClosed):
            await self.socket.send(wire.encode(message))


class _Server:
    def __init__(self, lie: Lie) -> None:
        self._lie = lie
        self._rooms: dict[str, list[_Member]] = {}

    async def handle(self, socket: ServerConnection) -> None:
        try:
            join = wire.decode_client(await socket.recv())
            assert isinstance(join, wire.Join)
            members = self._rooms.setdefault(self._lie.room(join.room), [])
            member = _Member(socket, join.id)
            await self._enter(member, members, join.room)
            try:
                while True:
                    message = wire.decode_client(await socket.recv())
                    if not isinstance(message, wire.Relay):
                        return
                    await self._relay(member, members, message.payload)
            finally:
                members.remove(member)
                for other in members:
                    if (shown := self._lie.peer_shown(other.id, member.id)) is not None:
                        await other.say(wire.PeerLeft(shown, wire.LeaveReason.CLOSED))
        except ConnectionClosed:
            pass

    async def _enter(self, member: _Member, members: list[_Member], room: str) -> None:
        shown = [self._lie.peer_shown(member.id, other.id) for other in members]
        members.append(member)
        present = tuple(peer for peer in shown if peer is not None)
        await member.say(wire.Joined(room, present, secrets.token_hex(16)))
        for other in members[:-1]:
            if (name := self._lie.peer_shown(other.id, member.id)) is not None:
                await other.say(wire.PeerJoined(name))

    async def _relay(self, member: _Member, members: list[_Member], payload: str) -> None:
        others = [other.id for other in members if other is not member]
        if not others:
            return
        box = Box(member.id, others[0], member.said, payload)
        member.said += 1
        for delivered in self._lie.relayed(box):
            for receiver in members:
                if receiver.id == delivered.receiver:
                    await receiver.say(wire.Relayed(delivered.sender, delivered.payload))


@asynccontextmanager
async def lying(lie: Lie) -> AsyncIterator[int]:
    """Runs it; yields its port on 127.0.0.1."""
    server = await serve(_Server(lie).handle, "127.0.0.1", 0, compression=None, close_timeout=0.1)
    try:
        async with asyncio.timeout(60):
            yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
