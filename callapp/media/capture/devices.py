"""The cameras and screens of this computer, for lists to choose from. For Qt's main thread."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from callapp.media.specs import DeviceInfo

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ScreenInfo:
    """A screen to share, with its size in device pixels."""

    id: str
    label: str
    width_px: int
    height_px: int


def list_cameras() -> list[DeviceInfo]:
    """The cameras present; empty without an application object or without QtMultimedia."""
    try:
        from PySide6.QtCore import QCoreApplication
        from PySide6.QtMultimedia import QMediaDevices

        from callapp.media.capture.camera import camera_id
    except ImportError as error:
        log.warning("no cameras, QtMultimedia cannot be loaded: %s", error)
        return []
    if QCoreApplication.instance() is None:
        return []
    return [DeviceInfo(camera_id(device), device.description()) for device in QMediaDevices.videoInputs()]


def list_screens() -> list[ScreenInfo]:
    """The screens present, the primary one first; empty without an application with a display."""
    try:
        from PySide6.QtGui import QGuiApplication

        from callapp.media.capture.screen import screen_id
    except ImportError as error:
        log.warning("no screens, QtMultimedia cannot be loaded: %s", error)
        return []
    if not isinstance(QGuiApplication.instance(), QGuiApplication):
        return []
    primary = QGuiApplication.primaryScreen()
    found: list[ScreenInfo] = []
    for index, screen in enumerate(QGuiApplication.screens()):
        ratio, size = screen.devicePixelRatio(), screen.size()
        name = screen_id(screen, index)
        # a model's name says more than HDMI-1, but two alike must stay apart
        label = f"{screen.model()} ({name})" if screen.model() else name
        info = ScreenInfo(name, label, round(size.width() * ratio), round(size.height() * ratio))
        found.insert(0 if screen is primary else len(found), info)
    return found
