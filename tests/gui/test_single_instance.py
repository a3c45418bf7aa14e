"""A second start hands its link to the window that is open, and to nobody else."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from callapp.main.single_instance import SingleInstance, hand_over, socket_name

ROOT = Path(__file__).parents[2]
LINK = "callapp://127.0.0.1:8080/abcdefghij234567#AAECAwQFBgcICQoLDA0ODw"


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """In a folder whose path is short enough for a socket."""
    folder = tempfile.mkdtemp(prefix="ca-")
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    yield socket_name(Path(folder) / "data")
    shutil.rmtree(folder)


class Window:
    """The first start; it takes what `takes` says."""

    def __init__(self, name: str, *, takes: bool = True) -> None:
        self.links: list[str] = []
        self._takes = takes
        self.instance = SingleInstance(name, self._take)

    def _take(self, link: str) -> bool:
        self.links.append(link)
        return self._takes


def second_start(qtbot: QtBot, name: str, link: str = LINK) -> bool:
    """Another process; True if its link was taken."""
    program = (
        "import sys; from callapp.main.single_instance import hand_over; sys.exit(hand_over(*sys.argv[1:]))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, name, link], cwd=ROOT)
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=20_000)
    return process.wait() == 1


def test_a_link_goes_to_the_window_that_is_open(qtbot: QtBot, name: str) -> None:
    window = Window(name)
    assert second_start(qtbot, name)
    assert window.links == [LINK]
    assert second_start(qtbot, name), "and again"
    window.instance.close()


def test_a_link_that_is_not_taken_opens_a_window_of_its_own(qtbot: QtBot, name: str) -> None:
    window = Window(name, takes=False)
    assert not second_start(qtbot, name)
    window.instance.close()


def test_with_no_window_open_nobody_takes_it(qtbot: QtBot, name: str) -> None:
    assert not second_start(qtbot, name)
    window = Window(name)
    window.instance.close()
    assert not second_start(qtbot, name)
    assert not hand_over("", LINK)


def test_a_second_window_leaves_the_place_to_the_first(qtbot: QtBot, name: str) -> None:
    first = Window(name)
    second = Window(name)
    assert (first.instance.is_listening, second.instance.is_listening) == (True, False)
    assert second_start(qtbot, name)
    assert (first.links, second.links) == ([LINK], [])
    second.instance.close()
    assert second_start(qtbot, name), "the second one's end does not end the first one's listening"
    first.instance.close()


def test_what_a_killed_window_has_left_is_cleared_away(qtbot: QtBot, name: str) -> None:
    Path(name).touch()
    window = Window(name)
    assert window.instance.is_listening
    assert second_start(qtbot, name)
    window.instance.close()


def test_only_its_own_user_can_reach_it(qtbot: QtBot, name: str) -> None:
    window = Window(name)
    assert stat.S_IMODE(Path(name).stat().st_mode) & 0o077 == 0
    window.instance.close()


def test_a_visitor_who_talks_nonsense_changes_nothing(qtbot: QtBot, name: str) -> None:
    window = Window(name)
    visitor = QLocalSocket()
    visitor.connectToServer(name)
    qtbot.waitUntil(lambda: visitor.state() is QLocalSocket.LocalSocketState.ConnectedState)
    visitor.write(b"x" * 5000)
    qtbot.waitUntil(lambda: visitor.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert window.links == []
    assert second_start(qtbot, name)
    window.instance.close()


def test_a_path_that_is_too_long_for_a_socket_means_several_windows(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert socket_name(tmp_path / ("x" * 120)) == ""
    window = Window("")
    assert not window.instance.is_listening
    window.instance.close()


def test_people_and_their_settings_are_kept_apart(name: str, tmp_path: Path) -> None:
    assert socket_name(tmp_path / "a") != socket_name(tmp_path / "b")
    assert Path(name).parent == Path(os.environ["XDG_RUNTIME_DIR"])
