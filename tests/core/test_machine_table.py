"""The call machine as a whole: its table, its picture, and what holds whatever comes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from core.call_states import ANSWER, CANDIDATE, NEW, OFFER, OLD, OURS, connected, in_state, told
from hypothesis import given
from hypothesis import strategies as st

from callapp.call import diagram, rules
from callapp.call import effects as fx
from callapp.call import events as ev
from callapp.call.description import Candidate, Description
from callapp.call.machine import Call, UndeclaredTransitionError, handle
from callapp.call.states import Reason, State
from callapp.call.table import TABLE

ROOT = Path(__file__).parents[2]

# ---- whatever comes, in whatever order

names = st.sampled_from([OLD, OURS, NEW])
attempts = st.integers(-1, 2)
anything = st.one_of(
    *(st.builds(kind, names) for kind in (ev.Place,)),
    *(st.builds(kind) for kind in (ev.Accept, ev.Decline, ev.HangUp, ev.Timeout)),
    *(st.builds(kind) for kind in (ev.PeerLeft, ev.PeerJoined, ev.LinkLost, ev.LinkRefused)),
    st.builds(ev.LinkRestored, st.booleans()),
    st.builds(ev.OfferReceived, names, attempts, st.just(OFFER), st.booleans()),
    st.builds(ev.ByeReceived, names, st.sampled_from(Reason)),
    *(
        st.builds(k, names, attempts, st.just(ANSWER))
        for k in (ev.AnswerReceived, ev.OfferReady, ev.AnswerReady)
    ),
    *(
        st.builds(k, names, attempts, st.sampled_from([CANDIDATE, None]))
        for k in (ev.CandidateReceived, ev.LocalCandidate)
    ),
    *(
        st.builds(k, names, attempts)
        for k in (ev.RestartReceived, ev.PeerConnected, ev.PeerFailed, ev.NegotiationFailed)
    ),
)


@given(st.lists(st.tuples(anything, st.floats(0, 50)), max_size=40))
def test_no_order_of_events_leaks_a_connection_or_waits_without_a_deadline(
    story: list[tuple[ev.Event, float]],
) -> None:
    """Also such as no peer, server or engine should ever send."""
    call, open_for, now = Call(), None, 0.0
    for event, passed in story:
        now += passed
        call, effects = handle(call, event, now)
        for effect in effects:
            match effect:
                case fx.CreateOffer(call_id) | fx.CreateAnswer(call_id):
                    assert open_for is None
                    open_for = call_id
                case fx.ClosePeer(call_id):
                    assert open_for == call_id
                    open_for = None
                case fx.ApplyAnswer(call_id) | fx.AddCandidate(call_id):
                    assert open_for == call_id
                case _:
                    pass
        assert open_for in (None, call.call_id)
        assert open_for is None or call.live
        assert (call.deadline is None) == (call.state in (State.IDLE, State.CONNECTED, State.ENDED))


def test_descriptions_and_candidates_show_in_no_repr() -> None:
    secret = "c=IN IP4 192.0.2.7"
    offer, candidate = Description(secret), Candidate(secret)
    call = told(ev.OfferReceived(OURS, 0, offer, consent=False), ev.CandidateReceived(OURS, 0, candidate))
    values = [
        call,
        ev.OfferReceived(OURS, 0, offer, consent=True),
        ev.LocalCandidate(OURS, 0, candidate),
        fx.CreateAnswer(OURS, 0, offer),
        fx.AddCandidate(OURS, 0, candidate),
    ]
    assert not any(secret in repr(value) for value in values)


# ---- the table is the machine


def test_a_transition_that_the_table_does_not_declare_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    call, key = connected(caller=True), (State.CONNECTED, ev.PeerFailed)
    wrong = replace(TABLE[key], rule=rules.hang_up)
    monkeypatch.setattr("callapp.call.machine.TABLE", {key: wrong})
    with pytest.raises(UndeclaredTransitionError):
        handle(call, ev.PeerFailed(OURS, 0), 0)


def test_events_that_the_table_does_not_list_are_dropped() -> None:
    for state in State:
        call = in_state(state)
        for event in (ev.Accept(), ev.Decline(), ev.Place(NEW), ev.HangUp(), ev.Timeout(), ev.PeerJoined()):
            if (state, type(event)) not in TABLE:
                assert handle(call, event, 0) == (call, ())


def test_the_document_shows_the_present_machine() -> None:
    document = (ROOT / "docs" / "call-machine.md").read_text("utf-8")
    _, marker, shown = document.partition(diagram.MARKER)
    assert marker
    assert shown.strip() == diagram.generated().strip(), (
        "the second half is the output of python -m callapp.call.diagram"
    )


def test_the_diagram_shows_every_change_of_state_once() -> None:
    drawn = [line.split(": ") for line in diagram.diagram().splitlines() if " --> " in line and ": " in line]
    arrows = [
        (state, event, target)
        for edge, events in drawn
        for source, target in [edge.strip().split(" --> ")]
        for state in ([state.name for state in diagram.GROUPS.get(source, ())] or [source])
        for event in events.split(", ")
    ]
    declared = [
        (state.name, event.__name__, target.name)
        for (state, event), row in TABLE.items()
        for target in row.targets
        if target is not state
    ]
    assert sorted(arrows) == sorted(declared)


def test_the_diagram_command_prints_what_the_document_holds() -> None:
    command = [sys.executable, "-m", "callapp.call.diagram"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert printed.stdout == diagram.generated()
