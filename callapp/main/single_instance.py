"""One window for each person: a second start with a link hands it to the window that is open already.

The window listens on a local socket (on Windows a named pipe) that only its own user can open. A start that finds
nobody there, or whose link is not taken (a call is going on, or it is the window's own room), opens a window itself.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_log = logging.getLogger(__name__)
_TAKEN, _REFUSED = b"taken\n", b"refused\n"
_MAX_LINE_BYTES = 1024
_MAX_WAITING = 8
_CONNECT_MS = 500
_ANSWER_MS = 2000
_MAX_SOCKET_PATH_BYTES = 100  # of sockaddr_un.sun_path's 104 (macOS) or 108


def socket_name(data_folder: Path) -> str:
    """Where the window of the person with this data folder listens; "" if there can be no such place.

    A path in a folder that is closed to other users, or the name of a pipe.
    """
    name = f"callapp-{hashlib.sha256(str(data_folder).encode()).hexdigest()[:16]}"
    if sys.platform == "win32":
        return name
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")  # mode 0700 (XDG Base Directory Specification)
    folder = Path(runtime) if runtime and Path(runtime).is_dir() else data_folder
    path = str(folder / name)
    return path if len(os.fsencode(path)) <= _MAX_SOCKET_PATH_BYTES else ""


class SingleInstance(QObject):
    """Listens for later starts; `take` gets each link and says whether it was taken. Call `close` at the end."""

    def __init__(self, name: str, take: Callable[[str], bool]) -> None:
        super().__init__()
        self._take = take
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(_MAX_WAITING)
        self._server.newConnection.connect(self._greet)
        if not name or not self._listen(name):
            _log.info("links opened from outside will open windows of their own")

    @property
    def is_listening(self) -> bool:
        return self._server.isListening()

    def close(self) -> None:
        self._server.close()

    def _listen(self, name: str) -> bool:
        if sys.platform != "win32":
            try:
                Path(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError:
                return False
        if _connected(name) is not None:  # to listen now would put the window that does out of reach
            return False
        QLocalServer.removeServer(name)  # what a killed one has left
        return self._server.listen(name)

    def _greet(self) -> None:
        while (visitor := self._server.nextPendingConnection()) is not None:
            visitor.disconnected.connect(visitor.deleteLater)
            visitor.readyRead.connect(lambda visitor=visitor: self._hear(visitor))
            QTimer.singleShot(_ANSWER_MS, visitor, visitor.abort)

    def _hear(self, visitor: QLocalSocket) -> None:
        if not visitor.canReadLine():
            if visitor.bytesAvailable() > _MAX_LINE_BYTES:
                visitor.abort()
            return
        line = bytes(visitor.readLine(_MAX_LINE_BYTES).data())
        taken = self._take(line.decode("utf-8", "replace").strip())
        visitor.write(_TAKEN if taken else _REFUSED)
        visitor.flush()
        visitor.disconnectFromServer()


def hand_over(name: str, link: str) -> bool:
    """Give `link` to the window that is open already. False: there is none, or it does not take it."""
    if not name:
        return False
    socket = _connected(name)
    if socket is None:
        return False
    socket.write(link.encode() + b"\n")
    socket.flush()
    while not socket.canReadLine():
        if not socket.waitForReadyRead(_ANSWER_MS):
            return False
    return bytes(socket.readLine(_MAX_LINE_BYTES).data()) == _TAKEN


def _connected(name: str) -> QLocalSocket | None:
    socket = QLocalSocket()
    socket.connectToServer(name)
    return socket if socket.waitForConnected(_CONNECT_MS) else None
