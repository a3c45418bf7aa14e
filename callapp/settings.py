"""What a person chose, kept as one JSON file.

A file that is broken, foreign or from a newer version is set aside (renamed, never deleted) and defaults are used;
a folder that cannot be written leaves the app working for this run. Nothing secret is ever stored here.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

import msgspec

from callapp.errors import CallAppError, ErrorCode

_MAX_BYTES = 1 << 20


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings with their defaults. SPECs are texts as on the command line (callapp.media.specs)."""

    version: int = 1
    name: str = ""
    language: str = "system"  # system | en | ko
    theme: str = "system"  # system | light | dark
    camera: str = "auto"
    microphone: str = "auto"
    speaker: str = "auto"
    sounds: bool = True
    width_px: int = 1280
    height_px: int = 720
    fps: int = 30
    server: str = ""  # "" = the server inside the app
    reach: str = (
        "this_computer"  # this_computer | network: who can use the rooms of the server inside the app
    )
    window: tuple[int, int, int, int] | None = None  # x, y, width, height in px


class SettingsStore:
    """Loads and saves Settings at `path`; `load` never fails, `save` raises CallAppError(SETTINGS_READ_ONLY)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> tuple[Settings, CallAppError | None]:
        """The settings, and the notice to show if the file had to be set aside or could not be read."""
        try:
            with self.path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return Settings(), None
        except OSError as error:
            return Settings(), CallAppError(
                ErrorCode.SETTINGS_READ_ONLY, str(error.strerror), subject=str(self.path)
            )
        try:
            return _decode(data), None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return Settings(), self._set_aside(str(error))

    def save(self, settings: Settings) -> None:
        """Writes the file whole or not at all. Raises CallAppError(SETTINGS_READ_ONLY)."""
        temporary: str | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".settings-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(settings), indent=2))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.path)
        except OSError as error:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()
            raise CallAppError(
                ErrorCode.SETTINGS_READ_ONLY, str(error.strerror), subject=str(self.path)
            ) from error

    def _set_aside(self, why: str) -> CallAppError:
        aside = self.path.with_name(f"{self.path.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
        try:
            self.path.replace(aside)
        except OSError:
            aside = self.path
        return CallAppError(ErrorCode.SETTINGS_SET_ASIDE, why, subject=str(aside))


def _decode(data: bytes) -> Settings:
    """Raises msgspec.DecodeError or UnicodeDecodeError."""
    if len(data) > _MAX_BYTES:
        raise msgspec.DecodeError("larger than any settings file")
    settings = msgspec.json.decode(data, type=Settings)
    if settings.version != Settings().version:
        raise msgspec.DecodeError(f"version {settings.version}, this app knows {Settings().version}")
    return settings
