"""The session's pure parts: buttons, banners, the other side's values, the exit code."""

from __future__ import annotations

import pytest

from callapp.call.machine import Call
from callapp.call.states import Reason, State
from callapp.main.watchers import EXIT_CALL_FAILED, EXIT_NO_DEVICE, EXIT_OK, AutoPress, Outcome
from callapp.media.messages import VideoRole
from callapp.session import messages as wire
from callapp.session import notices
from callapp.session.companion import Companion
from callapp.session.intents import Intent, PlaceCall, Start
from callapp.session.ports import Ended, FirstRemoteFrame, SetupTime, TraceLine
from callapp.session.view import (
    Action,
    Buttons,
    CallView,
    Invite,
    NoticeCode,
    Preview,
    Room,
    buttons_of,
)


@pytest.mark.parametrize(
    ("preview", "state", "room", "busy", "expected"),
    [
        (Preview.OFF, State.IDLE, Room.NONE, False, Buttons(True, False, False)),
        (Preview.OPENING, State.IDLE, Room.NONE, False, Buttons(False, False, False)),
        (Preview.ON, State.IDLE, Room.NONE, False, Buttons(False, True, False)),
        (Preview.FAILED, State.IDLE, Room.NONE, False, Buttons(True, False, False)),
        (Preview.ON, State.CONNECTED, Room.PEER, True, Buttons(False, False, True)),
        (Preview.ON, State.ENDED, Room.NONE, False, Buttons(False, True, False)),
        (Preview.ON, State.IDLE, Room.WAITING, True, Buttons(False, False, True)),
        (Preview.ON, State.ENDED, Room.PEER, True, Buttons(False, True, True)),
        (Preview.ON, State.IDLE, Room.FULL, False, Buttons(False, True, False)),
    ],
)
def test_the_buttons_are_the_codelabs(
    preview: Preview, state: State, room: Room, busy: bool, expected: Buttons
) -> None:
    assert buttons_of(preview, state, room, busy) == expected


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("before", State)
def test_every_end_but_ones_own_is_told(reason: Reason, before: State) -> None:
    notice = notices.for_end(reason, before, Room.PEER)
    assert (notice is None) == (reason is Reason.HUNG_UP)
    if notice is not None and notice.code is NoticeCode.ERROR:
        assert notice.error is not None


@pytest.mark.parametrize(
    ("room", "actions"),
    [(Room.PEER, (Action.TRY_AGAIN,)), (Room.WAITING, ()), (Room.NONE, (Action.REJOIN, Action.NEW_ROOM))],
)
def test_a_lost_peer_can_be_called_again_only_where_that_can_work(
    room: Room, actions: tuple[Action, ...]
) -> None:
    notice = notices.for_end(Reason.PEER_LOST, State.RECONNECTING, room)
    assert notice is not None
    assert notice.actions == actions


def call(state: State, call_id: str = "a" * 16, attempt: int = 0) -> Call:
    return Call(state=state, call_id=call_id, attempt=attempt)


def test_the_setup_time_runs_from_the_later_of_call_and_arrival_to_the_first_picture() -> None:
    other = Companion()
    other.expected(100.0)  # Call
    other.expected(107.5)  # the other one comes in
    other.call_changed(call(State.IDLE), call(State.ANSWERING), 107.51)
    other.call_changed(call(State.ANSWERING), call(State.CONNECTED), 107.55)
    assert other.since == 107.55
    assert other.shown(VideoRole.SCREEN, 1280, 800, 107.56) == []
    reports = other.shown(VideoRole.CAMERA, 640, 480, 107.58)
    assert reports[0] == FirstRemoteFrame(640, 480)
    assert isinstance(reports[1], TraceLine)
    assert isinstance(reports[2], SetupTime)
    assert reports[2].value_ms == pytest.approx(80.0)
    assert other.shown(VideoRole.CAMERA, 640, 480, 107.6) == []


def test_a_reconnect_keeps_the_timer_and_tells_no_second_setup_time() -> None:
    other = Companion()
    other.expected(1.0)
    other.call_changed(call(State.IDLE), call(State.CONNECTED), 2.0)
    other.shown(VideoRole.CAMERA, 640, 480, 2.1)
    other.call_changed(call(State.CONNECTED), call(State.RECONNECTING), 9.0)
    other.call_changed(call(State.RECONNECTING), call(State.CONNECTED, attempt=1), 12.0)
    assert other.since == 2.0
    assert other.shown(VideoRole.CAMERA, 640, 480, 12.1) == []


def test_the_end_of_a_call_forgets_the_other_side() -> None:
    other = Companion()
    other.tells(wire.Status(name="Kim", muted=True))
    assert other.status is not None
    assert (other.status.name, other.status.muted) == ("Kim", True)
    other.call_changed(call(State.CONNECTED), call(State.ENDED), 3.0)
    assert Companion().status == other.status
    assert other.shown(VideoRole.CAMERA, 640, 480, 3.1) == [], "a late picture starts nothing"


def test_the_automatic_presses_wait_for_their_buttons() -> None:
    pressed: list[Intent] = []
    press = AutoPress(start=True, call=True)
    press.attach(pressed.append, CallView())
    assert pressed == [Start()]
    press.on_view(CallView(preview=Preview.OPENING, buttons=Buttons(False, False, False)))
    press.on_view(CallView(preview=Preview.ON, buttons=Buttons(False, True, False)))
    assert pressed == [Start()], "no room yet"
    ready = CallView(preview=Preview.ON, buttons=Buttons(False, True, False), invite=Invite("r", "l"))
    press.on_view(ready)
    press.on_view(ready)
    assert pressed == [Start(), PlaceCall()]


@pytest.mark.parametrize("reason", Reason)
def test_the_exit_code_tells_how_the_call_ended(reason: Reason) -> None:
    ends: list[bool] = []
    outcome = Outcome(lambda: ends.append(True))
    outcome.on_report(Ended(reason))
    well = reason in (Reason.HUNG_UP, Reason.PEER_LEFT, Reason.DECLINED)
    assert outcome.exit_code == (EXIT_OK if well else EXIT_CALL_FAILED)
    assert ends == [True]


def test_a_start_that_failed_is_exit_code_4_until_one_succeeds() -> None:
    outcome = Outcome(lambda: None)
    outcome.on_view(CallView(preview=Preview.FAILED))
    assert outcome.exit_code == EXIT_NO_DEVICE
    outcome.on_view(CallView(preview=Preview.ON))
    assert outcome.exit_code == EXIT_OK
