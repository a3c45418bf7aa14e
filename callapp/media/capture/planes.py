"""Frames and the numpy arrays of their planes."""

from __future__ import annotations

from typing import cast

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

Bytes2d = NDArray[np.uint8]

HANDED_OUT = frozenset({"yuv420p", "nv12"})
"""Pixel formats that sources hand out: what encoders take, or nearly."""

YUV420P = frozenset({"yuv420p"})


def plane(frame: av.VideoFrame, index: int) -> Bytes2d:
    """The bytes of a plane as [rows, bytes of a row], padding included; writable, and valid as long as the frame."""
    source = frame.planes[index]
    return np.frombuffer(cast(memoryview, source), np.uint8).reshape(-1, source.line_size)


def yuv420p_planes(frame: av.VideoFrame) -> tuple[Bytes2d, Bytes2d, Bytes2d]:
    """Y[h, w], U and V[h/2, w/2] of a yuv420p frame with even sides, without padding and without copying."""
    width, height = frame.width, frame.height
    return (
        plane(frame, 0)[:height, :width],
        plane(frame, 1)[: height // 2, : width // 2],
        plane(frame, 2)[: height // 2, : width // 2],
    )


def empty_yuv420p(width_px: int, height_px: int) -> Bytes2d:
    """Memory for one yuv420p picture with even sides: Y, U and V behind each other, in the shape PyAV wants."""
    return np.empty((height_px * 3 // 2, width_px), np.uint8)


def split_yuv420p(memory: Bytes2d) -> tuple[Bytes2d, Bytes2d, Bytes2d]:
    """Views of Y[h, w], U and V[h/2, w/2] in memory of `empty_yuv420p`."""
    rows, width = memory.shape
    height = rows * 2 // 3
    flat = memory.reshape(-1)
    luma, chroma = width * height, width * height // 4
    shape = height // 2, width // 2
    return (
        memory[:height],
        flat[luma : luma + chroma].reshape(shape),
        flat[luma + chroma :].reshape(shape),
    )


def wrap_yuv420p(memory: Bytes2d) -> av.VideoFrame:
    """A frame over memory of `empty_yuv420p`, which it keeps alive and nobody may write to any more."""
    if memory.shape[0] % 6:  # PyAV 18.1 cuts such a picture's height down to a multiple of 4: let it copy
        return av.VideoFrame.from_ndarray(memory, "yuv420p")
    return av.VideoFrame.from_numpy_buffer(memory, "yuv420p")


def handed_out(
    reformatter: VideoReformatter,
    frame: av.VideoFrame,
    size: tuple[int, int],
    formats: frozenset[str] = HANDED_OUT,
) -> av.VideoFrame:
    """The frame in one of `formats` (else in yuv420p), of this size, in limited range; itself if it is so already.

    Video codecs and what comes after them take every picture for limited range, whatever a frame says of itself.
    """
    if (
        (frame.width, frame.height) == size
        and frame.format.name in formats
        and frame.color_range != ColorRange.JPEG
    ):
        return frame
    # one thread: swscale's default, one a core, costs half as much CPU again for the same time here, and where its
    # slices meet they may spoil each other's pixels
    return reformatter.reformat(
        frame, width=size[0], height=size[1], format="yuv420p", dst_color_range=ColorRange.MPEG, threads=1
    )


def upright(frame: av.VideoFrame, clockwise_deg: int, mirrored: bool = False) -> av.VideoFrame:
    """A yuv420p frame turned by a multiple of 90 degrees, then mirrored left to right if asked."""
    turns = round(clockwise_deg / 90) % 4
    if not turns and not mirrored:
        return frame
    size = (frame.width, frame.height) if turns % 2 == 0 else (frame.height, frame.width)
    memory = empty_yuv420p(*size)
    for source, target in zip(yuv420p_planes(frame), split_yuv420p(memory), strict=True):
        turned = np.rot90(source, -turns)
        target[:] = turned[:, ::-1] if mirrored else turned
    return wrap_yuv420p(memory)
