"""Peers that are not ours: other m-sections than we would make."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from engine_rig import Party, engine, next_picture

from callapp.call.description import Description
from callapp.media.messages import (
    AddCandidate,
    AnswerReady,
    ApplyAnswer,
    CreateAnswer,
    CreateOffer,
    LocalCandidate,
    OfferReady,
    PeerConnected,
)
from callapp.media.transport import aiortc_seam as seam
from callapp.media.transport.sdp_check import from_candidate


def sound_and_camera(connection: RTCPeerConnection) -> None:
    connection.addTrack(AudioStreamTrack())
    connection.addTrack(VideoStreamTrack())


def camera_only(connection: RTCPeerConnection) -> None:
    connection.addTrack(VideoStreamTrack())


def more_than_we_know(connection: RTCPeerConnection) -> None:
    sound_and_camera(connection)
    for _ in range(3):
        connection.addTransceiver("video", direction="sendrecv")
    connection.addTransceiver("audio", direction="recvonly")


@pytest.mark.parametrize("add_tracks", [sound_and_camera, camera_only, more_than_we_know])
async def test_an_offer_with_other_sections_is_answered(
    add_tracks: Callable[[RTCPeerConnection], None],
) -> None:
    async with engine() as one:
        callee = Party(one)
        await callee.open()
        caller = seam.new_peer_connection()
        add_tracks(caller)
        received = _first_frame(caller)
        await caller.setLocalDescription(await caller.createOffer())
        callee.send(CreateAnswer("call", 0, Description(caller.localDescription.sdp)))
        answer = (await callee.event(AnswerReady)).answer
        await caller.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        await _trickle(callee, caller)
        await callee.event(PeerConnected)
        picture = await next_picture(callee.seat.remote)
        assert (picture.frame.width, picture.frame.height) == (640, 480)
        async with asyncio.timeout(20):
            await received
        await caller.close()


async def test_an_answer_that_only_receives_is_fine() -> None:
    async with engine() as one:
        caller = Party(one)
        await caller.open()
        callee = seam.new_peer_connection()
        received = _first_frame(callee)
        caller.send(CreateOffer("call", 0))
        offer = (await caller.event(OfferReady)).offer
        await callee.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        await _trickle(caller, callee)
        await callee.setLocalDescription(await callee.createAnswer())
        caller.send(ApplyAnswer("call", 0, Description(callee.localDescription.sdp)))
        caller.send(AddCandidate("call", 0, None))
        await caller.event(PeerConnected)
        async with asyncio.timeout(20):
            await received
        await callee.close()


def _first_frame(connection: RTCPeerConnection) -> asyncio.Future[None]:
    """Done when the connection has decoded a picture of ours."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[None] = loop.create_future()

    def finish() -> None:
        if not arrived.done():
            arrived.set_result(None)

    def frame_decoded(_: object) -> None:
        loop.call_soon_threadsafe(finish)

    connection.on(
        "track", lambda track: seam.attach_sink(track, frame_decoded if track.kind == "video" else _drop)
    )
    return arrived


def _drop(_: object) -> None:
    pass


async def _trickle(party: Party, connection: RTCPeerConnection) -> None:
    await party.until(lambda: any(event.candidate is None for event in party.of(LocalCandidate)))
    for event in party.of(LocalCandidate):
        await connection.addIceCandidate(from_candidate(event.candidate) if event.candidate else None)
