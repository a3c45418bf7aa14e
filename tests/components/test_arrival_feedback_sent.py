"""A sender that numbers its packets, as browsers do, is told when they arrived; others get REMB as before."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import av
import numpy as np
import pytest
from aiortc import RTCPeerConnection
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from callapp.media.tracks import VideoTrack
from callapp.media.transport import aiortc_seam as seam
from callapp.media.transport import arrival_feedback
from callapp.media.video.slot import Picture
from callapp.media.video.vp8_encoder import CallVp8Encoder

FIRST_NUMBER = 65_500  # the numbers wrap soon


@pytest.fixture
async def pair() -> AsyncIterator[tuple[RTCPeerConnection, RTCPeerConnection]]:
    seam.install(CallVp8Encoder)
    connections = seam.new_peer_connection(), seam.new_peer_connection()
    yield connections
    for connection in connections:
        await connection.close()


async def rtcp_of_a_call(pair: tuple[RTCPeerConnection, RTCPeerConnection], enough: int) -> list[bytes]:
    """Sends video one way; the RTCP packets that come back, until `enough` are feedback (of either kind)."""
    sender, receiver = pair
    track = VideoTrack()
    sender.addTrack(track)
    transport = seam.transport_of(sender)
    received: list[bytes] = []
    done = asyncio.Event()
    handle = transport._handle_rtcp_data

    async def record(data: bytes) -> None:
        received.append(data)
        if sum(map(is_feedback, received)) >= enough:
            done.set()
        await handle(data)

    transport._handle_rtcp_data = record  # type: ignore[method-assign]
    receiver.on("track", lambda remote: seam.attach_sink(remote, lambda frame: None))
    await sender.setLocalDescription(await sender.createOffer())
    await receiver.setRemoteDescription(sender.localDescription)
    await receiver.setLocalDescription(await receiver.createAnswer())
    await sender.setRemoteDescription(receiver.localDescription)
    noise = np.random.default_rng(1)
    async with asyncio.timeout(20):
        while not done.is_set():
            planes = noise.integers(0, 255, (360, 320), dtype=np.uint8)
            track.put(Picture(av.VideoFrame.from_ndarray(planes, "yuv420p")))
            try:
                await asyncio.wait_for(done.wait(), 1 / 30)
            except TimeoutError:
                continue
    return received


def is_feedback(data: bytes) -> bool:
    return arrival_feedback.is_remb(data) or (data[1] == 205 and data[0] & 0x1F == 15)


async def test_numbered_packets_are_answered_with_their_arrivals_and_without_remb(
    pair: tuple[RTCPeerConnection, RTCPeerConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = itertools.count(FIRST_NUMBER)
    plain = RtpPacket.serialize

    def numbered(self: RtpPacket, extensions_map: HeaderExtensionsMap) -> bytes:
        self.extensions.transport_sequence_number = next(numbers) & 0xFFFF
        return plain(self, extensions_map)

    monkeypatch.setattr(RtpPacket, "serialize", numbered)
    received = await rtcp_of_a_call(pair, enough=10)
    assert not [data for data in received if arrival_feedback.is_remb(data)]
    messages = [arrival_feedback.parse(data) for data in received if is_feedback(data)]
    assert messages[0].base == FIRST_NUMBER
    assert [message.count for message in messages] == list(range(len(messages)))
    for before, after in itertools.pairwise(messages):
        assert after.base == (before.base + len(before.arrivals)) & 0xFFFF
    assert None not in [arrival for message in messages for arrival in message.arrivals]


async def test_packets_without_numbers_get_remb_as_before(
    pair: tuple[RTCPeerConnection, RTCPeerConnection],
) -> None:
    received = await rtcp_of_a_call(pair, enough=1)
    assert [data for data in received if arrival_feedback.is_remb(data)]


async def test_the_offer_asks_for_numbers_and_for_a_brisk_start(
    pair: tuple[RTCPeerConnection, RTCPeerConnection],
) -> None:
    connection = pair[0]
    connection.addTransceiver("audio")
    connection.addTransceiver("video")
    sdp = (await connection.createOffer()).sdp
    assert sdp.count(f"a=extmap:{seam.FEEDBACK_EXTENSION_ID} {arrival_feedback.URI}") == 2
    assert "transport-cc" in sdp
    assert f"x-google-start-bitrate={seam.BROWSER_START_KBPS}" in sdp
