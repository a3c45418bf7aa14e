"""What the frames of Qt become: the same picture, whatever their format, rotation or rate."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtMultimedia import QtVideo, QVideoFrame, QVideoFrameFormat
from rig.qt_frames import numbered_picture, qt_frame

from callapp.media.capture import timecode
from callapp.media.capture.frames import FrameConverter
from callapp.media.capture.planes import (
    empty_yuv420p,
    plane,
    split_yuv420p,
    upright,
    wrap_yuv420p,
    yuv420p_planes,
)
from callapp.media.capture.qt_source import RateLimit

Pixel = QVideoFrameFormat.PixelFormat
SIZE = 320, 240


def _same(picture: av.VideoFrame, expected: av.VideoFrame, tolerance: int) -> None:
    assert (picture.width, picture.height) == (expected.width, expected.height)
    if picture.format.name != "yuv420p":
        picture = picture.reformat(format="yuv420p")
    for ours, theirs in zip(yuv420p_planes(picture), yuv420p_planes(expected), strict=True):
        # the strip's hard edges suffer from formats with less colour; below it, pictures are smooth
        top = len(ours) // 10
        assert np.abs(ours[top:].astype(int) - theirs[top:]).max() <= tolerance


@pytest.mark.parametrize(
    ("pixel", "name", "given"),
    [
        (Pixel.Format_NV12, "nv12", "nv12"),
        (Pixel.Format_NV21, "nv21", "yuv420p"),
        (Pixel.Format_YUV420P, "yuv420p", "yuv420p"),
        (Pixel.Format_YUV422P, "yuv422p", "yuv420p"),
        (Pixel.Format_YUYV, "yuyv422", "yuv420p"),
        (Pixel.Format_UYVY, "uyvy422", "yuv420p"),
        (Pixel.Format_P010, "p010le", "yuv420p"),
        (Pixel.Format_BGRA8888, "bgra", "yuv420p"),
        (Pixel.Format_BGRX8888, "bgra", "yuv420p"),
        (Pixel.Format_RGBA8888, "rgba", "yuv420p"),
        (Pixel.Format_ARGB8888, "argb", "yuv420p"),
        (Pixel.Format_XBGR8888, "abgr", "yuv420p"),
    ],
)
@pytest.mark.parametrize("size", [SIZE, (328, 242)])
def test_frames_of_qt_become_the_samenumbered_picture(
    pixel: Pixel, name: str, given: str, size: tuple[int, int]
) -> None:
    picture = numbered_picture(size)
    converted = FrameConverter().convert(qt_frame(pixel, name, picture))
    assert converted.format.name == given
    assert timecode.read(plane(converted, 0)[: size[1], : size[0]]) == 77
    _same(converted, picture, tolerance=4)


def test_yv12_has_its_colours_the_other_way_round() -> None:
    picture = numbered_picture()
    y, u, v = yuv420p_planes(picture)
    swapped = empty_yuv420p(*SIZE)
    for target, source in zip(split_yuv420p(swapped), (y, v, u), strict=True):
        target[:] = source
    frame = qt_frame(Pixel.Format_YV12, "yuv420p", wrap_yuv420p(swapped))
    _same(FrameConverter().convert(frame), picture, tolerance=0)


def test_grey_becomes_a_picture_without_colour() -> None:
    picture = numbered_picture()
    converted = FrameConverter().convert(qt_frame(Pixel.Format_Y8, "gray", picture))
    assert timecode.read(plane(converted, 0)[:, : SIZE[0]]) == 77
    assert (yuv420p_planes(converted)[1] == 128).all()


@pytest.mark.parametrize("width", [322, 325, 1366])
def test_no_column_of_an_odd_screen_is_lost(width: int) -> None:
    frame = QVideoFrame(QVideoFrameFormat(QSize(width, 50), Pixel.Format_BGRX8888))
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    np.frombuffer(frame.bits(0), np.uint8)[:] = 255
    frame.unmap()
    converted = FrameConverter().convert(frame)
    assert (converted.width, converted.height) == (width & ~1, 50)
    assert (yuv420p_planes(converted)[0] >= 234).all()


def test_a_picture_larger_than_the_box_is_scaled_down_into_it() -> None:
    frame = qt_frame(Pixel.Format_BGRX8888, "bgra", numbered_picture((640, 480), 99))
    converted = FrameConverter((320, 320)).convert(frame)
    assert (converted.width, converted.height) == (320, 240)
    assert timecode.read(plane(converted, 0)[:, :320]) == 99


def test_full_range_becomes_limited_range() -> None:
    layout = QVideoFrameFormat(QSize(16, 16), Pixel.Format_NV12)
    layout.setColorRange(QVideoFrameFormat.ColorRange.ColorRange_Full)
    frame = QVideoFrame(layout)
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    np.frombuffer(frame.bits(0), np.uint8)[:] = 255
    np.frombuffer(frame.bits(1), np.uint8)[:] = 128
    frame.unmap()
    assert abs(int(yuv420p_planes(FrameConverter().convert(frame))[0][8, 8]) - 235) <= 1


def test_what_is_converted_keeps_nothing_of_qts_memory() -> None:
    frame = qt_frame(Pixel.Format_NV12, "nv12", numbered_picture())
    converted = FrameConverter().convert(frame)
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    np.frombuffer(frame.bits(0), np.uint8)[:] = 0
    frame.unmap()
    assert timecode.read(plane(converted, 0)[:, : SIZE[0]]) == 77


@pytest.mark.parametrize(
    ("rotation", "mirrored"), [(0, True), (90, False), (180, False), (270, False), (90, True)]
)
@pytest.mark.parametrize(("pixel", "name"), [(Pixel.Format_NV12, "nv12"), (Pixel.Format_BGRA8888, "bgra")])
def test_rotation_and_mirroring_are_undone(rotation: int, mirrored: bool, pixel: Pixel, name: str) -> None:
    picture = numbered_picture()
    expected = upright(picture, rotation, mirrored)
    frame = qt_frame(pixel, name, picture)
    frame.setRotation(QtVideo.Rotation(rotation))
    frame.setMirrored(mirrored)
    converted = FrameConverter().convert(frame)
    for ours, theirs in zip(yuv420p_planes(converted), yuv420p_planes(expected), strict=True):
        inner = slice(30, -30)  # the strip lies at one of the edges
        assert np.abs(ours[inner, inner].astype(int) - theirs[inner, inner]).max() <= 4


def test_upright_turns_clockwise_and_then_mirrors() -> None:
    memory = empty_yuv420p(8, 4)
    y, u, v = split_yuv420p(memory)
    y[:], u[:], v[:] = np.arange(32, dtype=np.uint8).reshape(4, 8), 1, 2
    picture = wrap_yuv420p(memory)
    assert upright(picture, 0) is picture
    turned = upright(picture, 90)
    assert (turned.width, turned.height) == (4, 8)
    assert yuv420p_planes(turned)[0][0].tolist() == [24, 16, 8, 0]
    assert yuv420p_planes(upright(picture, 90, mirrored=True))[0][0].tolist() == [0, 8, 16, 24]
    assert yuv420p_planes(upright(picture, -90))[0][0].tolist() == [7, 15, 23, 31]
    assert (yuv420p_planes(turned)[2] == 2).all()


class FakeJpegFrame:
    """A QVideoFrame of Format_Jpeg: Qt makes none from Python."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def map(self, _mode: object) -> bool:
        return True

    def unmap(self) -> None:
        pass

    def pixelFormat(self) -> Pixel:  # noqa: N802
        return Pixel.Format_Jpeg

    def width(self) -> int:
        return SIZE[0]

    def height(self) -> int:
        return SIZE[1]

    def bits(self, _plane: int) -> memoryview:
        return memoryview(self._data)

    def mappedBytes(self, _plane: int) -> int:  # noqa: N802
        return len(self._data)

    def rotation(self) -> QtVideo.Rotation:
        return QtVideo.Rotation.None_

    def mirrored(self) -> bool:
        return False


