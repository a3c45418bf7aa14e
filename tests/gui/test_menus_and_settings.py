"""The menus, and the settings: what is chosen there takes effect at once and is saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui.bench import Bench, FakeDevice
from gui.views import all_views
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from callapp.errors import CallAppError, Device, ErrorCode
from callapp.media.specs import NONE, PATTERN, MediaSpec, SpecKind
from callapp.session.intents import (
    ChooseDevice,
    NewRoom,
    SetName,
    TryLoopback,
)

VIEWS = all_views()
LEFT = Qt.MouseButton.LeftButton


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, LEFT)


def button(bench: Bench, name: str) -> QWidget:
    found = bench.window.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def open_menu() -> dict[str, Callable[[], None]]:
    """The lines of the menu that is open, and how to choose them."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    lines = {a.text().split("\t")[0]: a.trigger for a in menu.actions() if a.isEnabled() and a.text()}
    menu.close()
    return lines


def test_other_camera_opens_the_list_of_cameras(bench: Bench) -> None:
    bench.devices.camera_list = [FakeDevice("c1", "Webcam"), FakeDevice("c2", "Other")]
    bench.window.render(VIEWS["camera-in-use"])
    click(button(bench, "action-other_camera"))
    open_menu()["Other"]()
    assert bench.take_posted() == [ChooseDevice(Device.CAMERA, MediaSpec(SpecKind.DEVICE, "Other"))]
    assert bench.saved[-1].camera == "Other"


def test_devices_with_one_label_are_told_apart_by_their_ids(bench: Bench) -> None:
    bench.devices.camera_list = [FakeDevice("c1", "Webcam"), FakeDevice("c2", "Webcam")]
    click(button(bench, "cameraMenuButton"))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    [action for action in menu.actions() if action.text() == "Webcam"][1].trigger()
    menu.close()
    assert bench.take_posted() == [ChooseDevice(Device.CAMERA, MediaSpec(SpecKind.DEVICE, "c2"))]


def test_microphone_and_speaker_share_a_menu(bench: Bench) -> None:
    click(button(bench, "microphoneMenuButton"))
    lines = open_menu()
    lines["Headphones"]()
    lines["No microphone"]()
    assert bench.take_posted() == [
        ChooseDevice(Device.SPEAKER, MediaSpec(SpecKind.DEVICE, "Headphones")),
        ChooseDevice(Device.MICROPHONE, NONE),
    ]


def test_the_menu_tries_a_call_with_oneself_and_makes_a_room(bench: Bench) -> None:
    bench.window.render(VIEWS["load"])
    click(button(bench, "menuButton"))
    lines = open_menu()
    lines["Try a call with yourself"]()
    lines["New room"]()
    assert bench.take_posted() == [TryLoopback(), NewRoom()]
    bench.window.render(VIEWS["connected"])
    click(button(bench, "menuButton"))
    assert "Try a call with yourself" not in open_menu()


def test_language_and_theme_change_at_once_and_are_saved(bench: Bench, qtbot: QtBot) -> None:
    window = bench.window
    window.render(VIEWS["ready"])
    window.commands.open_settings(2)
    dialog = window.commands.dialog
    assert dialog is not None
    dialog.language.activated.emit(dialog.language.findData("ko"))
    qtbot.waitUntil(lambda: window.bottom.call.text() == "전화 걸기")
    qtbot.waitUntil(lambda: dialog.windowTitle() == "설정")
    dialog.theme_choice.activated.emit(dialog.theme_choice.findData("dark"))
    assert window.theme.dark
    assert (bench.saved[-1].language, bench.saved[-1].theme) == ("ko", "dark")
    dialog.language.activated.emit(dialog.language.findData("en"))
    qtbot.waitUntil(lambda: window.bottom.call.text() == "Call")


def test_the_settings_choose_devices_sounds_and_the_name(bench: Bench) -> None:
    window = bench.window
    window.commands.open_settings()
    dialog = window.commands.dialog
    assert dialog is not None
    dialog.name.setText(" Mina ")
    dialog.name.editingFinished.emit()
    dialog.name.editingFinished.emit()
    dialog.camera.activated.emit(dialog.camera.findText("Test picture"))
    dialog.sounds.click()
    assert bench.take_posted() == [SetName("Mina"), ChooseDevice(Device.CAMERA, PATTERN)]
    assert (bench.saved[-1].name, bench.saved[-1].camera, bench.saved[-1].sounds) == (
        "Mina",
        "pattern",
        False,
    )


def test_a_chosen_device_that_is_gone_stays_in_the_list(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(camera="My old webcam")
    click(button(bench, "cameraMenuButton"))
    assert "My old webcam (not connected)" in open_menu()


def test_settings_that_cannot_be_saved_are_told_and_hold_for_this_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_settings: object) -> None:
        raise CallAppError(ErrorCode.SETTINGS_READ_ONLY, "read-only", subject="/nowhere")

    monkeypatch.setattr(bench.window.commands, "_save", fail)
    bench.window.commands.open_settings(2)
    dialog = bench.window.commands.dialog
    assert dialog is not None
    dialog.theme_choice.activated.emit(dialog.theme_choice.findData("dark"))
    assert bench.window.theme.dark
    assert bench.window.notices.isVisible()
