"""The camera as a source, and every way in which it fails.

No camera is needed: a system of cameras stands in for Qt's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import av
import pytest
from PySide6.QtCore import Qt
from PySide6.QtMultimedia import QCameraDevice, QVideoFrame, QVideoFrameFormat
from rig.capture import Collector, beside_qt, luma
from rig.qt_frames import numbered_picture, qt_frame

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
)
from callapp.media.capture.frames import FrameConverter
from callapp.media.capture.qt_source import OnError, OnFrame, RateLimit, Rig
from callapp.media.capture.source import video_source
from callapp.media.specs import AUTO, VideoWish

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
    return qt_frame(Pixel.Format_NV12, "nv12", numbered_picture(size))


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
