"""A number that a machine can read off a picture, after compression and scaling: frame counters for tests.

The strip covers the top fifteenth of the picture with 20 cells of equal width, white (luma 235) for 1 and black
(16) for 0, chroma neutral: a 1, the 14 bits of the number (most significant first), a 4-bit checksum, a 0.
The first and last cell give the reader its levels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 20
NUMBERS = 1 << 14
"""Numbers wrap here: 9 min 6 s at 30 fps."""

_WHITE, _BLACK, _NEUTRAL = 235, 16, 128
_LEAST_CONTRAST = 60.0

Plane = NDArray[np.uint8]


def _checksum(number: int) -> int:
    return (number ^ (number >> 4) ^ (number >> 8) ^ (number >> 12) ^ 0b1010) & 0xF


def strip_height_px(height_px: int) -> int:
    """Rows of luma that the strip takes in a picture of this height: even, so that it ends on a row of chroma."""
    return (height_px // 15) & ~1


def burn(y: Plane, u: Plane, v: Plane, number: int) -> None:
    """Write number (modulo NUMBERS) into the planes y[h, w], u and v[h/2, w/2] of a yuv420p picture."""
    number %= NUMBERS
    word = 1 << 19 | number << 5 | _checksum(number) << 1
    height, width = y.shape
    rows = strip_height_px(height)
    for cell in range(CELLS):
        left, right = round(cell * width / CELLS), round((cell + 1) * width / CELLS)
        y[:rows, left:right] = _WHITE if word >> (CELLS - 1 - cell) & 1 else _BLACK
    u[: rows // 2] = _NEUTRAL
    v[: rows // 2] = _NEUTRAL


def read(y: Plane) -> int | None:
    """The number in the luma y[h, w] of a picture at any size of the same shape; None if there is none to read."""
    height, width = y.shape
    top = int(height / 15 * 0.4)
    band = y[top : max(top + 2, int(height / 15 * 0.6))].mean(axis=0, dtype=np.float32)
    cell = width / CELLS
    if cell < 2 or not len(band):
        return None
    levels = []
    for i in range(CELLS):
        left = int((i + 0.3) * cell)
        levels.append(float(band[left : max(int((i + 0.7) * cell), left + 1)].mean()))
    white, black = levels[0], levels[-1]
    if not white - black >= _LEAST_CONTRAST:
        return None
    word = 0
    for level in levels[1:-1]:
        word = word << 1 | (level > (white + black) / 2)
    number, checksum = word >> 4, word & 0xF
    return number if checksum == _checksum(number) else None
