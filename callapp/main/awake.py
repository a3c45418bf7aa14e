"""Keeps the display awake during a call, with the means of each OS; a machine without them just sleeps."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import Any

from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCall, QDBusPendingCallWatcher

from callapp.session.ports import Report
from callapp.session.view import CallView

_log = logging.getLogger(__name__)

# https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-setthreadexecutionstate
_ES_CONTINUOUS, _ES_DISPLAY_REQUIRED = 0x80000000, 0x00000002
# https://specifications.freedesktop.org/idle-inhibit-spec
_SERVICE, _PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"


class KeepAwake:
    """A Watcher: inhibits display sleep while a call is live."""

    def __init__(self) -> None:
        self._awake = False
        self._cookie: int | None = None
        self._caffeinate: subprocess.Popen[bytes] | None = None
        self._waiting: QDBusPendingCallWatcher | None = None

    def on_view(self, view: CallView) -> None:
        if view.live != self._awake:
            self._awake = view.live
            self._set(view.live)

    def on_report(self, report: Report) -> None:
        """Sleep follows the view only."""

    def close(self) -> None:
        if self._awake:
            self._awake = False
            self._set(False)

    def _set(self, awake: bool) -> None:
        if sys.platform == "win32":
            import ctypes

            ctypes.windll.kernel32.SetThreadExecutionState(
                _ES_CONTINUOUS | (_ES_DISPLAY_REQUIRED if awake else 0)
            )
        elif sys.platform == "darwin":
            if awake:
                self._caffeinate = subprocess.Popen(["/usr/bin/caffeinate", "-d"])
            elif self._caffeinate is not None:
                self._caffeinate.terminate()
                self._caffeinate.wait(1)
                self._caffeinate = None
        else:
            self._set_freedesktop(awake)

    def _set_freedesktop(self, awake: bool) -> None:
        """Asynchronous calls only: a slow session bus must not hold up the window."""
        if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
            return
        if awake:
            pending = self._call("Inhibit", ["CallApp", "video call"])
            self._waiting = QDBusPendingCallWatcher(pending)
            self._waiting.finished.connect(self._inhibited)
        elif self._cookie is not None:
            self._call("UnInhibit", [self._cookie])
            self._cookie = None

    def _call(self, method: str, arguments: list[Any]) -> QDBusPendingCall:
        message = QDBusMessage.createMethodCall(_SERVICE, _PATH, _SERVICE, method)
        message.setArguments(arguments)
        return QDBusConnection.sessionBus().asyncCall(message)

    def _inhibited(self, watcher: QDBusPendingCallWatcher) -> None:
        reply = watcher.reply()
        self._waiting = None
        if reply.type() is not QDBusMessage.MessageType.ReplyMessage or not reply.arguments():
            _log.info("display sleep can't be held off: %s", reply.errorMessage())
            return
        self._cookie = int(reply.arguments()[0])
        if not self._awake:  # the call ended meanwhile
            self._set_freedesktop(False)
