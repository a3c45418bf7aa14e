"""Who is in which room, and what everybody has to be told. Pure: no socket, no clock, no randomness.

Clients are known by the number of their connection. Every call returns what is to be done, in order.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from signaling_server import wire
from signaling_server.wire import ErrorCode, LeaveReason

ROOM_SIZE = 2


@dataclass(frozen=True, slots=True)
class Send:
    """Send `message` to `client`."""

    client: int
    message: wire.ServerMessage


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection of `client` after what was sent to it before; nothing it says counts any more."""

    client: int
    code: int  # RFC 6455, section 7.4.1


Effect = Send | Drop
Effects = tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class _Member:
    client: int
    id: str
    resume: str
    room: str


class Rooms:
    """All rooms of a server."""

    def __init__(self, max_rooms: int) -> None:
        self._max_rooms = max_rooms
        self._rooms: dict[str, list[_Member]] = {}
        self._members: dict[int, _Member] = {}

    def __len__(self) -> int:
        """How many rooms have somebody in them."""
        return len(self._rooms)

    def join(
        self, client: int, join: wire.Join, new_token: str, ice_servers: tuple[wire.IceServer, ...] = ()
    ) -> Effects:
        """`client` asks to enter a room; `new_token` and `ice_servers` are what it gets there."""
        if client in self._members:
            return self.refuse(client, ErrorCode.UNEXPECTED_MESSAGE, "this connection is in a room already")
        present = self._rooms.get(join.room, [])
        earlier = next((member for member in present if member.id == join.id), None)
        before: Effects = ()
        if earlier is not None:
            if not hmac.compare_digest(earlier.resume, join.resume or ""):
                return self.refuse(client, ErrorCode.ID_IN_USE, "this id is in the room already")
            self._remove(earlier)
            before = (
                Send(earlier.client, wire.Error(ErrorCode.REPLACED, "this client came back")),
                Drop(earlier.client, wire.CLOSE_POLICY),
            )
        elif len(present) >= ROOM_SIZE:
            return Send(client, wire.Full(join.room)), Drop(client, wire.CLOSE_NORMAL)
        elif not present and len(self._rooms) >= self._max_rooms:
            return self.refuse(client, ErrorCode.TOO_MANY_ROOMS, f"this server has {self._max_rooms} rooms")
        member = _Member(client, join.id, new_token, join.room)
        peers = self._peers(member)
        self._add(member)
        peer_ids = tuple(peer.id for peer in peers)
        return (
            *before,
            Send(client, wire.Joined(join.room, peer_ids, new_token, ice_servers)),
            *(Send(peer.client, wire.PeerJoined(join.id)) for peer in peers),
        )

    def handle(self, client: int, message: wire.Relay | wire.Leave) -> Effects:
        """`client` says something in its room."""
        match message:
            case wire.Relay():
                return self._relay(client, message)
            case wire.Leave():
                return (*self.leave(client, LeaveReason.LEFT), Drop(client, wire.CLOSE_NORMAL))

    def refuse(self, client: int, code: ErrorCode, message: str) -> Effects:
        """Tell `client` of an error that ends its connection."""
        return (
            *self.leave(client, LeaveReason.ERROR),
            Send(client, wire.Error(code, message)),
            Drop(client, wire.CLOSE_POLICY),
        )

    def leave(self, client: int, reason: LeaveReason) -> Effects:
        """Take `client` out of its room, if it is in one."""
        member = self._members.get(client)
        if member is None:
            return ()
        self._remove(member)
        return tuple(Send(peer.client, wire.PeerLeft(member.id, reason)) for peer in self._peers(member))

    def _relay(self, client: int, relay: wire.Relay) -> Effects:
        member = self._members.get(client)
        if member is None:
            return self.refuse(client, ErrorCode.UNEXPECTED_MESSAGE, "join a room first")
        peers = self._peers(member)
        if not peers:
            return (Send(client, wire.Error(ErrorCode.NO_PEER, "nobody else is in the room")),)
        return tuple(Send(peer.client, wire.Relayed(member.id, relay.payload)) for peer in peers)

    def peers_of(self, client: int) -> tuple[int, ...]:
        """The others in the room of `client`."""
        member = self._members.get(client)
        return () if member is None else tuple(peer.client for peer in self._peers(member))

    def _peers(self, member: _Member) -> list[_Member]:
        return [other for other in self._rooms.get(member.room, []) if other.client != member.client]

    def _add(self, member: _Member) -> None:
        self._rooms.setdefault(member.room, []).append(member)
        self._members[member.client] = member

    def _remove(self, member: _Member) -> None:
        del self._members[member.client]
        present = self._rooms[member.room]
        present.remove(member)
        if not present:
            del self._rooms[member.room]
