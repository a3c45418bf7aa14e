"""The table: which event does what in which state, and where that may lead.

This is the machine's one description. `machine.handle` looks every event up here, drops what is not listed and
refuses a rule that leads elsewhere; `diagram` draws the state diagram and writes the table of the documentation
from it; the search demands that every line is taken by some world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from callapp.call import events as ev
from callapp.call import rules
from callapp.call.model import LIVE, SETTING_UP, Call
from callapp.call.moves import Outcome
from callapp.call.states import State

_E = TypeVar("_E")

IDLE, OFFERING, CALLING, RINGING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING, ENDED = State
FREE: Final = (IDLE, ENDED)
STAY: Final[State | None] = None
"""As a target: the state does not change."""


@dataclass(frozen=True)
class Row:
    """What an event does in a state: the rule, and each state that it may lead to with the case when it does."""

    rule: Callable[[Call, Any, float], Outcome]
    targets: Mapping[State, str]


def _on(
    event: type[_E],
    states: tuple[State, ...],
    rule: Callable[[Call, _E, float], Outcome],
    targets: Mapping[State | None, str],
) -> Iterator[tuple[tuple[State, type[object]], Row]]:
    for state in states:
        yield (state, event), Row(rule, {target or state: case for target, case in targets.items()})


def _person() -> Iterator[tuple[tuple[State, type[object]], Row]]:
    yield from _on(ev.Place, FREE, rules.place, {OFFERING: "calls"})
    yield from _on(ev.Place, (RINGING,), rules.accept, {ANSWERING: "calling whoever rings is accepting"})
    yield from _on(ev.Accept, (RINGING,), rules.accept, {ANSWERING: "accepts"})
    yield from _on(ev.Decline, (RINGING,), rules.decline, {ENDED: "DECLINED, says bye"})
    yield from _on(ev.HangUp, LIVE, rules.hang_up, {ENDED: "HUNG_UP, says bye"})


def _offers() -> Iterator[tuple[tuple[State, type[object]], Row]]:
    new: dict[State | None, str] = {
        RINGING: "without consent",
        ANSWERING: "with consent (Call is already pressed)",
    }
    yield from _on(ev.OfferReceived, (IDLE,), rules.offer_when_free, new)
    yield from _on(
        ev.OfferReceived,
        (ENDED,),
        rules.offer_when_free,
        {**new, STAY: "of the call that has ended: says bye again"},
    )
    yield from _on(
        ev.OfferReceived,
        (OFFERING,),
        rules.offer_when_offering,
        {
            ANSWERING: "glare: theirs stays; ours is dropped, with a bye if it was sent",
            STAY: "glare: ours stays; of the call before: says bye again",
        },
    )
    yield from _on(
        ev.OfferReceived,
        (CALLING,),
        rules.offer_when_offering,
        {
            ANSWERING: "glare: theirs stays, ours is dropped with a bye",
            STAY: "glare: ours stays",
            OFFERING: "of the call before: says bye again, offers the next attempt",
        },
    )
    busy = "of another call: bye(BUSY)"
    yield from _on(
        ev.OfferReceived,
        (RINGING,),
        rules.offer_when_settling,
        {STAY: f"a newer attempt: replaces the held offer; {busy}"},
    )
    yield from _on(
        ev.OfferReceived,
        (ANSWERING,),
        rules.offer_when_settling,
        {STAY: f"a newer attempt: answers it; {busy}"},
    )
    yield from _on(
        ev.OfferReceived,
        (CONNECTING,),
        rules.offer_when_settling,
        {ANSWERING: "a newer attempt: answers it", STAY: busy},
    )
    yield from _on(
        ev.OfferReceived,
        (CONNECTED,),
        rules.offer_when_connected,
        {RECONNECTING: "a newer attempt: answers it", STAY: busy},
    )
    yield from _on(
        ev.OfferReceived,
        (RECONNECTING,),
        rules.offer_when_reconnecting,
        {
            STAY: f"a newer attempt: answers it; {busy}, or glare: ours stays",
            ANSWERING: "another call after having been parted, with consent: ours is dropped with a bye",
            RINGING: "another call after having been parted: ours is dropped with a bye",
        },
    )


def _peer() -> Iterator[tuple[tuple[State, type[object]], Row]]:
    stranger = "of another call: says bye"
    yield from _on(
        ev.AnswerReceived, (CALLING,), rules.answer_received, {CONNECTING: "applies it", STAY: stranger}
    )
    yield from _on(
        ev.AnswerReceived, (RECONNECTING,), rules.answer_received, {STAY: f"applies it; {stranger}"}
    )
    yield from _on(ev.AnswerReceived, (ENDED,), rules.stray_answer, {STAY: "the call is over: says bye"})
    yield from _on(
        ev.AnswerReceived,
        (OFFERING, RINGING, ANSWERING, CONNECTING, CONNECTED),
        rules.stray_answer,
        {STAY: stranger},
    )
    yield from _on(
        ev.CandidateReceived,
        (CALLING, RINGING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING),
        rules.candidate_received,
        {STAY: "goes to the engine, or is held until the engine knows the peer's description"},
    )
    yield from _on(
        ev.ByeReceived, LIVE, rules.bye_received, {ENDED: "of this call", STAY: "of another call: dropped"}
    )
    yield from _on(ev.RestartReceived, FREE, rules.restart_when_free, {STAY: "the call is over: says bye"})
    yield from _on(
        ev.RestartReceived,
        (CALLING, CONNECTING),
        rules.restart_when_setting_up,
        {OFFERING: "offers the next attempt", STAY: stranger},
    )
    yield from _on(
        ev.RestartReceived,
        (OFFERING, RINGING, ANSWERING),
        rules.restart_when_setting_up,
        {STAY: f"an offer is under way; {stranger}"},
    )
    yield from _on(
        ev.RestartReceived,
        (CONNECTED,),
        rules.restart_when_connected,
        {RECONNECTING: "offers the next attempt", STAY: stranger},
    )
    yield from _on(
        ev.RestartReceived,
        (RECONNECTING,),
        rules.restart_when_connected,
        {STAY: f"offers the next attempt; {stranger}"},
    )


def _engine() -> Iterator[tuple[tuple[State, type[object]], Row]]:
    yield from _on(ev.OfferReady, (OFFERING,), rules.offer_ready, {CALLING: "sends the offer"})
    yield from _on(ev.OfferReady, (RECONNECTING,), rules.offer_ready, {STAY: "sends the offer"})
    yield from _on(ev.AnswerReady, (ANSWERING,), rules.answer_ready, {CONNECTING: "sends the answer"})
    yield from _on(ev.AnswerReady, (RECONNECTING,), rules.answer_ready, {STAY: "sends the answer"})
    yield from _on(
        ev.LocalCandidate,
        (CALLING, ANSWERING, CONNECTING, CONNECTED, RECONNECTING),
        rules.local_candidate,
        {STAY: "sends it"},
    )
    yield from _on(
        ev.PeerConnected, (CONNECTING, RECONNECTING), rules.peer_connected, {CONNECTED: "the media flows"}
    )
    yield from _on(
        ev.PeerFailed,
        (OFFERING, CALLING, ANSWERING, CONNECTING),
        rules.failed_for_good,
        {ENDED: "ERROR, says bye"},
    )
    yield from _on(ev.PeerFailed, (CONNECTED,), rules.peer_failed, {RECONNECTING: "begins the next attempt"})
    yield from _on(ev.PeerFailed, (RECONNECTING,), rules.peer_failed, {STAY: "begins the next attempt"})
    yield from _on(
        ev.NegotiationFailed,
        (OFFERING, CALLING, ANSWERING, CONNECTING, RECONNECTING),
        rules.failed_for_good,
        {ENDED: "ERROR, says bye"},
    )


def _link() -> Iterator[tuple[tuple[State, type[object]], Row]]:
    noted = {STAY: "is noted"}
    yield from _on(ev.LinkLost, tuple(State), rules.note, noted)
    yield from _on(ev.LinkRefused, tuple(State), rules.note, noted)
    yield from _on(ev.PeerLeft, (*FREE, CONNECTED, RECONNECTING), rules.note, noted)
    yield from _on(ev.PeerLeft, SETTING_UP, rules.peer_left_set_up, {ENDED: "PEER_LEFT, says bye"})
    yield from _on(ev.PeerJoined, (*FREE, CONNECTED), rules.note, noted)
    yield from _on(
        ev.PeerJoined, (RECONNECTING,), rules.back_when_reconnecting, {STAY: "begins the next attempt"}
    )
    yield from _on(ev.LinkRestored, (*FREE, CONNECTED), rules.note, noted)
    yield from _on(
        ev.LinkRestored,
        (OFFERING, CALLING),
        rules.restored_in_set_up,
        {OFFERING: "offers the next attempt", ENDED: "PEER_LEFT if the peer is not there"},
    )
    yield from _on(
        ev.LinkRestored,
        (RINGING, ANSWERING),
        rules.restored_in_set_up,
        {STAY: "asks for the next attempt", ENDED: "PEER_LEFT if the peer is not there"},
    )
    yield from _on(
        ev.LinkRestored,
        (CONNECTING,),
        rules.restored_in_set_up,
        {
            OFFERING: "the caller offers the next attempt",
            STAY: "the callee asks for it",
            ENDED: "PEER_LEFT if the peer is not there",
        },
    )
    yield from _on(
        ev.LinkRestored, (RECONNECTING,), rules.back_when_reconnecting, {STAY: "begins the next attempt"}
    )


def _time() -> Iterator[tuple[tuple[State, type[object]], Row]]:
    early = "too early: dropped"
    yield from _on(
        ev.Timeout,
        SETTING_UP,
        rules.set_up_timed_out,
        {ENDED: "TIMEOUT, or PEER_LOST if the peer is gone; says bye", STAY: early},
    )
    yield from _on(
        ev.Timeout,
        (RECONNECTING,),
        rules.reconnecting_timed_out,
        {ENDED: "PEER_LOST, says bye", STAY: f"begins the next attempt; {early}"},
    )


def _table() -> dict[tuple[State, type[object]], Row]:
    table: dict[tuple[State, type[object]], Row] = {}
    for rows in (_person(), _offers(), _peer(), _engine(), _link(), _time()):
        for key, row in rows:
            assert key not in table, f"two rows for {key}"
            table[key] = row
    return table


TABLE: Final[Mapping[tuple[State, type[object]], Row]] = _table()
"""(state, type of event) -> Row. Events that are not here are dropped."""
