"""Makes the synthetic camera: a grainy talking head in front of a book shelf, 10 s, looping without a seam.

Grain, hard edges, slow and fast motion make a video encoder work as a real camera does; the time code in the top
strip numbers the pictures. Deterministic: the same pictures on every machine.
"""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.paths import source_path
from callapp.media.capture import timecode

# OpenCV belongs to the dependency group `bench` only; loaded by name, the type check needs no copy of it.
cv2: Any = importlib.import_module("cv2")

FPS = 30
FRAMES = 300
FRAME_MARKER = b"FRAME\n"

Plane = NDArray[np.uint8]

_WIDTH, _HEIGHT = 1920, 1080
_HEAD_WIDTH, _HEAD_HEIGHT = 700, 900
_CLOTH_WIDTH, _CLOTH_HEIGHT = 1400, 700
_BLINK_EVERY, _BLINK_FRAMES = 110, 4


class _Scene:
    """Everything that is drawn once, and `picture(n)` that composes it."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)
        self._background = self._draw_background()
        skin = self._texture(_HEAD_HEIGHT, _HEAD_WIDTH, 1.3, 9, (130, 160, 205))
        hair = self._texture(_HEAD_HEIGHT, _HEAD_WIDTH, 0.7, 16, (30, 45, 60))
        self._skin = skin
        self._cloth = self._texture(_CLOTH_HEIGHT, _CLOTH_WIDTH, 0.8, 14, (120, 70, 50))
        self._head_mask = self._ellipse_mask((350, 470), (230, 320))
        face = self._ellipse_mask((350, 500), (205, 285))
        self._head = hair.copy()
        self._head[face > 0] = skin[face > 0]
        self._cloth_mask = np.zeros((_CLOTH_HEIGHT, _CLOTH_WIDTH), np.uint8)
        cv2.ellipse(self._cloth_mask, (700, 640), (620, 560), 0, 180, 360, 255, -1, cv2.LINE_AA)
        self._cloth_mask[640:] = 0
        self._cloth_mask[640:, 80:1320] = 255
        self._grain = [self._random.normal(0, 1.6, (_HEIGHT, _WIDTH)).astype(np.float32) for _ in range(8)]

    def _fractal(self, height: int, width: int, exponent: float = 1.6) -> NDArray[np.float64]:
        """Noise with a 1/f^exponent spectrum, zero mean, unit variance: looks like a surface."""
        spectrum = np.fft.rfft2(self._random.standard_normal((height, width)))
        fy = np.fft.fftfreq(height)[:, None]
        fx = np.fft.rfftfreq(width)[None]
        frequency = np.sqrt(fx * fx + fy * fy)
        frequency[0, 0] = 1
        spectrum[0, 0] = 0
        noise = np.fft.irfft2(spectrum / frequency**exponent, s=(height, width))
        return np.asarray((noise - noise.mean()) / noise.std())

    def _texture(self, height: int, width: int, exponent: float, depth: float, bgr: tuple[int, ...]) -> Plane:
        channels = [self._fractal(height, width, exponent) * depth + mean for mean in bgr]
        return np.clip(np.stack(channels, -1), 0, 255).astype(np.uint8)

    @staticmethod
    def _ellipse_mask(centre: tuple[int, int], axes: tuple[int, int]) -> Plane:
        mask = np.zeros((_HEAD_HEIGHT, _HEAD_WIDTH), np.uint8)
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
        return mask

    def _draw_background(self) -> Plane:
        wall = np.stack([90 + 22 * self._fractal(_HEIGHT, _WIDTH) for _ in range(3)], -1)
        wall += 12 * self._fractal(_HEIGHT, _WIDTH, 1.0)[..., None]
        picture = np.clip(wall, 0, 255).astype(np.uint8)
        for book in range(38):
            left = 30 + book * 49
            height = int(self._random.integers(200, 330))
            colour = self._random.integers(30, 220, 3).tolist()
            cv2.rectangle(picture, (left, 480 - height), (left + 43, 480), colour, -1)
            for line in range(5):
                at = (left + 2, 480 - height + 40 + 34 * line)
                text = "ABXR"[line % 4] + str(book)
                cv2.putText(picture, text, at, 0, 0.7, (240, 240, 235), 2, cv2.LINE_AA)
        cv2.rectangle(picture, (0, 480), (_WIDTH, 500), (40, 60, 90), -1)
        return picture

    def _face(self, n: int, seconds: float, phase: float) -> Plane:
        head = self._head.copy()
        speech = abs(math.sin(2 * math.pi * seconds * 2.3)) * (0.4 + 0.6 * abs(math.sin(3 * phase)))
        mouth = int(8 + 28 * speech)
        cv2.ellipse(head, (350, 660), (70, mouth), 0, 0, 360, (60, 50, 140), -1, cv2.LINE_AA)
        cv2.ellipse(head, (350, 660), (46, mouth // 2), 0, 0, 360, (30, 20, 50), -1, cv2.LINE_AA)
        shut = n % _BLINK_EVERY < _BLINK_FRAMES
        for x in (265, 435):
            lid = (38, 3 if shut else 20)
            cv2.ellipse(head, (x, 440), lid, 0, 0, 360, (235, 235, 235), -1, cv2.LINE_AA)
            if not shut:
                pupil = (x + int(10 * math.sin(4 * phase)), 440)
                cv2.circle(head, pupil, 13, (60, 40, 30), -1, cv2.LINE_AA)
            cv2.line(head, (x - 45, 400), (x + 45, 395), (30, 40, 50), 10, cv2.LINE_AA)
        cv2.line(head, (350, 470), (335, 570), (95, 120, 165), 8, cv2.LINE_AA)
        return head

    def picture(self, n: int) -> tuple[Plane, Plane, Plane]:
        """Picture `n` of the loop as limited-range Y, U, V planes at 1920x1080."""
        seconds = n / FPS
        phase = 2 * math.pi * n / FRAMES
        dx = 70 * math.sin(phase) + 22 * math.sin(5 * phase) + 5 * math.sin(17 * phase)
        dy = 18 * math.sin(3 * phase) + 8 * math.sin(11 * phase)
        shoulders = np.array([[1, 0, 260 + dx * 0.4], [0, 1, 560 + dy * 0.3]], np.float32)
        image = _paste(self._background, self._cloth, self._cloth_mask, shoulders)
        tilt = cv2.getRotationMatrix2D((350, 500), 5 * math.sin(2 * phase) + 2 * math.sin(7 * phase), 1.0)
        tilt[:, 2] += [610 + dx, 90 + dy]
        image = _paste(image, self._face(n, seconds, phase), self._head_mask, tilt)
        if 6 <= seconds < 8.5:  # a waving hand: fast motion
            progress = (seconds - 6) / 2.5
            wave = cv2.getRotationMatrix2D((350, 800), 30 * math.sin(2 * math.pi * 5 * progress), 0.45)
            wave[:, 2] += [1050, 560 - 420 * math.sin(math.pi * progress)]
            image = _paste(image, self._skin, self._head_mask, wave)
        yuv = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
        grain = self._grain[int(self._random.integers(len(self._grain)))]
        shift = (int(self._random.integers(_HEIGHT)), int(self._random.integers(_WIDTH)))
        luma = np.clip(yuv[:_HEIGHT] + np.roll(grain, shift, (0, 1)), 16, 235).astype(np.uint8)
        quarter = _HEIGHT // 4
        u = yuv[_HEIGHT : _HEIGHT + quarter].reshape(_HEIGHT // 2, _WIDTH // 2)
        v = yuv[_HEIGHT + quarter :].reshape(_HEIGHT // 2, _WIDTH // 2)
        return luma, u, v


def _paste(image: Plane, source: Plane, mask: Plane, transform: NDArray[np.floating[Any]]) -> Plane:
    moved = cv2.warpAffine(source, transform, (_WIDTH, _HEIGHT), flags=cv2.INTER_LINEAR)
    alpha = cv2.warpAffine(mask, transform, (_WIDTH, _HEIGHT))[..., None].astype(np.uint16)
    blended = (image.astype(np.uint16) * (255 - alpha) + moved.astype(np.uint16) * alpha) // 255
    return np.asarray(blended.astype(np.uint8))


def _fit(plane: Plane, width_px: int, height_px: int, aspect: float) -> Plane:
    """The middle of `plane` at this aspect, scaled down to the size; always a copy."""
    height, width = plane.shape
    kept = min(width, round(height * aspect)) & ~1
    left = (width - kept) // 2
    middle = plane[:, left : left + kept]
    return np.array(cv2.resize(middle, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)


def ensure_source(width_px: int, height_px: int) -> Path:
    """The Y4M file of this size (even, at most 1920x1080); made at the first use, which takes about a minute."""
    path = source_path(width_px, height_px)
    if path.exists():
        return path
    print(f"making the synthetic camera {width_px}x{height_px} ...", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    scene = _Scene()
    aspect = width_px / height_px
    with unfinished.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (width_px, height_px, FPS))
        for n in range(FRAMES):
            luma, u, v = scene.picture(n)
            y = _fit(luma, width_px, height_px, aspect)
            u, v = (_fit(plane, width_px // 2, height_px // 2, aspect) for plane in (u, v))
            timecode.burn(y, u, v, n)
            file.write(FRAME_MARKER + y.tobytes() + u.tobytes() + v.tobytes())
    unfinished.rename(path)
    return path


class Y4mPictures:
    """Random access to the pictures of a Y4M file made here, without decoding."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            header = file.readline()
        fields = {field[:1]: field[1:] for field in header.split()[1:]}
        self.width_px, self.height_px = int(fields[b"W"]), int(fields[b"H"])
        self._frame_bytes = self.width_px * self.height_px * 3 // 2
        self._step = self._frame_bytes + len(FRAME_MARKER)
        self._bytes = np.memmap(path, np.uint8, "r", len(header))

    def __len__(self) -> int:
        return len(self._bytes) // self._step

    def yuv420p(self, n: int) -> Plane:
        """Picture `n` as one array of height * 3 / 2 rows, as PyAV takes it."""
        start = n * self._step + len(FRAME_MARKER)
        return self._bytes[start : start + self._frame_bytes].reshape(-1, self.width_px)

    def luma(self, n: int) -> Plane:
        return self.yuv420p(n)[: self.height_px]
