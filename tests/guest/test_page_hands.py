"""The guest page under a person's hands: devices, links, keys, full screen, the own picture."""

from __future__ import annotations

import json

import pytest
from guest.modules import SECRET, served
from guest.people import ROOM, Person, two_people
from rig.chromium import chromium

# a camera that never opens, with the error of this name
REFUSED = """
    navigator.mediaDevices.getUserMedia = async ({{ video }}) => {{
        if (video) throw new DOMException('told by the test', '{name}');
        return new MediaStream();
    }};
"""


@pytest.mark.parametrize(
    ("name", "words", "action"),
    [
        ("NotFoundError", "No camera", "SOUND_ONLY"),
        ("NotAllowedError", "not allowed to use the camera and microphone", "SOUND_ONLY"),
        ("NotReadableError", "used by another program", "SOUND_ONLY"),
        ("OverconstrainedError", "cannot deliver what is needed", "SOUND_ONLY"),
        ("AbortError", "could not be started", "SOUND_ONLY"),
        ("SecurityError", "does not let pages use cameras", None),
    ],
)
async def test_a_device_error_is_said_in_words_with_the_next_step(
    name: str, words: str, action: str | None
) -> None:
    no_camera = (
        "navigator.mediaDevices.enumerateDevices = async () => [{ kind: 'audioinput', deviceId: 'a' }];"
    )
    async with two_people(before=REFUSED.format(name=name) + no_camera) as two:
        await two.one.press("startButton")
        await two.one.is_told(words)
        await two.one.sees(f"banner.querySelector('code').textContent === '{name}: told by the test'")
        assert await two.one.buttons() == [True, False, False]
        if action is not None:
            await two.one.act(action)
            await two.one.sees("!callButton.disabled && banner.hidden")


async def test_a_question_that_nobody_answers_is_pointed_at() -> None:
    async with two_people(before="navigator.mediaDevices.getUserMedia = () => new Promise(() => {});") as two:
        await two.one.press("startButton")
        await two.one.is_told("Your browser asks whether this page may use the camera")


async def test_a_plain_http_page_from_elsewhere_is_told_why_it_cannot_work() -> None:
    async with served() as server, chromium("--host-resolver-rules=MAP lan.test 127.0.0.1") as browser:
        page = await browser.page()
        person = Person(page)
        await person.open(f"http://lan.test:{server.port}/{ROOM}#{SECRET}")
        await person.sees("!linkForm.hidden && linkForm.textContent.includes('It came over plain http')")
        assert await person.buttons() == [False, False, False]
        assert SECRET not in await page.evaluate("location.href")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "needs an invite link"),
        (f"/{ROOM}", "not complete"),
        (f"/{ROOM}#short", "not a complete invite link"),
        (f"/{ROOM}#{SECRET}.", "not a complete invite link"),
        (f"/{ROOM}#{SECRET}.{'A' * 42}", "not a complete invite link"),
    ],
)
async def test_a_wrong_link_is_explained_and_a_right_one_can_be_pasted(path: str, words: str) -> None:
    async with served() as server, chromium() as browser:
        person = Person(await browser.page())
        origin = f"http://127.0.0.1:{server.port}"
        await person.open(origin + path)
        await person.sees(f"!linkForm.hidden && linkForm.textContent.includes({json.dumps(words)})")
        await person.page.evaluate("pastedLink.value = 'callapp://x/y#z'; linkForm.requestSubmit()")
        await person.sees("linkProblem.textContent !== ''")
        await person.page.evaluate(
            f"pastedLink.value = ' <{origin}/{ROOM}#{SECRET}> '; linkForm.requestSubmit()"
        )
        await person.start()


