"""Calls in every state, brought there by events."""

from __future__ import annotations

from callapp.call import events as ev
from callapp.call.description import Candidate, Description
from callapp.call.machine import Call, handle
from callapp.call.states import State

OFFER, ANSWER, CANDIDATE = Description("offer"), Description("answer"), Candidate("candidate")
OLD, OURS, NEW = "1", "2", "3"


def told(*events: ev.Event, call: Call | None = None, now: float = 0.0) -> Call:
    """The call after these events."""
    call = call or Call()
    for event in events:
        call, _ = handle(call, event, now)
    return call


def calling() -> Call:
    return told(ev.Place(OURS), ev.OfferReady(OURS, 0, OFFER))


def ringing() -> Call:
    return told(ev.OfferReceived(OURS, 0, OFFER, consent=False))


def connected(*, caller: bool) -> Call:
    if caller:
        return told(ev.AnswerReceived(OURS, 0, ANSWER), ev.PeerConnected(OURS, 0), call=calling())
    return told(ev.Accept(), ev.AnswerReady(OURS, 0, ANSWER), ev.PeerConnected(OURS, 0), call=ringing())


def in_state(state: State) -> Call:
    """A call in this state; the caller's, where both have it."""
    return {
        State.IDLE: Call(),
        State.OFFERING: told(ev.Place(OURS)),
        State.CALLING: calling(),
        State.RINGING: ringing(),
        State.ANSWERING: told(ev.Accept(), call=ringing()),
        State.CONNECTING: told(ev.AnswerReceived(OURS, 0, ANSWER), call=calling()),
        State.CONNECTED: connected(caller=True),
        State.RECONNECTING: told(ev.PeerFailed(OURS, 0), call=connected(caller=True)),
        State.ENDED: told(ev.HangUp(), call=calling()),
    }[state]
