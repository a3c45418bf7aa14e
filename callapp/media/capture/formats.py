"""Which camera, and which of its formats: pure choices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.specs import MediaSpec, SpecKind, VideoWish

DIRECT, CONVERTED, DECODED = 0.0, 0.05, 0.15
"""What a pixel format costs us: 4:2:0 as it is, another layout, a JPEG each picture."""


@dataclass(frozen=True)
class CameraFormat:
    """A mode that a camera offers. `cost` is DIRECT, CONVERTED or DECODED."""

    width_px: int
    height_px: int
    fps: float
    cost: float = DIRECT


@dataclass(frozen=True)
class Camera:
    """A camera as the system lists it. `id` is stable across restarts."""

    id: str
    label: str
    formats: tuple[CameraFormat, ...] = ()
    is_default: bool = False


def choose_camera(cameras: Sequence[Camera], spec: MediaSpec) -> Camera:
    """The camera that an AUTO or DEVICE spec means: by id, by name, by name in any case; AUTO: the default or first.

    Raises:
        MediaError: NOT_FOUND.
    """
    if spec.kind is SpecKind.AUTO:
        matches = [camera for camera in cameras if camera.is_default] or list(cameras)
    else:
        matches = (
            [camera for camera in cameras if camera.id == spec.name]
            or [camera for camera in cameras if camera.label == spec.name]
            or [camera for camera in cameras if camera.label.casefold() == spec.name.casefold()]
        )
    if not matches:
        detail = f"none of {len(cameras)} cameras" if cameras else "no camera"
        raise MediaError(ErrorCode.NOT_FOUND, detail, device=Device.CAMERA, subject=spec.name)
    return matches[0]


def choose_format(camera: Camera, wish: VideoWish) -> int | None:
    """The index of the best of the camera's formats; None if it lists none (it then gives what it likes).

    Best is the nearest to the wish: a lower rate counts more than a smaller picture, a smaller picture more than a
    larger one, and among equals the cheaper pixel format wins.

    Raises:
        MediaError: OVERCONSTRAINED: the wish is mandatory and every format is smaller.
    """
    if not camera.formats:
        return None
    candidates = [
        index
        for index, offer in enumerate(camera.formats)
        if not wish.mandatory or (offer.width_px >= wish.width_px and offer.height_px >= wish.height_px)
    ]
    if not candidates:
        largest = max(camera.formats, key=lambda offer: offer.width_px * offer.height_px)
        raise MediaError(
            ErrorCode.OVERCONSTRAINED,
            f"at most {largest.width_px}x{largest.height_px}, not {wish.width_px}x{wish.height_px}",
            device=Device.CAMERA,
            subject=camera.label,
        )
    return min(candidates, key=lambda index: _distance(camera.formats[index], wish))


def _distance(offer: CameraFormat, wish: VideoWish) -> float:
    """How far a format is from the wish, in doublings."""
    size = math.log2(max(1, offer.width_px * offer.height_px) / (wish.width_px * wish.height_px))
    shape = math.log2(max(1, offer.width_px) * wish.height_px / (max(1, offer.height_px) * wish.width_px))
    rate = math.log2(wish.fps / max(offer.fps, 0.1))
    too_fast = 0.02 * max(0.0, -rate)
    return (-size if size < 0 else size / 2) + 0.1 * abs(shape) + 2 * max(0.0, rate) + too_fast + offer.cost