async def test_the_keys_work_and_none_of_them_while_typing() -> None:
    async with served() as server, chromium() as browser:
        page = await browser.page()
        person = Person(page)
        await person.open(f"http://127.0.0.1:{server.port}/{ROOM}#{SECRET}")
        await person.start()
        await page.key("v", "KeyV")
        await person.sees("!localCard.hidden")
        await page.key("ㅡ", "KeyM")  # a Korean layout
        await person.sees("muteButton.classList.contains('on')")
        await page.key("c", "KeyC")
        await person.sees("!panel.hidden && document.activeElement === chatText")
        await page.key("v", "KeyV")
        await page.type_text("ㅎ")
        assert await page.evaluate("[chatText.value, localCard.hidden]") == ["vㅎ", False]
        await page.key("Escape", "Escape")
        await person.sees("panel.hidden && document.activeElement === chatButton")
        await page.key("?", "Slash")
        await person.sees("helpDialog.open")


async def test_a_key_that_ends_a_korean_syllable_sends_nothing() -> None:
    async with two_people() as two:
        await two.meet()
        await two.one.press("chatButton")
        await two.one.page.evaluate(
            """chatText.value = '안녕';
            const enter = { key: 'Enter', isComposing: true, cancelable: true };
            chatText.dispatchEvent(new KeyboardEvent('keydown', enter));"""
        )
        assert await two.one.page.evaluate("[chatText.value, chatLines.children.length]") == ["안녕", 0]


async def test_a_chosen_camera_is_used_at_once_also_in_a_call() -> None:
    # the second of three is a depth camera, which no call can send
    cameras = ("--use-fake-device-for-media-stream=device-count=3",)
    async with served() as server, chromium(devices=cameras) as browser:
        one, other = Person(await browser.page()), Person(await browser.page())
        for person in (one, other):
            await person.open(f"http://127.0.0.1:{server.port}/{ROOM}#{SECRET}")
            await person.start()
            await person.call()
        await one.is_in_call()
        in_use = "localVideo.srcObject.getVideoTracks()[0].getSettings().deviceId"
        before = await one.page.evaluate(in_use)
        await one.press("devicesButton")
        await one.sees("devicesDialog.open && cameraChoice.options.length >= 3")
        await one.page.evaluate("cameraChoice.selectedIndex = cameraChoice.options.length - 1")
        await one.page.evaluate("cameraChoice.dispatchEvent(new Event('change'))")
        await one.sees(f"{in_use} !== '{before}' && localVideo.videoWidth > 0")
        await other.page.evaluate(
            "new Promise((shown) => remoteVideo.requestVideoFrameCallback(() => shown(true)))"
        )


async def test_full_screen_and_back() -> None:
    async with two_people() as two:
        await two.one.press("fullScreenButton")
        await two.one.sees("document.fullscreenElement === document.documentElement")
        await two.one.sees("fullScreenButton.getAttribute('aria-label') === 'Leave full screen'")
        await two.one.press("fullScreenButton")
        await two.one.sees("document.fullscreenElement === null")


async def test_the_bars_fade_in_a_call_and_come_back() -> None:
    async with two_people() as two:
        await two.meet()
        await two.one.page.evaluate("document.activeElement.blur()")
        await two.one.sees(
            "document.body.classList.contains('idle') && getComputedStyle(topBar).opacity === '0'"
        )
        await two.one.page.evaluate(
            "document.dispatchEvent(new PointerEvent('pointermove', { bubbles: true }))"
        )
        await two.one.sees("getComputedStyle(topBar).opacity === '1'")


async def test_the_own_picture_is_dragged_into_a_corner_and_swapped_by_a_press() -> None:
    async with two_people() as two:
        await two.meet()
        drag = """(() => {
            const send = (type, clientX, clientY) => localView.dispatchEvent(
                new PointerEvent(type, { clientX, clientY, button: 0, pointerId: 1, bubbles: true }));
            const { x, y } = localView.getBoundingClientRect();
            localView.setPointerCapture = () => {};
            send('pointerdown', x + 5, y + 5);
            send('pointermove', 20, 120);
            send('pointerup', 20, 120);
        })()"""
        await two.one.page.evaluate(drag)
        await two.one.sees("stage.dataset.corner === 'top-left' && localView.getBoundingClientRect().x < 40")
        await two.one.press("localView")
        await two.one.sees("localView.classList.contains('main') && remoteView.classList.contains('tile')")
