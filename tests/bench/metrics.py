"""From the pictures shown on both sides to figures: delay, rate, freezes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.frames import UNREADABLE, Shown
from bench.source import FPS, FRAMES

Floats = NDArray[np.float64]

FREEZE_S = 0.2
"""A picture that stays longer than this is a freeze."""

_PERIOD_S = 1 / FPS
_LEAST_PICTURES = 20
_MEDIAN_REACH = 7
_CLOCK_SLACK = 0.3  # a picture may seem shown this part of a period before it was captured


@dataclass(frozen=True)
class Received:
    """What one side saw of the other within a window of time. Times in ms; a delay is from the moment the camera had
    the picture due to the moment it was shown."""

    fps: float
    delay_p50_ms: float | None
    delay_p95_ms: float | None
    delay_p99_ms: float | None
    delay_max_ms: float | None
    freezes: int
    frozen_ms: float
    longest_gap_ms: float
    unreadable: int
    size: str


def percentile(values: Sequence[float] | Floats, percent: float) -> float | None:
    return float(np.percentile(values, percent)) if len(values) else None


def distinct(pictures: Sequence[Shown]) -> list[Shown]:
    """The first showing of each picture; unreadable ones are left out."""
    found: list[Shown] = []
    for picture in pictures:
        if picture.counter != UNREADABLE and (not found or picture.counter != found[-1].counter):
            found.append(picture)
    return found


class CaptureClock:
    """When the sender's camera delivered its n-th picture, n counting on over the loops of the source.

    `smooth`: Chromium's capture times may belong to the neighbouring picture; a rolling median over the camera's
    even rate takes that out.
    """

    def __init__(self, local: Sequence[Shown], *, smooth: bool) -> None:
        readable = [picture for picture in local if picture.counter != UNREADABLE]
        if len(readable) < _LEAST_PICTURES:
            raise ValueError(f"only {len(readable)} readable pictures of the sender's own camera")
        loops = np.unwrap(np.array([picture.counter for picture in readable], float), period=FRAMES)
        self._numbers, first = np.unique(loops, return_index=True)
        times = np.array([picture.captured_s or picture.shown_s for picture in readable])[first]
        if smooth:
            times = self._numbers * _PERIOD_S + _rolling_median(times - self._numbers * _PERIOD_S)
        self._times: Floats = np.maximum.accumulate(times)

    def captured_s(self, counter: int, shown_s: float) -> float | None:
        """When the picture with this counter, shown at this moment, was captured; None: before the record begins."""
        latest = float(np.interp(shown_s, self._times, self._numbers))
        latest += max(0.0, shown_s - float(self._times[-1])) / _PERIOD_S
        loops = np.floor((latest - counter + _CLOCK_SLACK) / FRAMES)
        number = counter + FRAMES * loops
        if number < self._numbers[0]:
            return None
        return float(np.interp(number, self._numbers, self._times))


def _rolling_median(values: Floats) -> Floats:
    reach = _MEDIAN_REACH
    return np.array([np.median(values[max(0, i - reach) : i + reach + 1]) for i in range(len(values))])


def received(
    sent: Sequence[Shown], shown: Sequence[Shown], from_s: float, until_s: float, *, smooth: bool
) -> Received:
    """Figures of what was shown between the two moments of what the other side's camera delivered."""
    within = [picture for picture in shown if from_s <= picture.shown_s < until_s]
    pictures = distinct(within)
    clock = CaptureClock(sent, smooth=smooth)
    delays_ms = np.array(
        [
            (picture.shown_s - captured_s) * 1e3
            for picture in pictures
            if (captured_s := clock.captured_s(picture.counter, picture.shown_s)) is not None
        ]
    )
    gaps_s = np.diff([from_s, *(picture.shown_s for picture in pictures), until_s])
    frozen_s = gaps_s[gaps_s > FREEZE_S]
    sizes = Counter(f"{picture.width_px}x{picture.height_px}" for picture in within)
    return Received(
        fps=len(pictures) / (until_s - from_s),
        delay_p50_ms=percentile(delays_ms, 50),
        delay_p95_ms=percentile(delays_ms, 95),
        delay_p99_ms=percentile(delays_ms, 99),
        delay_max_ms=percentile(delays_ms, 100),
        freezes=len(frozen_s),
        frozen_ms=float(frozen_s.sum()) * 1e3,
        longest_gap_ms=float(gaps_s.max()) * 1e3,
        unreadable=sum(picture.counter == UNREADABLE for picture in within),
        size=sizes.most_common(1)[0][0] if sizes else "nothing",
    )
