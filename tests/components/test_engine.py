"""The engine end to end: two parties call each other with pictures, sound, screens and messages."""

from __future__ import annotations

import asyncio

import pytest
from engine_rig import (
    SCREEN_SIZE,
    SIZE,
    FakeDevices,
    Party,
    call,
    engine,
    hears,
    is_silent,
    is_tone,
    numbers,
    two_parties,
)

from callapp.errors import Device
from callapp.media.messages import (
    ClosePeer,
    EnableSource,
    LocalCandidate,
    MessageReceived,
    OfferReady,
    PeerConnected,
    PeerFailed,
    RemoteVideo,
    SendMessage,
    Share,
    SourceChanged,
    VideoRole,
)
from callapp.media.transport.aiortc_seam import MeteredDtlsTransport


async def test_numbered_pictures_advance_both_ways() -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        for party in (caller, callee):
            seen = await numbers(party.seat.remote)
            assert seen == sorted(set(seen))
            event = await party.event(RemoteVideo)
            assert (event.role, event.width_px, event.height_px) == (VideoRole.CAMERA, *SIZE)


async def test_two_seats_of_one_engine_call_each_other_with_one_camera() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person, partner = Party(one), Party(one)
        await person.open()
        await call(person, partner)
        for party in (person, partner):
            seen = await numbers(party.seat.remote)
            assert seen == sorted(set(seen))
        assert len(devices.cameras) == 1
        await hears(devices.speakers[0], is_tone)


async def test_the_offer_is_posted_before_any_candidate_and_candidates_end() -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        kinds = [type(event) for event in caller.events]
        candidates = caller.of(LocalCandidate)
        assert kinds.index(OfferReady) < kinds.index(LocalCandidate)
        assert len(candidates) >= 2
        assert candidates[-1].candidate is None
        assert all(event.candidate is not None for event in candidates[:-1])
        sdp = caller.of(OfferReady)[0].offer.sdp
        assert "a=candidate" not in sdp
        assert "a=ice-options:trickle" in sdp


async def test_sound_arrives_both_ways() -> None:
    async with two_parties() as (caller, callee, first, second):
        await call(caller, callee)
        await hears(first.speakers[0], is_tone)
        await hears(second.speakers[0], is_tone)


async def test_a_muted_microphone_is_released_and_the_peer_hears_silence_until_it_is_on_again() -> None:
    async with two_parties() as (caller, callee, first, second):
        await call(caller, callee)
        await hears(second.speakers[0], is_tone)
        caller.send(EnableSource(Device.MICROPHONE, enabled=False))
        changed = await caller.event(SourceChanged)
        assert (changed.device, changed.info) == (Device.MICROPHONE, None)
        assert not first.microphones[0].is_open
        await hears(second.speakers[0], is_silent)
        caller.send(EnableSource(Device.MICROPHONE, enabled=True))
        await hears(second.speakers[0], is_tone)
        assert not callee.of(PeerFailed)


async def test_a_stalled_microphone_does_not_stop_the_sound_clock() -> None:
    async with two_parties() as (caller, callee, first, second):
        await call(caller, callee)
        await hears(second.speakers[0], is_tone)
        first.microphones[0].paused = True
        await hears(second.speakers[0], is_silent)
        first.microphones[0].paused = False
        await hears(second.speakers[0], is_tone)


async def test_a_camera_that_is_off_sends_nothing_and_is_seen_again_when_on() -> None:
    async with two_parties() as (caller, callee, first, _):
        await call(caller, callee)
        await numbers(callee.seat.remote, 2)
        caller.send(EnableSource(Device.CAMERA, enabled=False))
        await caller.event(SourceChanged)
        assert not first.cameras[0].is_open
        await asyncio.sleep(0.5)  # what was under way
        callee.seat.remote.clear()
        await asyncio.sleep(0.5)
        assert callee.seat.remote.take() is None
        caller.send(EnableSource(Device.CAMERA, enabled=True))
        seen = await numbers(callee.seat.remote)
        assert seen == sorted(set(seen))
        assert len(first.cameras) == 2


async def test_a_shared_screen_arrives_beside_the_camera() -> None:
    async with two_parties() as (caller, callee, first, _):
        await call(caller, callee)
        caller.send(Share("screen 1"))
        changed = await caller.event(SourceChanged)
        assert changed.device is Device.SCREEN
        await callee.until(lambda: any(event.role is VideoRole.SCREEN for event in callee.of(RemoteVideo)))
        event = next(event for event in callee.of(RemoteVideo) if event.role is VideoRole.SCREEN)
        assert (event.width_px, event.height_px) == SCREEN_SIZE
        await numbers(callee.seat.remote_screen)
        await numbers(callee.seat.remote)
        caller.send(Share(None))
        await caller.until(lambda: len(caller.of(SourceChanged)) == 2)
        assert not first.screens[0].is_open


async def test_both_sides_can_share_their_screens() -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        for party in (caller, callee):
            party.send(Share(""))
        await numbers(callee.seat.remote_screen)
        await numbers(caller.seat.remote_screen)


async def test_a_still_screen_is_repeated() -> None:
    async with two_parties() as (caller, callee, first, _):
        await call(caller, callee)
        caller.send(Share(""))
        await numbers(callee.seat.remote_screen, 3)
        first.screens[0].paused = True
        still = await numbers(callee.seat.remote_screen, 6)
        assert len(set(still[-2:])) == 1


