"""Two apps in a room: invited by link, pictures and sound both ways, and every way in which it can end."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rig.app_process import PATTERN, SILENT, AppProcess, StartApp
from rig.frame_log import More, frames, numbers
from rig.waiting import eventually

TAP = ("--frame-tap", "rig.frame_log:tap")


def tapped(log: Path) -> dict[str, str]:
    return {"FRAME_LOG": str(log), "PYTHONPATH": "tests"}


def host(
    start_app: StartApp, *arguments: str, environment: dict[str, str] | None = None
) -> tuple[AppProcess, str]:
    """An app that waits in its own room, and the room's link."""
    app = start_app("--headless", *PATTERN, *arguments, environment=environment)
    app.do("start")
    link = app.wait_event("invite")["link"]
    app.do("call")
    app.wait_state(call="idle", room="waiting")
    return app, link


def guest(
    start_app: StartApp, link: str, *arguments: str, environment: dict[str, str] | None = None
) -> AppProcess:
    """An app that was given the link, in the call."""
    app = start_app(link, "--headless", *PATTERN, *arguments, environment=environment)
    app.do("start")
    app.do("call")
    app.wait_state(call="connected", room="peer")
    return app


def test_a_link_brings_two_apps_into_a_call(start_app: StartApp, display: str, tmp_path: Path) -> None:
    """With windows, a voice each way, hang-up, and a second call in the same room."""
    logs = tmp_path / "host.jsonl", tmp_path / "guest.jsonl"
    heard = tmp_path / "host.wav", tmp_path / "guest.wav"
    first = start_app(
        *PATTERN,
        *("--microphone", "tone", "--speaker", f"record:{heard[0]}"),
        *TAP,
        environment={"DISPLAY": display, **tapped(logs[0])},
    )
    first.do("start")
    link = first.wait_event("invite")["link"]
    assert link.startswith("callapp://127.0.0.1:")
    first.do("call")
    first.wait_state(call="idle", room="waiting")
    second = start_app(
        link,
        *PATTERN,
        *("--microphone", "tone", "--speaker", f"record:{heard[1]}"),
        *TAP,
        environment={"DISPLAY": display, **tapped(logs[1])},
    )
    second.wait_state(call="idle", preview="off", room="none")  # ready to join: nothing is open
    second.do("start")
    second.do("call")
    for app in (first, second):
        app.wait_state(call="connected", room="peer")
        app.wait_event("setup_time_ms")
    for log in logs:
        eventually(More(log, "remote", 60), "the peer's picture advances")
        shown = numbers(log, "remote")
        assert all(later > earlier for earlier, later in itertools.pairwise(shown))
        assert {(f.width_px, f.height_px) for f in frames(log, "remote")} == {(640, 480)}

    second.do("hang_up")
    first.wait_event("ended", reason="PEER_LEFT", timeout_s=3)
    first.wait_state(call="ended", room="waiting")
    second.wait_state(call="ended", room="none")
    second.do("call")
    first.wait_state(call="connected", room="peer")
    second.wait_event("setup_time_ms")
    assert second.quit() == 0
    assert first.quit() == 0
    for path in heard:
        assert tone_seconds(path) > 1.0, f"{path.name}: the tone has not arrived"


def tone_seconds(path: Path) -> float:
    """How long 440 Hz dominates in a recording."""
    with wave.open(str(path)) as file:
        assert file.getframerate() == 48_000
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64)
    window = 4_800
    count = 0
    for start in range(0, len(samples) - window, window):
        block = samples[start : start + window]
        if np.abs(block).max() < 500:
            continue
        spectrum = np.abs(np.fft.rfft(block * np.hanning(window)))
        count += abs(int(spectrum.argmax()) * 10 - 440) <= 10
    return count * window / 48_000


def test_the_third_is_told_that_the_room_is_full(start_app: StartApp) -> None:
    first, link = host(start_app, *SILENT)
    second = guest(start_app, link, *SILENT)
    third = start_app(link, "--headless", *PATTERN, *SILENT)
    third.do("start")
    assert third.refuse("call") == "room_full"
    third.wait_state(call="idle", room="full")
    assert third.quit() == 3
    assert second.quit() == 0
    first.wait_event("ended", reason="PEER_LEFT")
    assert first.quit() == 0


