"""Screens: listed, captured, lost; what is on a real (virtual) screen is what arrives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from rig.capture import Collector, beside_qt
from rig.display import xvfb
from rig.waiting import eventually

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.devices import list_screens
from callapp.media.capture.source import screen_source, video_source, warm_up
from callapp.media.specs import MediaSpec, SpecKind, VideoWish

TESTS = Path(__file__).parents[1]
SCREEN = MediaSpec(SpecKind.SCREEN)


def _native_threads() -> int:
    """Threads of this process, Qt's included; 0 where the system does not tell."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.exists() else 0


@pytest.mark.usefixtures("qapp")
def test_screens_are_listed_with_ids_that_open_them() -> None:
    async def run(screen_id: str) -> tuple[int, int]:
        seen = Collector()
        source = screen_source(screen_id, seen.on_picture, seen.on_lost)
        await source.open()
        await source.close()
        return source.info.width_px, source.info.height_px

    screens = list_screens()
    assert screens
    assert beside_qt(run(screens[0].id)) == (screens[0].width_px, screens[0].height_px)
    assert beside_qt(run("")) == (screens[0].width_px, screens[0].height_px)


def test_it_opens_and_closes_again_and_again_on_one_thread_each_time(qapp: QApplication) -> None:
    async def run(rounds: int) -> None:
        seen = Collector()
        source = screen_source("", seen.on_picture, seen.on_lost)
        for _ in range(rounds):
            seen.pictures.clear()
            seen.threads.clear()
            await source.open()
            pictures = await seen.wait_for(4)
            await source.close()
            count = len(seen.pictures)
            assert len(seen.threads) == 1
            assert all(picture.frame.format.name == "yuv420p" for picture in pictures)
            await source.close()
            assert len(seen.pictures) == count

    del qapp
    beside_qt(run(1))
    once = _native_threads()
    beside_qt(run(3))
    eventually(lambda: _native_threads() <= once, "no more threads than after the first time")


def test_no_more_than_thirty_pictures_a_second_and_each_with_its_time(qapp: QApplication) -> None:
    async def run() -> list[float]:
        seen = Collector()
        source = screen_source("", seen.on_picture, seen.on_lost)
        await source.open()
        pictures = await seen.wait_for(20)
        await source.close()
        return [picture.captured_at or 0.0 for picture in pictures]

    del qapp
    times = beside_qt(run())
    assert times == sorted(times)
    assert (len(times) - 1) / (times[-1] - times[0]) < 32


def test_the_screen_as_a_camera_is_scaled_down_into_the_wish(qapp: QApplication) -> None:
    async def run() -> None:
        seen = Collector()
        source = video_source(SCREEN, VideoWish(400, 200, 10), seen.on_picture, seen.on_lost)
        await source.open()
        picture = (await seen.wait_for(1))[0]
        await source.close()
        size = qapp.primaryScreen().size()
        scale = min(400 / size.width(), 200 / size.height())
        assert picture.frame.width == source.info.width_px == int(size.width() * scale) & ~1
        assert picture.frame.height == source.info.height_px == int(size.height() * scale) & ~1
        assert source.info.fps == 10

    beside_qt(run())


@pytest.mark.usefixtures("qapp")
def test_a_screen_smaller_than_a_mandatory_size_is_overconstrained() -> None:
    async def run() -> MediaError:
        seen = Collector()
        wish = VideoWish(7680, 4320, mandatory=True)
        with pytest.raises(MediaError) as caught:
            await video_source(SCREEN, wish, seen.on_picture, seen.on_lost).open()
        return caught.value

    error = beside_qt(run())
    assert (error.code, error.device) == (ErrorCode.OVERCONSTRAINED, Device.CAMERA)


@pytest.mark.usefixtures("qapp")
def test_a_screen_that_is_not_there_is_not_found() -> None:
    async def run() -> MediaError:
        seen = Collector()
        with pytest.raises(MediaError) as caught:
            await screen_source("no such screen", seen.on_picture, seen.on_lost).open()
        return caught.value

    error = beside_qt(run())
    assert (error.code, error.device, error.subject) == (ErrorCode.NOT_FOUND, Device.SCREEN, "no such screen")


def test_a_screen_that_disappears_is_lost(qapp: QApplication) -> None:
    async def run() -> MediaError:
        seen = Collector()
        source = screen_source("", seen.on_picture, seen.on_lost)
        await source.open()
        qapp.screenRemoved.emit(qapp.primaryScreen())  # as Qt does; no platform here can really remove one
        error = await seen.lost
        await source.close()
        return error

    error = beside_qt(run())
    assert (error.code, error.device) == (ErrorCode.DEVICE_LOST, Device.SCREEN)


def test_warming_up_loads_the_adapters() -> None:
    warm_up()
    assert "callapp.media.capture.camera" in sys.modules
    assert "callapp.media.capture.screen" in sys.modules


WATCHING_A_SCREEN = """
import asyncio, sys
import numpy as np
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QRasterWindow
from rig.capture import Collector, beside_qt, luma
from callapp.media.capture import timecode
from callapp.media.capture.devices import list_screens
from callapp.media.capture.gui_thread import run_on_gui
from callapp.media.capture.pattern import PatternReel
from callapp.media.capture.source import screen_source

app = QGuiApplication([])
reel = PatternReel(1280, 720, 30)

class Window(QRasterWindow):
    image = QImage()
    def show_next(self):
        frame = reel.read()[1]
        pixels = frame.reformat(format="bgra", threads=1).to_ndarray()
        self.image = QImage(pixels.tobytes(), 1280, 720, QImage.Format.Format_RGB32).copy()
        self.update()
        return frame
    def paintEvent(self, event):
        QPainter(self).drawImage(0, 0, self.image)

window = Window()
window.setGeometry(0, 0, 1280, 720)
window.show_next()
window.show()

async def main():
    seen = Collector()
    source = screen_source("", seen.on_picture, seen.on_lost)
    await source.open()
    assert (source.info.width_px, source.info.height_px) == (1280, 720), source.info
    for number in range(1, 6):
        shown = (await run_on_gui(window.show_next)).to_ndarray().astype(int)
        while True:  # until it has been painted wholly; beside_qt limits the time
            last = seen.pictures[-1]
            if timecode.read(luma(last)) == number and np.abs(last.frame.to_ndarray() - shown).mean() < 2:
                break
            await seen.wait_for(len(seen.pictures) + 1)
    await source.close()
    assert not seen.lost.done()

assert [(s.width_px, s.height_px) for s in list_screens()] == [(1280, 720)]
beside_qt(main())
"""


def test_what_is_on_the_screen_is_what_arrives() -> None:
    with xvfb("1280x720x24") as display:
        environment = os.environ | {
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)]),
        }
        ended = subprocess.run(
            [sys.executable, "-c", WATCHING_A_SCREEN],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
