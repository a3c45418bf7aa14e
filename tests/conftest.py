"""What holds for every test: nothing leaks, nothing warns."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "logs_warnings: this test provokes warnings in the log")


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: the collection after each test need not look at it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_logged_warnings(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A warning in the log fails the test, unless the test is marked `logs_warnings`."""
    yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    records = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert not records, "logged: " + "; ".join(f"{r.name}: {r.getMessage()}" for r in records)


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """A thread that a test started must have ended with it (pools that Python keeps for its end excepted)."""
    before = set(threading.enumerate())
    yield
    started = set(threading.enumerate()) - before
    for thread in started:
        thread.join(3)
    leaked = [t.name for t in started if t.is_alive() and not t.name.startswith(("asyncio_", "ThreadPool"))]
    assert not leaked, f"threads left running: {leaked}"


@pytest.fixture(autouse=True)
def no_lost_exceptions() -> Iterator[None]:
    """An exception that nobody retrieved is reported when its future is collected: collect it in its own test."""
    yield
    gc.collect()
