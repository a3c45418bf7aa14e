"""Guests in real browsers for the end-to-end tests: fixtures and what a guest sees and hears."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from audio_rig import pulse_room
from guest.people import Person

from callapp.media.capture import timecode
from rig.app_process import AppProcess
from rig.chromium import chromium
from rig.firefox import firefox
from rig.frame_log import frames, numbers

TAP = ("--frame-tap", "rig.frame_log:tap")
CAMERA = ("--camera", "pattern", "--size", "640x480")
TESTS = Path(__file__).parents[1]
CAMERA_FRAMES = 60


class OpenGuest(Protocol):
    """Opens an empty page in a browser, for a guest."""

    def __call__(self, browser: str, before: str = "") -> contextlib.AbstractAsyncContextManager[Person]: ...


@pytest.fixture(scope="module")
def numbered_camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Y4M file of 640x360 at 30 fps for Chromium's camera, with numbers that the app's reader knows."""
    path = tmp_path_factory.mktemp("camera") / "numbered.y4m"
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H360 F30:1 Ip A1:1 C420jpeg\n")
        for number in range(CAMERA_FRAMES):
            y = np.full((360, 640), 60, np.uint8)
            y[100:300, (number * 8) % 560 : (number * 8) % 560 + 80] = 200
            u, v = np.full((180, 320), 110, np.uint8), np.full((180, 320), 140, np.uint8)
            timecode.burn(y, u, v, number)
            file.write(b"FRAME\n" + y.tobytes() + u.tobytes() + v.tobytes())
    return path


@pytest.fixture(scope="module")
def sound_system() -> Iterator[dict[str, str]]:
    """The environment of a process with loudspeakers: without any, Firefox lets no page make or hear sound."""
    with pulse_room() as room:
        yield room.environment


@pytest.fixture
def guest_in(numbered_camera: Path, sound_system: dict[str, str]) -> OpenGuest:
    """Opens an empty page: `guest_in(browser, before)`, `before` being run ahead of the page's own scripts."""

    def open_guest(browser: str, before: str = "") -> contextlib.AbstractAsyncContextManager[Person]:
        if browser == "firefox":
            return guest_in_firefox(sound_system, before)
        return guest_in_chromium(numbered_camera, before)

    return open_guest


@contextlib.asynccontextmanager
async def guest_in_firefox(environment: dict[str, str], before: str) -> AsyncIterator[Person]:
    """Firefox's camera shows a moving picture of its own."""
    async with firefox(environment=environment) as browser:
        page = await browser.page()
        if before:
            await page.before_load(before)
        yield Person(page)


@contextlib.asynccontextmanager
async def guest_in_chromium(camera: Path, before: str) -> AsyncIterator[Person]:
    """Chromium's camera shows the numbered pictures."""
    devices = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}")
    async with chromium(devices=devices) as chrome:
        tab = await chrome.page()
        if before:
            await tab.before_load(before)
        yield Person(tab)
        assert not [error for error in tab.errors if "/ws" not in error]


@pytest.fixture
def signaling_place() -> Iterator[tuple[str, str]]:
    """A server of its own and a room on it: its address, NAME#SECRET."""
    command = [sys.executable, "-m", "signaling_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = next(line for line in server.stdout if "listening on" in line)
            yield line.rsplit(" ", 1)[1].strip(), "family#AAAAAAAAAAAAAAAAAAAAAA"
        finally:
            server.terminate()
            server.wait(10)


def browser_link(app: AppProcess) -> str:
    """The link for guests of the room that the app has made."""
    app.do("start")
    link = app.wait_event("invite")["browser_link"]
    assert isinstance(link, str)
    assert link.startswith("http")
    return link


READ_STRIP = """(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const context = canvas.getContext('2d');
    context.drawImage(remoteVideo, 0, 0, 320, 240);
    const { data } = context.getImageData(0, 0, 320, 16);
    const luma = [];
    for (let i = 0; i < data.length; i += 4) {
        luma.push(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]));
    }
    return luma;
})()"""


async def number_seen(guest: Person) -> int | None:
    """The number in the picture of the app that the page shows now."""
    luma = np.zeros((240, 320), np.uint8)
    luma[:16] = np.array(await guest.page.evaluate(READ_STRIP), np.uint8).reshape(16, 320)
    return timecode.read(luma)


async def sees_the_app(guest: Person) -> None:
    """Numbers of the app's test picture are read in the page, and go up."""
    seen: list[int] = []
    for _ in range(200):
        number = await number_seen(guest)
        if number is not None and (not seen or number != seen[-1]):
            seen.append(number)
        if len(seen) >= 5:
            break
    assert len(seen) >= 5, f"only {seen} were read in the page"
    assert seen == sorted(seen)


HEARS_440_HZ = """(async () => {
    const context = new AudioContext({ sampleRate: 48000 });
    const analyser = new AnalyserNode(context, { fftSize: 4096 });
    const stream = new MediaStream(remoteVideo.srcObject.getAudioTracks());
    context.createMediaStreamSource(stream).connect(analyser);
    const levels = new Float32Array(analyser.frequencyBinCount);
    let heard = 0;
    for (let look = 0; look < 500 && heard < 10; look++) {
        analyser.getFloatFrequencyData(levels);
        const loudest = levels.indexOf(Math.max(...levels));
        const hz = (loudest * 48000) / 4096;
        if (levels[loudest] > -60 && Math.abs(hz - 440) < 25) heard++;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await context.close();
    return heard >= 10;
})()"""


def loud_seconds(path: Path) -> float:
    """How long a recording is louder than -40 dB of full scale."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64)
    blocks = samples[: len(samples) // 4800 * 4800].reshape(-1, 4800)
    return float((np.sqrt((blocks**2).mean(axis=1)) > 328).sum()) / 10


class Advances:
    """Whether the app has shown so many remote pictures more, each different from the one before where numbered."""

    def __init__(self, log: Path, count: int, *, numbered: bool) -> None:
        self._log, self._numbered = log, numbered
        self._enough = self._count() + count

    def _count(self) -> int:
        return len(numbers(self._log, "remote") if self._numbered else frames(self._log, "remote"))

    def __call__(self) -> bool:
        return self._count() >= self._enough
