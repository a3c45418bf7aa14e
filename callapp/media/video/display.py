"""From a decoded frame to pixels that a window can paint."""

from __future__ import annotations

from dataclasses import dataclass, field

import av
from av.video.reformatter import Interpolation, VideoReformatter


@dataclass(frozen=True)
class Pixels:
    """BGRA (Qt's RGB32 on little-endian machines), `stride` bytes a row. Valid as long as this object lives."""

    data: memoryview = field(repr=False)
    width_px: int
    height_px: int
    stride: int
    frame: av.VideoFrame = field(repr=False)  # owns the memory


class DisplayScaler:
    """Converts frames for one view on one thread (a VideoReformatter must not be shared)."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scale(self, frame: av.VideoFrame, width_px: int, height_px: int) -> Pixels:
        """The frame at the given size or, where that is larger, at its own: painting enlarges for less."""
        width, height = min(width_px, frame.width), min(height_px, frame.height)
        # Area averaging: as fast as bilinear here, and small pictures do not flicker. One thread: with more, libswscale
        # spoils the last columns of widths that are no multiple of 8.
        scaled = self._reformatter.reformat(
            frame, max(2, width), max(2, height), "bgra", interpolation=Interpolation.AREA, threads=1
        )
        plane = scaled.planes[0]
        return Pixels(memoryview(plane), scaled.width, scaled.height, plane.line_size, scaled)
