"""Shared memory between the app's frame tap and the benchmark: writing costs no system call and no thread.

A file mapped by both processes: a header, then fixed-size records used as a ring. One writer, one reader.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from bench.frames import Drained, Shown

RING_VARIABLE = "BENCH_FRAME_RING"
"""Environment variable: the ring's file."""
GRAB_DIRECTORY_VARIABLE = "BENCH_GRABS"
"""Environment variable: where the tap puts grabs."""

_HEADER = struct.Struct("<Qd")  # records written so far; seconds between grabs, 0: none
_COUNT = struct.Struct("<Q")
_EVERY = struct.Struct("<d")
_RECORD = struct.Struct("<iiiidd")  # is_remote, counter, width_px, height_px, shown_s, captured_s
_CAPACITY = 1 << 16  # eighteen minutes of two 30 fps pictures


class FrameRing:
    """One mapping of the ring; the app's process only adds, the adapter's only takes."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        size = _HEADER.size + _CAPACITY * _RECORD.size
        if create:
            with path.open("wb") as file:
                file.truncate(size)
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)
        self._taken = 0

    @property
    def grab_every_s(self) -> float:
        return float(_EVERY.unpack_from(self._map, _COUNT.size)[0])

    @grab_every_s.setter
    def grab_every_s(self, seconds: float) -> None:
        _EVERY.pack_into(self._map, _COUNT.size, seconds)

    @property
    def _written(self) -> int:
        return int(_COUNT.unpack_from(self._map, 0)[0])

    def add(self, *, is_remote: bool, picture: Shown) -> None:
        """Append a record; the count moves last, so that the reader never sees half of one."""
        written = self._written
        at = _HEADER.size + written % _CAPACITY * _RECORD.size
        counter, shown_s, width_px, height_px, captured_s = picture
        _RECORD.pack_into(self._map, at, is_remote, counter, width_px, height_px, shown_s, captured_s)
        _COUNT.pack_into(self._map, 0, written + 1)

    def take(self) -> Drained:
        """The records added since the last take. Raises RuntimeError if some were overwritten."""
        written = self._written
        if written - self._taken > _CAPACITY:
            raise RuntimeError("the frame ring was not drained in time")
        drained = Drained([], [])
        for index in range(self._taken, written):
            at = _HEADER.size + index % _CAPACITY * _RECORD.size
            is_remote, counter, width_px, height_px, shown_s, captured_s = _RECORD.unpack_from(self._map, at)
            pictures = drained.remote if is_remote else drained.local
            pictures.append(Shown(counter, shown_s, width_px, height_px, captured_s))
        self._taken = written
        return drained
