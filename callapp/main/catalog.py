"""The devices present now, cached: menus must open at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from callapp.media.audio.devices import AudioDevices
from callapp.media.audio.watch import DeviceWatch
from callapp.media.capture.devices import ScreenInfo, list_cameras, list_screens
from callapp.media.specs import DeviceInfo

_log = logging.getLogger(__name__)


class Catalog:
    """Cameras and screens as Qt knows them; microphones and speakers as a thread last saw them."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._audio = AudioDevices()
        self._watch = DeviceWatch(self._from_thread)

    def start(self) -> None:
        self._watch.start()

    def close(self) -> None:
        self._watch.close()

    def cameras(self) -> Sequence[DeviceInfo]:
        return list_cameras()

    def microphones(self) -> Sequence[DeviceInfo]:
        return self._audio.microphones

    def speakers(self) -> Sequence[DeviceInfo]:
        return self._audio.speakers

    def screens(self) -> Sequence[ScreenInfo]:
        return list_screens()

    def _from_thread(self, devices: AudioDevices) -> None:
        try:
            self._loop.call_soon_threadsafe(self._set, devices)
        except RuntimeError:
            _log.debug("the loop has ended; the devices don't matter any more")

    def _set(self, devices: AudioDevices) -> None:
        self._audio = devices
