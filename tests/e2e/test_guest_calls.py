"""The app, in its window under Xvfb, with a guest in a real browser: whoever comes first, whoever hangs up."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from audio_rig import pulse_room
from guest.people import Person
from rig.app_process import SILENT, AppProcess, StartApp
from rig.browser import chromium, firefox
from rig.frame_log import frames, numbers
from rig.waiting import eventually

from callapp.media.capture import timecode

pytestmark = pytest.mark.timeout(180)

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


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
@pytest.mark.parametrize("first", ["app", "guest"])
async def test_a_call_with_pictures_sound_chat_and_the_same_code(
    start_app: StartApp, display: str, tmp_path: Path, guest_in: OpenGuest, browser: str, first: str
) -> None:
    log, heard = tmp_path / "frames.jsonl", tmp_path / "heard.wav"
    sound = ("--microphone", "tone", "--speaker", f"record:{heard}")
    environment = {"DISPLAY": display, "FRAME_LOG": str(log), "PYTHONPATH": str(TESTS)}
    app = start_app(*CAMERA, *sound, *TAP, environment=environment)
    async with guest_in(browser) as guest:
        await guest.open(browser_link(app))
        await guest.start()
        if first == "app":
            app.do("call")
            app.wait_state(room="waiting")
            await guest.call()
        else:
            await guest.call()
            await guest.sees("!waitingCard.hidden")
            app.do("call")
        await guest.is_in_call()
        app.wait_state(call="connected", room="peer")
        app.wait_event("setup_time_ms")

        await sees_the_app(guest)
        assert await guest.page.evaluate("[remoteVideo.videoWidth, remoteVideo.videoHeight]") == [640, 480]
        assert await guest.page.evaluate(HEARS_440_HZ)
        eventually(Advances(log, 40, numbered=browser == "chromium"), "the guest's picture advances")
        eventually(lambda: loud_seconds(heard) > 0.2, "the guest is heard")

        code = app.wait_trace("Security code: ")["text"].rpartition(" ")[2].rstrip(".")
        await guest.sees(f"sasDigits.textContent === '{code[:3]} {code[3:]}'")
        app.wait_trace("Lock: trusts_host.")
        await guest.sees("lockButton.dataset.lock === 'trusts_host'")
        await chat_both_ways(app, guest)

        if first == "app":
            app.do("hang_up")
            await guest.is_told("The other side hung up.")
            await guest.sees("state.textContent === 'Waiting for someone to join'")
            app.do("call")
            await guest.is_in_call()
        await guest.hang_up()
        app.wait_event("ended", reason="PEER_LEFT", timeout_s=5)
        app.wait_state(call="ended", room="waiting")
    assert app.quit() == 0


async def chat_both_ways(app: AppProcess, guest: Person) -> None:
    app.do("chat", text="안녕하세요 <b>")
    app.wait_event("chat", own=True, state="delivered")
    await guest.sees("chatLines.textContent.includes('안녕하세요 <b>')")
    await guest.page.evaluate(
        f"(chatText.value = {json.dumps('반갑습니다 😀' * 50)}, chatForm.requestSubmit(), true)"
    )
    await guest.sees("document.querySelector('#chatLines .mine .mark')?.textContent === 'Delivered'")
    assert app.wait_event("chat", own=False)["text"] == "반갑습니다 😀" * 50


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
async def test_a_closed_tab_is_noticed_at_once_and_the_guest_can_come_back(
    start_app: StartApp, guest_in: OpenGuest, browser: str
) -> None:
    app = start_app("--headless", *CAMERA, *SILENT)
    link = browser_link(app)
    app.do("call")
    for _ in range(2):
        async with guest_in(browser) as guest:
            await guest.open(link)
            await guest.start()
            await guest.call()
            await guest.is_in_call()
            app.wait_state(call="connected", room="peer")
            await guest.page.close()
            # its last words may be cut off with it: then it is missed some seconds later
            ended = app.wait_event("ended", timeout_s=10)
            assert ended["reason"] in ("PEER_LEFT", "PEER_LOST")
            app.wait_state(room="waiting")
    assert app.quit() in (0, 3)


async def test_a_killed_app_is_noticed_within_ten_seconds(
    start_app: StartApp, guest_in: OpenGuest, signaling_place: tuple[str, str]
) -> None:
    url, room = signaling_place
    app = start_app("--headless", *CAMERA, *SILENT, "--server", url, "--room", room)
    async with guest_in("chromium") as guest:
        await guest.open(f"{url}/{room}")
        await guest.start()
        app.do("start")
        app.do("call")
        await guest.call()
        await guest.is_in_call()
        app.kill()
        await guest.sees("document.body.dataset.call === 'reconnecting'")
        await guest.is_told("The connection to the other side was lost.")
        await guest.sees("state.textContent === 'Waiting for someone to join'")


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
async def test_a_connection_that_dies_in_the_browser_is_built_anew(
    start_app: StartApp, tmp_path: Path, guest_in: OpenGuest, browser: str
) -> None:
    keep = """
        const Native = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Native {
            constructor(...all) { super(...all); window.last = this; }
        };
    """
    log = tmp_path / "frames.jsonl"
    app = start_app(
        "--headless", *CAMERA, *SILENT, *TAP, environment={"FRAME_LOG": str(log), "PYTHONPATH": str(TESTS)}
    )
    async with guest_in(browser, keep) as guest:
        await guest.open(browser_link(app))
        await guest.start()
        app.do("call")
        await guest.call()
        await guest.is_in_call()
        app.wait_state(call="connected")
        await guest.page.evaluate("(window.first = last, last.close(), true)")
        await guest.sees("window.last !== window.first")
        await guest.sees("document.body.dataset.call === 'connected'")
        app.wait_state(call="connected")
        await guest.sees("lockButton.dataset.lock === 'trusts_host'")
        await sees_the_app(guest)
        eventually(Advances(log, 20, numbered=False), "the guest's picture advances again")
        assert not [event for event in app.events if event["event"] == "ended"]
    assert app.quit() == 0


FAKE_SCREEN = """
    navigator.mediaDevices.getDisplayMedia = async () => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 800, height: 600 });
        const context = canvas.getContext('2d');
        let shade = 0;
        setInterval(() => {
            context.fillStyle = `rgb(200, ${shade++ % 50}, 30)`;
            context.fillRect(0, 0, 800, 600);
        }, 50);
        return canvas.captureStream(20);
    };
