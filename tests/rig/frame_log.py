"""A frame tap (`--frame-tap rig.frame_log:tap`) that writes what was shown, and the reader for the test."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from callapp.media.capture.timecode import read

_files: dict[str, TextIO] = {}


@dataclass(frozen=True)
class ShownFrame:
    """One picture that was shown: its burnt-in number (None: unreadable), size, times in Unix s."""

    kind: str
    number: int | None
    width_px: int
    height_px: int
    shown_at: float
    captured_at: float | None


def tap(kind: str, luma: Any, shown_at: float, captured_at: float | None) -> None:
    """Writes a line a picture to $FRAME_LOG."""
    path = os.environ["FRAME_LOG"]
    if path not in _files:
        _files[path] = Path(path).open("a", buffering=1)  # noqa: SIM115 - open as long as the app runs
    height, width = luma.shape
    row = [kind, read(luma), width, height, shown_at, captured_at]
    _files[path].write(json.dumps(row) + "\n")


def frames(path: Path, kind: str) -> list[ShownFrame]:
    """What has been shown so far of `kind` ("local", "remote", "screen")."""
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("]")]
    return [ShownFrame(*row) for row in rows if row[0] == kind]


def numbers(path: Path, kind: str) -> list[int]:
    """The readable numbers, in the order in which they were shown."""
    return [frame.number for frame in frames(path, kind) if frame.number is not None]


class More:
    """True once `count` more numbered pictures of `kind` have been shown than when this was made."""

    def __init__(self, path: Path, kind: str, count: int) -> None:
        self._path, self._kind = path, kind
        self._enough = len(numbers(path, kind)) + count

    def __call__(self) -> bool:
        return len(numbers(self._path, self._kind)) >= self._enough
