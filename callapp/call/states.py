"""The states of a call and why it ended."""

from __future__ import annotations

import enum


class State(enum.Enum):
    """Where a call is. Values are the names that the control interface shows."""

    IDLE = "idle"
    OFFERING = "offering"  # our offer is being made
    CALLING = "calling"  # our offer is sent
    RINGING = "ringing"  # their offer waits for Accept
    ANSWERING = "answering"  # our answer is being made
    CONNECTING = "connecting"  # both descriptions are known
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"  # the connection was lost; another attempt is under way
    ENDED = "ended"


class Reason(enum.Enum):
    """Why a call ended. Values travel in `bye` and in the control interface."""

    HUNG_UP = "HUNG_UP"  # we did
    PEER_LEFT = "PEER_LEFT"  # they did
    PEER_LOST = "PEER_LOST"  # they vanished
    DECLINED = "DECLINED"
    BUSY = "BUSY"
    FULL = "FULL"
    REFUSED = "REFUSED"
    TIMEOUT = "TIMEOUT"
    ERROR = "ERROR"
