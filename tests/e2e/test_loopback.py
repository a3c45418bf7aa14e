"""A call with oneself in one process: the codelab's three buttons, with a window and without."""

from __future__ import annotations

import itertools
import os
import re
import sys
from pathlib import Path

import pytest
from rig.app_process import PATTERN, SILENT, StartApp
from rig.frame_log import More, numbers
from rig.waiting import eventually

TAP = ("--frame-tap", "rig.frame_log:tap")


@pytest.fixture(params=["headless", "window"])
def front(request: pytest.FixtureRequest, display: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The arguments and the environment of the two fronts."""
    if request.param == "headless":
        return ("--headless",), {}
    return (), {"DISPLAY": display}


def test_start_call_hang_up(
    start_app: StartApp, front: tuple[tuple[str, ...], dict[str, str]], tmp_path: Path
) -> None:
    arguments, environment = front
    log = tmp_path / "frames.jsonl"
    app = start_app(
        *arguments,
        "--loopback",
        *PATTERN,
        *SILENT,
        *TAP,
        environment={**environment, "FRAME_LOG": str(log), "PYTHONPATH": "tests"},
    )
    app.wait_state(call="idle", preview="off", room="none")
    assert app.refuse("call") == "invalid_state"
    assert app.refuse("hang_up") == "invalid_state"
    app.do("start")
    assert app.refuse("start") == "invalid_state"
    eventually(More(log, "local", 5), "the preview advances")
    for _ in range(2):  # the second call is like the first
        app.do("call")
        app.wait_state(call="connected")
        shown = app.wait_event("first_remote_frame")
        assert (shown["width"], shown["height"]) == (640, 480)
        assert 0 < app.wait_event("setup_time_ms")["value"] < 10_000
        eventually(More(log, "remote", 20), "the picture advances")
        app.do("hang_up")
        eventually(More(log, "local", 5), "the preview goes on")
    remote = numbers(log, "remote")
    assert all(later > earlier for earlier, later in itertools.pairwise(remote)), remote
    assert app.quit() == 0


def test_the_trace_is_the_codelabs_and_tells_no_secrets(start_app: StartApp) -> None:
    app = start_app("--headless", "--loopback", *PATTERN, *SILENT, "--start", "--call")
    app.wait_event("setup_time_ms")
    app.do("hang_up")
    assert app.quit() == 0
    lines = [event["text"] for event in app.events if event["event"] == "trace"]
    wanted = [
        "Requesting local stream.",
        "Received local stream.",
        "localVideo videoWidth: 640px, videoHeight: 480px.",
        "Using video device: .+",
        "Using audio device: .+",
        "Starting call.",
        "Created local peer connection object localPeerConnection.",
        "localPeerConnection createOffer start.",
        r".*audio video video application, \d+ bytes.*",
        "localPeerConnection setLocalDescription start.",
        "localPeerConnection setLocalDescription complete.",
        "localPeerConnection ICE candidate: .*",
        "localPeerConnection addIceCandidate success.",
        "localPeerConnection ICE state: .+",
        "Remote peer connection received remote stream.",
        r"Setup time: \d+\.\d{3}ms\.",
        "Ending call.",
    ]
    for pattern in wanted:
        assert any(re.fullmatch(pattern, line) for line in lines), f"{pattern} is not in {lines}"
    log = next(app.home.rglob("callapp.log")).read_text()
    assert "Setup time: " in log
    for text in ("\n".join(lines), log):
        assert "v=0" not in text
        assert "fingerprint" not in text
        assert "ice-pwd" not in text


def test_it_works_with_no_network_at_all(start_app: StartApp) -> None:
    command = ("unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
    if os.geteuid() != 0:
        pytest.skip("a network namespace needs root")
    app = start_app(
        "--headless",
        "--loopback",
        *PATTERN,
        *SILENT,
        "--start",
        "--call",
        command=(*command, sys.executable, "-m", "callapp"),
    )
    app.wait_event("first_remote_frame")
    assert app.quit() == 0


def test_the_codelabs_device_errors_leave_the_app_usable(start_app: StartApp, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.mp4"
    garbage.write_bytes(b"no video at all" * 100)
    app = start_app("--headless", "--loopback", "--camera", f"file:{garbage}", *SILENT)
    assert app.refuse("start") == "file_unreadable"
    assert [event["preview"] for event in app.events if event["event"] == "state"] == [
        "off",
        "opening",
        "failed",
    ]
    assert app.refuse("start") == "file_unreadable", "Start is enabled again after an error"
    assert app.quit() == 4


def test_no_camera_is_not_found(start_app: StartApp) -> None:
    app = start_app("--headless", "--loopback", "--camera", "auto", *SILENT)
    assert app.refuse("start") == "NotFoundError"
    assert app.quit() == 4


def test_the_end_of_stdin_ends_the_app(start_app: StartApp) -> None:
    app = start_app("--headless", "--loopback", *PATTERN, *SILENT, "--start", "--call")
    app.wait_state(call="connected")
    assert app.process.stdin is not None
    app.process.stdin.close()
    assert app.process.wait(10) == 0
