"""The only module that touches private names of aiortc 1.16 and aioice 0.13, each with its reason.

tests/components/test_seam.py holds a contract test for every name, so that an upgrade fails there and not in a call.
`install()` replaces module attributes, once per process:

aiortc.rtcrtpreceiver.JitterBuffer    a video frame ends at its marker bit, not when the next one begins: 33 ms less
                                      delay at 30 fps; a lasting gap is given up (see prompt_jitter.py)
aiortc.rtcrtpreceiver.decoder_worker  decoded frames go straight from the decoder's thread to their sink: no hop over
                                      the loop, no unbounded queue of an unread track
aiortc.rtcrtpsender.get_encoder       VP8 with settings for calls (see video/vp8_encoder.py)
aiortc.rtcpeerconnection.RTCDtlsTransport   counts authenticated packets for liveness, and answers browsers with
                                      transport-wide feedback instead of REMB (see arrival_feedback.py)
aiortc.codecs.{HEADER_EXTENSIONS,CODECS}    offer that feedback, and tell a browser to start at 2.5 Mbit/s: with REMB
                                      Chromium shows 15 s of mud
aiortc.rtcicetransport.Connection     checks without pauses (see prompt_ice.py): 40 ms less set-up
aioice.ice.get_host_addresses         127.0.0.1 where a machine has no other address, so that a call within one
                                      machine works with no network at all
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import aioice.ice
import aiortc.codecs
import aiortc.rtcicetransport
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import av
from aiortc import RTCCertificate, RTCConfiguration, RTCPeerConnection
from aiortc.codecs import get_decoder, get_encoder
from aiortc.codecs.base import Decoder, Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
)
from av.frame import Frame

from callapp.media.transport import arrival_feedback
from callapp.media.transport.arrival_feedback import ArrivalLog
from callapp.media.transport.prompt_ice import PromptConnection
from callapp.media.transport.prompt_jitter import PromptJitterBuffer

logger = logging.getLogger(__name__)

MAX_DECODER_BACKLOG = 60  # frames: 2 s of video or 1.2 s of sound; more is no call any more
FEEDBACK_EXTENSION_ID = 4  # free among aiortc's: 1 mid, 2 audio level, 3 abs-send-time
BROWSER_START_KBPS = 2_500
CERTIFICATE_RENEWAL = timedelta(days=2)

Deliver = Callable[[Frame], None]


class MeteredDtlsTransport(RTCDtlsTransport):
    """Knows when the last authenticated RTP or RTCP packet came, and tells a sender that asks when each one did.

    `last_packet_at` is time.monotonic() s, None before the first. `on_packet`, if set, is called at each packet.
    """

    def __init__(self, transport: Any, certificates: list[RTCCertificate]) -> None:
        super().__init__(transport, certificates)
        self.last_packet_at: float | None = None
        self.on_packet: Callable[[], None] | None = None
        self._extension_id: int | None = None  # of the transport-wide sequence number
        self._arrivals: ArrivalLog | None = None  # since the first packet with such a number

    def _register_rtp_receiver(self, receiver: Any, parameters: RTCRtpReceiveParameters) -> None:
        super()._register_rtp_receiver(receiver, parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == arrival_feedback.URI:
                self._extension_id = extension.id

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self._note_packet()
        if self._extension_id is not None:
            await self._note_arrival(data, self._extension_id)
        await super()._handle_rtp_data(data, arrival_time_ms)

    async def _note_arrival(self, data: bytes, extension_id: int) -> None:
        """Feedback goes out with the packets that come in: without any there is nothing to tell."""
        number = arrival_feedback.sequence_number(data, extension_id)
        if number is None:
            return
        if self._arrivals is None:
            self._arrivals = ArrivalLog()
        now = time.monotonic()
        self._arrivals.add(number, int.from_bytes(data[8:12]), now)
        if self._arrivals.due(now):
            with contextlib.suppress(ConnectionError):
                await self._send_rtp(self._arrivals.message(now))

    async def _send_rtp(self, data: bytes) -> None:
        if self._arrivals is not None and arrival_feedback.is_remb(data):
            return  # a sender with both would obey the lower one
        await super()._send_rtp(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self._note_packet()
        await super()._handle_rtcp_data(data)

    def _note_packet(self) -> None:
        self.last_packet_at = time.monotonic()
        if self.on_packet is not None:
            self.on_packet()


def decode_into_sink(
    loop: asyncio.AbstractEventLoop, input_q: queue.Queue[Any], output_q: Any, decode_error: threading.Event
) -> None:
    """The body of a receiver's decoder thread: aiortc's, except that frames go to the sink (see `attach_sink`).

    A backlog (the machine slept, or cannot keep up) is skipped; `decode_error` makes aiortc ask for a key frame.
    """
    deliver: Deliver | None = output_q if callable(output_q) else None
    decoder: Decoder | None = None
    codec_name: str | None = None
    while (task := input_q.get()) is not None:
        if input_q.qsize() > MAX_DECODER_BACKLOG:
            task = _newest(input_q, task)
            decode_error.set()
            if task is None:
                return
        codec, encoded_frame = task
        if codec.name != codec_name:
            decoder, codec_name = get_decoder(codec), codec.name
        assert decoder is not None
        try:
            for part in (encoded_frame, *getattr(encoded_frame, "following", ())):
                for frame in decoder.decode(part):
                    if deliver is not None:
                        deliver(frame)
        except av.FFmpegError as error:
            # The decoder keeps its state: a reset would make every frame fail until the next key frame.
            logger.debug("a %s frame could not be decoded: %s", codec.name, error)
            decode_error.set()
        except Exception:
            logger.exception("a decoded %s frame could not be delivered", codec.name)


def _newest(input_q: queue.Queue[Any], task: Any) -> Any:
    """Drain the queue; its newest entry, or None if the end mark was in it."""
    while True:
        try:
            newer = input_q.get_nowait()
        except queue.Empty:
            return task
        if newer is None:
            return None
        task = newer


def attach_sink(track: MediaStreamTrack, deliver: Deliver) -> None:
    """Have a remote track's frames delivered on its decoder's thread. For the peer connection's `track` event."""
    track._queue = deliver  # type: ignore[attr-defined]


