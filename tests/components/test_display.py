"""What a view paints: every column of the picture, at any width."""

from __future__ import annotations

import av
import numpy as np
import pytest

from callapp.media.video.display import DisplayScaler


@pytest.mark.parametrize("width_px", [306, 322, 324, 640, 642, 853, 960])
def test_every_column_of_a_scaled_picture_is_right(width_px: int) -> None:
    planes = np.full((1080, 1280), 128, np.uint8)
    planes[:720] = np.linspace(30, 200, 1280).astype(np.uint8)  # brighter from left to right, no colour
    pixels = DisplayScaler().scale(av.VideoFrame.from_ndarray(planes, "yuv420p"), width_px, 360)
    rows = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height_px, pixels.stride)
    green = rows[:, 1 : pixels.width_px * 4 : 4].astype(int)
    assert np.abs(green - green[180]).max() <= 3, "all rows are the same"
    assert np.abs(np.diff(green[180])).max() <= 4, "no column falls out of the ramp"


def test_a_picture_is_not_enlarged() -> None:
    frame = av.VideoFrame.from_ndarray(np.full((240 * 3 // 2, 320), 128, np.uint8), "yuv420p")
    pixels = DisplayScaler().scale(frame, 1920, 1080)
    assert (pixels.width_px, pixels.height_px) == (320, 240)
