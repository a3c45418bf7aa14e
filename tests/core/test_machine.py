"""The call machine's rules one by one: effects, reasons and times that the search does not look at."""

from __future__ import annotations

import pytest
from core.call_states import (
    ANSWER,
    CANDIDATE,
    NEW,
    OFFER,
    OLD,
    OURS,
    calling,
    connected,
    in_state,
    ringing,
    told,
)

from callapp.call import effects as fx
from callapp.call import events as ev
from callapp.call.description import Candidate
from callapp.call.machine import (
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
    handle,
)
from callapp.call.states import Reason, State

LIVENESS_S = 2.5  # the engine's 2 s without a packet, and its own delay in noticing


def test_a_caller_offers_applies_the_answer_and_is_connected() -> None:
    call, effects = handle(Call(), ev.Place(OURS), 0)
    assert (call.state, call.caller, effects) == (State.OFFERING, True, (fx.CreateOffer(OURS, 0),))
    call, effects = handle(call, ev.OfferReady(OURS, 0, OFFER), 0)
    assert (call.state, effects) == (State.CALLING, (fx.SendOffer(OURS, 0, OFFER),))
    call, effects = handle(call, ev.LocalCandidate(OURS, 0, CANDIDATE), 0)
    assert effects == (fx.SendCandidate(OURS, 0, CANDIDATE),)
    call, effects = handle(call, ev.AnswerReceived(OURS, 0, ANSWER), 0)
    assert (call.state, effects) == (State.CONNECTING, (fx.ApplyAnswer(OURS, 0, ANSWER),))
    call, effects = handle(call, ev.PeerConnected(OURS, 0), 0)
    assert (call.state, call.deadline, effects) == (State.CONNECTED, None, ())
    call, effects = handle(call, ev.LocalCandidate(OURS, 0, None), 0)
    assert effects == (fx.SendCandidate(OURS, 0, None),)


def test_an_offer_with_consent_is_answered_at_once() -> None:
    call, effects = handle(Call(), ev.OfferReceived(OURS, 0, OFFER, consent=True), 0)
    assert (call.state, call.caller, effects) == (State.ANSWERING, False, (fx.CreateAnswer(OURS, 0, OFFER),))
    call, effects = handle(call, ev.AnswerReady(OURS, 0, ANSWER), 0)
    assert (call.state, effects) == (State.CONNECTING, (fx.SendAnswer(OURS, 0, ANSWER),))


@pytest.mark.parametrize("yes", [ev.Accept(), ev.Place(NEW)])
def test_a_ringing_call_is_answered_when_the_person_accepts_or_calls(yes: ev.Event) -> None:
    early = [Candidate("first"), Candidate("second"), None]
    call = told(*(ev.CandidateReceived(OURS, 0, candidate) for candidate in early), call=ringing())
    call, effects = handle(call, yes, 0)
    assert call.state is State.ANSWERING
    assert effects == (
        fx.CreateAnswer(OURS, 0, OFFER),
        *(fx.AddCandidate(OURS, 0, candidate) for candidate in early),
    )
    assert (call.early, call.offer) == ((), None)


def test_a_declined_call_is_never_opened() -> None:
    call, effects = handle(ringing(), ev.Decline(), 0)
    assert (call.state, call.reason) == (State.ENDED, Reason.DECLINED)
    assert effects == (fx.SendBye(OURS, Reason.DECLINED),)


def test_candidates_before_the_answer_are_held_and_follow_it() -> None:
    call, effects = handle(calling(), ev.CandidateReceived(OURS, 0, CANDIDATE), 0)
    assert effects == ()
    call, effects = handle(call, ev.AnswerReceived(OURS, 0, ANSWER), 0)
    assert effects == (fx.ApplyAnswer(OURS, 0, ANSWER), fx.AddCandidate(OURS, 0, CANDIDATE))
    _, effects = handle(call, ev.CandidateReceived(OURS, 0, None), 0)
    assert effects == (fx.AddCandidate(OURS, 0, None),)


def test_a_flood_of_early_candidates_is_cut_off() -> None:
    call = told(*[ev.CandidateReceived(OURS, 0, CANDIDATE)] * (2 * EARLY_CANDIDATES_MAX), call=ringing())
    assert len(call.early) == EARLY_CANDIDATES_MAX


