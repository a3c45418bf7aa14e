"""Pictures: which is large, what is painted, what is forgotten."""

from __future__ import annotations

import threading

import av
import numpy as np
import pytest
from gui.bench import Bench
from gui.pictures import portrait
from gui.views import all_views
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from callapp.media.video.slot import FrameSlot, Picture
from callapp.ui.stage import Corner
from callapp.ui.video_view import VideoView, initials

VIEWS = all_views()
RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(
    left: tuple[int, int, int], right: tuple[int, int, int], width: int = 320, height: int = 180
) -> Picture:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2], image[:, width // 2 :] = left, right
    return Picture(
        av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p"), captured_at=12.5
    )


def close_to(color: QColor, wanted: tuple[int, int, int]) -> bool:
    return all(
        abs(a - b) < 25 for a, b in zip((color.red(), color.green(), color.blue()), wanted, strict=True)
    )


def shot(view: VideoView) -> QImage:
    return view.grab().toImage()


def settle(bench: Bench, qtbot: QtBot) -> None:
    moves = bench.window.stage.moving
    qtbot.waitUntil(lambda: not moves())


def test_before_a_call_the_own_picture_is_large_and_mirrored(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["ready"])
    bench.slots.local.put(halves(RED, BLUE))
    qtbot.waitUntil(lambda: bool(bench.shown))
    stage = bench.window.stage
    assert stage.own.geometry() == stage.content
    image = shot(stage.own)
    y = image.height() // 2
    assert close_to(image.pixelColor(image.width() // 2 - 60, y), BLUE)
    assert close_to(image.pixelColor(image.width() // 2 + 60, y), RED)


def test_the_remote_picture_fills_the_window_unmirrored_and_the_own_one_shrinks(
    bench: Bench, qtbot: QtBot
) -> None:
    stage = bench.window.stage
    bench.window.render(VIEWS["ready"])
    bench.window.render(VIEWS["connected"])
    bench.slots.remote.put(halves(RED, BLUE))
    qtbot.waitUntil(lambda: any(kind == "remote" for kind, _, _ in bench.shown))
    settle(bench, qtbot)
    assert stage.remote.geometry() == stage.rect()
    assert 160 <= stage.own.width() <= 320
    image = shot(stage.remote)
    assert close_to(image.pixelColor(100, image.height() // 2), RED)


def test_a_picture_is_letterboxed_never_stretched(qtbot: QtBot) -> None:
    view = VideoView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show_picture(halves(RED, RED, 320, 160))
    image = shot(view)
    assert close_to(image.pixelColor(200, 200), RED)
    assert image.pixelColor(200, 90).name() == "#0e1116"
    assert image.pixelColor(200, 310).name() == "#0e1116"


def test_each_new_picture_is_reported_once_after_it_was_painted(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["connected"])
    first = halves(RED, BLUE)
    threading.Thread(target=bench.slots.remote.put, args=(first,)).start()
    qtbot.waitUntil(lambda: len(bench.shown) == 1)
    kind, picture, at = bench.shown[0]
    assert kind == "remote"
    assert picture is first
    assert at > 1e9
    bench.window.stage.remote.repaint()
    QApplication.processEvents()
    assert len(bench.shown) == 1


def test_the_remote_picture_is_forgotten_after_the_call(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["connected"])
    bench.slots.remote.put(halves(RED, BLUE))
    remote = bench.window.stage.remote
    qtbot.waitUntil(lambda: remote.has_picture)
    bench.window.render(VIEWS["ended-peer-left"])
    assert not remote.has_picture
    bench.slots.remote.put(halves(RED, BLUE))  # comes late
    qtbot.waitUntil(lambda: bench.slots.remote.take() is None)
    bench.window.render(VIEWS["connected"])
    QApplication.processEvents()
    assert not remote.has_picture


def test_a_picture_that_comes_before_the_word_connected_is_not_lost(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["connecting"])
    early = halves(RED, BLUE)
    bench.slots.remote.put(early)
    QApplication.processEvents()
    bench.window.render(VIEWS["connected"])
    qtbot.waitUntil(lambda: any(picture is early for _, picture, _ in bench.shown))


@pytest.mark.parametrize(
    ("on", "off", "slot", "view"),
    [
        ("connected", "connected-peer-camera-off", "remote", "remote"),
        ("connected", "connected-cameras-off", "local", "own"),
    ],
)
def test_a_camera_that_is_off_leaves_no_frozen_face(
    bench: Bench, qtbot: QtBot, on: str, off: str, slot: str, view: str
) -> None:
    bench.window.render(VIEWS[on])
    target: VideoView = getattr(bench.window.stage, view)
    source: FrameSlot = getattr(bench.slots, slot)
    source.put(halves(RED, RED))
    qtbot.waitUntil(lambda: target.has_picture)
    bench.window.render(VIEWS[off])
    assert not target.has_picture
    image = shot(target)
    assert not close_to(image.pixelColor(image.width() // 4, image.height() // 3), RED)


def test_a_double_click_swaps_the_pictures_and_back(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["connected"])
    stage = bench.window.stage
    settle(bench, qtbot)
    QTest.mouseDClick(stage.own, Qt.MouseButton.LeftButton)
    settle(bench, qtbot)
    assert stage.own.geometry() == stage.rect()
    assert stage.remote.width() <= 320
    QTest.mouseDClick(stage.own, Qt.MouseButton.LeftButton, pos=QPoint(30, 200))
    settle(bench, qtbot)
    assert stage.remote.geometry() == stage.rect()


def test_the_own_picture_can_be_dragged_and_snaps_to_the_next_corner(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["connected"])
    stage = bench.window.stage
    settle(bench, qtbot)
    own = stage.own
    at = QPointF(own.mapToGlobal(own.rect().center()))
    own.pressed.emit(at)
    own.dragged.emit(at - QPointF(500, 300))
    moved = own.pos()
    own.dropped.emit()
    settle(bench, qtbot)
    assert own.pos() != moved
    assert own.geometry().left() == 16
    assert own.geometry().top() >= 52


@pytest.mark.parametrize("corner", Corner)
def test_tiles_rest_clear_of_edges_and_bars(bench: Bench, qtbot: QtBot, corner: Corner) -> None:
    bench.window.render(VIEWS["connected-peer-sharing"])
    stage = bench.window.stage
    stage.set_corner(corner)
    settle(bench, qtbot)
    free = stage.rect().adjusted(16, bench.window.top.height(), -16, -bench.window.bottom.height())
    assert free.contains(stage.own.geometry())
    assert free.contains(stage.remote.geometry())
    assert not stage.own.geometry().intersects(stage.remote.geometry())
    assert stage.screen_view.geometry() == stage.rect()


def test_the_small_picture_obeys_the_keyboard(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["connected"])
    stage = bench.window.stage
    settle(bench, qtbot)
    QTest.keyClick(stage.own, Qt.Key.Key_Left)
    QTest.keyClick(stage.own, Qt.Key.Key_Up)
    settle(bench, qtbot)
    assert stage.own.x() == 16
    assert stage.own.y() < stage.height() / 2
    QTest.keyClick(stage.own, Qt.Key.Key_Return)
    settle(bench, qtbot)
    assert stage.own.geometry() == stage.rect()


def test_while_reconnecting_the_last_picture_is_dimmed_under_the_words(bench: Bench, qtbot: QtBot) -> None:
    bench.window.render(VIEWS["connected"])
    bench.slots.remote.put(portrait(320, 180, tint=(250, 250, 250)))
    remote = bench.window.stage.remote
    qtbot.waitUntil(lambda: remote.has_picture)
    bright = shot(remote).pixelColor(60, 200).lightness()
    bench.window.render(VIEWS["reconnecting"])
    assert shot(remote).pixelColor(60, 200).lightness() < bright / 2
    assert bench.window.stage.note.isVisible()
    assert bench.window.stage.note.words.text() == "Reconnecting…"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Mina Kim", "MK"), ("jonas", "J"), ("김민준", "김"), ("", ""), ("(guest) 7 x", "7X")],
)
def test_initials_stand_for_a_person(name: str, letters: str) -> None:
    assert initials(name) == letters
