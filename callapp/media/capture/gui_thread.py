"""The way from the media engine's loop to Qt's main thread, where Qt's cameras and screens live."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, Signal, Slot

from callapp.errors import ErrorCode, MediaError

log = logging.getLogger(__name__)

APP_GONE_POLL_S = 0.5
"""How often a waiting caller looks whether the application is still there to do the work."""

STILL_QUITTING_S = 0.25
"""Work that is reached this soon after the application was told to quit belongs to the loop that ends."""

T = TypeVar("T")


async def run_on_gui(fn: Callable[[], T]) -> T:
    """Run fn on Qt's main thread, in the order of the calls, and return what it returns or raises.

    The caller's loop goes on meanwhile, also if the main thread is busy for long. When cancelled before fn has
    begun, fn never runs; afterwards its effect stays, so fn must leave what it made where its owner finds it.

    Raises:
        MediaError: ABORT: there is no application, or it quits before fn has begun.
    """
    app = QCoreApplication.instance()
    if app is None:
        raise _gone()
    if QThread.isMainThread():
        return fn()
    job = _Job(fn)
    invoker = _invoker_of(app)
    invoker.post(job)
    try:
        while not job.result.done():
            await asyncio.wait({job.result}, timeout=APP_GONE_POLL_S)
            gone = invoker.quitting or QCoreApplication.instance() is not app
            if gone and not job.result.done() and job.drop():
                raise _gone()
        return job.result.result()
    finally:
        job.drop()


async def release_on_gui(fn: Callable[[], None], timeout_s: float) -> bool:
    """Run fn on Qt's main thread as `run_on_gui` does, but wait at most timeout_s: it stays in the queue.

    For giving devices back: whatever becomes of the caller, fn runs as soon as the main thread gets to it.
    False: it has not run yet (or never will, the application being gone).
    """
    app = QCoreApplication.instance()
    if app is None:
        return False
    if QThread.isMainThread():
        fn()
        return True
    job = _Job(fn, release=True)
    _invoker_of(app).post(job)
    try:
        async with asyncio.timeout(timeout_s):
            await asyncio.shield(job.result)
    except TimeoutError:
        return False
    return True


def _gone() -> MediaError:
    return MediaError(ErrorCode.ABORT, "the application has no main thread for devices")


class _Job(Generic[T]):
    """A function on its way: it runs once, or is dropped before it begins."""

    def __init__(self, fn: Callable[[], T], release: bool = False) -> None:
        self._fn: Callable[[], T] | None = fn
        self._release = release
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self.result: asyncio.Future[T] = self._loop.create_future()

    def drop(self) -> bool:
        """Whether it has been kept from running."""
        with self._lock:
            dropped, self._fn = self._fn is not None, None
        return dropped

    def run(self) -> None:
        """On the main thread."""
        with self._lock:
            fn, self._fn = self._fn, None
        if fn is None:
            return
        try:
            value = fn()
        except BaseException as error:
            self._settle(lambda failure=error: self.result.set_exception(failure))  # type: ignore[misc]
            if not isinstance(error, Exception):
                raise
        else:
            self._settle(lambda: self.result.set_result(value))

    def quit(self) -> None:
        """On the main thread: the application quits. A release is still made, anything else is not begun."""
        if self._release:
            self.run()
        elif self.drop():
            self._settle(lambda: self.result.set_exception(_gone()))

    def _settle(self, settle: Callable[[], None]) -> None:
        def unless_done() -> None:
            if not self.result.done():
                settle()
                # a caller that was cancelled does not look any more, which is no error of the loop's
                self.result.exception()

        try:
            self._loop.call_soon_threadsafe(unless_done)
        except RuntimeError:
            log.debug("the loop that asked the main thread is gone")


class _Invoker(QObject):
    """Lives on the main thread and runs there what other threads post, in order."""

    posted = Signal(object)

    def __init__(self, app: QCoreApplication) -> None:
        super().__init__()
        self.app = app
        self._lock = threading.Lock()
        self._waiting: set[_Job[object]] = set()
        self.quitting = False  # the application's loop was told to end, and has not come back since
        self._quit_at_s = 0.0
        self.posted.connect(self._run, Qt.ConnectionType.QueuedConnection)
        app.aboutToQuit.connect(self._settle_all)
        self.moveToThread(app.thread())

    def post(self, job: _Job[T]) -> None:
        with self._lock:
            self._waiting.add(job)  # type: ignore[arg-type]
        self.posted.emit(job)

    @Slot(object)
    def _run(self, job: _Job[object]) -> None:
        with self._lock:
            self._waiting.discard(job)
        if self.quitting and time.monotonic() - self._quit_at_s > STILL_QUITTING_S:
            self.quitting = False  # not a leftover: the loop was started anew
        job.run()

    @Slot()
    def _settle_all(self) -> None:
        """The application's loop ends, so what is queued may never be reached."""
        self.quitting, self._quit_at_s = True, time.monotonic()
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for job in waiting:
            job.quit()


_invoker: _Invoker | None = None
_invoker_lock = threading.Lock()


def _invoker_of(app: QCoreApplication) -> _Invoker:
    global _invoker
    with _invoker_lock:
        if _invoker is None or _invoker.app is not app:
            _invoker = _Invoker(app)
        return _invoker
