"""A ring of samples between two threads, one writing, one reading, that never makes either wait."""

from __future__ import annotations

import numpy as np

from callapp.media.audio.blocks import Samples


class Ring:
    """Holds the newest `capacity` samples; older unread ones are dropped and counted.

    One thread writes, one thread reads, and no lock stands between them: each side moves only its own
    counter, so that an audio callback is never held up by a reader that the interpreter has just paused. The
    reader notices that it was overtaken by looking at the distance of the counters. The memory is twice the
    capacity, so that a writer can be a whole capacity ahead before it touches what the reader is copying.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a ring of {capacity} samples")
        self.capacity = capacity
        self.dropped = 0  # samples; moved by the reader
        self._memory: Samples = np.zeros(2 * capacity, np.int16)
        self._written = 0  # moved by the writer only
        self._read = 0  # moved by the reader only

    @property
    def waiting(self) -> int:
        """Samples that can be read now."""
        return min(self._written - self._read, self.capacity)

    @property
    def written(self) -> int:
        """Samples written since the beginning."""
        return self._written

    @property
    def position(self) -> int:
        """Index of the next sample to be read, counted like `written`; dropped ones are counted, too."""
        return max(self._read, self._written - self.capacity)

    def write(self, samples: Samples) -> None:
        """Append samples (one dimension). Never waits; only the writing thread may call it."""
        size = len(self._memory)
        count = len(samples)
        kept = samples[-size:]
        start = (self._written + count - len(kept)) % size
        head = min(len(kept), size - start)
        self._memory[start : start + head] = kept[:head]
        self._memory[: len(kept) - head] = kept[head:]
        self._written += count

    def read(self, count: int) -> Samples:
        """Up to `count` of the oldest samples, as a copy. Only the reading thread may call it."""
        start = self._catch_up()
        count = min(count, self._written - start)
        size = len(self._memory)
        begin = start % size
        head = min(count, size - begin)
        out = np.empty(count, np.int16)
        out[:head] = self._memory[begin : begin + head]
        out[head:] = self._memory[: count - head]
        self._read = start + count
        return out

    def skip(self, count: int) -> int:
        """Drop up to `count` of the oldest samples, counted as dropped; -> how many. Reading thread only."""
        start = self._catch_up()
        count = min(count, self._written - start)
        self._read = start + count
        self.dropped += count
        return count

    def _catch_up(self) -> int:
        """Index of the oldest sample that still counts."""
        position = self.position
        self.dropped += position - self._read
        self._read = position
        return position
