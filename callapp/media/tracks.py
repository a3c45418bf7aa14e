"""Permanent tracks: one per kind and peer connection, for the whole call; what feeds them changes inside.

A sender dies with its track and RTP time follows the frames' pts, so tracks never end before their connection, and
their clocks run on whatever happens to the device behind them.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE, MediaStreamTrack

from callapp.media.video.slot import FrameSlot, Picture

SAMPLE_RATE_HZ = 48_000
FRAME_SAMPLES = 960  # 20 ms: aiortc gives longer blocks wrong timestamps
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE_HZ
AUDIO_TIME_BASE = Fraction(1, SAMPLE_RATE_HZ)
MICROPHONE_SLACK_S = 0.03  # a block may be this late before silence stands in for it
MAX_AUDIO_BACKLOG = 4  # frames kept of a microphone that is ahead: 80 ms
MAX_CATCH_UP_S = 0.2  # after a longer stall time jumps instead of old frames rushing out


class _Wake:
    """Wakes a coroutine of one loop from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def set(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:  # the loop is closed: a source that is still ending has no listener any more
            return

    async def wait(self) -> None:
        await self._event.wait()
        self._event.clear()


class VideoTrack(MediaStreamTrack):
    """Sends the newest picture whenever there is a new one; without any it waits.

    `repeat_s`: a still picture is sent again after this time, so that somebody who missed it sees it.
    """

    kind = "video"

    def __init__(self, repeat_s: float | None = None) -> None:
        super().__init__()
        self._slot = FrameSlot()
        self._wake = _Wake()
        self._slot.on_filled = self._wake.set
        self._repeat_s = repeat_s
        self._last: Picture | None = None
        self._started_at = time.monotonic()
        self._pts = -1

    def put(self, picture: Picture) -> None:
        """The newest picture, from any thread. It stays unread until the one before is encoded."""
        self._slot.put(picture)

    def clear(self) -> None:
        """Nothing to send any more: the source is off."""
        self._slot.clear()
        self._last = None

    async def recv(self) -> av.VideoFrame:
        """The next frame, with a time of the monotonic 90 kHz clock: a change of source never makes time jump."""
        frame = (await self._next()).frame
        self._pts = max(self._pts + 1, int((time.monotonic() - self._started_at) * VIDEO_CLOCK_RATE))
        frame.pts = self._pts
        frame.time_base = VIDEO_TIME_BASE
        return frame

    async def _next(self) -> Picture:
        while (picture := self._slot.take()) is None:
            try:
                async with asyncio.timeout(self._repeat_s):
                    await self._wake.wait()
            except TimeoutError:
                if self._last is not None:
                    return self._last
        if self._repeat_s is not None:
            self._last = picture
        return picture


class AudioTrack(MediaStreamTrack):
    """Sends 20 ms of sound every 20 ms: the microphone's, else silence.

    Silence is really sent, muted or not: the peer's liveness watch and its playout clock live on it.
    """

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._wake = _Wake()
        self._lock = threading.Lock()
        self._blocks: deque[npt.NDArray[np.int16]] = deque()
        self._samples = 0  # in _blocks
        self._live = False
        self._pts = 0
        self._due: float | None = None  # loop time at which the next frame is due

    def set_live(self, live: bool) -> None:
        """Whether a microphone feeds this track."""
        with self._lock:
            self._live = live
            self._blocks.clear()
            self._samples = 0

    def put(self, block: npt.NDArray[np.int16]) -> None:
        """A block of the microphone, 48 kHz mono, from any thread. Old ones are dropped if nobody sends."""
        with self._lock:
            if not self._live:
                return
            wake = self._samples < FRAME_SAMPLES <= self._samples + len(block)
            self._blocks.append(block)
            self._samples += len(block)
            while self._samples > MAX_AUDIO_BACKLOG * FRAME_SAMPLES:
                self._samples -= len(self._blocks.popleft())
        if wake:
            self._wake.set()

    async def recv(self) -> av.AudioFrame:
        """The next 960 samples."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._due is None:
            self._due = now
        elif now - self._due > MAX_CATCH_UP_S:
            skipped = int((now - self._due) / FRAME_S)
            self._due += skipped * FRAME_S
            self._pts += skipped * FRAME_SAMPLES
        samples = await self._next(loop)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts = self._pts
        frame.time_base = AUDIO_TIME_BASE
        self._pts += FRAME_SAMPLES
        return frame

    async def _next(self, loop: asyncio.AbstractEventLoop) -> npt.NDArray[np.int16]:
        assert self._due is not None
        while (samples := self._take()) is None:
            deadline = self._due + (MICROPHONE_SLACK_S if self._live else 0.0)
            try:
                async with asyncio.timeout_at(deadline):
                    await self._wake.wait()
            except TimeoutError:
                self._due += FRAME_S
                return np.zeros(FRAME_SAMPLES, np.int16)
        self._due = loop.time() + FRAME_S  # the microphone's clock leads while it delivers
        return samples

    def _take(self) -> npt.NDArray[np.int16] | None:
        taken: list[npt.NDArray[np.int16]] = []
        missing = FRAME_SAMPLES
        with self._lock:
            if self._samples < FRAME_SAMPLES:
                return None
            while missing:
                block = self._blocks.popleft()
                if len(block) > missing:
                    self._blocks.appendleft(block[missing:])
                    block = block[:missing]
                taken.append(block)
                missing -= len(block)
            self._samples -= FRAME_SAMPLES
        return np.concatenate(taken)
