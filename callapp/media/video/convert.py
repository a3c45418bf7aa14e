"""Pictures in other shapes: for an encoder, a second encoder, a measurement.

PyAV's reformatter is not thread-safe: two threads that use one, or `frame.reformat()` on one frame, crash. So each
consumer owns a Scaler.
"""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt
from av.video.plane import VideoPlane
from av.video.reformatter import Interpolation, VideoReformatter

LUMA_FIRST = frozenset(
    {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "nv21", "gray"}
)


def fit_within(width_px: int, height_px: int, max_width_px: int, max_height_px: int) -> tuple[int, int]:
    """The largest size of the same shape within the given one, never larger than the original; even when scaled."""
    scale = min(max_width_px / width_px, max_height_px / height_px)
    if scale >= 1:
        return width_px, height_px
    return max(2, int(width_px * scale) & ~1), max(2, int(height_px * scale) & ~1)


class Scaler:
    """Converts frames to one pixel format. Owned by one consumer, used on one thread at a time."""

    def __init__(self, pixel_format: str) -> None:
        self._format = pixel_format
        self._reformatter = VideoReformatter()

    def fit(self, frame: av.VideoFrame, max_width_px: int, max_height_px: int) -> av.VideoFrame:
        """The frame in this format, scaled down into the given size if it is larger; itself if it already is so."""
        width, height = fit_within(frame.width, frame.height, max_width_px, max_height_px)
        return self.to_size(frame, width, height)

    def to_size(self, frame: av.VideoFrame, width_px: int, height_px: int) -> av.VideoFrame:
        """The frame in this format and exactly this size; itself if it already is so."""
        if (frame.format.name, frame.width, frame.height) == (self._format, width_px, height_px):
            return frame
        return self._reformatter.reformat(
            frame, width_px, height_px, self._format, interpolation=Interpolation.FAST_BILINEAR, threads=1
        )


def copy_frame(frame: av.VideoFrame) -> av.VideoFrame:
    """The same pixels in a frame of one's own."""
    copy = av.VideoFrame(frame.width, frame.height, frame.format.name)
    for target, origin in zip(copy.planes, frame.planes, strict=True):
        to_rows, from_rows = _rows(target), _rows(origin)
        height, width = min(to_rows.shape[0], from_rows.shape[0]), min(target.line_size, origin.line_size)
        to_rows[:height, :width] = from_rows[:height, :width]
    return copy


def luma(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """Brightness as C-contiguous uint8[h, w] at the frame's own size: a copy, free to keep."""
    if frame.format.name not in LUMA_FIRST:
        frame = Scaler("gray").to_size(frame, frame.width, frame.height)
    return _rows(frame.planes[0])[: frame.height, : frame.width].copy()


def _rows(plane: VideoPlane) -> npt.NDArray[np.uint8]:
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
