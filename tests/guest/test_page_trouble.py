"""The guest page when the other side, the server or the network fails or cheats."""

from __future__ import annotations

from guest.people import two_people

from signaling_server.server import SignalingServer

# a camera that never opens, with the error of this name
REFUSED = """
    navigator.mediaDevices.getUserMedia = async ({{ video }}) => {{
        if (video) throw new DOMException('told by the test', '{name}');
        return new MediaStream();
    }};
"""


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
