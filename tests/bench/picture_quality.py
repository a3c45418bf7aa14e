"""PSNR and SSIM of grabbed pictures against the source, on luma, without the time code strip."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.grabs import read_grabs
from bench.source import Y4mPictures
from callapp.media.capture.timecode import strip_height_px

cv2: Any = importlib.import_module("cv2")  # see source.py

Floats = NDArray[np.float32]

_PEAK = 255.0
_STRIP_MARGIN_PX = 8  # a block's width: the strip's hard edges bleed into the picture
_SSIM_C1, _SSIM_C2 = (0.01 * _PEAK) ** 2, (0.03 * _PEAK) ** 2
_SSIM_WINDOW, _SSIM_SIGMA = (11, 11), 1.5


@dataclass(frozen=True)
class PictureQuality:
    """Means over the grabbed pictures; smaller ones are scaled up to the source's size first."""

    pictures: int
    psnr_db: float
    ssim: float


def _psnr_db(a: Floats, b: Floats) -> float:
    error = max(float(((a - b) ** 2).mean()), 1e-3)
    return float(10 * np.log10(_PEAK**2 / error))


def _blur(picture: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, _SSIM_WINDOW, _SSIM_SIGMA))


def _ssim(a: Floats, b: Floats) -> float:
    """Wang et al. 2004, Gaussian window of 11, sigma 1.5."""
    mean_a, mean_b = _blur(a), _blur(b)
    var_a, var_b = _blur(a * a) - mean_a**2, _blur(b * b) - mean_b**2
    covariance = _blur(a * b) - mean_a * mean_b
    likeness = (2 * mean_a * mean_b + _SSIM_C1) * (2 * covariance + _SSIM_C2)
    return float((likeness / ((mean_a**2 + mean_b**2 + _SSIM_C1) * (var_a + var_b + _SSIM_C2))).mean())


def picture_quality(directory: Path, source: Path) -> PictureQuality | None:
    """None if nothing was grabbed."""
    pictures = Y4mPictures(source)
    size = (pictures.width_px, pictures.height_px)
    top = strip_height_px(pictures.height_px) + _STRIP_MARGIN_PX
    psnr_db, ssim = [], []
    for counter, luma in read_grabs(directory):
        fitted = luma if luma.shape == size[::-1] else cv2.resize(luma, size, interpolation=cv2.INTER_CUBIC)
        a = pictures.luma(counter)[top:].astype(np.float32)
        b = np.asarray(fitted)[top:].astype(np.float32)
        psnr_db.append(_psnr_db(a, b))
        ssim.append(_ssim(a, b))
    if not psnr_db:
        return None
    return PictureQuality(len(psnr_db), float(np.mean(psnr_db)), float(np.mean(ssim)))
