"""What a person does in the window, and what the window says by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui.bench import Bench, FakeDevice
from gui.views import INVITE, all_views
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from callapp.errors import CallAppError, Device, ErrorCode, MediaError
from callapp.media.specs import NONE, PATTERN
from callapp.session.intents import (
    Accept,
    CameraOff,
    ChooseDevice,
    Decline,
    DismissNotice,
    HangUp,
    Intent,
    Mute,
    NewRoom,
    OpenLink,
    PlaceCall,
    ShareScreen,
    Start,
)
from callapp.session.view import Action, CallView, Notice, NoticeCode, Preview
from callapp.ui.actions import intent_of
from callapp.ui.overlays import ShareDialog
from callapp.ui.panel import LOG_LINES
from callapp.ui.widgets import Button

VIEWS = all_views()
LEFT = Qt.MouseButton.LeftButton


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, LEFT)


def button(bench: Bench, name: str) -> QWidget:
    found = bench.window.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def test_the_three_buttons_post_their_intents(bench: Bench) -> None:
    for view, name, intent in (
        ("load", "startButton", Start()),
        ("ready", "callButton", PlaceCall()),
        ("connected", "hangupButton", HangUp()),
    ):
        bench.window.render(VIEWS[view])
        click(button(bench, name))
        assert bench.take_posted() == [intent]


def test_a_disabled_button_posts_nothing(bench: Bench) -> None:
    bench.window.render(VIEWS["load"])
    for name in ("callButton", "hangupButton", "microphoneToggle", "cameraToggle", "shareToggle"):
        click(button(bench, name))
    assert bench.take_posted() == []


def test_the_toggles_ask_for_the_other_state_and_change_only_with_the_view(bench: Bench) -> None:
    bench.window.render(VIEWS["connected"])
    microphone = bench.window.bottom.microphone
    click(microphone)
    click(button(bench, "cameraToggle"))
    assert bench.take_posted() == [Mute(True), CameraOff(True)]
    assert not microphone.isChecked()
    bench.window.render(VIEWS["connected-muted"])
    assert microphone.isChecked()
    click(microphone)
    assert bench.take_posted() == [Mute(False)]


@pytest.mark.parametrize(
    ("key", "intent"),
    [
        ("m", Mute(True)),
        ("M", Mute(True)),
        ("ㅡ", Mute(True)),
        ("v", CameraOff(True)),
        ("s", ShareScreen("x1")),
    ],
)
def test_the_letter_keys_work_in_a_call_also_under_a_korean_layout(
    bench: Bench, key: str, intent: Intent
) -> None:
    bench.window.render(VIEWS["connected"])
    press = QKeyEvent(QEvent.Type.KeyPress, ord(key.upper()), Qt.KeyboardModifier.NoModifier, key)
    QApplication.sendEvent(bench.window, press)
    assert bench.take_posted() == [intent]


def test_the_letter_keys_do_nothing_while_somebody_types(bench: Bench) -> None:
    bench.window.render(VIEWS["load"])
    field = bench.window.room_card.field
    field.setFocus()
    QTest.keyClicks(field, "mvs?")
    assert field.text() == "mvs?"
    assert bench.take_posted() == []
    assert bench.window.help.isHidden()


def test_a_pasted_link_is_opened_by_enter_and_by_the_button(bench: Bench) -> None:
    bench.window.render(VIEWS["load"])
    card = bench.window.room_card
    assert not card.join.isEnabled()
    card.field.setText(f"  {INVITE.link} ")
    click(card.join)
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    assert bench.take_posted() == [OpenLink(INVITE.link)] * 2


def test_the_invite_link_is_shown_and_copied(bench: Bench) -> None:
    bench.window.render(VIEWS["ready"])
    assert bench.window.room_card.invite.link.text() == INVITE.link
    click(button(bench, "copyLinkButton"))
    assert QGuiApplication.clipboard().text() == INVITE.link
    assert bench.window.toast.words.text() == "Invite link copied"


def test_an_incoming_call_can_be_taken_with_and_without_video_or_declined(bench: Bench) -> None:
    bench.window.render(VIEWS["ringing"])
    card = bench.window.incoming
    for each in (card.accept, card.accept_sound, card.decline):
        click(each)
    assert bench.take_posted() == [Accept(True), Accept(False), Decline()]


def test_a_notice_offers_its_actions_and_can_be_closed(bench: Bench) -> None:
    bench.window.render(VIEWS["ended-you-left"])
    click(button(bench, "action-rejoin"))
    click(button(bench, "action-new_room"))
    bench.window.notices.dismissed.emit()
    assert bench.take_posted() == [PlaceCall(), NewRoom(), DismissNotice()]


def test_details_stay_folded_until_they_are_asked_for(bench: Bench) -> None:
    bench.window.render(VIEWS["camera-in-use"])
    details = bench.window.notices.findChild(QLabel, "details")
    assert isinstance(details, QLabel)
    assert not details.isVisible()
    click(next(b for b in bench.window.notices.findChildren(Button) if b.text() == "Details"))
    assert details.isVisible()
    assert "NotReadableError" in details.text()


@pytest.mark.parametrize(
    ("action", "preview", "device", "intent"),
    [
        (Action.TRY_AGAIN, Preview.FAILED, Device.CAMERA, Start()),
        (Action.TRY_AGAIN, Preview.ON, Device.CAMERA, CameraOff(False)),
        (Action.TRY_AGAIN, Preview.ON, Device.MICROPHONE, Mute(False)),
        (Action.TRY_AGAIN, Preview.ON, Device.SCREEN, ShareScreen("")),
        (Action.TRY_AGAIN, Preview.ON, None, PlaceCall()),
        (Action.SOUND_ONLY, Preview.FAILED, Device.CAMERA, Start(camera=NONE)),
        (Action.SOUND_ONLY, Preview.ON, Device.CAMERA, CameraOff(True)),
        (Action.NO_MICROPHONE, Preview.FAILED, Device.MICROPHONE, Start(microphone=NONE)),
        (Action.NO_MICROPHONE, Preview.ON, Device.MICROPHONE, Mute(True)),
        (Action.TEST_PICTURE, Preview.FAILED, Device.CAMERA, Start(camera=PATTERN)),
        (Action.TEST_PICTURE, Preview.ON, Device.CAMERA, ChooseDevice(Device.CAMERA, PATTERN)),
        (Action.REJOIN, Preview.ON, None, PlaceCall()),
        (Action.NEW_ROOM, Preview.ON, None, NewRoom()),
        (Action.OTHER_CAMERA, Preview.FAILED, Device.CAMERA, None),
        (Action.SETTINGS, Preview.ON, None, None),
    ],
)
def test_each_action_leads_to_its_intent(
    action: Action, preview: Preview, device: Device | None, intent: Intent | None
) -> None:
    error = MediaError(ErrorCode.NOT_FOUND, device=device)
    view = CallView(preview=preview, notice=Notice(NoticeCode.ERROR, (action,), error))
    assert intent_of(action, view) == intent


def test_the_only_screen_is_shared_at_once_and_several_are_asked_about(bench: Bench) -> None:
    bench.window.render(VIEWS["connected"])
    share = button(bench, "shareToggle")
    click(share)
    assert bench.take_posted() == [ShareScreen("x1")]
    bench.devices.screen_list.append(FakeDevice("x2", "Screen 2"))
    click(share)
    dialog = bench.window.findChild(ShareDialog)
    assert isinstance(dialog, ShareDialog)
    dialog.list.setCurrentRow(1)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert bench.take_posted() == [ShareScreen("x2")]
    bench.window.render(VIEWS["connected-sharing"])
    click(share)
    click(button(bench, "stopSharingButton"))
    assert bench.take_posted() == [ShareScreen(None), ShareScreen(None)]


def test_the_coloured_frame_is_there_exactly_while_sharing(bench: Bench) -> None:
    for name, view in VIEWS.items():
        bench.window.render(view)
        edge = bench.window.grab().toImage().pixelColor(1, 300).name().upper()
        assert (edge == "#2F6FEB") == view.me.sharing, name


def test_the_dots_are_there_exactly_while_a_device_is_open(bench: Bench) -> None:
    for name, view in VIEWS.items():
        bench.window.render(view)
        assert bench.window.top.camera_dot.isVisible() == (view.me.camera is not None), name
        assert bench.window.top.microphone_dot.isVisible() == (view.me.microphone is not None), name


def test_the_window_calls_for_attention_when_someone_joins(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts: list[object] = []
    monkeypatch.setattr(QApplication, "alert", lambda *args: alerts.append(args))
    bench.window.render(VIEWS["waiting"])
    assert not alerts
    bench.window.render(VIEWS["connected"])
    assert len(alerts) == 1
    assert bench.window.toast.words.text() == "Jonas Weber joined"


def test_the_bars_fade_without_the_mouse_and_come_back_with_it(bench: Bench, qtbot: QtBot) -> None:
    window = bench.window
    window.render(VIEWS["connected"])
    QTest.mouseMove(window.windowHandle(), window.rect().center())
    qtbot.waitUntil(lambda: not window.top.underMouse() and not window.bottom.underMouse())
    assert window.fader.timer.isActive()
    assert window.fader.timer.interval() == 5000
    window.fader.timer.timeout.emit()
    qtbot.waitUntil(lambda: not window.top.isVisible() and not window.bottom.isVisible())
    QTest.mouseMove(window.windowHandle(), window.rect().center() / 2)
    qtbot.waitUntil(lambda: window.top.isVisible() and window.bottom.isVisible())


def test_the_bars_stay_outside_a_call_and_in_trouble(bench: Bench) -> None:
    for name in ("load", "ready", "waiting", "calling", "reconnecting", "ended-you-left"):
        bench.window.render(VIEWS[name])
        assert not bench.window.fader.timer.isActive()
        bench.window.fader.timer.timeout.emit()
        assert bench.window.top.shown, name


def test_escape_goes_back_one_step_at_a_time(bench: Bench) -> None:
    window = bench.window
    window.show_log(True)
    window.toggle_full_screen()
    QTest.keyClicks(window, "?")
    assert not window.help.isHidden()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.help.isHidden()
    assert window.isFullScreen()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.log.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.log.isHidden()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()


def test_the_log_is_copied_whole_and_keeps_a_bounded_number_of_lines(bench: Bench) -> None:
    for number in range(LOG_LINES + 10):
        bench.window.add_trace(f"{number}.000 line")
    bench.window.show_log(True)
    click(bench.window.log.copy)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == LOG_LINES
    assert lines[-1] == f"{LOG_LINES + 9}.000 line"


def test_the_log_lies_beside_the_stage_where_there_is_room(bench: Bench) -> None:
    window = bench.window
    window.show_log(True)
    window.resize(960, 640)
    assert window.stage.width() == 640
    window.resize(640, 480)
    assert window.stage.width() == 640


def test_the_apps_own_notices_lie_beside_the_views_and_are_few(bench: Bench) -> None:
    bench.window.render(VIEWS["ended-peer-left"])
    for _ in range(5):
        bench.window.show_notice(CallAppError(ErrorCode.LOG_READ_ONLY))
    banners = [banner for banner in bench.window.notices.banners if banner.isVisible()]
    assert len(banners) == 4
    assert bench.take_posted() == []


def test_closing_asks_once_and_the_window_stays_until_all_is_shut_down(bench: Bench, qtbot: QtBot) -> None:
    window = bench.window
    asked: list[bool] = []
    window.close_requested.connect(lambda: asked.append(True))
    window.close()
    window.close()
    assert asked == [True]
    assert window.isVisible()
    window.finish()
    assert not window.isVisible()
    assert bench.saved[-1].window is not None


def test_the_window_comes_back_where_it_was(make_bench: Callable[..., Bench]) -> None:
    window = make_bench(window=(20, 40, 700, 520)).window
    assert window.geometry().getRect() == (20, 40, 700, 520)
    lost = make_bench(window=(90000, 90000, 700, 520)).window
    assert lost.width() == 960


def test_a_video_size_is_the_size_of_the_stage(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(video_size=(480, 270))
    assert (bench.window.stage.width(), bench.window.stage.height()) == (480, 270)
    bench.window.finish()
    assert bench.saved == []
