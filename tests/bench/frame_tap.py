"""What runs inside the measured app: `callapp --frame-tap bench.frame_tap:tap`.

Reads the time code and leaves a record in shared memory: about 0.1 ms a picture on the GUI thread, no
system call, no lock, nothing that could hold or hand over the GIL. (Grabs, in picture quality runs only, write a file.)
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bench.frame_ring import GRAB_DIRECTORY_VARIABLE, RING_VARIABLE, FrameRing
from bench.frames import UNREADABLE, Shown, counter_of
from bench.grabs import grab_path


class _Tap:
    def __init__(self) -> None:
        self._ring = FrameRing(Path(os.environ[RING_VARIABLE]))
        self._grab_directory = Path(os.environ[GRAB_DIRECTORY_VARIABLE])
        self._grabbed_s = 0.0

    def __call__(
        self,
        kind: Literal["local", "remote", "screen"],
        luma: NDArray[np.uint8],
        shown_at: float,
        captured_at: float | None,
    ) -> None:
        if kind == "screen":
            return
        height_px, width_px = luma.shape
        counter = counter_of(luma)
        is_remote = kind == "remote"
        picture = Shown(counter, shown_at, width_px, height_px, captured_at or 0.0)
        self._ring.add(is_remote=is_remote, picture=picture)
        every_s = self._ring.grab_every_s
        if every_s and is_remote and shown_at - self._grabbed_s >= every_s and counter != UNREADABLE:
            self._grabbed_s = shown_at
            luma.tofile(grab_path(self._grab_directory, counter, width_px, height_px, shown_at))


tap = _Tap()
