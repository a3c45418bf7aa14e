"""Just enough drawing on yuv420p planes for the test picture: soft shapes and numbers, with numpy alone.

Qt could draw, but needs an application object and the thread that owns it; the test picture works without either.
Colours are RGB 0..1, shapes are coverage masks float[h, w] of 0..1, colours on the planes BT.601 limited range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from callapp.media.capture.planes import Bytes2d

Mask = NDArray[np.float32]
Planes = tuple[Bytes2d, Bytes2d, Bytes2d]
Colour = tuple[float, float, float]
Point = tuple[float, float]

_LUMA = np.array([65.481, 128.553, 24.966], np.float32)
_BLUE = np.array([-37.797, -74.203, 112.0], np.float32)
_RED = np.array([112.0, -93.786, -18.214], np.float32)


def rgb(code: str) -> Colour:
    """`1b2a4c` -> RGB 0..1."""
    return int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255


def yuv(colour: Colour) -> tuple[int, int, int]:
    """The colour in BT.601 limited range."""
    pixel = np.array(colour, np.float32)
    return (
        round(16 + float(_LUMA @ pixel)),
        round(128 + float(_BLUE @ pixel)),
        round(128 + float(_RED @ pixel)),
    )


def halve(mask: Mask) -> Mask:
    """Mean of each 2x2 block: a mask for the chroma planes."""
    quarter = mask[0::2, 0::2] + mask[1::2, 0::2] + mask[0::2, 1::2] + mask[1::2, 1::2]
    return np.asarray(quarter / 4, np.float32)


def to_planes(picture: NDArray[np.float32]) -> Planes:
    """RGB float[h, w, 3] with even sides -> Y, U, V. A little noise hides the steps of smooth gradients."""
    noise = np.random.default_rng(1).random(picture.shape[:2], np.float32) - 0.5
    y = 16 + picture @ _LUMA + noise
    u, v = halve(128 + picture @ _BLUE), halve(128 + picture @ _RED)
    return tuple(np.clip(np.rint(plane), 16, 240).astype(np.uint8) for plane in (y, u, v))  # type: ignore[return-value]


def paint(picture: NDArray[np.float32], mask: Mask, colour: Colour, opacity: float = 1.0) -> None:
    """Lay a colour over RGB float[h, w, 3] wherever the mask is."""
    picture += (np.array(colour, np.float32) - picture) * (mask * opacity)[..., None]


@dataclass(frozen=True)
class Sprite:
    """A shape of one colour, ready to be laid over planes at even positions."""

    y: NDArray[np.uint16]  # colour * alpha, alpha of 0..256
    y_rest: NDArray[np.uint16]  # 256 - alpha
    chroma: tuple[NDArray[np.uint16], NDArray[np.uint16]]
    chroma_rest: NDArray[np.uint16]

    @property
    def size_px(self) -> tuple[int, int]:
        height, width = self.y.shape
        return width, height

    def blit(self, planes: Planes, left: int, top: int) -> None:
        """Lay it over the planes with its corner at (left, top), even numbers; it must lie inside."""
        y, u, v = planes
        _blend(y, self.y, self.y_rest, left, top)
        _blend(u, self.chroma[0], self.chroma_rest, left // 2, top // 2)
        _blend(v, self.chroma[1], self.chroma_rest, left // 2, top // 2)


def _blend(plane: Bytes2d, colour: NDArray[np.uint16], rest: NDArray[np.uint16], left: int, top: int) -> None:
    height, width = colour.shape
    under = plane[top : top + height, left : left + width]
    under[:] = (under * rest + colour) >> 8


def sprite(mask: Mask, colour: Colour) -> Sprite:
    """A sprite from a mask with even sides."""
    levels = yuv(colour)
    fine = np.rint(mask * 256).astype(np.uint16)
    coarse = np.rint(halve(mask) * 256).astype(np.uint16)
    return Sprite(
        fine * np.uint16(levels[0]),
        256 - fine,
        (coarse * np.uint16(levels[1]), coarse * np.uint16(levels[2])),
        256 - coarse,
    )


def grid(width: int, height: int) -> tuple[Mask, Mask]:
    """x[1, w] and y[h, 1] of the pixels' centres."""
    x = np.arange(width, dtype=np.float32)[None, :] + 0.5
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5
    return x, y


def disc(width: int, height: int, radius: float) -> Mask:
    """A disc in the middle of the mask."""
    x, y = grid(width, height)
    distance = np.hypot(x - width / 2, y - height / 2)
    return np.asarray(np.clip(radius - distance + 0.5, 0, 1), np.float32)


def rounded_box(width: int, height: int, radius: float) -> Mask:
    """A box with round corners that fills the mask."""
    x, y = grid(width, height)
    dx = np.abs(x - width / 2) - (width / 2 - radius)
    dy = np.abs(y - height / 2) - (height / 2 - radius)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0) - radius
    return np.asarray(np.clip(0.5 - outside, 0, 1), np.float32)


def _arc(centre: Point, rx: float, ry: float, start_deg: float, end_deg: float) -> list[Point]:
    steps = [math.radians(start_deg + (end_deg - start_deg) * i / 24) for i in range(25)]
    return [(centre[0] + rx * math.cos(a), centre[1] + ry * math.sin(a)) for a in steps]


# pen strokes of the digits in a box 0.6 wide and 1 high, y downwards
_DIGITS: tuple[list[list[Point]], ...] = (
    [_arc((0.3, 0.5), 0.3, 0.5, 0, 360)],
    [[(0.1, 0.2), (0.36, 0.0), (0.36, 1.0)]],
    [[*_arc((0.3, 0.29), 0.29, 0.29, 190, 395), (0.0, 1.0), (0.6, 1.0)]],
    [_arc((0.29, 0.26), 0.26, 0.26, 200, 450), _arc((0.29, 0.75), 0.3, 0.25, -90, 160)],
    [[(0.47, 1.0), (0.47, 0.0), (0.0, 0.72), (0.6, 0.72)]],
    [[(0.54, 0.0), (0.1, 0.0), (0.05, 0.46), *_arc((0.28, 0.68), 0.31, 0.32, 225, 510)]],
    [[(0.45, 0.0), *_arc((0.3, 0.69), 0.3, 0.31, 195, 555)]],
    [[(0.0, 0.0), (0.6, 0.0), (0.2, 1.0)]],
    [_arc((0.3, 0.25), 0.25, 0.25, 0, 360), _arc((0.3, 0.74), 0.3, 0.26, 0, 360)],
    [[(0.15, 1.0), *_arc((0.3, 0.31), 0.3, 0.31, 15, 375)]],
)


def digit(number: int, height: int, pen: float) -> Mask:
    """One digit, `height` px high with a pen of `pen` px; both sides of the mask are even."""
    scale = height - pen - 2
    width = math.ceil((0.6 * scale + pen + 2) / 2) * 2
    x, y = grid(width, height)
    margin = pen / 2 + 1
    nearest = np.full((height, width), np.inf, np.float32)
    for stroke in _DIGITS[number]:
        points = [(margin + px * scale, margin + py * scale) for px, py in stroke]
        for (ax, ay), (bx, by) in pairwise(points):
            dx, dy = bx - ax, by - ay
            along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
            np.minimum(nearest, np.hypot(x - ax - along * dx, y - ay - along * dy), out=nearest)
    return np.asarray(np.clip(pen / 2 - nearest + 0.5, 0, 1), np.float32)
