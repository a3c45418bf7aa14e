"""A screen as a source of pictures: QScreenCapture behind VideoSource."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtMultimedia import QScreenCapture

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.base import OnLost, OnPicture, require_size
from callapp.media.capture.frames import FrameConverter
from callapp.media.capture.gui_thread import run_on_gui
from callapp.media.capture.qt_source import CaptureSession, OnError, OnFrame, QtCapture
from callapp.media.messages import SourceInfo
from callapp.media.specs import VideoWish

MAX_FPS = 30
"""QScreenCapture delivers at the screen's rate, mostly 60; the rest is dropped before it is converted."""

MAX_SIZE_PX = (1920, 1080)


def screen_id(screen: QScreen, index: int) -> str:
    """The system's name of a screen; not every platform gives one."""
    return screen.name() or f"screen-{index + 1}"


def find_screen(wanted: str) -> tuple[QScreen, str]:
    """The screen of this id ("": the primary one) and its label. On the main thread.

    Raises:
        MediaError: NOT_FOUND.
    """
    if isinstance(QGuiApplication.instance(), QGuiApplication):
        primary = QGuiApplication.primaryScreen()
        for index, screen in enumerate(QGuiApplication.screens()):
            name = screen_id(screen, index)
            if wanted == name or (not wanted and screen is primary):
                return screen, name
    raise MediaError(ErrorCode.NOT_FOUND, "no such screen", device=Device.SCREEN, subject=wanted)


class ScreenSource:
    """A VideoSource over a screen, at up to MAX_FPS, scaled down into the wish's size."""

    def __init__(
        self, wanted: str, wish: VideoWish, device: Device, on_picture: OnPicture, on_lost: OnLost
    ) -> None:
        """wanted: an id of `list_screens`, "" for the primary one. device: what errors are said to be about."""
        self._wanted = wanted
        self._wish = wish
        self._device = device
        self._on_picture = on_picture
        self._on_lost = on_lost
        self._capture: QtCapture | None = None
        self._info = SourceInfo("")

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def open(self) -> None:
        if self._capture is not None:
            raise RuntimeError("the source is open")
        label = (await run_on_gui(lambda: find_screen(self._wanted)))[1]
        converter = FrameConverter((self._wish.width_px, self._wish.height_px))
        fps = min(MAX_FPS, self._wish.fps)
        capture = QtCapture(self._device, label, converter, self._on_picture, self._on_lost, fps)
        try:
            await run_on_gui(lambda: capture.start(self._make_rig))
            info = await capture.first_frame()
            require_size(info, self._wish, self._device)
        except BaseException:
            await capture.close()
            raise
        self._capture, self._info = capture, info

    async def close(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            await capture.close()

    def _make_rig(self, on_frame: OnFrame, on_error: OnError) -> _ScreenRig:
        screen, label = find_screen(self._wanted)
        return _ScreenRig(screen, label, self._device, on_frame, on_error)


class _ScreenRig(QObject):
    """A QScreenCapture at work."""

    def __init__(
        self, screen: QScreen, label: str, device: Device, on_frame: OnFrame, on_error: OnError
    ) -> None:
        super().__init__()
        self._screen = screen
        self._label = label
        self._device = device
        self._on_error = on_error
        self._closed = False
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)  # find_screen found a screen of it
        app.screenRemoved.connect(self._removed)
        self._screens = QScreenCapture(self)
        self._screens.setScreen(screen)
        self._screens.errorOccurred.connect(self._failed)
        self._capture = CaptureSession(on_frame)
        self._capture.session.setScreenCapture(self._screens)
        self._screens.start()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._screens.stop()
        self._capture.session.setScreenCapture(None)  # type: ignore[arg-type]  # Qt documents nullptr
        self._capture.close()
        self.deleteLater()

    @Slot(QScreen)
    def _removed(self, screen: QScreen) -> None:
        if screen is self._screen:
            self._report(ErrorCode.DEVICE_LOST, "the screen was removed")

    @Slot(QScreenCapture.Error, str)
    def _failed(self, error: QScreenCapture.Error, text: str) -> None:
        if error is not QScreenCapture.Error.NoError:
            self._report(ErrorCode.NOT_READABLE, text)

    def _report(self, code: ErrorCode, detail: str) -> None:
        if not self._closed:
            self._on_error(MediaError(code, detail, device=self._device, subject=self._label))
