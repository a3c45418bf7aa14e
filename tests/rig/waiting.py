"""Waiting for what only a look can tell (a file that grows): looks often, and fails with words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_PERIOD_S = 0.02


def eventually(holds: Callable[[], object], what: str, timeout_s: float = 20.0) -> None:
    """Returns once `holds()` is true; an AssertionError after `timeout_s`."""
    end = time.monotonic() + timeout_s
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < end, f"not within {timeout_s:.0f} s: {what}"
        pause.wait(_PERIOD_S)
