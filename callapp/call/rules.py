"""The rules of a call: what each event does where the table lets it in.

A rule gets the call, the event and the time, and returns the next call and the effects. It never checks what
`machine.handle` has checked: that the event is allowed in this state, and about the present attempt where it is
about one at all. The exhaustive search in tests/core holds the rules together: each of them is there because a
world of two peers came to a bad end without it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from callapp.call import events as ev
from callapp.call.effects import (
    AddCandidate,
    ApplyAnswer,
    ClosePeer,
    CreateAnswer,
    CreateOffer,
    Effect,
    SendAnswer,
    SendBye,
    SendCandidate,
    SendOffer,
    SendRestart,
)
from callapp.call.model import EARLY_CANDIDATES_MAX, LIMITS_S, RETRY_S, Call, LinkHealth, Negotiation
from callapp.call.states import Reason, State

Outcome = tuple[Call, tuple[Effect, ...]]

OUR_VIEW: Final = {
    Reason.HUNG_UP: Reason.PEER_LEFT,
    Reason.PEER_LEFT: Reason.PEER_LOST,  # it believed us gone
    Reason.PEER_LOST: Reason.PEER_LOST,
    Reason.DECLINED: Reason.DECLINED,
    Reason.BUSY: Reason.BUSY,
    Reason.TIMEOUT: Reason.TIMEOUT,
    Reason.ERROR: Reason.ERROR,
    Reason.FULL: Reason.PEER_LEFT,  # no peer says these two; a foreign one might
    Reason.REFUSED: Reason.PEER_LEFT,
}
"""Our reason for the end of a call, from the reason in the peer's bye."""

# ---- what several rules do


def _enter(call: Call, state: State, now: float) -> Call:
    return replace(call, state=state, limit=now + LIMITS_S[state])


def _begin(state: State, call_id: str, attempt: int, now: float, *, caller: bool) -> Call:
    """A new call. It proves that we and the peer are in the room, whatever was known before."""
    return _enter(Call(call_id=call_id, attempt=attempt, caller=caller), state, now)


def _close(call: Call) -> tuple[Effect, ...]:
    return () if call.negotiation is Negotiation.NONE else (ClosePeer(call.call_id),)


def _end(call: Call, reason: Reason, *, bye: bool = True) -> Outcome:
    """Whoever ends a call says so, even to a peer that may be out of reach; only a bye is not answered."""
    effects = _close(call)
    if bye:
        effects += (SendBye(call.call_id, reason),)
    ended = Call(State.ENDED, call.call_id, call.attempt, call.caller, reason)
    return replace(ended, link=call.link, peer_present=call.peer_present), effects


def _offer(call: Call, attempt: int) -> Outcome:
    """Replace the peer connection, if there is one, by one that offers."""
    after = replace(call, attempt=attempt, negotiation=Negotiation.OFFERED, early=())
    return after, (*_close(call), CreateOffer(call.call_id, attempt))


def _held_candidates(call: Call) -> tuple[Effect, ...]:
    return tuple(AddCandidate(call.call_id, call.attempt, candidate) for candidate in call.early)


def _answer(call: Call, event: ev.OfferReceived) -> Outcome:
    """Replace the peer connection, if there is one, by one that answers."""
    after = replace(
        call,
        attempt=event.attempt,
        negotiation=Negotiation.DESCRIBED,
        early=(),
        offer=None,
        peer_present=True,
    )
    return after, (*_close(call), CreateAnswer(call.call_id, event.attempt, event.offer))


def _take(event: ev.OfferReceived, now: float, *, consent: bool) -> Outcome:
    """A call that is new to us: answer it, or let it ring."""
    state = State.ANSWERING if consent else State.RINGING
    call = _begin(state, event.call_id, event.attempt, now, caller=False)
    return _answer(call, event) if consent else (replace(call, offer=event.offer), ())


def _give_way(call: Call, event: ev.OfferReceived, now: float, reason: Reason, *, consent: bool) -> Outcome:
    """Drop our call for the peer's, and say so: the peer may hear of ours after having ended its own."""
    _, farewell = _end(call, reason)
    after, effects = _take(event, now, consent=consent)
    return after, (*farewell, *effects)


def _busy(call: Call, event: ev.OfferReceived) -> Outcome:
    return call, (SendBye(event.call_id, Reason.BUSY),)


def _retry_at(call: Call, now: float) -> float | None:
    """While nothing reaches the peer, the next attempt waits for LinkRestored or PeerJoined, not for the clock."""
    return now + RETRY_S if call.reachable else None


def _next_attempt(call: Call, now: float) -> Outcome:
    """Give up the present peer connection and, once the peer is within reach, build another.

    The caller offers and the callee asks for it, so that two offers for one call never cross. The old connection is
    closed first: a second one beside it would only pay off if it could still come back.
    """
    effects = _close(call)
    waiting = replace(call, negotiation=Negotiation.NONE, early=(), retry_at=_retry_at(call, now))
    if not call.reachable:
        return waiting, effects
    if not call.caller:
        return waiting, (*effects, SendRestart(call.call_id, call.attempt))
    after, offer = _offer(waiting, call.attempt + 1)
    return after, (*effects, *offer)


