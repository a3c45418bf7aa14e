"""The rules of a call: what each event does where the table lets it in.

A rule gets the call, the event and the time, and returns the next call and the effects. It never checks what
`machine.handle` has checked: that the event is allowed in this state, and about the present attempt where it is
about one at all. What holds the rules together is the exhaustive search in tests/core: change one, and see there
which worlds of two peers come to a bad end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from callapp.call import events as ev
from callapp.call import moves
from callapp.call.effects import AddCandidate, ApplyAnswer, SendAnswer, SendCandidate, SendOffer
from callapp.call.model import EARLY_CANDIDATES_MAX, Call, LinkHealth, Negotiation
from callapp.call.moves import Outcome
from callapp.call.states import Reason, State

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

# ---- the person


def place(call: Call, event: ev.Place, now: float) -> Outcome:
    return moves.open_offer(moves.begin(call, State.OFFERING, event.call_id, 0, now, caller=True), 0)


def accept(call: Call, _event: ev.Accept | ev.Place, now: float) -> Outcome:
    assert call.offer is not None, "a ringing call holds its offer"
    held = moves.held_candidates(call)
    offer = ev.OfferReceived(call.call_id, call.attempt, call.offer, consent=True)
    after, effects = moves.open_answer(moves.enter(call, State.ANSWERING, now), offer)
    return after, (*effects, *held)


def decline(call: Call, _event: ev.Decline, _now: float) -> Outcome:
    return moves.end(call, Reason.DECLINED)


def hang_up(call: Call, _event: ev.HangUp, _now: float) -> Outcome:
    return moves.end(call, Reason.HUNG_UP)


# ---- offers: the only messages that can start something


def offer_when_free(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    if event.call_id == call.call_id:  # the peer has not heard that this call is over
        return moves.bye_again(call, event.call_id)
    return moves.take(call, event, now, consent=event.consent)


def offer_when_offering(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """Glare: both call at once. Both want to talk, so the call that remains is answered without ringing.

    An offer that was never sent is dropped silently. Of two that were, the one with the greater call_id stays.
    """
    if event.call_id == call.call_id:
        return call, ()
    if event.call_id == call.previous:
        return moves.insist(call, now)
    if call.state is State.OFFERING and call.attempt == 0:
        after, effects = moves.take(call, event, now, consent=True)
        return after, (*moves.close(call), *effects)
    if call.call_id > event.call_id:
        return call, ()
    return moves.give_way(call, event, now, Reason.HUNG_UP, consent=True)


def offer_when_settling(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """Ringing, answering or connecting: the caller starts over, or somebody else calls."""
    if event.call_id != call.call_id:
        return moves.busy(call, event)
    if call.caller or event.attempt <= call.attempt:
        return call, ()
    if call.state is State.RINGING:
        return replace(
            moves.enter(call, State.RINGING, now), attempt=event.attempt, offer=event.offer, early=()
        ), ()
    return moves.open_answer(moves.enter(call, State.ANSWERING, now), event)


def offer_when_connected(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    if event.call_id != call.call_id:
        return moves.busy(call, event)
    return _renew(call, event, now)


def offer_when_reconnecting(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """Another call from someone who has been out of the room, or while we were: the peer has forgotten ours.

    Then it is glare again, since our own offers of the old call may meet theirs of the new one.
    """
    if event.call_id == call.call_id:
        return _renew(call, event, now)
    if not call.parted or event.call_id == call.previous:
        return moves.busy(call, event)
    if call.caller and call.call_id > event.call_id:
        return call, ()
    return moves.give_way(call, event, now, Reason.PEER_LOST, consent=event.consent)


def _renew(call: Call, event: ev.OfferReceived, now: float) -> Outcome:
    """The caller builds another connection; we follow, also if ours seems to be fine."""
    if call.caller or event.attempt <= call.attempt:
        return call, ()
    if call.state is State.CONNECTED:
        call = moves.enter(call, State.RECONNECTING, now)
    after, effects = moves.open_answer(call, event)
    return replace(after, retry_at=moves.retry_at(after, now)), effects


# ---- other messages of the peer


def stray_answer(call: Call, event: ev.AnswerReceived, _now: float) -> Outcome:
    """Whoever answers a call that is over has not heard of its end."""
    if event.call_id == call.call_id and call.live:
        return call, ()
    return moves.bye_again(call, event.call_id)


def answer_received(call: Call, event: ev.AnswerReceived, now: float) -> Outcome:
    """CALLING goes on to CONNECTING; RECONNECTING stays what it is. A second answer to one offer is dropped."""
    if event.call_id != call.call_id:
        return stray_answer(call, event, now)
    if event.attempt != call.attempt or call.negotiation is not Negotiation.OFFERED:
        return call, ()
    effects = (ApplyAnswer(call.call_id, call.attempt, event.answer), *moves.held_candidates(call))
    if call.state is State.CALLING:
        call = moves.enter(call, State.CONNECTING, now)
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
    return moves.end(call, OUR_VIEW[event.reason], bye=False)


def restart_when_free(call: Call, event: ev.RestartReceived, _now: float) -> Outcome:
    """A bye of ours was lost."""
    return moves.bye_again(call, event.call_id)


def restart_when_setting_up(call: Call, event: ev.RestartReceived, now: float) -> Outcome:
    """The callee may know an older attempt than ours: then it has not got our last offer."""
    if event.call_id != call.call_id:
        return moves.bye_again(call, event.call_id)
    if not call.caller or event.attempt > call.attempt or call.state is State.OFFERING:
        return call, ()  # an offer is being made already
    return moves.start_over(call, now)


def restart_when_connected(call: Call, event: ev.RestartReceived, now: float) -> Outcome:
    """A request that speaks of an older attempt has crossed our new offer, which answers it."""
    if event.call_id != call.call_id:
        return moves.bye_again(call, event.call_id)
    if not call.caller or event.attempt != call.attempt:
        return call, ()
    if call.state is State.CONNECTED:
        call = moves.enter(call, State.RECONNECTING, now)
    return moves.next_attempt(call, now)


# ---- the engine


def offer_ready(call: Call, event: ev.OfferReady, now: float) -> Outcome:
    if call.state is State.OFFERING:
        call = moves.enter(call, State.CALLING, now)
    return call, (SendOffer(call.call_id, call.attempt, event.offer),)


def answer_ready(call: Call, event: ev.AnswerReady, now: float) -> Outcome:
    if call.state is State.ANSWERING:
        call = moves.enter(call, State.CONNECTING, now)
    return call, (SendAnswer(call.call_id, call.attempt, event.answer),)


def local_candidate(call: Call, event: ev.LocalCandidate, _now: float) -> Outcome:
    return call, (SendCandidate(call.call_id, call.attempt, event.candidate),)


def peer_connected(call: Call, _event: ev.PeerConnected, _now: float) -> Outcome:
    connected = replace(call, state=State.CONNECTED, limit=None, retry_at=None, gone_since=None)
    return replace(connected, parted=not call.reachable), ()


def failed_for_good(call: Call, _event: ev.PeerFailed | ev.NegotiationFailed, _now: float) -> Outcome:
    return moves.end(call, Reason.ERROR)


def peer_failed(call: Call, _event: ev.PeerFailed, now: float) -> Outcome:
    if call.state is State.CONNECTED:
        call = moves.enter(call, State.RECONNECTING, now)
    return moves.next_attempt(call, now)


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
    return moves.end(call, Reason.PEER_LEFT)


def restored_in_set_up(call: Call, event: ev.LinkRestored, now: float) -> Outcome:
    call, _ = note(call, event, now)
    return moves.start_over(call, now) if event.peer_present else moves.end(call, Reason.PEER_LEFT)


def back_when_reconnecting(call: Call, event: ev.LinkRestored | ev.PeerJoined, now: float) -> Outcome:
    """What was said while one of us was out of the room may be lost, so the attempt begins anew."""
    was_reachable = call.reachable
    call, _ = note(call, event, now)
    return moves.next_attempt(call, now) if call.reachable and not was_reachable else (call, ())


# ---- time


def _is_lost(call: Call, now: float) -> bool:
    return call.gone_limit is not None and now >= call.gone_limit


def _is_over(call: Call, now: float) -> bool:
    return call.limit is not None and now >= call.limit


def set_up_timed_out(call: Call, _event: ev.Timeout, now: float) -> Outcome:
    if _is_lost(call, now):
        return moves.end(call, Reason.PEER_LOST)
    return moves.end(call, Reason.TIMEOUT) if _is_over(call, now) else (call, ())


def reconnecting_timed_out(call: Call, _event: ev.Timeout, now: float) -> Outcome:
    """The end of the window, or only of one attempt within it."""
    if _is_lost(call, now) or _is_over(call, now):
        return moves.end(call, Reason.PEER_LOST)
    if call.retry_at is not None and now >= call.retry_at:
        return moves.next_attempt(call, now)
    return call, ()
