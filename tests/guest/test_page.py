"""What a person does with the guest page, and what it shows: two tabs of Chromium on a real server."""

from __future__ import annotations

import json

import pytest
from guest.modules import SECRET, served
from guest.people import ROOM, Person, two_people
from rig.browser import chromium

from signaling_server.server import SignalingServer

# a camera that never opens, with the error of this name
REFUSED = """
    navigator.mediaDevices.getUserMedia = async ({{ video }}) => {{
        if (video) throw new DOMException('told by the test', '{name}');
        return new MediaStream();
    }};
"""


async def test_the_three_buttons_follow_the_table() -> None:
    async with two_people() as two:
        one, other = two.one, two.other
        assert await one.buttons() == [True, False, False]
        await one.press("startButton")
        await one.sees("!callButton.disabled")
        assert await one.buttons() == [False, True, False]
        await one.call()
        await one.sees("state.textContent === 'Waiting for someone to join'")
        assert await one.buttons() == [False, False, True]
        await other.start()
        await other.call()
        await one.is_in_call()
        assert await one.buttons() == [False, False, True]
        await one.hang_up()
        await one.is_told("You have left the call.")
        assert await one.buttons() == [False, True, False]
        await one.sees("localVideo.srcObject.getVideoTracks()[0].readyState === 'live'")
        await one.sees("remoteVideo.srcObject === null")
        await other.is_told("The other side hung up.")
        await other.sees("state.textContent === 'Waiting for someone to join'")
        await one.act("REJOIN")
        for person in (one, other):
            await person.is_in_call()


async def test_the_secret_stays_in_memory() -> None:
    async with two_people() as two:
        await two.meet()
        for person in (two.one, two.other):
            assert await person.page.evaluate("location.href") == two.link.partition("#")[0]
            told = await person.page.evaluate(
                "[document.documentElement.outerHTML, logText.textContent, JSON.stringify(history.state),"
                " document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join()"
            )
            assert SECRET not in told
        await two.other.page.open(two.link.partition("#")[0])
        await two.other.sees("!linkForm.hidden && linkForm.textContent.includes('not complete')")


async def test_pictures_and_sound_go_both_ways() -> None:
    async with two_people() as two:
        await two.meet()
        for person in (two.one, two.other):
            await person.sees("remoteVideo.videoWidth > 0")
            advancing = """new Promise((resolve) => {
                let count = 0;
                const shown = () => (++count === 10 ? resolve(true) : next());
                const next = () => remoteVideo.requestVideoFrameCallback(shown);
                next();
            })"""
            assert await person.page.evaluate(advancing)
            loud = """(async () => {
                const context = new AudioContext();
                const analyser = context.createAnalyser();
                const tracks = remoteVideo.srcObject.getAudioTracks();
                context.createMediaStreamSource(new MediaStream(tracks)).connect(analyser);
                const samples = new Float32Array(analyser.fftSize);
                for (let look = 0; look < 400; look++) {
                    analyser.getFloatTimeDomainData(samples);
                    if (samples.some((sample) => Math.abs(sample) > 0.05)) return true;
                    await new Promise((resolve) => setTimeout(resolve, 20));
                }
                return false;
            })()"""
            assert await person.page.evaluate(loud), "the beeps of the fake microphone arrive"


async def test_off_releases_the_device_and_the_other_one_sees_it() -> None:
    async with two_people() as two:
        one, other = two.one, two.other
        await one.page.evaluate(
            """(() => {
                const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
                window.opened = [];
                navigator.mediaDevices.getUserMedia = async (wish) => {
                    const stream = await ask(wish);
                    opened.push(...stream.getTracks());
                    return stream;
                };
            })()"""
        )
        await two.meet()
        live = (
            "opened.filter((track) => track.readyState === 'live').map((track) => track.kind).sort().join()"
        )
        assert await one.page.evaluate(live) == "audio,video"
        await one.press("cameraButton")
        await one.press("muteButton")
        await one.sees(f"{live} === ''")
        await one.sees("cameraDot.hidden && microphoneDot.hidden && !localCard.hidden")
        await other.sees("!remoteCard.hidden && remoteCard.textContent.includes('Camera is off')")
        await other.sees(
            "!remoteName.hidden && remoteName.querySelector('.icon').getAttribute('aria-label') === 'Muted'"
        )
        await one.press("cameraButton")
        await one.press("muteButton")
        await one.sees(f"{live} === 'audio,video'")
        await other.sees("remoteCard.hidden && remoteName.hidden")


