"""The exhaustive search of two and three call machines: what must hold in every world, and where worlds must end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from core.call_scenario import Chances, Found, Scenario
from core.call_sides import A, B, C, WorldError
from core.call_worlds import explore

from callapp.call import effects as fx
from callapp.call import events as ev
from callapp.call import moves
from callapp.call.model import Call
from callapp.call.moves import Outcome
from callapp.call.states import Reason, State
from callapp.call.table import TABLE, Row

GLARE: Final = Scenario(Chances(calls=("1", "2")))
HASTE: Final = Scenario(Chances(calls=("1", "2"), hang_ups=1, haste=1))
RINGING: Final = replace(HASTE, consent=False)
LOST_WHILE_CALLING: Final = Scenario(Chances(calls=("1",), losses=1, refusals=1), consent=False)
FAILURES: Final = Scenario(Chances(failures=2), connected=True)
ALONE: Final = Scenario(Chances(failures=1, losses=2, retries=0), trickle=False, connected=True)
LOST_BYE: Final = Scenario(
    Chances(calls=("5",), losses=1, failures=1, hang_ups=1, retries=0), trickle=False, connected=True
)
THIRD: Final = Scenario(Chances(calls=("7",), failures=2), sides=3, connected=True)

SCENARIOS: Final = {
    "both call at once": GLARE,
    "hasty people and deadlines": HASTE,
    "it rings": RINGING,
    "engines fail": Scenario(Chances(calls=("1", "2"), errors=1, failures=1), consent=False),
    "the link is lost while calling": LOST_WHILE_CALLING,
    "a link is lost in a glare": Scenario(Chances(calls=("1", "2"), losses=1, refusals=1), trickle=False),
    "links are lost while calling": Scenario(
        Chances(calls=("1",), losses=2, retries=0), trickle=False, consent=False
    ),
    "a peer is killed while calling": Scenario(Chances(calls=("1", "2"), kills=1), consent=False),
    "links are lost in a call": Scenario(Chances(losses=2, refusals=1), connected=True),
    "a call is hung up": Scenario(Chances(hang_ups=1), connected=True),
    "connections fail": FAILURES,
    "connections and engines fail": Scenario(Chances(failures=2, errors=1, hang_ups=1), connected=True),
    "a connection fails while links are lost": ALONE,
    "all of it, and a hang-up": Scenario(
        Chances(failures=1, losses=1, refusals=1, hang_ups=1), trickle=False, connected=True
    ),
    "a peer is killed in a call": Scenario(
        Chances(kills=1, losses=1, failures=1), trickle=False, connected=True
    ),
    "the killed one comes back and calls": Scenario(
        Chances(calls=("1", "2", "5", "6"), kills=1, comebacks=1), connected=True
    ),
    "the killed one comes back and rings": Scenario(
        Chances(calls=("2", "5"), kills=1, comebacks=1), trickle=False, connected=True, consent=False
    ),
    "a bye is lost, and the caller calls again": LOST_BYE,
    "a bye is lost, and the callee calls": replace(LOST_BYE, chances=LOST_BYE.chances._replace(calls=("2",))),
    "a third one calls": Scenario(Chances(calls=("1", "2", "3")), sides=3),
    "a third one calls a couple": THIRD,
    "a third one calls a parting couple": Scenario(
        Chances(calls=("3",), hang_ups=1, failures=1), sides=3, connected=True, consent=False
    ),
}


@functools.cache
def found(name: str) -> Found:
    return explore(SCENARIOS[name])


def ends(name: str) -> set[tuple[tuple[State, Reason | None], ...]]:
    return {tuple((call.state, call.reason) for call in calls) for calls, _ in found(name).rests}


CONNECTED: Final = ((State.CONNECTED, None), (State.CONNECTED, None))
LOST: Final = ((State.ENDED, Reason.PEER_LOST), (State.ENDED, Reason.PEER_LOST))


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_world_is_sound_and_comes_to_rest(name: str) -> None:
    assert found(name).rests


def test_two_who_call_each_other_at_once_are_always_connected() -> None:
    placed = [calls for calls, chances in found("both call at once").rests if len(chances.calls) < 2]
    assert placed
    assert all(call.state is State.CONNECTED for calls in placed for call in calls)


def test_a_failed_connection_is_always_replaced_by_another() -> None:
    assert ends("connections fail") == {CONNECTED}
    assert {calls[A].attempt for calls, _ in found("connections fail").rests} == {0, 1, 2}


def test_losing_the_link_never_ends_or_renews_a_connected_call() -> None:
    assert found("links are lost in a call").states == {(State.CONNECTED, State.CONNECTED)}


def test_a_connection_that_fails_while_links_are_lost_is_replaced_or_given_up_by_both() -> None:
    assert ends("a connection fails while links are lost") == {CONNECTED, LOST}


def test_a_call_can_still_be_set_up_after_a_link_was_lost() -> None:
    rests = found("the link is lost while calling").rests
    again = [calls for calls, chances in rests if not chances.losses and calls[A].attempt > 0]
    assert any(calls[A].state is State.CONNECTED for calls in again)


def test_hanging_up_ends_the_call_on_both_sides() -> None:
    hung_up, left = (State.ENDED, Reason.HUNG_UP), (State.ENDED, Reason.PEER_LEFT)
    assert ends("a call is hung up") == {CONNECTED, (hung_up, left), (left, hung_up)}


def test_a_killed_peer_is_always_found_lost() -> None:
    killed = [calls for calls, chances in found("a peer is killed in a call").rests if not chances.kills]
    survivors = {
        (call.state, call.reason) for calls in killed for call in calls if call.state is not State.IDLE
    }
    assert survivors == {(State.ENDED, Reason.PEER_LOST)}


def test_who_was_killed_and_comes_back_can_be_in_a_call_again() -> None:
    rests = found("the killed one comes back and calls").rests
    back = [calls for calls, chances in rests if not chances.comebacks and len(chances.calls) < 4]
    together = [calls for calls in back if calls[A].state is calls[B].state is State.CONNECTED]
    renewed = [calls for calls in together if calls[A].attempt > 0]
    assert renewed, "the old call goes on"
    assert len(renewed) < len(together), "a new one takes its place"
    assert {call.reason for calls in back for call in calls} <= {None, Reason.BUSY, Reason.PEER_LEFT}


def test_a_third_one_finds_a_couple_busy() -> None:
    called = [calls for calls, chances in found("a third one calls a couple").rests if not chances.calls]
    assert called
    for calls in called:
        assert calls[A].state is calls[B].state is State.CONNECTED
        assert calls[C].reason in (Reason.BUSY, Reason.ERROR)  # ERROR: its own engine failed before


def test_of_three_who_call_at_once_two_are_connected() -> None:
    for calls, chances in found("a third one calls").rests:
        connected = [call.call_id for call in calls if call.state is State.CONNECTED]
        assert len(connected) == (2 if len(chances.calls) < 3 else 0)


def test_every_declared_transition_is_taken_and_no_other() -> None:
    taken = {transition for name in SCENARIOS for transition in found(name).taken}
    declared = {(state, event, target) for (state, event), row in TABLE.items() for target in row.targets}
    assert {(state, event, target) for state, event, target in taken if state is not target} <= declared
    # an engine of the search has one candidate, and is not connected before that one has been used
    assert declared - taken == {(State.CONNECTED, ev.LocalCandidate, State.CONNECTED)}


# ---- the search sees what is wrong: each of these mistakes breaks some world

RULES: Final = {move: getattr(moves, move) for move in ("end", "open_offer", "next_attempt", "give_way")}


def end_without_bye(call: Call, reason: Reason, *, bye: bool = True) -> Outcome:
    after, effects = RULES["end"](call, reason, bye=bye)
    return after, tuple(effect for effect in effects if not isinstance(effect, fx.SendBye))


def give_way_without_bye(
    call: Call, event: ev.OfferReceived, now: float, reason: Reason, *, consent: bool
) -> Outcome:
    after, effects = RULES["give_way"](call, event, now, reason, consent=consent)
    return after, tuple(effect for effect in effects if not isinstance(effect, fx.SendBye))


def nothing_to_close(_call: Call) -> tuple[fx.Effect, ...]:
    return ()


def no_candidates_held(_call: Call) -> tuple[fx.Effect, ...]:
    return ()


def never_busy(call: Call, _event: ev.OfferReceived) -> Outcome:
    return call, ()


def offer_the_same_attempt(call: Call, _attempt: int) -> Outcome:
    after, effects = RULES["open_offer"](call, call.attempt)
    return after, effects


def nobody_asks(call: Call, now: float) -> Outcome:
    after, effects = RULES["next_attempt"](call, now)
    return after, tuple(effect for effect in effects if not isinstance(effect, fx.SendRestart))


def everybody_offers(call: Call, now: float) -> Outcome:
    after, effects = RULES["next_attempt"](replace(call, caller=True), now)
    return replace(after, caller=call.caller), effects


@pytest.mark.parametrize(
    ("move", "mistake", "scenario"),
    [
        ("end", end_without_bye, HASTE),
        ("give_way", give_way_without_bye, RINGING),
        ("close", nothing_to_close, FAILURES),
        ("held_candidates", no_candidates_held, GLARE),
        ("busy", never_busy, THIRD),
        ("open_offer", offer_the_same_attempt, FAILURES),
        ("next_attempt", nobody_asks, FAILURES),
        ("next_attempt", everybody_offers, FAILURES),
    ],
)
def test_the_search_finds_a_mistaken_move(
    monkeypatch: pytest.MonkeyPatch, move: str, mistake: Callable[..., object], scenario: Scenario
) -> None:
    monkeypatch.setattr(moves, move, mistake)
    with pytest.raises(WorldError):
        explore(scenario)


def drop(call: Call, _event: ev.Event, _now: float) -> Outcome:
    return call, ()


def candidate_at_once(call: Call, event: ev.CandidateReceived, _now: float) -> Outcome:
    return call, (fx.AddCandidate(call.call_id, call.attempt, event.candidate),)


@pytest.mark.parametrize(
    ("state", "event", "rule", "scenario"),
    [
        (State.CALLING, ev.CandidateReceived, candidate_at_once, GLARE),
        (State.ENDED, ev.OfferReceived, drop, HASTE),
        (State.CALLING, ev.Timeout, drop, LOST_WHILE_CALLING),
        (State.RECONNECTING, ev.Timeout, drop, ALONE),
        (State.CONNECTED, ev.RestartReceived, drop, FAILURES),
        (State.CONNECTED, ev.OfferReceived, drop, FAILURES),
    ],
)
def test_the_search_finds_a_mistaken_rule(
    monkeypatch: pytest.MonkeyPatch,
    state: State,
    event: type[ev.Event],
    rule: Callable[..., Outcome],
    scenario: Scenario,
) -> None:
    row = TABLE[state, event]
    monkeypatch.setitem(dict_of_table(), (state, event), replace(row, rule=rule))
    with pytest.raises(WorldError):
        explore(scenario)


def dict_of_table() -> dict[tuple[State, type[object]], Row]:
    assert isinstance(TABLE, dict)
    return TABLE
