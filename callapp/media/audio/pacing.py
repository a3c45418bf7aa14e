"""Real time without a sound card (a thread with a beat of 10 ms), and work that may be abandoned."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from callapp.errors import MediaError
from callapp.media.audio.blocks import BLOCK_S

log = logging.getLogger(__name__)

T = TypeVar("T")
MAX_LATE_S = 1.0  # after a longer pause (a suspended laptop) the missed blocks are not caught up
END_S = 1.0  # how long an owner waits for its thread


async def in_thread(name: str, work: Callable[[], T], undo: Callable[[T], object], timeout_s: float) -> T:
    """Run `work` on a thread of its own, for calls into sound systems and files that may block.

    A thread cannot be stopped, so on cancellation or timeout it is left to end by itself, and `undo` then
    gives back what it has opened. It is a daemon thread: a sound server that hangs does not keep the app from
    ending.

    Raises: what `work` raises; TimeoutError.
    """
    result: Future[T] = Future()
    result.set_running_or_notify_cancel()  # from here on cancelling the awaiting task cannot cancel it

    def run() -> None:
        try:
            value = work()
        except BaseException as error:  # handed on to the awaiting task
            result.set_exception(error)
        else:
            result.set_result(value)

    def give_back(done: Future[T]) -> None:
        if done.exception() is None:
            undo(done.result())

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.shield(asyncio.wrap_future(result))
    except (asyncio.CancelledError, TimeoutError):
        result.add_done_callback(give_back)
        raise


class PacedThread:
    """Calls `step` every 10 ms by a monotonic schedule, so that late calls do not add up.

    A MediaError out of `step` or `finish` ends the thread and goes to `on_error`; `finish` runs last,
    whatever happened. All three run on the thread.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], None],
        on_error: Callable[[MediaError], None],
        finish: Callable[[], None] = lambda: None,
    ) -> None:
        self._step = step
        self._on_error = on_error
        self._finish = finish
        self._stop = threading.Event()
        self._ended: Future[None] = Future()
        self._ended.set_running_or_notify_cancel()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first `step` comes 10 ms from now."""
        self._thread.start()

    async def stop(self) -> None:
        """End the thread and wait for that, 1 s at the most (a disk may hang). Idempotent."""
        self._stop.set()
        if self._thread.ident is None:
            return
        try:
            async with asyncio.timeout(END_S):
                await asyncio.shield(asyncio.wrap_future(self._ended))
        except TimeoutError:
            log.warning("%s does not end", self._thread.name)
        else:
            self._thread.join(END_S)  # it has nothing left to do

    def _run(self) -> None:
        try:
            try:
                self._pace()
            finally:
                self._finish()
        except MediaError as error:
            self._on_error(error)
        finally:
            self._ended.set_result(None)

    def _pace(self) -> None:
        due = time.monotonic() + BLOCK_S
        while True:
            now = time.monotonic()
            if now - due > MAX_LATE_S:
                due = now
            if self._stop.wait(max(0.0, due - now)):
                return
            self._step()
            due += BLOCK_S
