"""Pictures kept for PSNR and SSIM: raw luma in files that carry their counter and size in the name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def grab_path(directory: Path, counter: int, width_px: int, height_px: int, shown_s: float) -> Path:
    return directory / f"{counter}_{width_px}x{height_px}_{shown_s * 1e3:.0f}.y"


def read_grabs(directory: Path) -> list[tuple[int, NDArray[np.uint8]]]:
    """(counter, luma) of every complete grab, oldest name first."""
    grabs = []
    for path in sorted(directory.glob("*.y")):
        counter, size, _ = path.stem.split("_")
        width, height = (int(side) for side in size.split("x"))
        luma = np.fromfile(path, np.uint8)
        if luma.size == width * height:
            grabs.append((int(counter), luma.reshape(height, width)))
    return grabs
