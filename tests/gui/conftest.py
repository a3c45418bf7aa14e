"""The window on Qt's offscreen platform, with a recorder in place of the session."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before anything imports Qt

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.bench import Bench, FakeCatalog
from pytestqt.qtbot import QtBot

from callapp.media.video.slot import FrameSlot, Picture
from callapp.session.intents import Intent
from callapp.settings import Settings
from callapp.ui.stage import Slots
from callapp.ui.window import MainWindow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says what it cannot do; that is no fault of the window."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support", extend=True))


@pytest.fixture
def make_bench(qtbot: QtBot) -> Iterator[Callable[..., Bench]]:
    """Makes windows with the given settings; finishes them at the end."""
    made: list[MainWindow] = []

    def make(video_size: tuple[int, int] | None = None, **settings: object) -> Bench:
        slots = Slots(FrameSlot(), FrameSlot(), FrameSlot())
        posted: list[Intent] = []
        saved: list[Settings] = []
        shown: list[tuple[str, Picture, float]] = []
        devices = FakeCatalog()
        values = {"language": "en", "theme": "light"} | settings
        window = MainWindow(
            post=posted.append,
            slots=slots,
            devices=devices,
            settings=Settings(**values),  # type: ignore[arg-type]
            save_settings=saved.append,
            on_shown=lambda kind, picture, at: shown.append((kind, picture, at)),
            video_size=video_size,
        )
        made.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return Bench(window, slots, devices, posted, saved, shown)

    yield make
    for window in made:
        window.finish()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()
