"""What happens to a call: the only input of the machine, frozen and without behaviour.

`call_id` names one call (16 random lower-case hex digits, chosen by its caller), `attempt` one peer connection of it
(0 first, one more with each renewal). Both are in every event that a late result or a delayed message could bring
into the wrong call.
"""

from __future__ import annotations

from dataclasses import dataclass

from callapp.call.description import Candidate, Description
from callapp.call.states import Reason

# ---- from the person


@dataclass(frozen=True)
class Place:
    """Call the peer who is in the room."""

    call_id: str


@dataclass(frozen=True)
class Accept:
    """Take the ringing call."""


@dataclass(frozen=True)
class Decline:
    """Refuse the ringing call."""


@dataclass(frozen=True)
class HangUp:
    """End the call, whatever its state."""


# ---- from the peer, through the link; in the order in which the peer sent them


@dataclass(frozen=True)
class OfferReceived:
    """The peer calls, or renews the connection of this call (a higher `attempt`).

    `consent`: our person has already pressed Call in this room, so a new call is answered without ringing.
    """

    call_id: str
    attempt: int
    offer: Description
    consent: bool


@dataclass(frozen=True)
class AnswerReceived:
    call_id: str
    attempt: int
    answer: Description


@dataclass(frozen=True)
class CandidateReceived:
    """candidate None: the peer's end of candidates (RFC 8838, section 8.2)."""

    call_id: str
    attempt: int
    candidate: Candidate | None


@dataclass(frozen=True)
class ByeReceived:
    """The peer has ended the call, or never was in it; `reason` as the peer sees it."""

    call_id: str
    reason: Reason


@dataclass(frozen=True)
class RestartReceived:
    """The callee asks its caller for a new offer, because the connection of `attempt` is of no use to it."""

    call_id: str
    attempt: int


# ---- from the media engine


@dataclass(frozen=True)
class OfferReady:
    """Comes before the first LocalCandidate of its attempt."""

    call_id: str
    attempt: int
    offer: Description


@dataclass(frozen=True)
class AnswerReady:
    call_id: str
    attempt: int
    answer: Description


@dataclass(frozen=True)
class LocalCandidate:
    """candidate None: end of candidates."""

    call_id: str
    attempt: int
    candidate: Candidate | None


@dataclass(frozen=True)
class PeerConnected:
    """ICE and DTLS are up."""

    call_id: str
    attempt: int


@dataclass(frozen=True)
class PeerFailed:
    """The peer connection failed, or has been silent for too long."""

    call_id: str
    attempt: int


@dataclass(frozen=True)
class NegotiationFailed:
    """An offer or answer could not be made or applied."""

    call_id: str
    attempt: int


# ---- from the link to the signaling server


@dataclass(frozen=True)
class PeerLeft:
    """The server says that the peer is no longer in the room."""


@dataclass(frozen=True)
class PeerJoined:
    """The server says that a peer is in the room (again)."""


@dataclass(frozen=True)
class LinkLost:
    """No connection to the server; the link keeps trying. What was sent lately may be lost."""


@dataclass(frozen=True)
class LinkRefused:
    """The server's machine refuses connections: no server runs there any more."""


@dataclass(frozen=True)
class LinkRestored:
    """We are back in the room, and this is whether the peer is there."""

    peer_present: bool


# ---- time


@dataclass(frozen=True)
class Timeout:
    """`Call.deadline` has passed. One that comes too early, from a timer of the past, does nothing."""


EngineEvent = OfferReady | AnswerReady | LocalCandidate | PeerConnected | PeerFailed | NegotiationFailed

AttemptEvent = CandidateReceived | EngineEvent
"""About one attempt: the machine drops them unless it is the present one."""

Event = (
    Place | Accept | Decline | HangUp
    | OfferReceived | AnswerReceived | ByeReceived | RestartReceived
    | AttemptEvent
    | PeerLeft | PeerJoined | LinkLost | LinkRefused | LinkRestored
    | Timeout
)  # fmt: skip
