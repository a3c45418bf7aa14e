"""Where a peer's decoded frames go: one hop from the decoder's thread to the view's slot or the speaker."""

from __future__ import annotations

import threading
from collections.abc import Callable

import av
import numpy as np
import numpy.typing as npt
from av.frame import Frame

from callapp.media.video.slot import FrameSlot, Picture


class RemoteVideo:
    """Puts a remote track's pictures into a slot and tells of their size. Called on the decoder's thread."""

    def __init__(self, slot: FrameSlot, on_size: Callable[[int, int], None]) -> None:
        self._slot = slot
        self._on_size = on_size
        self._size = (0, 0)
        self._lock = threading.Lock()
        self._open = True

    def __call__(self, frame: Frame) -> None:
        assert isinstance(frame, av.VideoFrame)
        size = (frame.width, frame.height)
        with self._lock:
            if not self._open:
                return
            self._slot.put(Picture(frame))
        if size != self._size:
            self._size = size
            self._on_size(*size)

    def close(self) -> None:
        """No picture reaches the slot any more once this has returned."""
        with self._lock:
            self._open = False


class RemoteAudio:
    """Turns a remote track's sound, whatever its codec, into 48 kHz mono. Called on the decoder's thread."""

    def __init__(self, play: Callable[[npt.NDArray[np.int16]], None]) -> None:
        self._play = play
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        self._open = True

    def __call__(self, frame: Frame) -> None:
        assert isinstance(frame, av.AudioFrame)
        if not self._open:
            return
        for part in self._resampler.resample(frame):
            self._play(part.to_ndarray().reshape(-1).astype(np.int16, copy=False))

    def close(self) -> None:
        self._open = False
