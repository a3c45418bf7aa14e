"""Pictures for the window's slots, made without a camera."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from callapp.media.video.slot import Picture

Plane = npt.NDArray[np.float32]


def portrait(
    width: int = 1280, height: int = 720, tint: tuple[int, int, int] = (90, 120, 170), shift: float = 0.0
) -> Picture:
    """A head and shoulders before a soft wall, so that screenshots look like a call. yuv420p."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u, v = (x / width - 0.5 - shift) * width / height, y / height
    wall = 0.55 + 0.35 * (1 - v) + 0.12 * np.cos(3 * u)
    image = np.stack([wall * channel for channel in tint], axis=-1)

    def blend(mask: Plane, color: tuple[int, int, int]) -> None:
        soft = np.clip(mask, 0, 1)[..., None]
        image[:] = image * (1 - soft) + np.array(color, np.float32) * soft

    def ellipse(cx: float, cy: float, rx: float, ry: float) -> Plane:
        distance: Plane = np.sqrt(((u - cx) / rx) ** 2 + ((v - cy) / ry) ** 2)
        return (1 - distance) * 60

    blend(ellipse(0, 1.12, 0.52, 0.42), (52, 62, 92))
    blend(ellipse(0, 0.72, 0.085, 0.16), (196, 148, 122))
    blend(ellipse(0, 0.37, 0.2, 0.25), (48, 36, 32))
    blend(ellipse(0, 0.44, 0.165, 0.22), (222, 176, 148))
    for side in (-1, 1):
        blend(ellipse(side * 0.062, 0.41, 0.017, 0.014), (40, 34, 40))
    blend(np.minimum(ellipse(0, 0.5, 0.07, 0.055), (v - 0.515) * 400), (168, 82, 80))
    frame = av.VideoFrame.from_ndarray(np.clip(image, 0, 255).astype(np.uint8), format="rgb24")
    return Picture(frame.reformat(format="yuv420p"))


def slides(width: int = 1920, height: int = 1080) -> Picture:
    """Something that looks like a shared screen."""
    image = np.full((height, width, 3), 245, np.uint8)
    image[: height // 14] = (60, 70, 90)
    for row in range(9):
        top = height // 6 + row * height // 12
        image[top : top + height // 40, width // 8 : width // 8 + width * (7 - row % 3) // 10] = (
            120,
            130,
            150,
        )
    return Picture(av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p"))
