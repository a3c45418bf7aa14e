"""Fixtures of the component tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from audio_rig import PulseRoom, pulse_room


@pytest.fixture(scope="session")
def shared_pulse_room() -> Iterator[PulseRoom]:
    """One sound system for all tests that leave it as it was; use it through `pulse`."""
    with pulse_room() as room:
        yield room


@pytest.fixture
def pulse(shared_pulse_room: PulseRoom, monkeypatch: pytest.MonkeyPatch) -> PulseRoom:
    """This process uses a sound system of tests/audio_rig.py."""
    for name, value in shared_pulse_room.environment.items():
        monkeypatch.setenv(name, value)
    return shared_pulse_room


@pytest.fixture
def own_pulse(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseRoom]:
    """As `pulse`, but one that the test may break."""
    with pulse_room() as room:
        for name, value in room.environment.items():
            monkeypatch.setenv(name, value)
        yield room
