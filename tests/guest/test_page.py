"""What a person does with the guest page, and what it shows: two tabs of Chromium on a real server."""

from __future__ import annotations

import json

from guest.modules import SECRET
from guest.people import ROOM, Person, two_people
from rig.chromium import chromium

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
