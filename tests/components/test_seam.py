"""Contracts with aiortc 1.16 and aioice 0.13: every private name that callapp.media.transport leans on.

An upgrade that moves one of them fails here, with the name, and not in somebody's call.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import queue
import threading
from importlib.metadata import version
from types import CodeType
from typing import Any

import aioice.ice
import aiortc.rtcicetransport
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import av
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.codecs import CODECS
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import RemoteStreamTrack, RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import RtpPacket

from callapp.media.transport import aiortc_seam as seam
from callapp.media.transport.prompt_ice import PromptConnection
from callapp.media.transport.prompt_jitter import STALL_FRAMES, PromptFrame, PromptJitterBuffer
from callapp.media.video.vp8_encoder import CallVp8Encoder


@pytest.fixture(autouse=True)
def installed() -> None:
    seam.install(CallVp8Encoder)


def names_used(function: Any) -> set[str]:
    """Global and attribute names in a function and the functions inside it."""

    def walk(code: CodeType) -> set[str]:
        inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        return set(code.co_names).union(*(walk(constant) for constant in inner))

    return walk(function.__code__)


def test_the_versions_are_those_the_seam_was_written_for() -> None:
    assert version("aiortc").startswith("1.16.")
    assert version("aioice").startswith("0.13.")


@pytest.mark.parametrize(
    ("user", "name"),
    [
        (RTCRtpReceiver.__init__, "JitterBuffer"),
        (RTCRtpReceiver.receive, "decoder_worker"),
        (RTCRtpSender._next_encoded_frame, "get_encoder"),
        (vars(RTCPeerConnection)["_RTCPeerConnection__createDtlsTransport"], "RTCDtlsTransport"),
        (aiortc.rtcicetransport.RTCIceGatherer.__init__, "Connection"),
        (aioice.ice.Connection.gather_candidates, "get_host_addresses"),
    ],
)
def test_a_replaced_module_attribute_is_looked_up_when_used(user: Any, name: str) -> None:
    assert name in names_used(user)
    assert hasattr(inspect.getmodule(user), name)


def test_the_transport_registers_receivers_with_their_header_extensions_and_sends_in_one_place() -> None:
    assert "_rtp_header_extensions_map" in names_used(RTCDtlsTransport._register_rtp_receiver)
    assert list(inspect.signature(RTCDtlsTransport._register_rtp_receiver).parameters)[1:] == [
        "receiver",
        "parameters",
    ]
    assert "_register_rtp_receiver" in names_used(RTCRtpReceiver.receive)
    assert list(inspect.signature(RTCDtlsTransport._send_rtp).parameters) == ["self", "data"]


def test_the_substitutions_are_in_place() -> None:
    assert vars(aiortc.rtcrtpreceiver)["JitterBuffer"] is PromptJitterBuffer
    assert vars(aiortc.rtcrtpreceiver)["decoder_worker"] is seam.decode_into_sink
    assert vars(aiortc.rtcpeerconnection)["RTCDtlsTransport"] is seam.MeteredDtlsTransport
    assert vars(aiortc.rtcicetransport)["Connection"] is PromptConnection
    assert aioice.ice.get_host_addresses is seam.host_addresses
    codec = next(codec for codec in CODECS["video"] if codec.name == "VP8")
    assert isinstance(vars(aiortc.rtcrtpsender)["get_encoder"](codec), CallVp8Encoder)


def test_the_transport_hands_authenticated_packets_to_the_overridden_methods() -> None:
    used = names_used(RTCDtlsTransport._recv_next)
    assert {"_handle_rtp_data", "_handle_rtcp_data", "unprotect", "unprotect_rtcp"} <= used
    assert list(inspect.signature(RTCDtlsTransport._handle_rtp_data).parameters) == [
        "self",
        "data",
        "arrival_time_ms",
    ]
    assert list(inspect.signature(RTCDtlsTransport._handle_rtcp_data).parameters) == ["self", "data"]


def test_the_receiver_passes_its_tracks_queue_to_the_decoder() -> None:
    assert {"_track", "_queue"} <= names_used(RTCRtpReceiver.receive)
    assert hasattr(RemoteStreamTrack("video"), "_queue")


def test_the_encoder_is_asked_as_the_substitute_expects() -> None:
    assert list(inspect.signature(Vp8Encoder.encode).parameters) == ["self", "frame", "force_keyframe"]
    assert "target_bitrate" in names_used(RTCRtpSender._handle_rtcp_packet)
    parts = seam.packetize_vp8(bytes(3000), 7)
    assert len(parts) == 3
    assert all(len(part) <= 1300 for part in parts)


async def test_one_certificate_for_all_connections_of_the_process() -> None:
    plain = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    assert len(vars(plain)["_RTCPeerConnection__certificates"]) == 1
    first, second = seam.new_peer_connection(), seam.new_peer_connection()
    try:
        expected = seam.process_certificate().getFingerprints()
        for connection in (first, second):
            connection.addTransceiver("audio")
            assert seam.transport_of(connection).getLocalParameters().fingerprints == expected
    finally:
        for connection in (plain, first, second):
            await connection.close()


async def test_all_sections_share_one_transport() -> None:
    connection = seam.new_peer_connection()
    try:
        for kind in ("audio", "video", "video"):
            connection.addTransceiver(kind)
        connection.createDataChannel("data", negotiated=True, id=0)
        transports = {id(transceiver.receiver.transport) for transceiver in connection.getTransceivers()}
        assert connection.sctp is not None
        assert transports == {id(connection.sctp.transport)}
    finally:
        await connection.close()


async def test_a_transceiver_that_nothing_was_offered_for_is_left_out() -> None:
    connection = seam.new_peer_connection()
    try:
        transceiver = connection.addTransceiver("video")
        assert vars(transceiver)["_offerDirection"] is None
        seam.leave_unoffered_out(connection)
        assert vars(transceiver)["_offerDirection"] == "inactive"
    finally:
        await connection.close()


async def test_sockets_can_be_aborted() -> None:
    connection = seam.new_peer_connection()
    connection.addTransceiver("audio")
    await connection.setLocalDescription(await connection.createOffer())
    protocols = list(seam.transport_of(connection).transport._connection._protocols)
    assert protocols
    seam.abort_sockets(connection)
    await asyncio.sleep(0)
    assert all(protocol.transport.is_closing() for protocol in protocols)
    await connection.close()


async def test_the_ice_agent_has_what_the_prompt_one_uses() -> None:
    agent = PromptConnection(ice_controlling=True)
    expected = {
        "_check_list",
        "_check_list_state",
        "_early_checks",
        "_early_checks_done",
        "_local_candidates_end",
        "_query_consent_task",
        "_remote_candidates",
    }
    assert expected <= set(vars(agent))
    assert expected <= names_used(aioice.ice.Connection.connect)
    methods = (
        "_pair_remote_candidate",
        "_unfreeze_initial",
        "_remote_candidates_expected",
        "_check_periodic",
    )
    assert all(callable(getattr(agent, name)) for name in methods)
    assert "_pair_remote_candidate" in names_used(aioice.ice.Connection._add_remote_candidate)
    await agent.close()


async def test_an_agent_fails_when_the_peer_has_no_candidates_and_says_so() -> None:
    agent = PromptConnection(ice_controlling=True)
    await agent.gather_candidates()
    agent.remote_username, agent.remote_password = "abcd", "x" * 22
    await agent.add_remote_candidate(None)
    with pytest.raises(ConnectionError):
        await agent.connect()
    await agent.close()


async def test_agents_connect_whose_candidates_come_late() -> None:
    one, other = PromptConnection(ice_controlling=True), PromptConnection(ice_controlling=False)
    await asyncio.gather(one.gather_candidates(), other.gather_candidates())
    for agent, peer in ((one, other), (other, one)):
        agent.remote_username, agent.remote_password = peer.local_username, peer.local_password
    connecting = [asyncio.create_task(agent.connect()) for agent in (one, other)]
    await asyncio.sleep(0)
    for agent, peer in ((one, other), (other, one)):
        for candidate in peer.local_candidates:
            await agent.add_remote_candidate(candidate)
        await agent.add_remote_candidate(None)
    async with asyncio.timeout(10):
        await asyncio.gather(*connecting)
    await one.send(b"hello")
    assert await other.recv() == b"hello"
    await asyncio.gather(one.close(), other.close())


def test_loopback_is_offered_only_where_there_is_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seam, "_aioice_host_addresses", lambda use_ipv4, use_ipv6: [])
    assert seam.host_addresses(use_ipv4=True, use_ipv6=True) == ["127.0.0.1"]
    monkeypatch.setattr(seam, "_aioice_host_addresses", lambda use_ipv4, use_ipv6: ["192.0.2.1"])
    assert seam.host_addresses(use_ipv4=True, use_ipv6=True) == ["192.0.2.1"]


# ---- the jitter buffer


def packet(sequence_number: int, timestamp: int, *, marker: bool = True, data: bytes = b"") -> RtpPacket:
    made = RtpPacket(sequence_number=sequence_number & 0xFFFF, timestamp=timestamp, marker=int(marker))
    made._data = data or b"\x01%d" % sequence_number  # type: ignore[attr-defined]  # as aiortc's receiver does
    return made


KEY = b"\x10\x00\x00\x9d\x01\x2a rest"


def test_the_buffer_has_what_the_prompt_one_uses() -> None:
    assert {"_origin", "_packets", "_capacity", "_is_video"} <= set(vars(JitterBuffer(capacity=16)))
    assert "_remove_frame" in names_used(JitterBuffer.add)
    assert "_data" in names_used(RTCRtpReceiver._handle_rtp_packet)


def test_a_frame_is_released_at_its_marker_bit() -> None:
    buffer = PromptJitterBuffer(capacity=64, is_video=True)
    assert buffer.add(packet(1, 100, marker=False, data=b"a")) == (False, None)
    _, frame = buffer.add(packet(2, 100, data=b"b"))
    assert frame is not None
    assert (frame.data, frame.timestamp) == (b"ab", 100)


def test_a_frame_without_a_marker_bit_ends_with_the_next() -> None:
    buffer = PromptJitterBuffer(capacity=64, is_video=True)
    buffer.add(packet(1, 100, marker=False, data=b"a"))
    _, frame = buffer.add(packet(2, 200, marker=False, data=b"b"))
    assert frame is not None
    assert frame.data == b"a"


def test_frames_behind_a_gap_come_together_when_it_closes() -> None:
    buffer = PromptJitterBuffer(capacity=64, is_video=True)
    buffer.add(packet(65_535, 0))
    for number in (65_537, 65_538):
        assert buffer.add(packet(number, number)) == (False, None)
    _, frame = buffer.add(packet(65_536, 65_536))
    assert isinstance(frame, PromptFrame)
    assert [part.timestamp for part in (frame, *frame.following)] == [65_536, 65_537, 65_538]


def test_a_gap_that_lasts_asks_for_a_key_frame_and_waits_for_it() -> None:
    buffer = PromptJitterBuffer(capacity=64, is_video=True)
    buffer.add(packet(0, 0))
    asked = [buffer.add(packet(number, number))[0] for number in range(2, 2 + STALL_FRAMES)]
    assert asked == [False] * (STALL_FRAMES - 1) + [True]
    after = 2 + STALL_FRAMES
    assert buffer.add(packet(after, after))[1] is None
    _, frame = buffer.add(packet(after + 1, after + 1, data=KEY))
    assert frame is not None
    assert frame.data == KEY
    assert buffer.add(packet(after + 2, after + 2))[1] is not None


def test_a_key_frame_that_never_comes_is_asked_for_again_and_not_waited_for_for_ever() -> None:
    buffer = PromptJitterBuffer(capacity=64, is_video=True)
    buffer.add(packet(0, 0))
    results = [buffer.add(packet(number, number)) for number in range(2, 120)]
    assert sum(asked for asked, _ in results) >= 3
    assert results[-1][1] is not None


# ---- the decoder's thread


class Job:
    """What the receiver queues: a codec and an encoded frame."""

    def __init__(self) -> None:
        self.codec = next(codec for codec in CODECS["video"] if codec.name == "VP8")
        self._encoder = CallVp8Encoder()
        self._pts = 0

    def frame(self) -> PromptFrame:
        picture = av.VideoFrame(64, 48, "yuv420p")
        picture.pts = self._pts
        self._pts += 3000
        payloads, timestamp = self._encoder.encode(picture)
        return PromptFrame(
            b"".join(aiortc.codecs.depayload(self.codec, part) for part in payloads), timestamp
        )


def decode(*jobs: Any) -> tuple[list[Any], threading.Event]:
    delivered: list[Any] = []
    tasks: queue.Queue[Any] = queue.Queue()
    for job in (*jobs, None):
        tasks.put(job)
    error = threading.Event()
    loop = asyncio.new_event_loop()
    try:
        seam.decode_into_sink(loop, tasks, delivered.append, error)
    finally:
        loop.close()
    return delivered, error


def test_decoded_frames_go_to_the_sink_with_those_that_follow() -> None:
    job = Job()
    first, second = job.frame(), job.frame()
    first.following = [second]
    delivered, error = decode((job.codec, first))
    assert [(frame.width, frame.height) for frame in delivered] == [(64, 48)] * 2
    assert not error.is_set()


def test_a_frame_that_cannot_be_decoded_asks_for_a_key_frame_and_the_next_is_decoded() -> None:
    job = Job()
    delivered, error = decode((job.codec, PromptFrame(b"\x00garbage", 0)), (job.codec, job.frame()))
    assert error.is_set()
    assert len(delivered) == 1


def test_a_backlog_is_skipped() -> None:
    job = Job()
    frame = job.frame()
    delivered, error = decode(*[(job.codec, frame)] * (seam.MAX_DECODER_BACKLOG + 5))
    assert error.is_set()
    assert len(delivered) < 5


def test_libraries_that_log_addresses_are_kept_quiet() -> None:
    assert logging.getLogger("aioice").level == logging.WARNING
    assert logging.getLogger("aiortc").level == logging.WARNING
