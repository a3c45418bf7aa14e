"""The one form that sound has inside the engine: mono int16 at 48 kHz, cut into 10 ms blocks.

48 kHz is Opus's native rate (RFC 7587, section 4.1) and 10 ms the shortest block that every sound system of
the three desktops delivers on time.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 48_000
BLOCK_SAMPLES = 480
BLOCK_S = BLOCK_SAMPLES / SAMPLE_RATE_HZ

Samples = npt.NDArray[np.int16]
OnBlock = Callable[[Samples, float], None]
"""Called with one block and the Unix time in s at which its first sample was captured."""
