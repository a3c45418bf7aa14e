"""The door to every source of pictures: `video_source` for a SPEC, `screen_source` for sharing.

Qt's adapters are loaded with their first use, so that files and the test picture work where QtMultimedia does not
(it needs libraries of the desktop).
"""

from __future__ import annotations

import logging

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.base import OnLost, OnPicture, VideoSource
from callapp.media.capture.file import file_source
from callapp.media.capture.pattern import pattern_source
from callapp.media.specs import MediaSpec, SpecKind, VideoWish

__all__ = ["OnLost", "OnPicture", "VideoSource", "screen_source", "video_source", "warm_up"]

log = logging.getLogger(__name__)

SHARED_SCREEN = VideoWish(1920, 1080, 30)
"""A shared screen is scaled down into this: text stays readable, and two cores can encode it."""


def video_source(spec: MediaSpec, wish: VideoWish, on_picture: OnPicture, on_lost: OnLost) -> VideoSource:
    """A source, not open yet, for any camera SPEC but `none`.

    Raises:
        MediaError: NOT_READABLE: QtMultimedia cannot be loaded on this system.
    """
    match spec.kind:
        case SpecKind.FILE:
            return file_source(spec.name, wish, on_picture, on_lost)
        case SpecKind.PATTERN:
            return pattern_source(wish, on_picture, on_lost)
        case SpecKind.SCREEN:
            return _screen_source("", wish, Device.CAMERA, on_picture, on_lost)
        case SpecKind.AUTO | SpecKind.DEVICE:
            return _camera_source(spec, wish, on_picture, on_lost)
        case _:
            raise ValueError(f"no video comes from {spec.kind}")


def screen_source(screen_id: str, on_picture: OnPicture, on_lost: OnLost) -> VideoSource:
    """A source, not open yet, for sharing a screen: an id of `devices.list_screens`, "" for the primary one.

    Raises:
        MediaError: NOT_READABLE: QtMultimedia cannot be loaded on this system.
    """
    return _screen_source(screen_id, SHARED_SCREEN, Device.SCREEN, on_picture, on_lost)


def warm_up() -> None:
    """Load what a later source needs, since importing QtMultimedia in a call would hold up its sound."""
    try:
        import callapp.media.capture.camera
        import callapp.media.capture.screen  # noqa: F401
    except ImportError as error:
        log.warning("no cameras and screens, QtMultimedia cannot be loaded: %s", error)


def _camera_source(spec: MediaSpec, wish: VideoWish, on_picture: OnPicture, on_lost: OnLost) -> VideoSource:
    try:
        from callapp.media.capture.camera import CameraSource
    except ImportError as error:
        raise _not_loadable(error, Device.CAMERA) from None
    return CameraSource(spec, wish, on_picture, on_lost)


def _screen_source(
    screen_id: str, wish: VideoWish, device: Device, on_picture: OnPicture, on_lost: OnLost
) -> VideoSource:
    try:
        from callapp.media.capture.screen import ScreenSource
    except ImportError as error:
        raise _not_loadable(error, device) from None
    return ScreenSource(screen_id, wish, device, on_picture, on_lost)


def _not_loadable(error: ImportError, device: Device) -> MediaError:
    return MediaError(ErrorCode.NOT_READABLE, f"QtMultimedia cannot be loaded: {error}", device=device)
