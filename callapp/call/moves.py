"""What several rules of a call do: enter a state, begin and end a call, open and replace its peer connection."""

from __future__ import annotations

from dataclasses import replace

from callapp.call import events as ev
from callapp.call.effects import (
    AddCandidate,
    ClosePeer,
    CreateAnswer,
    CreateOffer,
    Effect,
    SendBye,
    SendRestart,
)
from callapp.call.model import LIMITS_S, RETRY_S, Call, Negotiation
from callapp.call.states import Reason, State

Outcome = tuple[Call, tuple[Effect, ...]]
"""The next call, and what is to be done."""


def enter(call: Call, state: State, now: float) -> Call:
    return replace(call, state=state, limit=now + LIMITS_S[state])


def begin(last: Call, state: State, call_id: str, attempt: int, now: float, *, caller: bool) -> Call:
    """A new call. It proves that we and the peer are in the room, whatever was known before."""
    call = Call(call_id=call_id, attempt=attempt, previous=last.call_id, caller=caller)
    return enter(call, state, now)


def close(call: Call) -> tuple[Effect, ...]:
    return () if call.negotiation is Negotiation.NONE else (ClosePeer(call.call_id),)


def end(call: Call, reason: Reason, *, bye: bool = True) -> Outcome:
    """Whoever ends a call says so, even to a peer that may be out of reach; only a bye is not answered."""
    effects = close(call)
    if bye:
        effects += (SendBye(call.call_id, reason),)
    ended = Call(State.ENDED, call.call_id, call.attempt, reason=reason)
    ended = replace(ended, caller=call.caller, link=call.link, peer_present=call.peer_present)
    return ended, effects


def open_offer(call: Call, attempt: int) -> Outcome:
    """Replace the peer connection, if there is one, by one that offers."""
    after = replace(call, attempt=attempt, negotiation=Negotiation.OFFERED, early=())
    return after, (*close(call), CreateOffer(call.call_id, attempt))


def held_candidates(call: Call) -> tuple[Effect, ...]:
    return tuple(AddCandidate(call.call_id, call.attempt, candidate) for candidate in call.early)


def open_answer(call: Call, event: ev.OfferReceived) -> Outcome:
    """Replace the peer connection, if there is one, by one that answers."""
    after = replace(
        call,
        attempt=event.attempt,
        negotiation=Negotiation.DESCRIBED,
        early=(),
        offer=None,
        peer_present=True,
    )
    return after, (*close(call), CreateAnswer(call.call_id, event.attempt, event.offer))


def take(last: Call, event: ev.OfferReceived, now: float, *, consent: bool) -> Outcome:
    """A call that is new to us: answer it, or let it ring."""
    state = State.ANSWERING if consent else State.RINGING
    call = begin(last, state, event.call_id, event.attempt, now, caller=False)
    return open_answer(call, event) if consent else (replace(call, offer=event.offer), ())


def give_way(call: Call, event: ev.OfferReceived, now: float, reason: Reason, *, consent: bool) -> Outcome:
    """Drop our call for the peer's, and say so: the peer may hear of ours after having ended its own."""
    _, farewell = end(call, reason)
    after, effects = take(call, event, now, consent=consent)
    return after, (*farewell, *effects)


def busy(call: Call, event: ev.OfferReceived) -> Outcome:
    return call, (SendBye(event.call_id, Reason.BUSY),)


def retry_at(call: Call, now: float) -> float | None:
    """While nothing reaches the peer, the next attempt waits for LinkRestored or PeerJoined, not for the clock."""
    return now + RETRY_S if call.reachable else None


def next_attempt(call: Call, now: float) -> Outcome:
    """Give up the present peer connection and, once the peer is within reach, build another.

    The caller offers and the callee asks for it, so that two offers for one call never cross. The old connection is
    closed first: a second one beside it would only pay off if it could still come back.
    """
    effects = close(call)
    waiting = replace(call, negotiation=Negotiation.NONE, early=(), retry_at=retry_at(call, now))
    if not call.reachable:
        return waiting, effects
    if not call.caller:
        return waiting, (*effects, SendRestart(call.call_id, call.attempt))
    after, offer = open_offer(waiting, call.attempt + 1)
    return after, (*effects, *offer)


def start_over(call: Call, now: float) -> Outcome:
    """Messages of the set-up may be lost: again from the offer on, as another attempt of the same call."""
    if not call.caller:
        return call, (SendRestart(call.call_id, call.attempt),)
    return open_offer(enter(call, State.OFFERING, now), call.attempt + 1)


def bye_again(call: Call, call_id: str) -> Outcome:
    """For a call that is over, or never was here: the peer has not heard our bye."""
    ours = call.reason if call_id == call.call_id else None
    return call, (SendBye(call_id, ours or Reason.HUNG_UP),)


def insist(call: Call, now: float) -> Outcome:
    """The peer still offers our last call, and may have dropped the offer of this one for that."""
    bye = SendBye(call.previous, Reason.HUNG_UP)
    if call.state is State.OFFERING:
        return call, (bye,)
    after, effects = start_over(call, now)
    return after, (bye, *effects)