def _start_over(call: Call, now: float) -> Outcome:
    """Messages of the set-up may be lost: again from the offer on, as another attempt of the same call."""
    if not call.caller:
        return call, (SendRestart(call.call_id, call.attempt),)
    return _offer(_enter(call, State.OFFERING, now), call.attempt + 1)


# ---- the person


def place(call: Call, event: ev.Place, now: float) -> Outcome:
    return _offer(_begin(State.OFFERING, event.call_id, 0, now, caller=True), 0)


def accept(call: Call, _event: ev.Accept | ev.Place, now: float) -> Outcome:
    assert call.offer is not None, "a ringing call holds its offer"
    held = _held_candidates(call)
    offer = ev.OfferReceived(call.call_id, call.attempt, call.offer, consent=True)
    after, effects = _answer(_enter(call, State.ANSWERING, now), offer)
    return after, (*effects, *held)


def decline(call: Call, _event: ev.Decline, _now: float) -> Outcome:
    return _end(call, Reason.DECLINED)


def hang_up(call: Call, _event: ev.HangUp, _now: float) -> Outcome:
    return _end(call, Reason.HUNG_UP)


# ---- offers: the only messages that can start something


def offer_when_free(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    if event.call_id == call.call_id:  # the peer has not heard that this call is over
        return call, (SendBye(call.call_id, call.reason or Reason.HUNG_UP),)
    return _take(event, now, consent=event.consent)


def offer_when_offering(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """Glare: both call at once. Both want to talk, so the call that remains is answered without ringing.

    An offer that was never sent is dropped silently. Of two that were, the one with the greater call_id stays.
    """
    if event.call_id == call.call_id:
        return call, ()
    if call.state is State.OFFERING and call.attempt == 0:
        after, effects = _take(event, now, consent=True)
        return after, (*_close(call), *effects)
    if call.call_id > event.call_id:
        return call, ()
    return _give_way(call, event, now, Reason.HUNG_UP, consent=True)


def offer_when_settling(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """Ringing, answering or connecting: the caller starts over, or somebody else calls."""
    if event.call_id != call.call_id:
        return _busy(call, event)
    if call.caller or event.attempt <= call.attempt:
        return call, ()
    if call.state is State.RINGING and not event.consent:
        return replace(
            _enter(call, State.RINGING, now), attempt=event.attempt, offer=event.offer, early=()
        ), ()
    return _answer(_enter(call, State.ANSWERING, now), event)


def offer_when_connected(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    if event.call_id != call.call_id:
        return _busy(call, event)
    return _renew(call, event, now)


def offer_when_reconnecting(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """Another call from someone who has been out of the room, or while we were: the peer has forgotten ours.

    Then it is glare again, since our own offers of the old call may meet theirs of the new one.
    """
    if event.call_id == call.call_id:
        return _renew(call, event, now)
    if not call.parted:
        return _busy(call, event)
    if call.caller and call.call_id > event.call_id:
        return call, ()
    return _give_way(call, event, now, Reason.PEER_LOST, consent=event.consent)


def _renew(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """The caller builds another connection; we follow, also if ours seems to be fine."""
    if call.caller or event.attempt <= call.attempt:
        return call, ()
    if call.state is State.CONNECTED:
        call = _enter(call, State.RECONNECTING, now)
    after, effects = _answer(call, event)
    return replace(after, retry_at=_retry_at(after, now)), effects


# ---- other messages of the peer


def answer_received(call: Call, event: ev.AnswerReceived, now: float) -> Outcome:
    """CALLING goes on to CONNECTING; RECONNECTING stays what it is. A second answer to one offer is dropped."""
    if call.negotiation is not Negotiation.OFFERED:
        return call, ()
    effects = (ApplyAnswer(call.call_id, call.attempt, event.answer), *_held_candidates(call))
    if call.state is State.CALLING:
        call = _enter(call, State.CONNECTING, now)
    return replace(call, negotiation=Negotiation.DESCRIBED, early=()), effects


def candidate_received(call: Call, event: ev.CandidateReceived, _now: float) -> Outcome:
    if call.negotiation is Negotiation.DESCRIBED:
        return call, (AddCandidate(call.call_id, call.attempt, event.candidate),)
    expected = call.state is State.RINGING or call.negotiation is Negotiation.OFFERED
    if not expected or len(call.early) >= EARLY_CANDIDATES_MAX:
        return call, ()
    return replace(call, early=(*call.early, event.candidate)), ()


def bye_received(call: Call, event: ev.ByeReceived, _now: float) -> Outcome:
    if event.call_id != call.call_id:  # the rest of a call that we have left, or glare's losing one
        return call, ()
    return _end(call, OUR_VIEW[event.reason], bye=False)


def restart_when_free(call: Call, event: ev.RestartReceived, _now: float) -> Outcome:
    """A bye of ours was lost: say it again."""
    ours = event.call_id == call.call_id and call.reason is not None
    return call, (SendBye(event.call_id, call.reason if ours and call.reason else Reason.HUNG_UP),)


def restart_when_setting_up(call: Call, event: ev.RestartReceived, now: float) -> Outcome:
    """The callee may know an older attempt than ours: then it has not got our last offer."""
    if event.call_id != call.call_id:
        return call, (SendBye(event.call_id, Reason.HUNG_UP),)
    if not call.caller or event.attempt > call.attempt or call.state is State.OFFERING:
        return call, ()  # an offer is being made already
    return _start_over(call, now)


def restart_when_connected(call: Call, event: ev.RestartReceived, now: float) -> Outcome:
    """A request that speaks of an older attempt has crossed our new offer, which answers it."""
    if event.call_id != call.call_id:
        return call, (SendBye(event.call_id, Reason.HUNG_UP),)
    if not call.caller or event.attempt != call.attempt:
        return call, ()
    if call.state is State.CONNECTED:
        call = _enter(call, State.RECONNECTING, now)
    return _next_attempt(call, now)


# ---- the engine


def offer_ready(call: Call, event: ev.OfferReady, now: float) -> Outcome:
    if call.state is State.OFFERING:
        call = _enter(call, State.CALLING, now)
    return call, (SendOffer(call.call_id, call.attempt, event.offer),)


def answer_ready(call: Call, event: ev.AnswerReady, now: float) -> Outcome:
    if call.state is State.ANSWERING:
        call = _enter(call, State.CONNECTING, now)
    return call, (SendAnswer(call.call_id, call.attempt, event.answer),)


def local_candidate(call: Call, event: ev.LocalCandidate, _now: float) -> Outcome:
    return call, (SendCandidate(call.call_id, call.attempt, event.candidate),)


def peer_connected(call: Call, _event: ev.PeerConnected, _now: float) -> Outcome:
    connected = replace(call, state=State.CONNECTED, limit=None, retry_at=None, gone_since=None)
    return replace(connected, parted=not call.reachable), ()


def failed_in_set_up(call: Call, _event: ev.PeerFailed | ev.NegotiationFailed, _now: float) -> Outcome:
    return _end(call, Reason.ERROR)


def peer_failed(call: Call, _event: ev.PeerFailed, now: float) -> Outcome:
    if call.state is State.CONNECTED:
        call = _enter(call, State.RECONNECTING, now)
    return _next_attempt(call, now)


# ---- the link and the room


def note(call: Call, event: ev.PeerLeft | ev.PeerJoined | ev.LinkLost | ev.LinkRefused | ev.LinkRestored,
         _now: float) -> Outcome:  # fmt: skip
    """Remember it, and leave the call alone: its deadline or its media decides."""
    match event:
        case ev.PeerLeft():
            call = replace(call, peer_present=False)
        case ev.PeerJoined():
            call = replace(call, peer_present=True)
        case ev.LinkLost():
            call = replace(call, link=LinkHealth.LOST)
        case ev.LinkRefused():
            call = replace(call, link=LinkHealth.REFUSED)
        case ev.LinkRestored():
            call = replace(call, link=LinkHealth.UP, peer_present=event.peer_present)
    if call.reachable:
        return call, ()
    return replace(call, retry_at=None, parted=call.live), ()


def peer_left_set_up(call: Call, event: ev.PeerLeft, now: float) -> Outcome:
    call, _ = note(call, event, now)
    return _end(call, Reason.PEER_LEFT)


def restored_in_set_up(call: Call, event: ev.LinkRestored, now: float) -> Outcome:
    call, _ = note(call, event, now)
    return _start_over(call, now) if event.peer_present else _end(call, Reason.PEER_LEFT)


def back_when_reconnecting(call: Call, event: ev.LinkRestored | ev.PeerJoined, now: float) -> Outcome:
    """What was said while one of us was out of the room may be lost, so the attempt begins anew."""
    was_reachable = call.reachable
    call, _ = note(call, event, now)
    return _next_attempt(call, now) if call.reachable and not was_reachable else (call, ())


# ---- time


def _is_lost(call: Call, now: float) -> bool:
    return call.gone_limit is not None and now >= call.gone_limit


def _is_over(call: Call, now: float) -> bool:
    return call.limit is not None and now >= call.limit


def set_up_timed_out(call: Call, _event: ev.Timeout, now: float) -> Outcome:
    if _is_lost(call, now):
        return _end(call, Reason.PEER_LOST)
    return _end(call, Reason.TIMEOUT) if _is_over(call, now) else (call, ())


def reconnecting_timed_out(call: Call, _event: ev.Timeout, now: float) -> Outcome:
    """The end of the window, or only of one attempt within it."""
    if _is_lost(call, now) or _is_over(call, now):
        return _end(call, Reason.PEER_LOST)
    if call.retry_at is not None and now >= call.retry_at:
        return _next_attempt(call, now)
    return call, ()
