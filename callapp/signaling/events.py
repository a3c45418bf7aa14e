"""What a link to a signaling server posts: frozen, in order, on the loop that opened it."""

from __future__ import annotations

from dataclasses import dataclass, field

from callapp.errors import SignalingError
from callapp.signaling.invite import LinkKind
from callapp.signaling.sealing import Interference


@dataclass(frozen=True)
class Joined:
    """In the room, for the first time."""

    peer_present: bool


@dataclass(frozen=True)
class RoomFull:
    """Two are in the room already. The link has ended."""


@dataclass(frozen=True)
class PeerJoined:
    """Somebody came into the room."""


@dataclass(frozen=True)
class PeerLeft:
    """The other one is gone; `crashed` without having said so."""

    crashed: bool


@dataclass(frozen=True)
class Proved:
    """The peer has the secret of this link. Posted before its first payload, and again when it or we came back."""

    kind: LinkKind


@dataclass(frozen=True)
class Received:
    """A payload that the peer sealed for us."""

    payload: bytes = field(repr=False)


@dataclass(frozen=True)
class Missed:
    """Payloads of the peer were lost while a connection was broken: what they negotiated must start again."""


@dataclass(frozen=True)
class Tampered:
    """The server interferes, or (OTHER_LINK) the peer has another secret. Once a kind and peer."""

    kind: Interference


@dataclass(frozen=True)
class Lost:
    """No connection to the server. The link goes on trying.

    `refused`: nothing listens there. `untrusted`: what answers there now is not the server that let us in before (a
    hotel's log-in page, perhaps); it learned nothing.
    """

    refused: bool
    untrusted: bool = False


@dataclass(frozen=True)
class Restored:
    """In the room again."""

    peer_present: bool


@dataclass(frozen=True)
class Failed:
    """The link has ended for good: trying again cannot help."""

    error: SignalingError


@dataclass(frozen=True)
class ServerNotice:
    """What the server has to say, for the trace: untrusted, one line."""

    text: str


LinkEvent = (
    Joined
    | RoomFull
    | PeerJoined
    | PeerLeft
    | Proved
    | Received
    | Missed
    | Tampered
    | Lost
    | Restored
    | Failed
    | ServerNotice
)
