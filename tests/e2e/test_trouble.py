"""Bad input from the command line, the disk and the person who closes the window at the wrong moment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rig.app_process import PATTERN, SILENT, AppProcess, StartApp

BAD_USAGE = [
    ["callapp://127.0.0.1:9/room"],
    ["callapp://127.0.0.1:9/aaaabbbbccccdddd#tooshort"],
    ["https://127.0.0.1/#"],
    ["nonsense"],
    ["--camera", ""],
    ["--camera", "file:"],
    ["--size", "big"],
    ["--size", "1x1"],
    ["--fps", "0"],
    ["--window", "min:640x480"],
    ["--room", "a#AAAAAAAAAAAAAAAAAAAAAA"],
    ["--server", "ftp://example.org"],
    ["--server", "http://127.0.0.1:1", "--room", "no-secret"],
    ["--reach", "moon"],
    ["--server", "http://127.0.0.1:1", "--reach", "network"],
    ["--frame-tap", "no_such_module:tap"],
    ["--frame-tap", "json:no_such_function"],
    ["--waltz"],
]


@pytest.mark.parametrize("arguments", BAD_USAGE, ids=" ".join)
def test_bad_usage_is_one_clear_line_and_exit_code_2(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "callapp", *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert run.stderr.splitlines()[-1].startswith("callapp: error: ")
    assert "AAAAAAAAAAAAAAAAAAAAAA" not in run.stderr, "no secret is repeated"


def test_the_help_names_every_option() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "callapp", "--help"], capture_output=True, text=True, timeout=30, check=True
    )
    for option in ("--server", "--room", "--camera", "--headless", "--control", "--frame-tap", "LINK"):
        assert option in run.stdout


def test_lines_that_are_no_commands_are_answered_and_change_nothing(start_app: StartApp) -> None:
    app = start_app("--headless", "--loopback", *PATTERN, *SILENT)
    for line in ("", "waltz", "[1]", '{"command": 1}', "x" * 100_000, "\x00\x01"):
        app.send_line(line)
    assert app.refuse("waltz") == "unknown_command"
    assert app.refuse("start", volume=11) == "invalid_argument"
    app.do("start")
    assert len([event for event in app.events if event["event"] == "error"]) == 7
    assert app.quit() == 0


def broken(home: Path) -> None:
    path = home / ".config" / "CallApp" / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"somebody": "elses"}')


def unwritable(home: Path) -> None:
    """Files where the folders should be: that stops root, too."""
    home.mkdir(parents=True)
    (home / ".config").write_text("in the way")
    (home / ".local").write_text("in the way")


@pytest.mark.parametrize(("prepare", "code"), [(broken, "settings_set_aside"), (unwritable, "log_read_only")])
def test_settings_that_cannot_be_used_are_said_and_not_fatal(
    start_app: StartApp, tmp_path: Path, prepare: Callable[[Path], None], code: str
) -> None:
    home = tmp_path / "home"
    prepare(home)
    app = start_app("--headless", "--loopback", *PATTERN, *SILENT, home=home)
    app.do("start")
    app.do("call")
    app.wait_event("first_remote_frame")
    assert app.quit() == 0
    stderr = app.stderr_path.read_text()
    assert code in stderr
    assert "Traceback" not in stderr


def at_once(app: AppProcess) -> None:
    """Before anything was pressed."""


def opening(app: AppProcess) -> None:
    app.send("start")


def waiting(app: AppProcess) -> None:
    app.do("start")
    app.wait_event("invite")
    app.do("call")


def joining(app: AppProcess) -> None:
    app.do("start")
    app.wait_event("invite")
    app.send("call")


def calling(app: AppProcess) -> None:
    app.do("start")
    app.send("call")


def connected(app: AppProcess) -> None:
    calling(app)
    app.wait_state(call="connected")


def hanging_up(app: AppProcess) -> None:
    connected(app)
    app.send("hang_up")


@pytest.mark.parametrize("front", ["headless", "window"])
@pytest.mark.parametrize(
    ("moment", "loopback"),
    [
        (at_once, True),
        (opening, True),
        (joining, False),
        (waiting, False),
        (calling, True),
        (connected, True),
        (hanging_up, True),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_quitting_at_any_moment_leaves_nothing_running(
    start_app: StartApp, display: str, moment: Callable[[AppProcess], None], loopback: bool, front: str
) -> None:
    arguments = (*PATTERN, *SILENT, *(("--loopback",) if loopback else ()))
    if front == "headless":
        app = start_app("--headless", *arguments)
    else:
        app = start_app(*arguments, environment={"DISPLAY": display})
    moment(app)
    assert app.quit() == 0
    stderr = app.stderr_path.read_text()
    assert "Traceback" not in stderr, stderr
    assert "WARNING" not in stderr, stderr
    assert "ERROR" not in stderr, stderr


def test_sigterm_ends_the_app_like_closing_the_window(start_app: StartApp) -> None:
    app = start_app("--headless", "--loopback", *PATTERN, *SILENT, "--start", "--call")
    app.wait_state(call="connected")
    app.process.terminate()
    assert app.process.wait(10) == 0


def test_without_a_display_it_says_so_and_calls_itself(tmp_path: Path) -> None:
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    run = subprocess.run(
        [sys.executable, "-m", "callapp"],
        env={**environment, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("No display")
    assert "Setup time: " in run.stdout
    picture = Path(run.stdout.rsplit("Screenshot: ", 1)[1].splitlines()[0])
    assert picture.stat().st_size > 20_000, "a window with a picture in it"
