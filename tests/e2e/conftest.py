"""Processes of the app, a display and a room with sound, for the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rig.app_process import AppProcess, StartApp
from rig.display import xvfb
from rig.guests import guest_in, numbered_camera, signaling_place, sound_system

__all__ = ["guest_in", "numbered_camera", "signaling_place", "sound_system"]  # fixtures

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """DISPLAY of an Xvfb."""
    with xvfb() as name:
        yield name


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[StartApp]:
    apps: list[AppProcess] = []

    def start(
        *arguments: str,
        environment: dict[str, str] | None = None,
        command: Sequence[str] | None = None,
        home: Path | None = None,
    ) -> AppProcess:
        kwargs = {} if command is None else {"command": command}
        app = AppProcess(
            arguments,
            home=home or tmp_path / f"home{len(apps)}",
            environment=environment,
            cwd=ROOT,
            **kwargs,
        )
        apps.append(app)
        return app

    yield start
    for app in apps:
        app.close()
