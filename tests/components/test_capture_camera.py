"""The camera: which one, which format, what its frames become, and every way in which it fails.

No camera is needed: Qt's frames are made by hand, and a system of cameras stands in for Qt's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSize, Qt
from PySide6.QtMultimedia import QCameraDevice, QtVideo, QVideoFrame, QVideoFrameFormat
from rig.capture import Collector, beside_qt, luma

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture import camera as camera_module
from callapp.media.capture import frames as qt_frames
from callapp.media.capture import qt_source, timecode
from callapp.media.capture.camera import CameraRig, CameraSource, QtCameras
from callapp.media.capture.devices import list_cameras
from callapp.media.capture.formats import (
    CONVERTED,
    DECODED,
    DIRECT,
    Camera,
    CameraFormat,
    choose_camera,
    choose_format,
)
from callapp.media.capture.frames import FrameConverter
from callapp.media.capture.planes import (
    empty_yuv420p,
    plane,
    split_yuv420p,
    upright,
    wrap_yuv420p,
    yuv420p_planes,
)
from callapp.media.capture.qt_source import OnError, OnFrame, RateLimit, Rig
from callapp.media.capture.source import video_source
from callapp.media.specs import AUTO, MediaSpec, SpecKind, VideoWish

Pixel = QVideoFrameFormat.PixelFormat
SIZE = 320, 240

WEBCAM = Camera(
    "usb-1",
    "HD Webcam",
    (
        CameraFormat(640, 480, 30, CONVERTED),
        CameraFormat(1280, 720, 10, CONVERTED),
        CameraFormat(1280, 720, 30, DECODED),
        CameraFormat(1920, 1080, 30, DECODED),
        CameraFormat(640, 480, 30, DECODED),
    ),
)
LAPTOP = Camera("pci-0", "Integrated Camera", (CameraFormat(640, 480, 30, DIRECT),), is_default=True)


# ---- which camera, which format


@pytest.mark.parametrize(
    ("spec", "camera"),
    [
        (AUTO, LAPTOP),
        (MediaSpec(SpecKind.DEVICE, "usb-1"), WEBCAM),
        (MediaSpec(SpecKind.DEVICE, "HD Webcam"), WEBCAM),
        (MediaSpec(SpecKind.DEVICE, "hd webcam"), WEBCAM),
        (MediaSpec(SpecKind.DEVICE, "pci-0"), LAPTOP),
    ],
)
def test_a_spec_means_a_camera_by_id_or_name(spec: MediaSpec, camera: Camera) -> None:
    assert choose_camera([WEBCAM, LAPTOP], spec) is camera


def test_without_a_default_the_first_camera_is_taken() -> None:
    assert choose_camera([WEBCAM], AUTO) is WEBCAM


@pytest.mark.parametrize(
    ("cameras", "spec"), [([], AUTO), ([WEBCAM, LAPTOP], MediaSpec(SpecKind.DEVICE, "HD"))]
)
def test_a_camera_that_is_not_there_is_not_found(cameras: list[Camera], spec: MediaSpec) -> None:
    with pytest.raises(MediaError) as caught:
        choose_camera(cameras, spec)
    assert (caught.value.code, caught.value.device) == (ErrorCode.NOT_FOUND, Device.CAMERA)
    assert caught.value.subject == spec.name


@pytest.mark.parametrize(
    ("wish", "best"),
    [
        (VideoWish(1280, 720, 30), 2),  # its JPEG at 30 fps before its YUV at 10
        (VideoWish(640, 480, 30), 0),  # YUV before JPEG at the same size
        (VideoWish(3840, 2160, 30), 3),
        (VideoWish(320, 240, 30), 0),
        (VideoWish(1280, 720, 10), 1),
    ],
)
def test_the_best_format_is_the_nearest_that_is_fast_enough(wish: VideoWish, best: int) -> None:
    assert choose_format(WEBCAM, wish) == best


def test_a_smooth_small_picture_is_better_than_a_jerky_large_one() -> None:
    camera = Camera("x", "x", (CameraFormat(1280, 720, 10), CameraFormat(640, 480, 30)))
    assert choose_format(camera, VideoWish()) == 1
    assert choose_format(camera, VideoWish(mandatory=True)) == 0


def test_a_mandatory_size_beyond_the_camera_is_overconstrained_and_says_what_there_is() -> None:
    with pytest.raises(MediaError) as caught:
        choose_format(LAPTOP, VideoWish(1280, 720, mandatory=True))
    assert caught.value.code is ErrorCode.OVERCONSTRAINED
    assert (caught.value.detail, caught.value.subject) == (
        "at most 640x480, not 1280x720",
        "Integrated Camera",
    )


def test_a_camera_that_lists_no_formats_is_taken_as_it_is() -> None:
    assert choose_format(Camera("x", "x"), VideoWish(mandatory=True)) is None


FORMATS = st.builds(
    CameraFormat,
    st.integers(0, 8000),
    st.integers(0, 8000),
    st.floats(0, 1000),
    st.sampled_from([DIRECT, DECODED]),
)


@given(
    st.lists(FORMATS, min_size=1),
    st.integers(16, 7680),
    st.integers(16, 4320),
    st.integers(1, 60),
    st.booleans(),
)
def test_any_formats_give_one_that_fits_or_overconstrained(
    formats: list[CameraFormat], width: int, height: int, fps: int, mandatory: bool
) -> None:
    fitting = [offer for offer in formats if offer.width_px >= width and offer.height_px >= height]
    camera, wish = Camera("x", "x", tuple(formats)), VideoWish(width, height, fps, mandatory)
    if mandatory and not fitting:
        with pytest.raises(MediaError):
            choose_format(camera, wish)
    else:
        index = choose_format(camera, wish)
        assert index is not None
        assert not mandatory or formats[index] in fitting


# ---- frames


def _picture(size: tuple[int, int] = SIZE, number: int = 77) -> av.VideoFrame:
    """A colourful picture with a number."""
    memory = empty_yuv420p(*size)
    y, u, v = split_yuv420p(memory)
    y[:] = np.linspace(70, 190, size[0], dtype=np.uint8)[None, :]
    u[:] = np.linspace(110, 150, size[1] // 2, dtype=np.uint8)[:, None]
    v[:] = np.linspace(146, 112, size[0] // 2, dtype=np.uint8)[None, :]
    timecode.burn(y, u, v, number)
    return wrap_yuv420p(memory)


def _qt_frame(pixel: Pixel, name: str, picture: av.VideoFrame) -> QVideoFrame:
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
def test_frames_of_qt_become_the_same_picture(
    pixel: Pixel, name: str, given: str, size: tuple[int, int]
) -> None:
    picture = _picture(size)
    converted = FrameConverter().convert(_qt_frame(pixel, name, picture))
    assert converted.format.name == given
    assert timecode.read(plane(converted, 0)[: size[1], : size[0]]) == 77
    _same(converted, picture, tolerance=4)


def test_yv12_has_its_colours_the_other_way_round() -> None:
    picture = _picture()
    y, u, v = yuv420p_planes(picture)
    swapped = empty_yuv420p(*SIZE)
    for target, source in zip(split_yuv420p(swapped), (y, v, u), strict=True):
        target[:] = source
    frame = _qt_frame(Pixel.Format_YV12, "yuv420p", wrap_yuv420p(swapped))
    _same(FrameConverter().convert(frame), picture, tolerance=0)


def test_grey_becomes_a_picture_without_colour() -> None:
    picture = _picture()
    converted = FrameConverter().convert(_qt_frame(Pixel.Format_Y8, "gray", picture))
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
    frame = _qt_frame(Pixel.Format_BGRX8888, "bgra", _picture((640, 480), 99))
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
    frame = _qt_frame(Pixel.Format_NV12, "nv12", _picture())
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
    picture = _picture()
    expected = upright(picture, rotation, mirrored)
    frame = _qt_frame(pixel, name, picture)
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
    converter, good = FrameConverter(), _jpeg(_picture())

    def convert(data: bytes) -> av.VideoFrame:
        return converter.convert(FakeJpegFrame(data))  # type: ignore[arg-type]

    for _ in range(3):
        converted = convert(good)
        assert converted.format.name == "yuv420p"
        assert timecode.read(plane(converted, 0)[:, : SIZE[0]]) == 77
        _same(converted, _picture(), tolerance=6)
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


# ---- the source, over a system of cameras that stands in for Qt's


class FakeRig:
    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class FakeSystem:
    """Answers on the main thread; `deliver` and `fail` speak as the camera does."""

    def __init__(self, cameras: list[Camera]) -> None:
        self.present = cameras
        self.status = Qt.PermissionStatus.Granted
        self.asked = threading.Event()
        self.answered: Callable[[], None] = lambda: None
        self.started = threading.Event()
        self.rigs: list[FakeRig] = []
        self.chosen: list[tuple[Camera, int | None]] = []
        self.deliver: OnFrame = lambda _frame: None
        self.fail: OnError = lambda _error: None
        self.threads: set[int] = set()
        self.delivers_at_once: list[QVideoFrame] = []

    def cameras(self) -> list[Camera]:
        self.threads.add(threading.get_native_id())
        return self.present

    def permission(self) -> Qt.PermissionStatus:
        self.threads.add(threading.get_native_id())
        return self.status

    def ask_permission(self, answered: Callable[[], None]) -> None:
        self.answered = answered
        self.asked.set()

    def start(self, camera: Camera, format_index: int | None, on_frame: OnFrame, on_error: OnError) -> Rig:
        self.threads.add(threading.get_native_id())
        self.chosen.append((camera, format_index))
        self.deliver, self.fail = on_frame, on_error
        self.rigs.append(FakeRig())
        for frame in self.delivers_at_once:
            on_frame(frame)
        self.started.set()
        return self.rigs[-1]


def _source(system: FakeSystem, seen: Collector, wish: VideoWish | None = None) -> CameraSource:
    return CameraSource(AUTO, wish or VideoWish(640, 480), seen.on_picture, seen.on_lost, system)


def _frame(size: tuple[int, int] = (640, 480)) -> QVideoFrame:
    return _qt_frame(Pixel.Format_NV12, "nv12", _picture(size))


@pytest.mark.usefixtures("qapp")
class TestCameraSource:
    def test_it_hands_out_pictures_and_releases_the_camera_each_time(self) -> None:
        async def run() -> None:
            system, seen = FakeSystem([WEBCAM, LAPTOP]), Collector()
            system.delivers_at_once = [_frame()]
            source = _source(system, seen)
            for round_ in (1, 2):
                seen.pictures.clear()
                await source.open()
                assert (source.info.label, source.info.width_px, source.info.height_px, source.info.fps) == (
                    "Integrated Camera", 640, 480, 30,
                )  # fmt: skip
                picture = (await seen.wait_for(1))[0]
                assert timecode.read(luma(picture)) == 77
                assert picture.captured_at is not None
                await source.close()
                assert [rig.closed for rig in system.rigs] == [1] * round_
            system.deliver(_frame())
            assert len(seen.pictures) == 1
            assert system.chosen[0] == (LAPTOP, 0)
            assert system.threads == {main}
            await source.close()

        main = threading.get_native_id()
        beside_qt(run())

    @pytest.mark.parametrize(
        ("cameras", "status", "wish", "code"),
        [
            ([], Qt.PermissionStatus.Granted, VideoWish(), ErrorCode.NOT_FOUND),
            ([LAPTOP], Qt.PermissionStatus.Denied, VideoWish(), ErrorCode.NOT_ALLOWED),
            ([LAPTOP], Qt.PermissionStatus.Granted, VideoWish(mandatory=True), ErrorCode.OVERCONSTRAINED),
        ],
    )
    def test_errors_of_the_standard_are_found_before_the_start(
        self, cameras: list[Camera], status: Qt.PermissionStatus, wish: VideoWish, code: ErrorCode
    ) -> None:
        async def run() -> MediaError:
            system, seen = FakeSystem(cameras), Collector()
            system.status = status
            source = _source(system, seen, wish)
            with pytest.raises(MediaError) as caught:
                await source.open()
            await source.close()
            assert not system.rigs
            return caught.value

        error = beside_qt(run())
        assert (error.code, error.device) == (code, Device.CAMERA)

    def test_a_camera_that_ignores_a_mandatory_size_is_overconstrained_and_released(self) -> None:
        async def run() -> None:
            system, seen = FakeSystem([WEBCAM]), Collector()
            system.delivers_at_once = [_frame()]
            with pytest.raises(MediaError) as caught:
                await _source(system, seen, VideoWish(mandatory=True)).open()
            assert caught.value.code is ErrorCode.OVERCONSTRAINED
            assert system.rigs[0].closed == 1

        beside_qt(run())

    @pytest.mark.parametrize("granted", [True, False])
    def test_the_system_is_asked_for_permission_and_its_answer_counts(self, granted: bool) -> None:
        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            system.delivers_at_once = [_frame()]
            system.status = Qt.PermissionStatus.Undetermined
            source = _source(system, seen)
            opening = asyncio.ensure_future(source.open())
            await asyncio.to_thread(system.asked.wait, 20)
            assert not opening.done()
            system.status = Qt.PermissionStatus.Granted if granted else Qt.PermissionStatus.Denied
            system.answered()
            if granted:
                await opening
                await source.close()
            else:
                with pytest.raises(MediaError) as caught:
                    await opening
                assert caught.value.code is ErrorCode.NOT_ALLOWED

        beside_qt(run())

    def test_a_question_that_nobody_answers_can_be_given_up(self) -> None:
        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            system.status = Qt.PermissionStatus.Undetermined
            source = _source(system, seen)
            opening = asyncio.ensure_future(source.open())
            await asyncio.to_thread(system.asked.wait, 20)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            await source.close()
            system.answered()  # too late, and harmless
            assert not system.rigs

        beside_qt(run())

    def test_a_camera_in_use_elsewhere_is_not_readable(self) -> None:
        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            opening = asyncio.ensure_future(_source(system, seen).open())
            await asyncio.to_thread(system.started.wait, 20)
            system.fail(MediaError(ErrorCode.NOT_READABLE, "busy", device=Device.CAMERA))
            with pytest.raises(MediaError) as caught:
                await opening
            assert (caught.value.code, caught.value.detail) == (ErrorCode.NOT_READABLE, "busy")
            assert system.rigs[0].closed == 1
            assert not seen.lost.done()

        beside_qt(run())

    def test_a_camera_without_pictures_is_not_readable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(qt_source, "FIRST_FRAME_S", 0.1)

        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            with pytest.raises(MediaError) as caught:
                await _source(system, seen).open()
            assert caught.value.code is ErrorCode.NOT_READABLE
            assert system.rigs[0].closed == 1

        beside_qt(run())

    def test_opening_can_be_cancelled_while_the_camera_warms_up(self) -> None:
        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            source = _source(system, seen)
            opening = asyncio.ensure_future(source.open())
            await asyncio.to_thread(system.started.wait, 20)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            assert system.rigs[0].closed == 1
            await source.close()

        beside_qt(run())

    def test_a_camera_pulled_out_is_lost_once(self) -> None:
        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            system.delivers_at_once = [_frame()]
            source = _source(system, seen)
            await source.open()
            for _ in range(3):
                system.fail(MediaError(ErrorCode.DEVICE_LOST, device=Device.CAMERA))
            assert (await seen.lost).code is ErrorCode.DEVICE_LOST
            await source.close()
            assert system.rigs[0].closed == 1

        beside_qt(run())

    def test_a_camera_that_falls_silent_is_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(camera_module, "SILENCE_S", 0.3)

        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            system.delivers_at_once = [_frame()]
            source = _source(system, seen)
            await source.open()
            error = await seen.lost
            assert (error.code, error.subject) == (ErrorCode.NOT_READABLE, "Integrated Camera")
            await source.close()
            assert system.rigs[0].closed == 1

        beside_qt(run())

    def test_a_camera_whose_frames_break_is_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def run() -> None:
            system, seen = FakeSystem([LAPTOP]), Collector()
            system.delivers_at_once = [_frame()]
            source = _source(system, seen)
            await source.open()

            def broken(_converter: FrameConverter, _frame: QVideoFrame) -> av.VideoFrame:
                raise ValueError("shorter than it claims")

            monkeypatch.setattr(qt_frames.FrameConverter, "convert", broken)
            monkeypatch.setattr(RateLimit, "admit", lambda _limit, _now: True)
            for _ in range(qt_source.MAX_BROKEN_FRAMES):
                system.deliver(_frame())
            error = await seen.lost
            assert (error.code, error.detail) == (ErrorCode.NOT_READABLE, "shorter than it claims")
            await source.close()

        beside_qt(run())

    def test_qts_camera_that_is_gone_is_reported_as_lost_and_closes(self) -> None:
        errors: list[MediaError] = []
        rig = CameraRig(QCameraDevice(), "Ghost", None, lambda _frame: None, errors.append)
        rig.check_present()
        rig.close()
        rig.close()
        assert [error.code for error in errors][:1] == [ErrorCode.DEVICE_LOST]
        assert {error.subject for error in errors} == {"Ghost"}

    def test_qts_cameras_answer(self) -> None:
        system = QtCameras()
        assert [camera.id for camera in system.cameras()] == [info.id for info in list_cameras()]
        assert isinstance(system.permission(), Qt.PermissionStatus)
        with pytest.raises(MediaError) as caught:
            system.start(Camera("gone", "Gone"), None, lambda _frame: None, lambda _error: None)
        assert (caught.value.code, caught.value.subject) == (ErrorCode.NOT_FOUND, "Gone")

    def test_without_a_camera_here_auto_is_not_found(self) -> None:
        if list_cameras():
            pytest.skip("this computer has a camera")

        async def run() -> None:
            seen = Collector()
            with pytest.raises(MediaError) as caught:
                await video_source(AUTO, VideoWish(), seen.on_picture, seen.on_lost).open()
            assert (caught.value.code, caught.value.device) == (ErrorCode.NOT_FOUND, Device.CAMERA)

        beside_qt(run())
