"""Qt's video frames as PyAV frames."""

from __future__ import annotations

from typing import cast

import av
import av.error
import numpy as np
from av.codec import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, VideoReformatter
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from callapp.media.capture.base import fit
from callapp.media.capture.planes import HANDED_OUT, YUV420P, Bytes2d, handed_out, plane, upright

Pixel = QVideoFrameFormat.PixelFormat

# Qt's names tell the order of the bytes in memory; X is an ignored alpha
_PACKED_4 = {
    Pixel.Format_ARGB8888: "argb",
    Pixel.Format_ARGB8888_Premultiplied: "argb",
    Pixel.Format_XRGB8888: "argb",
    Pixel.Format_BGRA8888: "bgra",
    Pixel.Format_BGRA8888_Premultiplied: "bgra",
    Pixel.Format_BGRX8888: "bgra",
    Pixel.Format_ABGR8888: "abgr",
    Pixel.Format_XBGR8888: "abgr",
    Pixel.Format_RGBA8888: "rgba",
    Pixel.Format_RGBX8888: "rgba",
}
_PLANAR = {
    Pixel.Format_YUV420P: "yuv420p",
    Pixel.Format_YV12: "yuv420p",
    Pixel.Format_YUV422P: "yuv422p",
    Pixel.Format_NV12: "nv12",
    Pixel.Format_NV21: "nv21",
    Pixel.Format_YUYV: "yuyv422",
    Pixel.Format_UYVY: "uyvy422",
    Pixel.Format_Y8: "gray",
    Pixel.Format_Y16: "gray16le",
    Pixel.Format_P010: "p010le",
    Pixel.Format_P016: "p016le",
    Pixel.Format_YUV420P10: "yuv420p10le",
}


class FrameConverter:
    """Turns one source's QVideoFrames into frames that nothing of Qt holds on to. Used by one thread.

    NV12 and YUV420P are copied once; four-byte RGB is converted straight out of Qt's memory; MJPEG is decoded.
    """

    def __init__(self, box: tuple[int, int] | None = None) -> None:
        """Pictures larger than `box` (width, height in px) are scaled down into it while they are converted."""
        self._box = box
        self._reformatter = VideoReformatter()
        self._jpeg: VideoCodecContext | None = None

    def convert(self, source: QVideoFrame) -> av.VideoFrame:
        """The picture upright, in yuv420p or nv12 with even sides.

        Raises:
            ValueError: the frame cannot be read: not mappable, shorter than it claims, a damaged JPEG.
        """
        turn = source.rotation().value
        if source.pixelFormat() in _PACKED_4 or source.pixelFormat() in _PLANAR or _is_jpeg(source):
            if not source.map(QVideoFrame.MapMode.ReadOnly):
                raise ValueError("a frame of the camera cannot be mapped")
            try:
                frame = self._finished(self._read(source), bool(turn or source.mirrored()))
            finally:
                source.unmap()
            return upright(frame, turn, source.mirrored())
        return self._finished(_of_image(source.toImage()), False)  # which has rotation and mirroring in it

    def _read(self, source: QVideoFrame) -> av.VideoFrame:
        """The frame as it is, possibly still over Qt's memory."""
        pixel, width, height = source.pixelFormat(), source.width(), source.height()
        if pixel is Pixel.Format_Jpeg:
            return self._decode_jpeg(bytes(cast(memoryview, source.bits(0)))[: source.mappedBytes(0)])
        if pixel in _PACKED_4:
            rows = _rows(source, 0, height, width * 4)
            packed = np.lib.stride_tricks.as_strided(
                rows, (height, width, 4), (rows.strides[0], 4, 1), writeable=False
            )
            return av.VideoFrame.from_numpy_buffer(packed, _PACKED_4[pixel])
        name = _PLANAR[pixel]
        frame = av.VideoFrame(width, height, name)
        order = (0, 2, 1) if pixel is Pixel.Format_YV12 else range(len(frame.planes))
        if source.planeCount() < len(frame.planes):
            raise ValueError("a frame of the camera lacks a plane")
        for index, from_index in enumerate(order):
            target = frame.planes[index]
            bytes_per_row = _bytes_per_row(name, target.width, index)
            rows = _rows(source, from_index, target.height, bytes_per_row)
            plane(frame, index)[: target.height, :bytes_per_row] = rows
        if source.surfaceFormat().colorRange() is QVideoFrameFormat.ColorRange.ColorRange_Full:
            frame.color_range = ColorRange.JPEG
        return frame

    def _decode_jpeg(self, data: bytes) -> av.VideoFrame:
        if self._jpeg is None:
            self._jpeg = CodecContext.create("mjpeg", "r")
            self._jpeg.thread_count = 1  # frame threads would hold each picture back
        if not data:  # which would tell the decoder that the stream has ended
            raise ValueError("an empty JPEG of the camera")
        try:
            frames = self._jpeg.decode(av.Packet(data))
        except av.error.FFmpegError as error:
            raise ValueError(f"a JPEG of the camera cannot be decoded: {error.strerror}") from None
        if not frames:
            raise ValueError("a JPEG of the camera holds no picture")
        return frames[-1]

    def _finished(self, frame: av.VideoFrame, plain: bool) -> av.VideoFrame:
        """As sources hand it out (`plain`: in yuv420p), with even sides, inside the box, in own memory."""
        width, height = fit(frame.width, frame.height, self._box or (frame.width, frame.height))
        return handed_out(self._reformatter, frame, (width, height), YUV420P if plain else HANDED_OUT)


def _is_jpeg(source: QVideoFrame) -> bool:
    return source.pixelFormat() is Pixel.Format_Jpeg


def _bytes_per_row(name: str, width: int, index: int) -> int:
    """Bytes that hold a row of a plane of `width` pixels."""
    if name in ("yuyv422", "uyvy422"):
        return (width + 1) // 2 * 4
    sample = 2 if name in ("gray16le", "p010le", "p016le", "yuv420p10le") else 1
    interleaved = 2 if index and name in ("nv12", "nv21", "p010le", "p016le") else 1
    return width * sample * interleaved


def _rows(source: QVideoFrame, index: int, rows: int, bytes_per_row: int) -> Bytes2d:
    """A plane of a mapped frame as [rows, bytes_per_row] over Qt's memory. Raises ValueError if it is shorter."""
    data = np.frombuffer(cast(memoryview, source.bits(index)), np.uint8)
    stride = source.bytesPerLine(index)
    if stride < bytes_per_row or len(data) < (rows - 1) * stride + bytes_per_row:
        raise ValueError("a frame of the camera is shorter than it claims")
    return np.lib.stride_tricks.as_strided(data, (rows, bytes_per_row), (stride, 1), writeable=False)


def _of_image(image: QImage) -> av.VideoFrame:
    """For the formats that only Qt can read; costs two copies."""
    if image.isNull():
        raise ValueError("a frame of the camera cannot be read")
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    width, height = image.width(), image.height()
    rows = np.frombuffer(cast(memoryview, image.constBits()), np.uint8).reshape(height, image.bytesPerLine())
    return av.VideoFrame.from_ndarray(
        np.ascontiguousarray(rows[:, : width * 4]).reshape(height, width, 4), "rgba"
    )
