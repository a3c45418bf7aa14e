"""What a speaker is about to play: the peer's sound from a ring, with the app's own sounds mixed over it."""

from __future__ import annotations

from collections import deque

import numpy as np

from callapp.media.audio.blocks import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples
from callapp.media.audio.ring import Ring

RING_SAMPLES = SAMPLE_RATE_HZ // 5  # 200 ms: more delay than that spoils a conversation
START_SAMPLES = 2 * BLOCK_SAMPLES  # waiting before sound starts, so that 20 ms packets do not stutter
STANDING_SAMPLES = SAMPLE_RATE_HZ * 6 // 100  # 60 ms that wait all the time are delay for nothing
STANDING_WINDOW = 2 * SAMPLE_RATE_HZ // BLOCK_SAMPLES  # blocks, about 2 s
MAX_EFFECTS = 4
_FADE = np.linspace(0.0, 1.0, BLOCK_SAMPLES, dtype=np.float32)


class Playout:
    """One thread writes and plays effects, one thread pulls. Pure: no thread or clock of its own.

    A burst after a network stall fills the ring, and since both ends run at 48 kHz it would stay that full:
    what waits longer than necessary for 2 s is skipped with a cross-fade.
    """

    def __init__(self) -> None:
        self.underruns = 0  # how often the sound ran dry while playing
        self._ring = Ring(RING_SAMPLES)
        self._flowing = False
        self._lowest = RING_SAMPLES
        self._blocks = 0
        self._new_effects: deque[Samples] = deque(maxlen=MAX_EFFECTS)
        self._effects: list[tuple[Samples, int]] = []  # samples and how many of them have been played

    @property
    def waiting(self) -> int:
        """Samples written and not pulled yet."""
        return self._ring.waiting

    @property
    def dropped(self) -> int:
        """Samples that were never played, because too many waited."""
        return self._ring.dropped

    def write(self, samples: Samples) -> None:
        """Append mono int16 samples at 48 kHz; the oldest are dropped when more than 200 ms wait."""
        self._ring.write(samples)

    def play_effect(self, samples: Samples) -> None:
        """Mix samples over whatever is played from now on; of more than four at once the oldest stop."""
        self._new_effects.append(samples)

    def pull(self, count: int) -> Samples:
        """The next `count` samples to play, always that many: silence where there is no sound."""
        out = self._pull_ring(count)
        while self._new_effects:
            self._effects.append((self._new_effects.popleft(), 0))
        if self._effects:
            out = self._mix(out)
        return out

    def _pull_ring(self, count: int) -> Samples:
        if not self._flowing:
            if self._ring.waiting < START_SAMPLES:
                return np.zeros(count, np.int16)
            self._flowing = True
            self._forget_window()
        out = self._ring.read(count)
        if len(out) < count:
            self.underruns += 1
            self._flowing = False
            return np.concatenate((out, np.zeros(count - len(out), np.int16)))
        return self._shorten(out)

    def _shorten(self, out: Samples) -> Samples:
        """Watch how much waits at the least; if that is too much, fade over to a later place in the ring."""
        self._lowest = min(self._lowest, self._ring.waiting)
        self._blocks += 1
        if self._blocks < STANDING_WINDOW:
            return out
        too_much = self._lowest - START_SAMPLES
        standing = self._lowest > STANDING_SAMPLES
        self._forget_window()
        if not standing or len(out) != BLOCK_SAMPLES or too_much < BLOCK_SAMPLES:
            return out
        self._ring.skip(too_much - BLOCK_SAMPLES)
        later = self._ring.read(BLOCK_SAMPLES)
        return (out * (1 - _FADE) + later * _FADE).astype(np.int16)

    def _forget_window(self) -> None:
        self._lowest = RING_SAMPLES
        self._blocks = 0

    def _mix(self, out: Samples) -> Samples:
        total = out.astype(np.int32)
        playing = []
        for samples, done in self._effects[-MAX_EFFECTS:]:
            part = samples[done : done + len(out)]
            total[: len(part)] += part
            if done + len(part) < len(samples):
                playing.append((samples, done + len(part)))
        self._effects = playing
        return np.clip(total, -32768, 32767).astype(np.int16)