@pytest.mark.parametrize("state", [s for s in LIVE if s not in (State.RINGING,)])
def test_hanging_up_closes_the_connection_and_says_bye(state: State) -> None:
    call, effects = handle(in_state(state), ev.HangUp(), 0)
    assert (call.state, call.reason, call.deadline) == (State.ENDED, Reason.HUNG_UP, None)
    assert effects == (fx.ClosePeer(OURS), fx.SendBye(OURS, Reason.HUNG_UP))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (Reason.HUNG_UP, Reason.PEER_LEFT),
        (Reason.DECLINED, Reason.DECLINED),
        (Reason.BUSY, Reason.BUSY),
        (Reason.TIMEOUT, Reason.TIMEOUT),
        (Reason.ERROR, Reason.ERROR),
        (Reason.PEER_LEFT, Reason.PEER_LOST),
        (Reason.PEER_LOST, Reason.PEER_LOST),
        (Reason.FULL, Reason.PEER_LEFT),
        (Reason.REFUSED, Reason.PEER_LEFT),
    ],
)
def test_a_bye_ends_the_call_and_is_not_answered(theirs: Reason, ours: Reason) -> None:
    call, effects = handle(calling(), ev.ByeReceived(OURS, theirs), 0)
    assert (call.state, call.reason, effects) == (State.ENDED, ours, (fx.ClosePeer(OURS),))


def test_a_bye_of_another_call_is_dropped() -> None:
    assert handle(calling(), ev.ByeReceived(NEW, Reason.HUNG_UP), 0) == (calling(), ())


@pytest.mark.parametrize("state", [State.RINGING, State.ANSWERING, State.CONNECTING, State.CONNECTED])
def test_another_call_finds_us_busy(state: State) -> None:
    call = in_state(state)
    assert handle(call, ev.OfferReceived(NEW, 0, OFFER, consent=True), 0) == (
        call,
        (fx.SendBye(NEW, Reason.BUSY),),
    )


def test_glare_drops_an_unsent_offer_silently() -> None:
    call, effects = handle(told(ev.Place(NEW)), ev.OfferReceived(OURS, 0, OFFER, consent=False), 0)
    assert (call.state, call.call_id) == (State.ANSWERING, OURS)
    assert effects == (fx.ClosePeer(NEW), fx.CreateAnswer(OURS, 0, OFFER))


def test_glare_keeps_the_greater_call_id() -> None:
    assert handle(calling(), ev.OfferReceived(OLD, 0, OFFER, consent=True), 0) == (calling(), ())


def test_glare_takes_a_sent_offer_back_with_a_bye() -> None:
    call, effects = handle(calling(), ev.OfferReceived(NEW, 0, OFFER, consent=False), 0)
    assert (call.state, call.call_id) == (State.ANSWERING, NEW)
    assert effects == (
        fx.ClosePeer(OURS),
        fx.SendBye(OURS, Reason.HUNG_UP),
        fx.CreateAnswer(NEW, 0, OFFER),
    )


@pytest.mark.parametrize(
    "late",
    [
        ev.OfferReceived(OURS, 1, OFFER, consent=True),
        ev.AnswerReceived(OURS, 0, ANSWER),
        ev.RestartReceived(OURS, 0),
    ],
)
def test_whatever_is_said_of_an_ended_call_is_answered_by_its_bye(late: ev.Event) -> None:
    ended = told(ev.HangUp(), call=calling())
    assert handle(ended, late, 0) == (ended, (fx.SendBye(OURS, Reason.HUNG_UP),))


def test_an_offer_of_the_call_before_does_not_bring_it_back() -> None:
    again = told(ev.HangUp(), ev.Place(NEW), call=calling())
    late = ev.OfferReceived(OURS, 1, OFFER, consent=True)
    assert handle(again, late, 0) == (again, (fx.SendBye(OURS, Reason.HUNG_UP),))
    call, effects = handle(told(ev.OfferReady(NEW, 0, OFFER), call=again), late, 0)
    assert (call.state, call.call_id, call.attempt) == (State.OFFERING, NEW, 1)
    assert effects == (fx.SendBye(OURS, Reason.HUNG_UP), fx.ClosePeer(NEW), fx.CreateOffer(NEW, 1))


