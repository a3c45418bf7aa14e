"""Where the benchmark keeps its files and finds its programs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

BENCH = Path(__file__).resolve().parent
REPO = BENCH.parents[1]
WORK = REPO / "build" / "bench"
RESULTS = WORK / "results"
SOURCE_SUFFIX = ".y4m"
DOCUMENT = REPO / "docs" / "benchmarks.md"


def source_path(width_px: int, height_px: int) -> Path:
    """The synthetic camera of this size (made by `source.ensure_source`)."""
    return WORK / "media" / f"camera_{width_px}x{height_px}{SOURCE_SUFFIX}"


def python_environment() -> dict[str, str]:
    """The environment for child processes that import `bench`, `callapp` or `signaling_server`."""
    inherited = os.environ.get("PYTHONPATH", "")
    parts = [str(REPO), str(BENCH.parent), *([inherited] if inherited else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(parts), "PYTHONUNBUFFERED": "1"}


def chromium() -> str:
    """Chromium's own binary rather than a distribution's wrapper script, so that its pid is the browser's.

    Raises FileNotFoundError.
    """
    for name in ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("Chromium is not installed")
