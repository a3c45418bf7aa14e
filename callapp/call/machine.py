"""One call as a machine without I/O, clock or chance: `handle(call, event, now) -> (call, effects)`.

The session owns the present `Call`, feeds it everything that happens, in order, and carries out the effects, which
answer only by further events. Whenever `Call.deadline` has passed it feeds a `Timeout`. What may happen in which
state is the table in `callapp.call.table`, drawn in docs/call-machine.md.
"""

from __future__ import annotations

from dataclasses import replace

from callapp.call import events as ev
from callapp.call.effects import Effect
from callapp.call.model import (
    ANSWER_TIMEOUT_S,
    CONNECT_TIMEOUT_S,
    EARLY_CANDIDATES_MAX,
    LIVE,
    PEER_GONE_S,
    RECONNECT_S,
    RETRY_S,
    SETTING_UP,
    Call,
    LinkHealth,
    Negotiation,
)
from callapp.call.states import State
from callapp.call.table import TABLE

__all__ = [
    "ANSWER_TIMEOUT_S",
    "CONNECT_TIMEOUT_S",
    "EARLY_CANDIDATES_MAX",
    "LIVE",
    "PEER_GONE_S",
    "RECONNECT_S",
    "RETRY_S",
    "SETTING_UP",
    "Call",
    "LinkHealth",
    "Negotiation",
    "UndeclaredTransitionError",
    "handle",
]


class UndeclaredTransitionError(Exception):
    """A rule has led to a state that the table does not name: a mistake in the machine itself."""


def handle(call: Call, event: ev.Event, now: float) -> tuple[Call, tuple[Effect, ...]]:
    """The next call and what is to be done, in this order.

    Args:
        now: seconds of any clock that never goes back; the same one for `Call.deadline`.

    Raises:
        UndeclaredTransitionError: the table and the rules contradict each other.
    """
    row = TABLE.get((call.state, type(event)))
    if row is None or _is_stale(call, event):
        return call, ()
    after, effects = row.rule(call, event, now)
    if after.state not in row.targets:
        raise UndeclaredTransitionError(f"{call.state} --{type(event).__name__}--> {after.state}")
    return _watch(after, now), effects


def _is_stale(call: Call, event: ev.Event) -> bool:
    """Late results and delayed messages of another call, another attempt or a closed peer connection."""
    if not isinstance(event, ev.AttemptEvent):
        return False
    if (event.call_id, event.attempt) != (call.call_id, call.attempt):
        return True
    return isinstance(event, ev.EngineEvent) and call.negotiation is Negotiation.NONE


def _watch(call: Call, now: float) -> Call:
    """Start or stop the clock of a peer that is gone. A connected call has none: there the media decides."""
    watched = call.gone and call.live and call.state is not State.CONNECTED
    if watched == (call.gone_since is not None):
        return call
    return replace(call, gone_since=now if watched else None)
