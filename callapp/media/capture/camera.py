"""The camera: QCamera behind VideoSource.

QCamera knows one error only, CameraError, so the errors of the standard are found before it starts: no device is a
NotFoundError, no permission a NotAllowedError, no large enough format an OverconstrainedError. What goes wrong
afterwards is a NotReadableError (in use elsewhere, broken), or a lost device.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt, Slot
from PySide6.QtMultimedia import QCamera, QCameraDevice, QMediaDevices, QVideoFrameFormat

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.base import OnLost, OnPicture, require_size
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
from callapp.media.capture.gui_thread import run_on_gui
from callapp.media.capture.qt_source import CaptureSession, OnError, OnFrame, QtCapture, Rig
from callapp.media.messages import SourceInfo
from callapp.media.specs import MediaSpec, VideoWish

log = logging.getLogger(__name__)

SILENCE_S = 5.0

_DIRECT = {QVideoFrameFormat.PixelFormat.Format_NV12, QVideoFrameFormat.PixelFormat.Format_YUV420P}


class CameraSystem(Protocol):
    """What the camera source asks of the operating system; called on the main thread only."""

    def cameras(self) -> list[Camera]: ...

    def permission(self) -> Qt.PermissionStatus: ...

    def ask_permission(self, answered: Callable[[], None]) -> None:
        """Show the system's question; `answered` is called when it has been answered, perhaps never."""
        ...

    def start(
        self, camera: Camera, format_index: int | None, on_frame: OnFrame, on_error: OnError
    ) -> Rig: ...


class CameraSource:
    """A VideoSource over a camera of the system."""

    def __init__(
        self,
        spec: MediaSpec,
        wish: VideoWish,
        on_picture: OnPicture,
        on_lost: OnLost,
        system: CameraSystem | None = None,
    ) -> None:
        """spec is AUTO or a DEVICE; `system` is Qt's unless a test brings its own."""
        self._spec = spec
        self._wish = wish
        self._on_picture = on_picture
        self._on_lost = on_lost
        self._system: CameraSystem = system or QtCameras()
        self._capture: QtCapture | None = None
        self._info = SourceInfo("")

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def open(self) -> None:
        if self._capture is not None:
            raise RuntimeError("the source is open")
        await self._ask_permission()
        system, wish = self._system, self._wish
        camera = choose_camera(await run_on_gui(system.cameras), self._spec)
        index = choose_format(camera, wish)
        fps = min(float(wish.fps), camera.formats[index].fps) if index is not None else float(wish.fps)
        capture = QtCapture(
            Device.CAMERA, camera.label, FrameConverter(), self._on_picture, self._on_lost, fps, SILENCE_S
        )
        try:
            await run_on_gui(
                lambda: capture.start(lambda frame, fail: system.start(camera, index, frame, fail))
            )
            info = await capture.first_frame()
            require_size(info, wish, Device.CAMERA)  # cameras have been seen to ignore the format asked for
        except BaseException:
            await capture.close()
            raise
        self._capture, self._info = capture, info

    async def close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            await capture.close()

    async def _ask_permission(self) -> None:
        """Wait for the person's answer for as long as it takes; cancellable."""
        status = await run_on_gui(self._system.permission)
        if status is Qt.PermissionStatus.Undetermined:
            loop, answered = asyncio.get_running_loop(), asyncio.Event()

            def on_answer() -> None:
                try:
                    loop.call_soon_threadsafe(answered.set)
                except RuntimeError:
                    log.debug("the question for the camera was answered too late")

            await run_on_gui(lambda: self._system.ask_permission(on_answer))
            await answered.wait()
            status = await run_on_gui(self._system.permission)
        if status is not Qt.PermissionStatus.Granted:
            raise MediaError(ErrorCode.NOT_ALLOWED, "the system refuses the camera", device=Device.CAMERA)


class QtCameras:
    """The cameras of QtMultimedia."""

    def cameras(self) -> list[Camera]:
        default = camera_id(QMediaDevices.defaultVideoInput())
        return [
            Camera(camera_id(device), device.description(), _formats(device), camera_id(device) == default)
            for device in QMediaDevices.videoInputs()
        ]

    def permission(self) -> Qt.PermissionStatus:
        app = QCoreApplication.instance()
        return app.checkPermission(QCameraPermission()) if app else Qt.PermissionStatus.Denied

    def ask_permission(self, answered: Callable[[], None]) -> None:
        app = QCoreApplication.instance()
        if app is not None:
            app.requestPermission(QCameraPermission(), app, lambda _permission: answered())

    def start(self, camera: Camera, format_index: int | None, on_frame: OnFrame, on_error: OnError) -> Rig:
        for device in QMediaDevices.videoInputs():
            if camera_id(device) == camera.id:
                return CameraRig(device, camera.label, format_index, on_frame, on_error)
        raise MediaError(
            ErrorCode.NOT_FOUND, "the camera is gone", device=Device.CAMERA, subject=camera.label
        )


def camera_id(device: QCameraDevice) -> str:
    """The stable id of a camera; "" for none."""
    return bytes(device.id().data()).decode("utf-8", "replace")


def _formats(device: QCameraDevice) -> tuple[CameraFormat, ...]:
    return tuple(
        CameraFormat(
            offer.resolution().width(),
            offer.resolution().height(),
            offer.maxFrameRate(),
            _cost(offer.pixelFormat()),
        )
        for offer in device.videoFormats()
    )


def _cost(pixel_format: QVideoFrameFormat.PixelFormat) -> float:
    if pixel_format in _DIRECT:
        return DIRECT
    return DECODED if pixel_format is QVideoFrameFormat.PixelFormat.Format_Jpeg else CONVERTED


class CameraRig(QObject):
    """A QCamera at work (a Rig). On the main thread."""

    def __init__(
        self,
        device: QCameraDevice,
        label: str,
        format_index: int | None,
        on_frame: OnFrame,
        on_error: OnError,
    ) -> None:
        super().__init__()
        self._id = camera_id(device)
        self._label = label
        self._on_error = on_error
        self._closed = False
        self._devices = QMediaDevices(self)
        self._devices.videoInputsChanged.connect(self.check_present)
        self._camera = QCamera(device, self)
        if format_index is not None:
            self._camera.setCameraFormat(device.videoFormats()[format_index])
        self._camera.errorOccurred.connect(self._failed)
        self._capture = CaptureSession(on_frame)
        self._capture.session.setCamera(self._camera)
        self._camera.start()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._camera.stop()
        self._capture.session.setCamera(None)  # type: ignore[arg-type]  # Qt documents nullptr
        self._capture.close()
        self.deleteLater()

    @Slot(QCamera.Error, str)
    def _failed(self, error: QCamera.Error, text: str) -> None:
        if error is not QCamera.Error.NoError and not self._closed and not self.check_present():
            self._report(ErrorCode.NOT_READABLE, text)

    @Slot()
    def check_present(self) -> bool:
        """Report the device as lost if it is; whether it was."""
        if self._closed or any(camera_id(device) == self._id for device in QMediaDevices.videoInputs()):
            return False
        self._report(ErrorCode.DEVICE_LOST, "the camera was removed")
        return True

    def _report(self, code: ErrorCode, detail: str) -> None:
        self._on_error(MediaError(code, detail, device=Device.CAMERA, subject=self._label))
