"""VP8 for calls: aiortc's encoder with other settings, pictures of any format, and nothing written into them."""

from __future__ import annotations

import os
import random
from fractions import Fraction
from typing import Any

import av
from aiortc.codecs.base import Encoder
from av.frame import Frame
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from callapp.media.transport.aiortc_seam import packetize_vp8
from callapp.media.video.convert import Scaler

START_BITRATE_BPS = 1_500_000
MIN_BITRATE_BPS = 250_000
MAX_BITRATE_BPS = 2_500_000
# More bits than these for so few pixels cost CPU and delay on both sides for nothing that anybody sees; the values are
# libwebrtc's (GetMaxDefaultVideoBitrateKbps in video/config/encoder_stream_factory.cc)
CEILINGS_BPS = ((320 * 240, 600_000), (640 * 480, 1_700_000), (960 * 540, 2_000_000))
MAX_WIDTH_PX, MAX_HEIGHT_PX = 1920, 1080
RATE_STEP = 0.1  # smaller wishes are ignored: FFmpeg's libvpx takes a new rate only by starting anew, with a key frame


class CallVp8Encoder(Encoder):
    """Encodes frames of any pixel format, scaled into 1920x1080. Runs in an executor's thread, one frame at a time.

    Against aiortc's own: no denoiser (noise-sensitivity 0: 0.5-1.3 dB for nothing) and up to 2.5 Mbit/s. `frame` is
    shared with views, so its pixels stay as they are; its pts (90 kHz, as RTP wants it) and picture type belong to
    this encoder.
    """

    def __init__(self) -> None:
        self._codec: VideoCodecContext | None = None
        self._scaler = Scaler("yuv420p")
        self._picture_id = random.randrange(1 << 15)
        self._target_bitrate_bps = START_BITRATE_BPS

    @property
    def target_bitrate(self) -> int:
        """In bit/s; aiortc sets it to what the receiver estimates (REMB)."""
        return self._target_bitrate_bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._target_bitrate_bps = max(MIN_BITRATE_BPS, min(bitrate, MAX_BITRATE_BPS))

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        assert isinstance(frame, av.VideoFrame)
        assert frame.pts is not None
        timestamp = frame.pts
        picture = self._scaler.fit(frame, MAX_WIDTH_PX, MAX_HEIGHT_PX)
        codec = self._codec_for(picture.width, picture.height)
        # also back to NONE: a source may hand out the same frame object again
        picture.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        data = b"".join(bytes(packet) for packet in codec.encode(picture))
        return self._packetize(data), timestamp

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """A frame encoded elsewhere."""
        assert packet.pts is not None
        return self._packetize(bytes(packet)), packet.pts

    def _packetize(self, data: bytes) -> list[bytes]:
        payloads = packetize_vp8(data, self._picture_id)
        self._picture_id = (self._picture_id + 1) % (1 << 15)
        return payloads

    def _codec_for(self, width_px: int, height_px: int) -> VideoCodecContext:
        codec, bitrate = self._codec, min(self._target_bitrate_bps, ceiling_bps(width_px * height_px))
        if (
            codec is not None
            and (codec.width, codec.height) == (width_px, height_px)
            and abs(bitrate - (codec.bit_rate or 0)) <= RATE_STEP * bitrate
        ):
            return codec
        codec = av.CodecContext.create("libvpx", "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height, codec.pix_fmt = width_px, height_px, "yuv420p"
        codec.time_base = Fraction(1, 90_000)
        codec.bit_rate = bitrate
        codec.gop_size = 3000
        codec.qmin, codec.qmax = 2, 56
        codec.thread_count = _threads(width_px * height_px)
        codec.options = {
            "deadline": "realtime",
            "cpu-used": "-6",
            "lag-in-frames": "0",
            "minrate": str(bitrate),  # minrate = maxrate = bit rate: constant bit rate
            "maxrate": str(bitrate),
            "bufsize": str(bitrate),  # 1 s
            "overshoot-pct": "15",
            "undershoot-pct": "100",
            "noise-sensitivity": "0",
            "static-thresh": "1",
            "partitions": "0",
        }
        self._codec = codec
        return codec


def ceiling_bps(pixels: int) -> int:
    """The most that a picture of so many pixels is encoded with."""
    return next((bps for size, bps in CEILINGS_BPS if pixels <= size), MAX_BITRATE_BPS)


def _threads(pixels: int) -> int:
    """libvpx threads by picture size: more cores than these only cost CPU."""
    cpus = os.cpu_count() or 1
    if pixels > 1280 * 960 and cpus >= 6:
        return 3
    if pixels > 640 * 480 and cpus >= 3:
        return 2
    return 1