async def test_chat_arrives_is_acknowledged_and_is_never_markup() -> None:
    text = '<img src=x onerror="window.hacked=1"> see https://example.org/a?b=1, 안녕'
    async with two_people() as two:
        one, other = two.one, two.other
        await one.press("chatButton")
        await one.page.evaluate(f"chatText.value = {json.dumps(text)}")
        assert await one.page.evaluate("chatSend.disabled")
        await one.page.evaluate("chatForm.requestSubmit()")
        await one.sees("!chatProblem.hidden && chatProblem.textContent.includes('Your text stays here')")
        assert await one.page.evaluate("chatText.value") == text
        await two.meet()
        await one.sees("chatProblem.hidden")
        await one.page.evaluate("chatForm.requestSubmit()")
        await one.sees("document.querySelector('#chatLines .mark')?.textContent === 'Delivered'")
        await other.sees("document.querySelector('#chatButton .count').textContent === '1'")
        await other.press("chatButton")
        await other.sees("document.querySelector('#chatButton .count').hidden")
        assert await other.page.evaluate("document.querySelector('#chatLines .text').textContent") == text
        assert await other.page.evaluate("document.querySelectorAll('#chatLines img').length") == 0
        link = "(({ href, rel, target }) => [href, rel, target])(document.querySelector('#chatLines a'))"
        assert await other.page.evaluate(link) == [
            "https://example.org/a?b=1",
            "noopener noreferrer",
            "_blank",
        ]
        await other.page.evaluate(f"chatText.value = {json.dumps('가' * 4001)}; chatForm.requestSubmit()")
        await other.sees("chatProblem.textContent.includes('4,000')")
        await other.page.evaluate(f"chatText.value = {json.dumps('가' * 4000)}; chatForm.requestSubmit()")
        await one.sees("document.querySelectorAll('#chatLines li').length === 2")


async def test_a_shared_screen_is_shown_beside_the_camera() -> None:
    fake = """
        navigator.mediaDevices.getDisplayMedia = async () => {
            const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
            const context = canvas.getContext('2d');
            let hue = 0;
            setInterval(() => {
                context.fillStyle = `rgb(${hue++ % 50}, 0, 200)`;
                context.fillRect(0, 0, 320, 240);
            }, 50);
            return canvas.captureStream(20);
        };
    """
    async with two_people(before=fake) as two:
        one, other = two.one, two.other
        assert await one.page.evaluate("shareButton.disabled")
        await two.meet()
        await one.press("shareButton")
        await one.sees("!sharingChip.hidden && document.body.classList.contains('sharing')")
        await other.sees(
            "!screenView.hidden && screenView.classList.contains('main') && remoteScreen.videoWidth > 0"
        )
        await other.sees("remoteView.classList.contains('tile') && remoteVideo.videoWidth > 0")
        blue = """(() => {
            const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
            const context = canvas.getContext('2d');
            context.drawImage(remoteScreen, 0, 0, 8, 8);
            const [red, green, blue] = context.getImageData(4, 4, 1, 1).data;
            return blue > 120 && red < 90 && green < 60;
        })()"""
        await other.sees(blue)
        await one.press("stopSharing")
        await other.sees("screenView.hidden && remoteView.classList.contains('main')")