def _jpeg(picture: av.VideoFrame) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *SIZE, "yuvj420p"
    encoder.framerate, encoder.qmin, encoder.qmax = Fraction(30), 2, 2
    return b"".join(bytes(packet) for packet in encoder.encode(picture.reformat(format="yuvj420p")))


def test_jpegs_are_decoded_one_by_one_and_damaged_ones_refused() -> None:
    converter, good = FrameConverter(), _jpeg(numbered_picture())

    def convert(data: bytes) -> av.VideoFrame:
        return converter.convert(FakeJpegFrame(data))  # type: ignore[arg-type]

    for _ in range(3):
        converted = convert(good)
        assert converted.format.name == "yuv420p"
        assert timecode.read(plane(converted, 0)[:, : SIZE[0]]) == 77
        _same(converted, numbered_picture(), tolerance=6)
        for bad in (b"", b"\xff\xd8\xff", bytes(5000)):
            with pytest.raises(ValueError):
                convert(bad)


def test_frames_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError):
        FrameConverter().convert(QVideoFrame())


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=100), st.integers(1, 60))
def test_a_rate_is_never_exceeded_for_long(gaps: list[float], fps: int) -> None:
    limit, now = RateLimit(fps), 100.0
    admitted = []
    for gap in gaps:
        now += gap
        if limit.admit(now):
            admitted.append(now)
    assert admitted
    span = admitted[-1] - admitted[0]
    assert len(admitted) - 1 <= span * fps + 1


def test_sixty_a_second_become_thirty_evenly() -> None:
    limit = RateLimit(30)
    jitter = [0.002, -0.002, 0.001]
    assert [limit.admit(index / 60 + jitter[index % 3]) for index in range(12)] == [True, False] * 6