async def test_a_camera_larger_than_1080p_is_sent_smaller_in_its_shape() -> None:
    devices = FakeDevices(camera_size=(2560, 1920))
    async with engine(devices) as one:
        person, partner = Party(one), Party(one)
        await person.open()
        await call(person, partner)
        event = await partner.event(RemoteVideo)
        assert (event.width_px, event.height_px) == (1440, 1080)


async def test_the_local_slot_shows_the_camera_and_is_empty_when_it_is_off() -> None:
    async with engine() as one:
        person = Party(one)
        await person.open()
        seen = await numbers(one.local, 4)
        assert seen == sorted(set(seen))
        person.send(EnableSource(Device.CAMERA, enabled=False))
        await person.event(SourceChanged)
        assert one.local.take() is None


async def test_messages_travel_both_ways_and_long_ones_do_not() -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        for sender, receiver, text in ((caller, callee, "안녕"), (callee, caller, "hello")):
            await _message_arrives(sender, receiver, text)
        caller.send(SendMessage("call", "x" * 20_000))
        await caller.until(lambda: any("could not be sent" in line for line in caller.trace))


async def _message_arrives(sender: Party, receiver: Party, text: str) -> None:
    """The channel opens a moment after the connection, and messages before that are dropped: so repeat."""
    async with asyncio.timeout(10):
        while not any(event.text == text for event in receiver.of(MessageReceived)):
            sender.send(SendMessage("call", text))
            await asyncio.sleep(0.05)


async def test_closing_clears_the_remote_picture_and_posts_nothing_more() -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        await numbers(caller.seat.remote, 3)
        caller.send(ClosePeer("call"))
        await callee.event(PeerFailed)
        posted = len(caller.events)
        assert caller.seat.remote.take() is None
        assert all(not isinstance(event, PeerFailed) for event in caller.events)
        await asyncio.sleep(0.2)
        assert len(caller.events) == posted


async def test_calls_follow_each_other() -> None:
    async with two_parties() as (caller, callee, _, _):
        for call_id in ("one", "two", "three"):
            await call(caller, callee, call_id)
            await numbers(callee.seat.remote, 3)
            caller.send(ClosePeer(call_id))
            callee.send(ClosePeer(call_id))


async def test_another_attempt_replaces_the_first_and_pictures_go_on() -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee, attempt=0)
        await numbers(callee.seat.remote, 3)
        await call(caller, callee, attempt=1)
        await numbers(callee.seat.remote)
        await numbers(caller.seat.remote)
        assert [event.attempt for event in callee.of(PeerConnected)] == [0, 1]
        assert not callee.of(PeerFailed)


async def test_a_peer_that_falls_silent_is_reported_and_so_is_its_return(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deaf = False
    handle_rtp, handle_rtcp = MeteredDtlsTransport._handle_rtp_data, MeteredDtlsTransport._handle_rtcp_data

    async def rtp(transport: MeteredDtlsTransport, data: bytes, arrival_time_ms: int) -> None:
        if not (deaf and transport.transport.role == "controlling"):
            await handle_rtp(transport, data, arrival_time_ms)

    async def rtcp(transport: MeteredDtlsTransport, data: bytes) -> None:
        if not (deaf and transport.transport.role == "controlling"):
            await handle_rtcp(transport, data)

    monkeypatch.setattr(MeteredDtlsTransport, "_handle_rtp_data", rtp)
    monkeypatch.setattr(MeteredDtlsTransport, "_handle_rtcp_data", rtcp)
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        await numbers(caller.seat.remote, 3)
        deaf = True
        failed = await caller.event(PeerFailed)
        assert failed.silent
        deaf = False
        await caller.until(lambda: len(caller.of(PeerConnected)) == 2)
        await numbers(caller.seat.remote, 3)
        assert len(caller.of(PeerFailed)) == 1
        assert not callee.of(PeerFailed)


async def test_the_trace_reads_like_the_codelabs() -> None:
    async with engine() as one:
        person, partner = Party(one), Party(one)
        await person.open()
        await call(person, partner)
        expected = [
            "Created local peer connection object localPeerConnection.",
            "localPeerConnection createOffer start.",
            "localPeerConnection setLocalDescription start.",
            "localPeerConnection setLocalDescription complete.",
            "localPeerConnection ICE candidate: udp host.",
            "localPeerConnection addIceCandidate success.",
            "localPeerConnection ICE state: checking.",
            "Remote peer connection received remote stream.",
        ]
        assert not set(expected) - set(person.trace)
        assert "remotePeerConnection createAnswer start." in partner.trace


async def test_nothing_traced_or_shown_by_repr_holds_secrets() -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        offer = caller.of(OfferReady)[0].offer
        secrets = [
            line.split(":", 1)[1]
            for line in offer.sdp.splitlines()
            if line.startswith(("a=ice-pwd", "a=ice-ufrag"))
        ]
        addresses = {
            event.candidate.candidate.split()[4] for event in caller.of(LocalCandidate) if event.candidate
        }
        shown = "\n".join(map(repr, [*caller.events, *callee.events]))
        assert secrets
        assert addresses
        assert not [text for text in (*secrets, *addresses) if text in shown]


async def test_the_engine_knows_how_late_its_loop_runs() -> None:
    async with engine() as one:
        person = Party(one)
        await person.open()
        assert 0 <= one.lag_s < 5