def test_the_caller_replaces_a_failed_connection() -> None:
    call, effects = handle(connected(caller=True), ev.PeerFailed(OURS, 0), 100)
    assert (call.state, call.attempt) == (State.RECONNECTING, 1)
    assert effects == (fx.ClosePeer(OURS), fx.CreateOffer(OURS, 1))
    assert call.limit == 100 + RECONNECT_S
    call, effects = handle(call, ev.OfferReady(OURS, 1, OFFER), 100)
    assert effects == (fx.SendOffer(OURS, 1, OFFER),)
    call, effects = handle(call, ev.AnswerReceived(OURS, 1, ANSWER), 100)
    assert effects == (fx.ApplyAnswer(OURS, 1, ANSWER),)
    call, _ = handle(call, ev.PeerConnected(OURS, 1), 101)
    assert (call.state, call.deadline) == (State.CONNECTED, None)


def test_the_callee_asks_for_another_connection_and_answers_it() -> None:
    call, effects = handle(connected(caller=False), ev.PeerFailed(OURS, 0), 0)
    assert (call.state, call.attempt) == (State.RECONNECTING, 0)
    assert effects == (fx.ClosePeer(OURS), fx.SendRestart(OURS, 0))
    call, effects = handle(call, ev.OfferReceived(OURS, 1, OFFER, consent=True), 0)
    assert (call.state, call.attempt, effects) == (State.RECONNECTING, 1, (fx.CreateAnswer(OURS, 1, OFFER),))


def test_a_restart_that_crosses_the_new_offer_is_dropped() -> None:
    call = told(ev.PeerFailed(OURS, 0), call=connected(caller=True))
    assert handle(call, ev.RestartReceived(OURS, 0), 0) == (call, ())


def test_each_attempt_gives_way_to_the_next_until_the_window_is_over() -> None:
    call = told(ev.PeerFailed(OURS, 0), call=connected(caller=True))
    times: list[float] = []
    while call.state is State.RECONNECTING:
        assert call.deadline is not None
        times.append(call.deadline)
        call, _ = handle(call, ev.Timeout(), call.deadline)
    assert times == [RETRY_S * n for n in range(1, 1 + int(RECONNECT_S / RETRY_S))]
    assert call.reason is Reason.PEER_LOST


@pytest.mark.parametrize("caller", [True, False])
def test_losing_the_link_or_the_peers_leaves_a_connected_call_alone(caller: bool) -> None:
    call = connected(caller=caller)
    for event in (ev.LinkLost(), ev.LinkRefused(), ev.LinkRestored(False), ev.PeerJoined(), ev.PeerLeft()):
        call, effects = handle(call, event, 0)
        assert (call.state, call.attempt, call.deadline, effects) == (State.CONNECTED, 0, None, ())


def test_an_attempt_waits_for_the_link_and_begins_when_it_is_back() -> None:
    call, effects = handle(told(ev.LinkLost(), call=connected(caller=True)), ev.PeerFailed(OURS, 0), 0)
    assert (call.state, call.deadline, effects) == (State.RECONNECTING, RECONNECT_S, (fx.ClosePeer(OURS),))
    call, effects = handle(call, ev.LinkRestored(peer_present=False), 1)
    assert effects == ()
    call, effects = handle(call, ev.PeerJoined(), 2)
    assert effects == (fx.CreateOffer(OURS, 1),)
    assert handle(call, ev.PeerJoined(), 3) == (call, ())


@pytest.mark.parametrize("gone", [ev.PeerLeft(), ev.LinkRefused()])
@pytest.mark.parametrize("caller", [True, False])
def test_a_killed_peer_is_announced_within_ten_seconds(gone: ev.Event, caller: bool) -> None:
    """PeerLeft: its socket closed. LinkRefused: it hosted the server. Neither may hasten what the media decides."""
    killed_at = 1000.0
    call, _ = handle(connected(caller=caller), gone, killed_at)
    assert call.deadline is None
    call, _ = handle(call, ev.PeerFailed(OURS, 0), killed_at + LIVENESS_S)
    assert call.deadline == killed_at + LIVENESS_S + PEER_GONE_S < killed_at + 9
    call, _ = handle(call, ev.Timeout(), call.deadline)
    assert (call.state, call.reason) == (State.ENDED, Reason.PEER_LOST)


