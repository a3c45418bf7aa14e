"""Plays pictures that no device paces (files, the test picture) as a device would: on time, on a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

import av

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.base import OnLost, OnPicture
from callapp.media.messages import SourceInfo
from callapp.media.video.slot import Picture

log = logging.getLogger(__name__)

CLOSE_S = 2.0
"""How long `close` waits for a thread that hangs in a read (a dead network drive) before it is left behind."""

SHOW_AT_LEAST_EVERY_S = 0.1
"""A late picture is skipped only if another one has been handed out within this time."""

FAR_BEHIND_S = 0.5
"""Further behind than this, the schedule starts anew: the reel cannot be read in real time."""


class Reel(Protocol):
    """Endless pictures with the time at which each is due. Used by one thread."""

    @property
    def info(self) -> SourceInfo: ...

    def read(self) -> tuple[float, av.VideoFrame]:
        """The next picture and when it is due, in s after the first one.

        Raises:
            MediaError: nothing more can be read.
        """
        ...

    def skip_to(self, time_s: float) -> bool:
        """Go to the first picture due at time_s or later without reading those before; False: it cannot."""
        ...

    def close(self) -> None: ...


class Player:
    """A VideoSource over a reel: frame k is handed out k/fps s after the first, against the monotonic clock.

    One delay never shifts the frames after it, and late frames are skipped, not handed out in a bunch.
    `captured_at` is the time at which a picture was due.
    """

    def __init__(self, open_reel: Callable[[], Reel], on_picture: OnPicture, on_lost: OnLost) -> None:
        """open_reel is called on the source's thread and may block; it raises MediaError."""
        self._open_reel = open_reel
        self._on_picture = on_picture
        self._on_lost = on_lost
        self._run: _Run | None = None
        self._info = SourceInfo("")

    @property
    def info(self) -> SourceInfo:
        return self._info

    async def open(self) -> None:
        if self._run is not None:
            raise RuntimeError("the source is open")
        run = self._run = _Run(self._open_reel, self._on_picture, self._on_lost)
        try:
            self._info = await run.opened
        except BaseException:
            # also when cancelled: the thread closes its reel and ends, however late the disk answers
            self._run = None
            run.stop.set()
            raise

    async def close(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            await run.close()


class _Run:
    """One open of a player: its thread, from opening the reel to closing it."""

    def __init__(self, open_reel: Callable[[], Reel], on_picture: OnPicture, on_lost: OnLost) -> None:
        self.stop = threading.Event()
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[SourceInfo] = self._loop.create_future()
        self._ended = asyncio.Event()
        self._open_reel = open_reel
        self._on_picture = on_picture
        self._on_lost = on_lost
        # a daemon: a thread that hangs in a read must not keep the process alive
        self._thread = threading.Thread(target=self._play_guarded, name="callapp-video-source", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        self.stop.set()
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._ended.wait()
        except TimeoutError:
            log.warning("a video source hangs in a read and is left behind")
        else:
            self._thread.join()  # a few instructions before its end

    def _tell(self, callback: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:  # the loop is closed, nobody waits any more
            log.debug("the loop of a video source is gone")

    def _play_guarded(self) -> None:
        try:
            self._play()
        except MediaError as error:
            self._tell(lambda failure=error: self._fail(failure))  # type: ignore[misc]
        except Exception as error:
            log.exception("a video source failed")
            failure = MediaError(ErrorCode.NOT_READABLE, type(error).__name__, device=Device.CAMERA)
            self._tell(lambda: self._fail(failure))
        finally:
            self._tell(self._ended.set)

    def _fail(self, error: MediaError) -> None:
        if self.stop.is_set():
            return
        if self.opened.done():
            self._on_lost(error)
        else:
            self.opened.set_exception(error)

    def _succeed(self, info: SourceInfo) -> None:
        if not self.opened.done():
            self.opened.set_result(info)

    def _play(self) -> None:
        reel = self._open_reel()
        try:
            due_s, frame = reel.read()
            if self.stop.is_set():  # `open` was cancelled meanwhile
                return
            start = handed_out = time.monotonic() - due_s
            self._on_picture(Picture(frame, time.time()))
            self._tell(lambda: self._succeed(reel.info))
            due_s, frame = reel.read()
            period_s = 1 / reel.info.fps
            while not self.stop.is_set():
                late_s = time.monotonic() - start - due_s
                if late_s < 0:
                    if self.stop.wait(-late_s):
                        return
                elif late_s > period_s:
                    fresh = time.monotonic() - handed_out < SHOW_AT_LEAST_EVERY_S
                    if reel.skip_to(late_s + due_s) or (fresh and late_s < FAR_BEHIND_S):
                        due_s, frame = reel.read()
                        continue
                    if late_s >= FAR_BEHIND_S:
                        start += late_s
                handed_out = time.monotonic()
                self._on_picture(Picture(frame, time.time() - max(0.0, handed_out - start - due_s)))
                due_s, frame = reel.read()
        finally:
            reel.close()
