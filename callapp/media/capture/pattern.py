"""The test picture: a camera for machines without one. It moves, counts, and carries a time code (`timecode`)."""

from __future__ import annotations

import math

import av
import numpy as np

from callapp.errors import Device
from callapp.media.capture import drawing, timecode
from callapp.media.capture.base import OnLost, OnPicture, fit, require_size
from callapp.media.capture.drawing import rgb
from callapp.media.capture.planes import Bytes2d, empty_yuv420p, split_yuv420p, wrap_yuv420p
from callapp.media.capture.player import Player
from callapp.media.messages import SourceInfo
from callapp.media.specs import VideoWish

LABEL = "Test picture"
MAX_SIZE_PX = (1280, 720)
MIN_SIZE_PX = (160, 120)
MAX_FPS = 60

_COUNTER_DIGITS = 6
_ORBIT_S = 6.0
_BARS = ("e8eaed", "f2c94c", "56ccc8", "6fcf7f", "c66fd6", "eb6a6a", "5b7cf0")


def pattern_source(wish: VideoWish, on_picture: OnPicture, on_lost: OnLost) -> Player:
    """A source of the test picture at the wish's size, no larger than MAX_SIZE_PX, and rate."""

    def open_reel() -> PatternReel:
        width, height = fit(wish.width_px, wish.height_px, MAX_SIZE_PX)
        width, height = max(width, MIN_SIZE_PX[0]), max(height, MIN_SIZE_PX[1])
        fps = min(max(wish.fps, 1), MAX_FPS)
        require_size(SourceInfo(LABEL, width, height, fps), wish, Device.CAMERA)
        return PatternReel(width, height, fps)

    return Player(open_reel, on_picture, on_lost)