def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """aioice's host addresses, or the loopback address where there is no other."""
    return _aioice_host_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]


def packetize_vp8(data: bytes, picture_id: int) -> list[bytes]:
    """Split an encoded VP8 frame into RTP payloads (RFC 7741)."""
    return Vp8Encoder._packetize(data, picture_id)


_aioice_host_addresses = aioice.ice.get_host_addresses


@lru_cache(maxsize=1)
def install(new_vp8_encoder: Callable[[], Encoder]) -> None:
    """Put the substitutions in place; once per process, before the first peer connection."""

    def encoder(codec: RTCRtpCodecParameters) -> Encoder:
        return new_vp8_encoder() if codec.mimeType.lower() == "video/vp8" else get_encoder(codec)

    aiortc.rtcrtpreceiver.JitterBuffer = PromptJitterBuffer  # type: ignore[attr-defined]
    aiortc.rtcrtpreceiver.decoder_worker = decode_into_sink
    aiortc.rtcrtpsender.get_encoder = encoder  # type: ignore[attr-defined]
    aiortc.rtcpeerconnection.RTCDtlsTransport = MeteredDtlsTransport  # type: ignore[attr-defined]
    aiortc.rtcicetransport.Connection = PromptConnection  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = host_addresses
    _offer_arrival_feedback()
    # aioice logs addresses at level INFO and aiortc descriptions at DEBUG: neither belongs in a log file
    for name in ("aioice", "aiortc"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _offer_arrival_feedback() -> None:
    for kind, codecs in aiortc.codecs.CODECS.items():
        extension = RTCRtpHeaderExtensionParameters(id=FEEDBACK_EXTENSION_ID, uri=arrival_feedback.URI)
        aiortc.codecs.HEADER_EXTENSIONS[kind].append(extension)
        for codec in codecs:
            name = codec.mimeType.lower()
            if name in ("audio/opus", "video/vp8", "video/h264"):
                codec.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))
            if name == "video/vp8":
                codec.parameters["x-google-start-bitrate"] = BROWSER_START_KBPS


_certificate: RTCCertificate | None = None


def process_certificate() -> RTCCertificate:
    """The one DTLS certificate of this process, renewed well before it expires."""
    global _certificate
    if _certificate is None or _certificate.expires - datetime.now(UTC) < CERTIFICATE_RENEWAL:
        _certificate = RTCCertificate.generateCertificate()
    return _certificate


def new_peer_connection() -> RTCPeerConnection:
    """A peer connection on one transport (max-bundle), without ICE servers, with this process's certificate."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    # RTCPeerConnection has no parameter for it; transports take the list when the first transceiver is added
    connection._RTCPeerConnection__certificates = [process_certificate()]  # type: ignore[attr-defined]
    return connection


def transport_of(connection: RTCPeerConnection) -> MeteredDtlsTransport:
    """The one transport of a peer connection that has transceivers."""
    transport = connection.getTransceivers()[0].receiver.transport
    assert isinstance(transport, MeteredDtlsTransport)
    return transport


def leave_unoffered_out(connection: RTCPeerConnection) -> None:
    """Between `setRemoteDescription` and `createAnswer`: own transceivers for which the offer has no m-section.

    aiortc computes a direction for every transceiver and fails at one that nothing was offered for.
    """
    for transceiver in connection.getTransceivers():
        if transceiver.mid is None:
            transceiver._offerDirection = "inactive"


def abort_sockets(connection: RTCPeerConnection) -> None:
    """Close what `RTCPeerConnection.close()` left open because it hung (a removed address, a full socket)."""
    for protocol in transport_of(connection).transport._connection._protocols:
        protocol.transport.abort()
