"""What every source of pictures is to the engine, and the checks that they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.messages import SourceInfo
from callapp.media.specs import VideoWish
from callapp.media.video.slot import Picture

OnPicture = Callable[[Picture], None]
"""Takes each picture, on one thread of the source's own: it must return quickly and never raise.

Frames are unmirrored, in yuv420p or nv12 with even sides, and nobody writes to them any more.
"""

OnLost = Callable[[MediaError], None]
"""Told, on the loop that opened the source and at most once an open, that an open source has ended by itself."""


class VideoSource(Protocol):
    """One camera, screen, file or test picture. `open` and `close` are awaited on one loop, in turn, any often."""

    @property
    def info(self) -> SourceInfo:
        """Label, real size (px) and rate; valid once `open` has returned."""
        ...

    async def open(self) -> None:
        """Start. Returns when the first picture has been handed out, so that a source which opened really works.

        A source that then fails its mandatory size, or is cancelled, may have handed out a picture, too. Cancelling
        releases whatever was begun.

        Raises:
            MediaError: NOT_FOUND, NOT_ALLOWED, NOT_READABLE, OVERCONSTRAINED, SECURITY, ABORT
                (https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia), FILE_UNREADABLE.
        """
        ...

    async def close(self) -> None:
        """Release the device. Idempotent; neither callback is called any more once it has returned."""
        ...


def require_size(info: SourceInfo, wish: VideoWish, device: Device) -> None:
    """A mandatory wish that the source cannot meet is an OverconstrainedError, as `{width: {min: ...}}` is.

    Raises:
        MediaError: OVERCONSTRAINED; its detail holds both sizes.
    """
    if wish.mandatory and (info.width_px < wish.width_px or info.height_px < wish.height_px):
        raise MediaError(
            ErrorCode.OVERCONSTRAINED,
            f"{info.width_px}x{info.height_px} is smaller than {wish.width_px}x{wish.height_px}",
            device=device,
            subject=info.label,
        )


def fit(width_px: int, height_px: int, box: tuple[int, int]) -> tuple[int, int]:
    """The size, both sides even, that shows width_px x height_px inside `box` (width, height) without enlarging it."""
    scale = min(1.0, box[0] / width_px, box[1] / height_px)
    return max(2, int(width_px * scale) & ~1), max(2, int(height_px * scale) & ~1)
