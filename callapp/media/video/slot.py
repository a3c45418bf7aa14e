"""The newest-frame slot: how pictures cross a thread border without a queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import av


@dataclass(frozen=True)
class Picture:
    """One video frame on its way to a view or an encoder.

    `frame` is shared between consumers: read it, never reformat it with a reformatter that another thread uses
    (each consumer owns its VideoReformatter). `captured_at` is Unix time in s, None where nobody knows.
    """

    frame: av.VideoFrame
    captured_at: float | None = None


class FrameSlot:
    """Holds the newest picture only; putting over an untaken one drops and counts it.

    `put` may be called on any thread. `on_filled`, if set, is called on the putting thread each time the slot goes
    from empty to filled (so at most once per `take`): it must only wake the consumer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._picture: Picture | None = None
        self.on_filled: Callable[[], None] | None = None
        self.dropped = 0
        self.delivered = 0

    def put(self, picture: Picture) -> None:
        with self._lock:
            wake = self._picture is None
            if not wake:
                self.dropped += 1
            self._picture = picture
        if wake and self.on_filled is not None:
            self.on_filled()

    def take(self) -> Picture | None:
        """The newest picture, or None if there has been none since the last take."""
        with self._lock:
            picture, self._picture = self._picture, None
            if picture is not None:
                self.delivered += 1
            return picture

    def clear(self) -> None:
        """Forget an untaken picture (the call ended, the camera went off)."""
        with self._lock:
            self._picture = None