@pytest.mark.parametrize("victim", ["host", "guest"])
def test_a_killed_peer_is_noticed_within_ten_seconds(start_app: StartApp, victim: str) -> None:
    first, link = host(start_app, *SILENT)
    second = guest(start_app, link, *SILENT)
    first.wait_state(call="connected", room="peer")
    killed, survivor = (first, second) if victim == "host" else (second, first)
    killed.kill()
    survivor.wait_event("ended", reason="PEER_LOST", timeout_s=10)
    survivor.do("mute", on=True)  # usable as before


def test_losing_the_server_never_ends_a_connected_call(start_app: StartApp, tmp_path: Path) -> None:
    log = tmp_path / "frames.jsonl"
    server = subprocess.Popen(
        [sys.executable, "-m", "signaling_server", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        url = listening_url(server)
        place = ("--server", url, "--room", "family#AAAAAAAAAAAAAAAAAAAAAA")
        apps = [
            start_app("--headless", *PATTERN, *SILENT, *place, *TAP, environment=tapped(log))
            if number == 0
            else start_app("--headless", *PATTERN, *SILENT, *place)
            for number in range(2)
        ]
        for app in apps:
            app.do("start")
            app.do("call")
        for app in apps:
            app.wait_state(call="connected", room="peer")
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        assert server.stdout is not None
        server.stdout.close()
    eventually(More(log, "remote", 90), "the picture goes on for three seconds")
    for app in apps:
        assert not [event for event in app.events if event["event"] == "ended"]
    apps[0].do("hang_up")
    apps[1].wait_event("ended", reason="PEER_LEFT", timeout_s=3)  # told by the connection itself
    for app in apps:
        assert app.quit() == 0


def listening_url(server: subprocess.Popen[str]) -> str:
    """The address that the server prints once it listens."""
    assert server.stdout is not None
    for line in server.stdout:
        if "listening on" in line:
            return line.rsplit(" ", 1)[1].strip()
    raise AssertionError("the server ended before it listened")


def test_what_is_switched_off_is_off_and_comes_back(start_app: StartApp, tmp_path: Path) -> None:
    log = tmp_path / "frames.jsonl"
    first, link = host(start_app, *SILENT, *TAP, environment=tapped(log))
    second = guest(start_app, link, *SILENT)
    eventually(More(log, "remote", 10), "the picture advances")
    second.do("camera", on=False)
    second.do("mute", on=True)
    eventually(Frozen(log), "no picture comes any more")
    second.do("camera", on=True)
    eventually(More(log, "remote", 10), "the picture advances again")
    assert second.quit() == 0
    assert first.quit() == 0


class Frozen:
    """Whether no remote picture came between 25 looks."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self.count = 0
        self._looks = 0

    def __call__(self) -> bool:
        now = len(numbers(self._log, "remote"))
        self._looks = self._looks + 1 if now == self.count else 0
        self.count = now
        return self._looks >= 25


def test_a_shared_screen_arrives_beside_the_camera(start_app: StartApp, display: str, tmp_path: Path) -> None:
    log = tmp_path / "frames.jsonl"
    first, link = host(start_app, *SILENT, *TAP, environment=tapped(log))
    second = start_app(link, *PATTERN, *SILENT, environment={"DISPLAY": display})
    second.do("start")
    second.do("call")
    second.wait_state(call="connected", room="peer")
    second.do("share", on=True)
    eventually(lambda: len(frames(log, "screen")) > 5, "the screen arrives")
    assert {(f.width_px, f.height_px) for f in frames(log, "screen")} == {(1280, 800)}
    eventually(More(log, "remote", 10), "the camera goes on beside it")
    second.do("share", on=False)
    assert second.quit() == 0
    assert first.quit() == 0


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where nobody answers: bound, not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        yield port


def test_a_server_that_refuses_is_said_and_leaves_the_app_usable(
    start_app: StartApp, silent_port: int
) -> None:
    link = f"callapp://127.0.0.1:{silent_port}/aaaabbbbccccdddd#AAAAAAAAAAAAAAAAAAAAAA"
    app = start_app(link, "--headless", *PATTERN, *SILENT)
    app.do("start")
    assert app.refuse("call") == "server_unreachable"
    assert app.refuse("call") == "server_unreachable", "Call can be pressed again"
    assert app.quit() == 3
