"""What an endpoint tells about the pictures it showed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from callapp.media.capture import timecode

UNREADABLE = -1


class Shown(NamedTuple):
    """One picture as a person could see it. Times are Unix seconds, taken after the paint."""

    counter: int  # the time code, UNREADABLE if there was none
    shown_s: float
    width_px: int
    height_px: int
    captured_s: float  # when the camera had it due; 0 where the endpoint does not know


class Drained(NamedTuple):
    """The pictures shown since the last drain."""

    local: list[Shown]
    remote: list[Shown]


def counter_of(luma: NDArray[np.uint8]) -> int:
    """The number of the picture, or UNREADABLE."""
    number = timecode.read(luma)
    return UNREADABLE if number is None else number


def to_json(drained: Drained) -> dict[str, list[Shown]]:
    return {"local": drained.local, "remote": drained.remote}


def from_json(value: dict[str, list[list[float]]]) -> Drained:
    def shown(rows: list[list[float]]) -> list[Shown]:
        return [Shown(int(n), t, int(w), int(h), captured) for n, t, w, h, captured in rows]

    return Drained(shown(value["local"]), shown(value["remote"]))
