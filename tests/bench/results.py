"""One JSON file a measurement: where and how it ran, then one entry a run, peers side by side."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.paths import REPO, RESULTS, chromium


def _output_of(*command: str) -> str:
    try:
        ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPO)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return ended.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _surroundings() -> dict[str, Any]:
    memory_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return {
        "processor": f"{os.cpu_count()} x {_processor()}, {memory_gb:.0f} GB",
        "system": f"Linux {platform.release()}, Python {platform.python_version()}",
        "versions": [
            *(f"{name} {version(name)}" for name in ("aiortc", "av", "PySide6_Essentials")),
            _output_of(chromium(), "--version").split(" built")[0],
        ],
        "commit": _output_of("git", "describe", "--always", "--dirty"),
        "load_before": os.getloadavg()[0],
    }


_STAMP = "%Y%m%d-%H%M%S"
_STAMP_LENGTH = len("20260101-000000")


@dataclass
class Results:
    """A measurement in progress, written after every run: an interrupted one keeps what it has.

    `figure` is the command's name, with an impaired link `call@PROFILE`.
    """

    figure: str
    setting: dict[str, Any]
    when: str = field(default_factory=lambda: time.strftime("%Y-%m-%d %H:%M"))
    surroundings: dict[str, Any] = field(default_factory=_surroundings)
    runs: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._path = RESULTS / f"{self.figure}-{time.strftime(_STAMP)}.json"

    async def add(
        self, about: dict[str, Any], measure: Callable[[], Coroutine[None, None, dict[str, Any]]]
    ) -> None:
        """Run `measure` and keep what it returns under `about`; a failure is kept, printed, and stops nothing."""
        try:
            run = {**about, **await measure()}
        except Exception as error:
            run = {**about, "failed": repr(error)}
        self.runs.append(run)
        RESULTS.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(asdict(self), indent=1))
        print(time.strftime("%H:%M:%S"), self.figure, _brief(run), flush=True)


def _brief(value: Any) -> str:
    match value:
        case float():
            return f"{value:.1f}"
        case dict():
            return " ".join(f"{name}={_brief(item)}" for name, item in value.items())
        case list():
            return f"[{', '.join(_brief(item) for item in value)}]"
        case _:
            return str(value)


def newest() -> dict[str, dict[str, Any]]:
    """Figure -> the results of its last measurement."""
    paths = sorted(RESULTS.glob("*.json"), key=lambda path: path.stem[-_STAMP_LENGTH:])
    loaded = [json.loads(path.read_text()) for path in paths]
    return {results["figure"]: results for results in loaded}
