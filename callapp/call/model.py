"""The value of a call, and how long each of its phases may last."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

from callapp.call.description import Candidate, Description
from callapp.call.states import Reason, State

ANSWER_TIMEOUT_S: Final = 30.0
"""For a person to come to the screen and press Accept; after that nobody is there."""

CONNECT_TIMEOUT_S: Final = 15.0
"""For the engine to describe itself, and for ICE and DTLS: a slow relay takes some seconds, more is a failure."""

RECONNECT_S: Final = 30.0
"""One outage: a change of networks, a router's restart. Longer than that, people hang up by themselves."""

RETRY_S: Final = 6.0
"""One attempt to reconnect: more than a relayed set-up takes, and five of them fit into RECONNECT_S."""

PEER_GONE_S: Final = 5.0
"""For a peer that is silent *and* known to be gone. The engine needs 2 s and a little to notice the silence, so a
killed peer is announced after some 7.5 s, within the 10 s that are promised; a peer whose app only lost both
connections for a moment has the same 5 s to be back in the room."""

EARLY_CANDIDATES_MAX: Final = 64
"""Candidates held for a connection that is not described yet. A real peer sends a few dozen; the rest is dropped."""

SETTING_UP: Final = (State.OFFERING, State.CALLING, State.RINGING, State.ANSWERING, State.CONNECTING)
LIVE: Final = (*SETTING_UP, State.CONNECTED, State.RECONNECTING)

LIMITS_S: Final = {
    State.OFFERING: CONNECT_TIMEOUT_S,
    State.CALLING: ANSWER_TIMEOUT_S,
    State.RINGING: ANSWER_TIMEOUT_S,
    State.ANSWERING: CONNECT_TIMEOUT_S,
    State.CONNECTING: CONNECT_TIMEOUT_S,
    State.RECONNECTING: RECONNECT_S,
}
"""How long a state may last, from when it was entered."""


class Negotiation(enum.Enum):
    """What the media engine holds for the present attempt."""

    NONE = enum.auto()  # no peer connection
    OFFERED = enum.auto()  # one that makes, or has made, our offer
    DESCRIBED = enum.auto()  # one that also knows the peer's description: candidates may go to it


class LinkHealth(enum.Enum):
    """Our connection to the signaling server."""

    UP = enum.auto()
    LOST = enum.auto()
    REFUSED = enum.auto()  # lost, and no server runs there any more


@dataclass(frozen=True)
class Call:
    """One call, from nothing to its end, and what is known of the way to the peer.

    The link and the peer's place in the room outlive a call; everything else belongs to the call named `call_id`.
    Times are those of `now` in `machine.handle`, in seconds.
    """

    state: State = State.IDLE
    call_id: str = ""
    attempt: int = 0
    previous: str = ""  # the call before this one: it is over, whatever the peer may still say of it
    caller: bool = False  # we placed it: only the caller offers, also when the connection is renewed
    reason: Reason | None = None  # why it ended; None until then
    negotiation: Negotiation = Negotiation.NONE
    offer: Description | None = None  # the peer's, held while it rings
    early: tuple[Candidate | None, ...] = field(default=(), repr=False)  # held until the engine can take them
    limit: float | None = None  # when this state must be over
    retry_at: float | None = None  # when the next attempt to reconnect begins
    gone_since: float | None = None  # since when nothing is to be expected from the peer
    link: LinkHealth = LinkHealth.UP
    peer_present: bool = True
    parted: bool = (
        False  # we or the peer left the room after the last connection: either may have ended the call
    )

    @property
    def live(self) -> bool:
        """Whether there is a call, in whatever state."""
        return self.state in LIVE

    @property
    def reachable(self) -> bool:
        """Whether a message would reach the peer, as far as we know."""
        return self.peer_present and self.link is LinkHealth.UP

    @property
    def gone(self) -> bool:
        """Whether the peer has left, as far as the server tells. Who hosted a refusing server is gone with it."""
        return not self.peer_present or self.link is LinkHealth.REFUSED

    @property
    def gone_limit(self) -> float | None:
        """When a peer that is gone counts as lost."""
        return None if self.gone_since is None else self.gone_since + PEER_GONE_S

    @property
    def deadline(self) -> float | None:
        """When the machine wants a Timeout; None if it waits for nothing."""
        return min((t for t in (self.limit, self.retry_at, self.gone_limit) if t is not None), default=None)
