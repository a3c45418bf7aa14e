"""Frames as Qt hands them out, made by hand."""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from PySide6.QtCore import QSize
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from callapp.media.capture import timecode
from callapp.media.capture.planes import (
    empty_yuv420p,
    plane,
    split_yuv420p,
    wrap_yuv420p,
)

Pixel = QVideoFrameFormat.PixelFormat
SIZE = 320, 240


def numbered_picture(size: tuple[int, int] = SIZE, number: int = 77) -> av.VideoFrame:
    """A colourful picture with a number."""
    memory = empty_yuv420p(*size)
    y, u, v = split_yuv420p(memory)
    y[:] = np.linspace(70, 190, size[0], dtype=np.uint8)[None, :]
    u[:] = np.linspace(110, 150, size[1] // 2, dtype=np.uint8)[:, None]
    v[:] = np.linspace(146, 112, size[0] // 2, dtype=np.uint8)[None, :]
    timecode.burn(y, u, v, number)
    return wrap_yuv420p(memory)


def qt_frame(pixel: Pixel, name: str, picture: av.VideoFrame) -> QVideoFrame:
    """The picture as a QVideoFrame; `name` is FFmpeg's for the same layout."""
    source = (
        picture
        if name == picture.format.name
        else VideoReformatter().reformat(picture, format=name, threads=1)
    )
    frame = QVideoFrame(QVideoFrameFormat(QSize(source.width, source.height), pixel))
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    for index in range(frame.planeCount()):
        rows = plane(source, index)[: source.planes[index].height]
        target = np.frombuffer(frame.bits(index), np.uint8)
        stride = frame.bytesPerLine(index)
        used = min(stride, rows.shape[1])
        for row, data in enumerate(rows):
            target[row * stride : row * stride + used] = data[:used]
    frame.unmap()
    return frame
