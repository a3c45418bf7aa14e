"""The app, in its window under Xvfb, with a guest in a real browser: whoever comes first, whoever hangs up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from guest.people import Person
from rig.app_process import SILENT, AppProcess, StartApp
from rig.guests import (
    CAMERA,
    HEARS_440_HZ,
    TAP,
    TESTS,
    Advances,
    OpenGuest,
    browser_link,
    loud_seconds,
    sees_the_app,
)
from rig.waiting import eventually

pytestmark = pytest.mark.timeout(180)


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
