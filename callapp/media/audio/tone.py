"""The test tone."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from callapp.media.audio.blocks import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

TONE_HZ = 440
TONE_PEAK = 32768 * 10 ** (-20 / 20)  # -20 dBFS: plain to hear, pleasant in headphones
_PERIOD_BLOCKS = 5  # 50 ms are 22 whole periods: repeated, the phase is continuous


def tone_blocks() -> Generator[Samples, None, None]:
    """Endless blocks of a 440 Hz sine at -20 dBFS."""
    time_s = np.arange(_PERIOD_BLOCKS * BLOCK_SAMPLES) / SAMPLE_RATE_HZ
    period = np.round(TONE_PEAK * np.sin(2 * np.pi * TONE_HZ * time_s)).astype(np.int16)
    while True:
        for start in range(0, len(period), BLOCK_SAMPLES):
            yield period[start : start + BLOCK_SAMPLES].copy()
