"""App and guest: what goes wrong, what is switched off, screens that are shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rig.app_process import SILENT, StartApp
from rig.frame_log import frames
from rig.guests import CAMERA, TAP, TESTS, Advances, OpenGuest, browser_link, sees_the_app
from rig.waiting import eventually

pytestmark = pytest.mark.timeout(180)


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
