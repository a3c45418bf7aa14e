"""What the machine wants done: frozen values that the session carries to the media engine and the link.

The order within one step matters (an answer before its candidates) and is kept by both.
"""

from __future__ import annotations

from dataclasses import dataclass

from callapp.call.description import Candidate, Description
from callapp.call.states import Reason

# ---- for the media engine; answered by events of the same call_id and attempt


@dataclass(frozen=True)
class CreateOffer:
    """Open the peer connection of this attempt and make its offer."""

    call_id: str
    attempt: int


@dataclass(frozen=True)
class CreateAnswer:
    """Open the peer connection of this attempt, take the peer's offer and make the answer."""

    call_id: str
    attempt: int
    offer: Description


@dataclass(frozen=True)
class ApplyAnswer:
    call_id: str
    attempt: int
    answer: Description


@dataclass(frozen=True)
class AddCandidate:
    """Only ever after CreateAnswer or ApplyAnswer of the same attempt. candidate None: end of candidates."""

    call_id: str
    attempt: int
    candidate: Candidate | None


@dataclass(frozen=True)
class ClosePeer:
    """Close the peer connection that is open for this call. A later CreateOffer or CreateAnswer opens a new one."""

    call_id: str


# ---- for the peer, through the link


@dataclass(frozen=True)
class SendOffer:
    call_id: str
    attempt: int
    offer: Description


@dataclass(frozen=True)
class SendAnswer:
    call_id: str
    attempt: int
    answer: Description


@dataclass(frozen=True)
class SendCandidate:
    """candidate None: end of candidates."""

    call_id: str
    attempt: int
    candidate: Candidate | None


@dataclass(frozen=True)
class SendBye:
    """The call of this id is over here, or was never here."""

    call_id: str
    reason: Reason


@dataclass(frozen=True)
class SendRestart:
    """The callee asks for a new offer; `attempt` is the newest one that it knows."""

    call_id: str
    attempt: int


Effect = (
    CreateOffer | CreateAnswer | ApplyAnswer | AddCandidate | ClosePeer
    | SendOffer | SendAnswer | SendCandidate | SendBye | SendRestart
)  # fmt: skip
