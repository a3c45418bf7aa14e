"""The media engine's thread and its border: commands in, events and pictures out.

The thread runs a plain asyncio loop for peer connections, RTP and devices. Nothing of aiortc is imported before
`start`, and then on the engine's thread, so that the window is there first.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.messages import (
    AddCandidate,
    ApplyAnswer,
    Command,
    CreateAnswer,
    CreateOffer,
    EnableSource,
    Event,
    NegotiationFailed,
    OpenSources,
    Share,
    SourceFailed,
    SourcesFailed,
    SwitchSource,
)
from callapp.media.seat import Seat
from callapp.media.transport.task_owner import TaskOwner, owned_task_factory
from callapp.media.video.slot import FrameSlot

if TYPE_CHECKING:
    from callapp.media.desk import Desk
    from callapp.media.devices import Devices

logger = logging.getLogger(__name__)

_warm = False

CLOSE_TIMEOUT_S = 2.9
TASKS_TIMEOUT_S = 0.5
EXECUTOR_THREADS = 6
LAG_PERIOD_S = 0.1
LAG_WINDOW = 10  # periods: 1 s
GC_THRESHOLDS = (
    20_000,
    20,
    50,
)  # after the freeze: a full collection is rare, and never looks at what start left


class Engine:
    """Runs the media thread.

    Args:
        devices: makes cameras, microphones...; this computer's by default.
    """

    def __init__(self, devices: Devices | None = None) -> None:
        self.local = FrameSlot()
        self._devices = devices
        self._seats: list[Seat] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ended: asyncio.Future[None] | None = None
        self._desk: Desk | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._lags: deque[float] = deque([0.0], maxlen=LAG_WINDOW)

    @property
    def lag_s(self) -> float:
        """By how much the engine's loop ran late at worst in the last second."""
        return max(self._lags)

    def start(self) -> None:
        """Start the thread and return at once. Commands wait until the imports are done; no device is opened."""
        self._loop = asyncio.new_event_loop()
        self._loop.call_soon(self._arrive)  # before any command
        self._thread = threading.Thread(
            target=self._run, args=(self._loop,), name="media-engine", daemon=True
        )
        self._thread.start()

    def seat(self, post: Callable[[Event], None]) -> Seat:
        """A new seat; the first is the person's. `post` is called on the loop that calls this."""
        seat = Seat(self._submit, post, first=not self._seats)
        self._seats.append(seat)
        return seat

    async def close(self) -> None:
        """End every call, release every device, stop the thread: within 3 s, whatever the state. Idempotent."""
        if self._ended is not None:
            await asyncio.shield(self._ended)
            return
        loop, thread = self._loop, self._thread
        for seat in self._seats:
            seat.close()
        self._ended = asyncio.get_running_loop().create_future()
        if loop is None or thread is None:
            self._ended.set_result(None)
            return
        caller_loop, ended = asyncio.get_running_loop(), self._ended
        loop.call_soon_threadsafe(
            self._begin_shutdown, lambda: caller_loop.call_soon_threadsafe(_finish, ended)
        )
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await asyncio.shield(ended)
        except TimeoutError:
            logger.warning("the media engine did not end in time")
            _finish(ended)
        else:
            thread.join()  # the thread has nothing left to do but return

    # ---- the engine's thread

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        self._on_ended: Callable[[], Any] = lambda: None
        asyncio.set_event_loop(loop)
        executor = ThreadPoolExecutor(EXECUTOR_THREADS, thread_name_prefix="media-worker")
        loop.set_default_executor(executor)
        loop.set_task_factory(owned_task_factory)
        loop.set_exception_handler(_log_unhandled)
        self._owner = TaskOwner(_log_failure)
        try:
            loop.run_forever()
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            executor.shutdown(wait=True, cancel_futures=True)
            loop.close()
            self._on_ended()

    def _arrive(self) -> None:
        """The first callback of the loop: the imports, before any command."""
        try:
            from callapp.media.desk import Desk
            from callapp.media.devices import system_devices

            self._desk = Desk(self._devices or system_devices(), self.local, self._owner)
        except Exception:  # a library of the system is missing: every command is answered by a failure
            logger.exception("the media engine cannot be used")
            return
        self._owner.spawn(self._watch_lag())
        self._owner.spawn(self._warm_up())

    async def _warm_up(self) -> None:
        """Once per process."""
        global _warm
        if _warm:
            return
        _warm = True
        from callapp.media.warm_up import WarmUp

        await WarmUp().run()
        gc.collect()
        gc.freeze()  # what start has left stays: no later collection looks at it
        gc.set_threshold(*GC_THRESHOLDS)

    async def _watch_lag(self) -> None:
        while True:
            due = time.monotonic() + LAG_PERIOD_S
            await asyncio.sleep(LAG_PERIOD_S)
            self._lags.append(max(0.0, time.monotonic() - due))

    def _submit(self, seat: Seat, command: Command) -> None:
        if self._loop is None:
            raise RuntimeError("the engine has not been started")
        try:
            self._loop.call_soon_threadsafe(self._handle, seat, command)
        except RuntimeError:  # closed
            logger.debug("a command came after the engine had ended")

    def _handle(self, seat: Seat, command: Command) -> None:
        if self._stopping is not None:
            return
        if self._desk is None:
            error = MediaError(ErrorCode.NOT_READABLE, "the media engine cannot be used; see the log")
            self._answer_failure(seat, command, error)
            return
        try:
            self._owner.run(self._desk.handle, seat, command)
        except Exception as error:
            logger.exception("%s failed", type(command).__name__)
            self._answer_failure(seat, command, MediaError(ErrorCode.NOT_READABLE, type(error).__name__))

    def _answer_failure(self, seat: Seat, command: Command, error: MediaError) -> None:
        answer = _failure(command, error)
        if answer is not None:
            seat.deliver(answer)

    def _begin_shutdown(self, on_ended: Callable[[], Any]) -> None:
        self._on_ended = on_ended
        self._stopping = asyncio.get_running_loop().create_task(self._shut_down())

    async def _shut_down(self) -> None:
        try:
            if self._desk is not None:
                await self._desk.close()
            if not await self._owner.cancel(TASKS_TIMEOUT_S):
                logger.warning("the media engine left %d tasks running", len(self._owner))
        except Exception:
            logger.exception("the media engine could not end cleanly")
        finally:
            asyncio.get_running_loop().stop()


def _finish(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)


def _failure(command: Command, error: MediaError) -> Event | None:
    """What answers a command that could not even be begun."""
    match command:
        case OpenSources():
            return SourcesFailed(error)
        case SwitchSource(device=device) | EnableSource(device=device):
            return SourceFailed(device, error)
        case Share():
            return SourceFailed(Device.SCREEN, error)
        case CreateOffer() | CreateAnswer() | ApplyAnswer() | AddCandidate():
            return NegotiationFailed(command.call_id, command.attempt, error)
    return None


def _log_failure(error: BaseException) -> None:
    logger.error("a task of the media engine failed", exc_info=error)


def _log_unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    logger.error("%s", context.get("message", "unhandled"), exc_info=context.get("exception"))
