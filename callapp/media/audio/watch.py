"""Noticing that a microphone or speaker was plugged in or pulled out."""

from __future__ import annotations

import threading
from collections.abc import Callable

from callapp.media.audio.devices import AudioDevices, list_devices

PERIOD_S = 2.0


class DeviceWatch:
    """Looks at the lists every 2 s on a thread of its own, since the sound systems do not all tell of
    removals.

    `on_changed` is called on that thread, first with the lists at the start, then with each change of them:
    it must only hand them on.
    """

    def __init__(self, on_changed: Callable[[AudioDevices], object], *, period_s: float = PERIOD_S) -> None:
        self._on_changed = on_changed
        self._period_s = period_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audio-device-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread; at most one call of `on_changed` is still under way after that. Idempotent."""
        self._stop.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(1.0)  # a sound server that hangs may hold it; it is a daemon thread

    def _run(self) -> None:
        known: AudioDevices | None = None
        while not self._stop.is_set():
            devices = list_devices()
            if devices != known and not self._stop.is_set():
                known = devices
                self._on_changed(devices)
            self._stop.wait(self._period_s)
