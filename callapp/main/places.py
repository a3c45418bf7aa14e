"""Where settings and logs live on this OS (QStandardPaths), and the log file."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths

from callapp.errors import CallAppError, ErrorCode

_log = logging.getLogger(__name__)
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# libraries whose debug and info lines may hold SDP, candidates or payloads
_LOUD = ("aiortc", "aioice", "websockets", "qasync", "asyncio", "libav")


def _folder(location: QStandardPaths.StandardLocation) -> Path:
    QCoreApplication.setApplicationName("CallApp")
    return Path(QStandardPaths.writableLocation(location))


def settings_path() -> Path:
    """For example ~/.config/CallApp/settings.json."""
    return _folder(QStandardPaths.StandardLocation.AppConfigLocation) / "settings.json"


def data_folder() -> Path:
    """For example ~/.local/share/CallApp; it need not exist."""
    return _folder(QStandardPaths.StandardLocation.AppLocalDataLocation)


def server_folder() -> Path:
    """Where the built-in server keeps its key and certificate."""
    return data_folder() / "server"


def log_path() -> Path:
    """For example ~/.local/share/CallApp/logs/callapp.log."""
    return data_folder() / "logs" / "callapp.log"


def start_log() -> CallAppError | None:
    """Log to stderr (warnings) and to the log file (info). Returns the notice to show if there is no log file."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setLevel(logging.WARNING)
    to_stderr.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(to_stderr)
    if sys.stderr is not None:  # a windowed bundle has none
        faulthandler.enable()
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        to_file = logging.handlers.RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=3, encoding="utf-8"
        )
    except OSError as error:
        return CallAppError(ErrorCode.LOG_READ_ONLY, str(error.strerror), subject=str(path))
    to_file.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(to_file)
    return None


def stop_log() -> None:
    """Flush and close what `start_log` opened."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