@pytest.mark.parametrize(
    ("gone", "back"), [(ev.PeerLeft(), ev.PeerJoined()), (ev.LinkRefused(), ev.LinkRestored(True))]
)
def test_a_peer_that_comes_back_in_time_is_not_lost(gone: ev.Event, back: ev.Event) -> None:
    call = told(ev.PeerFailed(OURS, 0), gone, call=connected(caller=True))
    assert call.deadline == PEER_GONE_S
    call, effects = handle(call, back, PEER_GONE_S - 1)
    assert effects == (fx.ClosePeer(OURS), fx.CreateOffer(OURS, 2))
    assert call.deadline == PEER_GONE_S - 1 + RETRY_S


def test_while_reconnecting_a_call_of_one_who_was_away_replaces_ours() -> None:
    failed = told(ev.PeerFailed(OURS, 0), call=connected(caller=False))
    assert handle(failed, ev.OfferReceived(OLD, 0, OFFER, consent=True), 0)[1] == (
        fx.SendBye(OLD, Reason.BUSY),
    )
    parted = told(ev.PeerLeft(), ev.PeerJoined(), call=failed)
    call, effects = handle(parted, ev.OfferReceived(OLD, 0, OFFER, consent=True), 0)
    assert (call.state, call.call_id) == (State.ANSWERING, OLD)
    assert effects == (fx.SendBye(OURS, Reason.PEER_LOST), fx.CreateAnswer(OLD, 0, OFFER))


@pytest.mark.parametrize("state", SETTING_UP)
def test_a_peer_that_leaves_during_set_up_ends_the_call(state: State) -> None:
    for leaving in (ev.PeerLeft(), ev.LinkRestored(peer_present=False)):
        call, effects = handle(in_state(state), leaving, 0)
        assert (call.state, call.reason) == (State.ENDED, Reason.PEER_LEFT)
        assert effects[-1] == fx.SendBye(OURS, Reason.PEER_LEFT)


@pytest.mark.parametrize("state", [State.OFFERING, State.CALLING, State.CONNECTING])
def test_a_caller_whose_link_is_back_during_set_up_starts_over(state: State) -> None:
    call, effects = handle(told(ev.LinkLost(), call=in_state(state)), ev.LinkRestored(True), 0)
    assert (call.state, call.attempt) == (State.OFFERING, 1)
    assert effects == (fx.ClosePeer(OURS), fx.CreateOffer(OURS, 1))


@pytest.mark.parametrize("state", [State.RINGING, State.ANSWERING])
def test_a_callee_whose_link_is_back_during_set_up_asks_to_start_over(state: State) -> None:
    call, effects = handle(told(ev.LinkLost(), call=in_state(state)), ev.LinkRestored(True), 0)
    assert (call.state, effects) == (state, (fx.SendRestart(OURS, 0),))


@pytest.mark.parametrize(
    ("state", "limit_s"),
    [
        (State.OFFERING, CONNECT_TIMEOUT_S),
        (State.CALLING, ANSWER_TIMEOUT_S),
        (State.RINGING, ANSWER_TIMEOUT_S),
        (State.ANSWERING, CONNECT_TIMEOUT_S),
        (State.CONNECTING, CONNECT_TIMEOUT_S),
    ],
)
def test_set_up_has_a_time_limit(state: State, limit_s: float) -> None:
    call = in_state(state)
    assert call.deadline == limit_s
    assert handle(call, ev.Timeout(), limit_s - 0.001) == (call, ())
    ended, effects = handle(call, ev.Timeout(), limit_s)
    assert (ended.state, ended.reason) == (State.ENDED, Reason.TIMEOUT)
    assert effects[-1] == fx.SendBye(OURS, Reason.TIMEOUT)


def test_set_up_with_a_peer_whose_server_is_gone_does_not_wait_for_its_limit() -> None:
    call, _ = handle(calling(), ev.LinkRefused(), 10)
    ended, _ = handle(call, ev.Timeout(), 10 + PEER_GONE_S)
    assert ended.reason is Reason.PEER_LOST


def test_a_new_call_forgets_an_old_link_but_a_link_outlives_its_call() -> None:
    ended = told(ev.LinkRefused(), ev.HangUp(), call=calling())
    assert ended.link is LinkHealth.REFUSED
    call = told(ev.Place(NEW), call=ended)
    assert (call.link, call.previous, call.deadline) == (LinkHealth.UP, OURS, CONNECT_TIMEOUT_S)


@pytest.mark.parametrize("state", State)
def test_the_maker_of_each_state_makes_it(state: State) -> None:
    assert in_state(state).state is state
