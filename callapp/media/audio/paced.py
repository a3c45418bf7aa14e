"""Sound that needs no device: sources that are read, and speakers that are drained, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Generator
from typing import Protocol

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.audio.blocks import BLOCK_S, BLOCK_SAMPLES, OnBlock, Samples
from callapp.media.audio.pacing import PacedThread, in_thread
from callapp.media.messages import SourceInfo

OPEN_TIMEOUT_S = 10.0  # a network disk that has to wake up

OnLost = Callable[[MediaError], None]


def _on_loop(on_lost: OnLost) -> OnLost:
    """`on_lost` for another thread: called on the loop that runs now."""
    loop = asyncio.get_running_loop()

    def post(error: MediaError) -> None:
        with contextlib.suppress(RuntimeError):  # the loop was closed under us
            loop.call_soon_threadsafe(on_lost, error)

    return post


async def _off_loop(
    work: Callable[[], None], undo: Callable[[], None], device: Device, subject: str, code: ErrorCode
) -> None:
    """Do what opening needs (reading, creating a file) without holding up the loop."""
    try:
        await in_thread(f"open-{device.value}", work, lambda _: undo(), OPEN_TIMEOUT_S)
    except TimeoutError as error:
        raise MediaError(code, "no answer from the disk", device=device, subject=subject) from error


class PacedInput:
    """Blocks out of a generator, one every 10 ms. Opened once.

    The first block is made in `open`, so that a bad file is found there; the generator may raise MediaError.
    `on_block` is called on the thread that keeps the time, `on_lost` on the loop that opened it.
    """

    def __init__(
        self, label: str, blocks: Generator[Samples, None, None], on_block: OnBlock, on_lost: OnLost
    ) -> None:
        self.info = SourceInfo(label)
        self._blocks = blocks
        self._on_block = on_block
        self._on_lost = on_lost
        self._next: Samples | None = None
        self._thread: PacedThread | None = None

    async def open(self) -> None:
        """Raises MediaError FILE_UNREADABLE. Cancellable."""
        await _off_loop(
            self._prepare, self._blocks.close, Device.MICROPHONE, self.info.label, ErrorCode.FILE_UNREADABLE
        )
        lost = _on_loop(self._lost)
        self._thread = PacedThread("audio-input", self._step, lost, self._blocks.close)
        self._thread.start()

    async def close(self) -> None:
        """Idempotent; no block is delivered after it."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.stop()

    def _lost(self, error: MediaError) -> None:
        if self._thread is not None:
            self._on_lost(error)

    def _prepare(self) -> None:
        self._next = next(self._blocks)

    def _step(self) -> None:
        block = self._next
        if block is not None:
            self._on_block(block, time.time() - BLOCK_S)
        self._next = next(self._blocks)


class Consumer(Protocol):
    """Where a PacedDrain's sound goes. Raises MediaError from any of these."""

    def open(self) -> None: ...
    def write(self, samples: Samples) -> None: ...
    def close(self) -> None: ...


class Nowhere:
    """A consumer for a computer without a speaker: the sound is taken in real time, and that is all."""

    def open(self) -> None:
        pass

    def write(self, samples: Samples) -> None:
        pass

    def close(self) -> None:
        pass


class PacedDrain:
    """Pulls a block every 10 ms, as a speaker would, and gives it to a consumer. Opened once.

    `on_lost` is called on the loop that opened it.
    """

    def __init__(
        self, label: str, consumer: Consumer, pull: Callable[[int], Samples], on_lost: OnLost
    ) -> None:
        self.info = SourceInfo(label)
        self._consumer = consumer
        self._pull = pull
        self._on_lost = on_lost
        self._thread: PacedThread | None = None

    async def open(self) -> None:
        """Raises MediaError FILE_UNWRITABLE. Cancellable."""
        await _off_loop(
            self._consumer.open,
            self._consumer.close,
            Device.SPEAKER,
            self.info.label,
            ErrorCode.FILE_UNWRITABLE,
        )
        lost = _on_loop(self._lost)
        self._thread = PacedThread("audio-output", self._step, lost, self._consumer.close)
        self._thread.start()

    async def close(self) -> None:
        """Idempotent; what was pulled is with the consumer after it."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await thread.stop()

    def _lost(self, error: MediaError) -> None:
        if self._thread is not None:
            self._on_lost(error)

    def _step(self) -> None:
        self._consumer.write(self._pull(BLOCK_SAMPLES))