"""


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
async def test_screens_are_shared_both_ways_beside_the_cameras(
    start_app: StartApp, display: str, tmp_path: Path, guest_in: OpenGuest, browser: str
) -> None:
    log = tmp_path / "frames.jsonl"
    environment = {"DISPLAY": display, "FRAME_LOG": str(log), "PYTHONPATH": str(TESTS)}
    app = start_app(*CAMERA, *SILENT, *TAP, environment=environment)
    async with guest_in(browser, FAKE_SCREEN) as guest:
        await guest.open(browser_link(app))
        await guest.start()
        app.do("call")
        await guest.call()
        await guest.is_in_call()
        app.wait_state(call="connected")
        await guest.press("shareButton")
        await guest.sees("!sharingChip.hidden")
        eventually(lambda: len(frames(log, "screen")) > 5, "the guest's screen arrives")
        assert frames(log, "screen")[-1].width_px * 3 == frames(log, "screen")[-1].height_px * 4
        eventually(Advances(log, 10, numbered=browser == "chromium"), "the camera goes on beside it")
        app.do("share", on=True)
        await guest.sees("screenView.classList.contains('main') && remoteScreen.videoWidth === 1280")
        await sees_the_app(guest)
        app.do("share", on=False)
        await guest.sees("screenView.hidden")
        await guest.press("stopSharing")
        await guest.sees("sharingChip.hidden")
    assert app.quit() == 0


async def test_what_the_guest_switches_off_is_off_in_the_app(
    start_app: StartApp, tmp_path: Path, guest_in: OpenGuest
) -> None:
    log = tmp_path / "frames.jsonl"
    app = start_app(
        "--headless", *CAMERA, *SILENT, *TAP, environment={"FRAME_LOG": str(log), "PYTHONPATH": str(TESTS)}
    )
    async with guest_in("chromium") as guest:
        await guest.open(browser_link(app))
        await guest.start()
        app.do("call")
        await guest.call()
        await guest.is_in_call()
        eventually(Advances(log, 10, numbered=True), "the picture advances")
        await guest.press("cameraButton")
        await guest.press("muteButton")
        eventually(Frozen(log), "no picture comes any more")
        assert not [event for event in app.events if event["event"] == "ended"], "silence is no end"
        await guest.press("cameraButton")
        eventually(Advances(log, 10, numbered=True), "the picture advances again")
        app.do("camera", on=False)
        await guest.sees("!remoteCard.hidden")
        app.do("mute", on=True)
        await guest.sees("!remoteName.querySelector('.icon').hidden")
    assert app.quit() == 0


class Frozen:
    """Whether no remote picture came between 150 looks: longer than the watch for a silent peer takes."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._count = 0
        self._looks = 0

    def __call__(self) -> bool:
        now = len(frames(self._log, "remote"))
        self._looks = self._looks + 1 if now == self._count else 0
        self._count = now
        return self._looks >= 150


async def test_the_guest_is_told_that_the_room_is_full(start_app: StartApp, guest_in: OpenGuest) -> None:
    host = start_app("--headless", *CAMERA, *SILENT)
    host.do("start")
    invite = host.wait_event("invite")
    host.do("call")
    second = start_app(invite["link"], "--headless", *CAMERA, *SILENT)
    second.do("start")
    second.do("call")
    host.wait_state(call="connected", room="peer")
    async with guest_in("chromium") as guest:
        await guest.open(invite["browser_link"])
        await guest.start()
        await guest.call()
        await guest.is_told("Sorry, this room is full.")
    assert not [event for event in host.events if event["event"] == "ended"]
    assert second.quit() == 0
    assert host.quit() == 0


async def test_a_wrong_secret_is_told_to_both(start_app: StartApp, guest_in: OpenGuest) -> None:
    app = start_app("--headless", *CAMERA, *SILENT)
    link = browser_link(app)
    app.do("call")
    async with guest_in("chromium") as guest:
        await guest.open(f"{link.partition('#')[0]}#{'B' * 21}A")
        await guest.start()
        await guest.call()
        await guest.is_told("The other side joined with another link.")
        app.wait(lambda event: is_told_of_another_link(event), "words about another link")
        assert not [event for event in app.events if event.get("call") == "connected"]
    assert app.quit() == 0


def is_told_of_another_link(event: dict[str, Any]) -> bool:
    return event["event"] == "trace" and "link" in event["text"]
