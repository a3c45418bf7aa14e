"""What camera and screen have in common: Qt objects on the main thread, pictures on a thread of their own."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QThread
from PySide6.QtMultimedia import QMediaCaptureSession, QVideoFrame, QVideoSink

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.base import OnLost, OnPicture
from callapp.media.capture.frames import FrameConverter
from callapp.media.capture.gui_thread import release_on_gui
from callapp.media.messages import SourceInfo
from callapp.media.video.slot import Picture

log = logging.getLogger(__name__)

FIRST_FRAME_S = 5.0
"""A device that starts and gives no picture within this time does not work."""

CLOSE_S = 2.0
MAX_BROKEN_FRAMES = 30
"""So many unreadable frames in a row are a broken device, fewer a hiccup."""

OnFrame = Callable[[QVideoFrame], None]
OnError = Callable[[MediaError], None]


class Rig(Protocol):
    """A device at work. Made and closed on the main thread."""

    def close(self) -> None:
        """Stop the device and release it; no frame is delivered any more on return. Idempotent."""
        ...


class CaptureSession:
    """A QMediaCaptureSession whose sink lives on its own thread; an owner puts a camera or screen into `session`.

    Qt queues frames for the thread that the sink lives on. On the main thread a busy window would delay every
    picture and let frames of several MB each pile up.
    """

    def __init__(self, on_frame: OnFrame) -> None:
        self._thread = QThread()
        self._thread.setObjectName("callapp-capture")
        self.session = QMediaCaptureSession()
        self._sink = QVideoSink()
        self.session.setVideoSink(self._sink)
        self._sink.moveToThread(self._thread)
        self._sink.videoFrameChanged.connect(on_frame, Qt.ConnectionType.DirectConnection)
        self._thread.start()

    def close(self) -> None:
        """After the device has been stopped."""
        self.session.setVideoSink(None)  # type: ignore[arg-type]  # Qt documents nullptr
        self._sink.deleteLater()
        self._thread.quit()
        self._thread.wait()  # for one conversion at most
        self.session.deleteLater()


class RateLimit:
    """Lets pictures through at up to `fps`, evenly, however fast and jittery they come."""

    def __init__(self, fps: float) -> None:
        self._period_s = 1 / fps
        self._due_s: float | None = None

    def admit(self, now_s: float) -> bool:
        """Whether the picture that comes now is let through."""
        if self._due_s is None:
            self._due_s = now_s
        # a quarter of a period early is near enough, or jitter would cost every other picture
        if now_s < self._due_s - self._period_s / 4:
            return False
        self._due_s = max(self._due_s + self._period_s, now_s)
        return True


class QtCapture:
    """One open of a device: from its first frame to its end. Belongs to the loop that made it."""

    def __init__(
        self,
        device: Device,
        label: str,
        converter: FrameConverter,
        on_picture: OnPicture,
        on_lost: OnLost,
        fps: float,
        silence_s: float | None = None,
    ) -> None:
        """silence_s: a device that gives no picture for so long is broken; None: it may pause (a still screen)."""
        self._loop = asyncio.get_running_loop()
        self._device = device
        self._label = label
        self._converter = converter
        self._on_picture = on_picture
        self._on_lost = on_lost
        self._limit = RateLimit(fps)
        self._first: asyncio.Future[SourceInfo] = self._loop.create_future()
        self._over = False
        self._seen = False  # on the sink's thread: the first picture has come
        self._working = False  # on the loop: `first_frame` has been answered
        self._broken = 0
        self._fps = fps
        self._silence_s = silence_s
        self._heard_at_s = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._rig: Rig | None = None

    def start(self, make_rig: Callable[[OnFrame, OnError], Rig]) -> None:
        """On the main thread. Raises what make_rig raises."""
        if not self._over:
            self._rig = make_rig(self._frame, self.fail)

    async def first_frame(self) -> SourceInfo:
        """Wait for the device to work. Raises MediaError(NOT_READABLE), or what the device said."""
        try:
            async with asyncio.timeout(FIRST_FRAME_S):
                return await self._first
        except TimeoutError:
            raise self._error(f"no picture within {FIRST_FRAME_S:.0f} s") from None

    async def close(self) -> None:
        """Give the device back, at once or as soon as a busy main thread gets to it."""
        self._over = True
        if self._watch is not None:
            self._watch.cancel()
        if not self._first.cancel() and not self._first.cancelled():
            self._first.exception()  # a failure that nobody waited for any more is no error of the loop's
        if not await release_on_gui(self._release, CLOSE_S):
            log.warning("the main thread is busy or gone: %s is released later", self._device)

    def _release(self) -> None:
        rig, self._rig = self._rig, None
        if rig is not None:
            rig.close()

    def fail(self, error: MediaError) -> None:
        """On any thread: the device reports its end."""
        try:
            self._loop.call_soon_threadsafe(self._failed, error)
        except RuntimeError:
            log.debug("the loop of a source is gone")

    def _failed(self, error: MediaError) -> None:
        if self._over:
            return
        if not self._first.done():
            self._first.set_exception(error)
        elif self._working:
            self._over = True
            self._on_lost(error)

    def _frame(self, source: QVideoFrame) -> None:
        """On the sink's thread."""
        if self._over or not source.isValid():
            return
        self._heard_at_s = time.monotonic()
        if not self._limit.admit(self._heard_at_s):
            return
        captured_at = time.time()
        try:
            frame = self._converter.convert(source)
        except ValueError as error:
            self._broken += 1
            if self._broken == MAX_BROKEN_FRAMES:
                self.fail(self._error(str(error)))
            return
        self._broken = 0
        self._on_picture(Picture(frame, captured_at))
        if not self._seen:
            self._seen = True
            info = SourceInfo(self._label, frame.width, frame.height, self._fps)
            try:
                self._loop.call_soon_threadsafe(self._succeed, info)
            except RuntimeError:
                log.debug("the loop of a source is gone")

    def _succeed(self, info: SourceInfo) -> None:
        if not self._first.done():
            self._working = True
            self._first.set_result(info)
            if self._silence_s is not None:
                self._watch_silence(self._silence_s)

    def _watch_silence(self, silence_s: float) -> None:
        """Qt says nothing of a camera that just stops (seen with V4L2), so its silence has to."""
        left_s = self._heard_at_s + silence_s - time.monotonic()
        if left_s > 0:
            self._watch = self._loop.call_later(left_s, self._watch_silence, silence_s)
        else:
            self._failed(self._error(f"no picture for {silence_s:.0f} s"))

    def _error(self, detail: str) -> MediaError:
        return MediaError(ErrorCode.NOT_READABLE, detail, device=self._device, subject=self._label)
