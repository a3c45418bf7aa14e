"""What a person asks for: which camera, microphone and speaker, at which size. Pure values and their parsers."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from callapp.errors import CallAppError, ErrorCode


class SpecKind(enum.Enum):
    """Where pictures or sound come from or go to."""

    AUTO = "auto"
    NONE = "none"
    DEVICE = "device"
    FILE = "file"
    PATTERN = "pattern"
    SCREEN = "screen"
    TONE = "tone"
    RECORD = "record"


@dataclass(frozen=True)
class MediaSpec:
    """A SPEC of the command line and the settings: `auto`, `none`, a device's name, `file:PATH`, ..."""

    kind: SpecKind
    name: str = ""  # the device's name (or its stable id) or the file's path

    def __str__(self) -> str:
        if self.kind is SpecKind.DEVICE:
            return self.name
        return f"{self.kind.value}:{self.name}" if self.name else self.kind.value


AUTO = MediaSpec(SpecKind.AUTO)
NONE = MediaSpec(SpecKind.NONE)
PATTERN = MediaSpec(SpecKind.PATTERN)

_CAMERA = {SpecKind.AUTO, SpecKind.NONE, SpecKind.PATTERN, SpecKind.SCREEN}
_MICROPHONE = {SpecKind.AUTO, SpecKind.NONE, SpecKind.TONE}
_SPEAKER = {SpecKind.AUTO, SpecKind.NONE}


@dataclass(frozen=True)
class DeviceInfo:
    """A camera, microphone or speaker to choose: `id` is stable across restarts, `label` is what a person reads."""

    id: str
    label: str


def _parse(text: str, words: set[SpecKind], path_kind: SpecKind) -> MediaSpec:
    if not text:
        raise CallAppError(ErrorCode.INVALID_ARGUMENT, "an empty SPEC")
    prefix, colon, path = text.partition(":")
    if colon and prefix == path_kind.value:
        if not path:
            raise CallAppError(ErrorCode.INVALID_ARGUMENT, f"{path_kind.value}: without a path")
        return MediaSpec(path_kind, path)
    for kind in words:
        if text == kind.value:
            return MediaSpec(kind)
    return MediaSpec(SpecKind.DEVICE, text)


def parse_camera(text: str) -> MediaSpec:
    """`auto | none | pattern | screen | file:PATH | NAME`. Raises CallAppError(INVALID_ARGUMENT)."""
    return _parse(text, _CAMERA, SpecKind.FILE)


def parse_microphone(text: str) -> MediaSpec:
    """`auto | none | tone | file:PATH | NAME`. Raises CallAppError(INVALID_ARGUMENT)."""
    return _parse(text, _MICROPHONE, SpecKind.FILE)


def parse_speaker(text: str) -> MediaSpec:
    """`auto | none | record:PATH | NAME`. Raises CallAppError(INVALID_ARGUMENT)."""
    return _parse(text, _SPEAKER, SpecKind.RECORD)


@dataclass(frozen=True)
class VideoWish:
    """The size and rate asked of a camera; `mandatory` makes a smaller camera an OverconstrainedError."""

    width_px: int = 1280
    height_px: int = 720
    fps: int = 30
    mandatory: bool = False


def parse_size(text: str) -> tuple[int, int, bool]:
    """`WxH` or `min:WxH` -> (width_px, height_px, mandatory). Raises CallAppError(INVALID_ARGUMENT)."""
    match = re.fullmatch(r"(min:)?(\d{2,5})x(\d{2,5})", text)
    if not match:
        raise CallAppError(ErrorCode.INVALID_ARGUMENT, f"not a size: {text!r}, expected WxH or min:WxH")
    width, height = int(match[2]), int(match[3])
    if not (16 <= width <= 7680 and 16 <= height <= 4320):
        raise CallAppError(ErrorCode.INVALID_ARGUMENT, f"size out of range: {text!r}")
    return width, height, bool(match[1])