class PatternReel:
    """Draws the pictures (a player.Reel): a still background, and what moves as sprites over a copy of it.

    Picture k carries k as its time code and as the large counter; a ring fills once a second around the seconds,
    and a ball runs in a figure of eight.
    """

    def __init__(self, width_px: int, height_px: int, fps: int) -> None:
        """Even sides. Draws everything that does not change, which takes some 0.1 s."""
        self.info = SourceInfo(LABEL, width_px, height_px, fps)
        self._size = width_px, height_px
        self._fps = fps
        self._index = 0
        self._unit = min(width_px / 1280, height_px / 720)
        self._centre = width_px / 2, height_px * 0.41
        self._radius = 150 * self._unit
        self._background = self._draw_background()
        self._small = self._digits(0.10, 0.012)
        self._large = self._digits(0.17, 0.019)
        self._ball = self._draw_ball()
        self._draw_ring()

    def read(self) -> tuple[float, av.VideoFrame]:
        index, self._index = self._index, self._index + 1
        memory = self._background.copy()
        planes = split_yuv420p(memory)
        time_s = index / self._fps
        self._put_ball(planes, time_s)
        self._put_ring(planes, time_s % 1)
        counter = f"{index % 10**_COUNTER_DIGITS:0{_COUNTER_DIGITS}}"
        self._put_number(planes, counter, self._small, self._size[1] * 0.715)
        self._put_number(planes, f"{int(time_s) % 60:02}", self._large, self._centre[1])
        timecode.burn(*planes, index)
        return time_s, wrap_yuv420p(memory)

    def skip_to(self, time_s: float) -> bool:
        self._index = max(self._index, math.ceil(time_s * self._fps - 1e-6))
        return True

    def close(self) -> None:
        """Nothing to release."""

    def _draw_background(self) -> Bytes2d:
        width, height = self._size
        unit = self._unit
        x, y = drawing.grid(width, height)
        above, below = np.array(rgb("0b1020"), np.float32), np.array(rgb("1a1d38"), np.float32)
        picture = np.empty((height, width, 3), np.float32)
        picture[:] = above + (below - above) * (y / height)[..., None]
        for at, reach, colour, strength in (
            ((0.12, 0.75), 0.55, "14b8a6", 0.34),
            ((0.88, 0.18), 0.60, "7c3aed", 0.36),
            ((0.60, 1.05), 0.45, "f97316", 0.16),
        ):
            distance = np.hypot(x / width - at[0], (y / height - at[1]) * height / width)
            glow = np.exp(-((distance / reach * 2) ** 2))
            drawing.paint(picture, glow, rgb(colour), strength)
        left, top, side = self._ring_corner()
        clock = picture[top : top + side, left : left + side]
        drawing.paint(clock, self._ring_mask(), rgb("ffffff"), 0.10)
        drawing.paint(clock, drawing.disc(side, side, self._radius - 14 * unit), rgb("070b16"), 0.55)
        bar_height, first, gap = int(height * 0.12), width * 0.12, 10 * unit
        step = (width - 2 * first + gap) / len(_BARS)
        bar = drawing.rounded_box(int(step - gap), bar_height, 10 * unit)
        for i, colour in enumerate(_BARS):
            left, top = int(first + i * step), int(height * 0.81)
            drawing.paint(picture[top : top + bar_height, left : left + bar.shape[1]], bar, rgb(colour), 0.85)
        memory = empty_yuv420p(width, height)
        for plane, drawn in zip(split_yuv420p(memory), drawing.to_planes(picture), strict=True):
            plane[:] = drawn
        return memory

    def _ring_corner(self) -> tuple[int, int, int]:
        """Left, top and side, all even, of the square with the ring in it."""
        side = int(self._radius * 2 + 40 * self._unit) // 2 * 2
        return int(self._centre[0] - side / 2) // 2 * 2, int(self._centre[1] - side / 2) // 2 * 2, side

    def _ring_mask(self) -> drawing.Mask:
        side, half = self._ring_corner()[2], 8 * self._unit
        ring = drawing.disc(side, side, self._radius + half) - drawing.disc(side, side, self._radius - half)
        return np.asarray(ring, np.float32)

    def _draw_ring(self) -> None:
        """The ring's pixels in the order in which the second fills them, with their finished colours."""
        left, top, side = self._ring_corner()
        mask = self._ring_mask()
        levels = drawing.yuv(rgb("2dd4bf"))
        self._ring = []
        for index, plane in enumerate(split_yuv420p(self._background)):
            scale = 2 if index else 1
            cover = drawing.halve(mask) if index else mask
            rows, columns = np.nonzero(cover > 0.02)
            middle = side / scale / 2
            turn = (
                np.arctan2(columns + 0.5 - middle, middle - rows - 0.5) / (2 * np.pi) % 1.0
            )  # from 12 o'clock
            order = np.argsort(turn)
            rows, columns = rows[order], columns[order]
            where = (rows + top // scale) * plane.shape[1] + columns + left // scale
            under, alpha = plane.reshape(-1)[where].astype(np.float32), cover[rows, columns]
            colour = np.rint(under + (levels[index] - under) * alpha).astype(np.uint8)
            self._ring.append((turn[order], where, colour))

    def _draw_ball(self) -> drawing.Sprite:
        side = max(8, int(84 * self._unit) // 2 * 2)
        return drawing.sprite(drawing.disc(side, side, side * 0.42), rgb("fbbf24"))

    def _digits(self, height: float, pen: float) -> list[drawing.Sprite]:
        """Sprites of 0..9; height and pen as parts of a 16:9 picture's height."""
        whole = 720 * self._unit
        size = max(10, int(height * whole) // 2 * 2)
        masks = [drawing.digit(number, size, max(1.6, pen * whole)) for number in range(10)]
        return [drawing.sprite(mask, rgb("f8fafc")) for mask in masks]

    def _put_number(
        self, planes: drawing.Planes, text: str, digits: list[drawing.Sprite], middle: float
    ) -> None:
        width, height = digits[0].size_px
        advance = int(width * 1.16) // 2 * 2
        left = int(self._size[0] - advance * (len(text) - 1) - width) // 4 * 2
        top = int(middle - height / 2) // 2 * 2
        for i, character in enumerate(text):
            digits[int(character)].blit(planes, left + i * advance, top)

    def _put_ball(self, planes: drawing.Planes, time_s: float) -> None:
        phase = 2 * math.pi * time_s / _ORBIT_S
        side = self._ball.size_px[0]
        x = self._size[0] * (0.5 + 0.40 * math.sin(phase))
        y = self._centre[1] + self._size[1] * 0.20 * math.sin(2 * phase)
        self._ball.blit(planes, int(x - side / 2) // 2 * 2, int(y - side / 2) // 2 * 2)

    def _put_ring(self, planes: drawing.Planes, part: float) -> None:
        for plane, (turn, where, colour) in zip(planes, self._ring, strict=True):
            count = int(np.searchsorted(turn, part))
            plane.reshape(-1)[where[:count]] = colour[:count]