async def test_the_third_is_told_that_the_room_is_full_and_can_make_a_new_one() -> None:
    async with two_people() as two, chromium() as browser:
        await two.meet()
        third = Person(await browser.page())
        await third.open(two.link)
        await third.start()
        await third.call()
        await third.is_told("Sorry, this room is full.")
        assert await third.buttons() == [False, True, False]
        await third.act("NEW_ROOM")
        await third.sees("!inviteCard.hidden")
        link = await third.page.evaluate("inviteLink.value")
        assert link.startswith(two.link.partition(ROOM)[0])
        assert ROOM not in link
        assert await third.page.evaluate("location.href") == link.partition("#")[0]
        fourth = Person(await browser.page())
        await fourth.open(link)
        await fourth.start()
        await fourth.call()
        for person in (third, fourth):
            await person.is_in_call()


async def test_another_secret_is_said_to_both() -> None:
    async with two_people() as two:
        await two.other.open(two.link.partition("#")[0] + "?again#" + "B" * 21 + "A")
        for person in (two.one, two.other):
            await person.start()
            await person.call()
        for person in (two.one, two.other):
            await person.is_told("The other side joined with another link.")


async def test_a_closed_tab_ends_the_call_of_the_other_one_at_once() -> None:
    async with two_people() as two:
        await two.meet()
        await two.other.page.close()
        await two.one.is_told("The other side hung up.")
        await two.one.sees("state.textContent === 'Waiting for someone to join'")


async def test_a_repeated_message_is_called_interference() -> None:
    repeating = """
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (frame) {
            send.call(this, frame);
            if (window.repeat && frame.includes('"relay"')) send.call(this, frame);
        };
    """
    async with two_people(before=repeating) as two:
        await two.other.page.evaluate("window.repeat = true")
        for person in (two.one, two.other):
            await person.start()
            await person.call()
        await two.one.is_told("Someone may be interfering with this call.")
        await two.one.sees("lockButton.dataset.lock === 'interference'")


async def test_both_read_the_same_code_behind_the_lock() -> None:
    async with two_people() as two:
        await two.meet()
        shown = []
        for person in (two.one, two.other):
            await person.sees("lockButton.textContent.startsWith('Encrypted; trusts 127.0.0.1:')")
            await person.sees("sasEmoji.children.length === 4")
            await person.press("lockButton")
            await person.sees("lockDialog.open")
            shown.append(await person.page.evaluate("[sasDigits.textContent, sasEmoji.innerText]"))
        assert shown[0] == shown[1]
        assert len(shown[0][0]) == 7


async def test_losing_the_server_leaves_the_call_alone_and_the_page_comes_back() -> None:
    async with two_people() as two:
        await two.meet()
        port = int(two.link.split("/")[2].rpartition(":")[2])
        await two.server.close()
        await two.one.press("cameraButton")
        await two.other.sees("!remoteCard.hidden")  # told over the data channel
        again = SignalingServer()
        await again.start("127.0.0.1", port, stun=False)
        try:
            await two.other.page.close()
            await two.one.is_told("The other side hung up.")
            await two.one.sees("state.textContent === 'Waiting for someone to join'")
        finally:
            await again.close()


async def test_a_new_network_renews_the_connection_to_the_server_in_a_call() -> None:
    async with two_people() as two:
        await two.meet()
        for person in (two.one, two.other):
            await person.page.evaluate("window.dispatchEvent(new Event('online'))")
        await two.one.press("muteButton")
        await two.other.sees("!remoteName.hidden")
        assert await two.one.page.evaluate("document.body.dataset.call") == "connected"
        await two.one.hang_up()
        await two.other.is_told("The other side hung up.")


async def test_a_dead_connection_is_replaced_by_another_attempt() -> None:
    """The peer connection of one side is closed behind the page's back: both notice, and the call goes on."""
    keep = """
        const Native = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Native {
            constructor(...all) { super(...all); window.last = this; }
        };
    """
    async with two_people(before=keep) as two:
        await two.meet()
        await two.other.page.evaluate("last.close()")
        await two.one.sees("document.body.dataset.call === 'reconnecting'")
        for person in (two.one, two.other):
            await person.sees("document.body.dataset.call === 'connected'")
            await person.sees("lockButton.dataset.lock === 'trusts_host'")
            assert "Call ended" not in await person.page.evaluate("logText.textContent")


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
