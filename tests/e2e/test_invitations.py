"""Invited by either link, near and far: what two real apps say of each other, their chat, links from outside."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rig.app_process import PATTERN, SILENT, AppProcess, Event, StartApp

ROOT = Path(__file__).parents[2]
LONG = "긴 이야기 😀!" * 500  # 4,000 characters


def waiting_host(start_app: StartApp, *arguments: str) -> tuple[AppProcess, Event]:
    """An app that waits in its own room, and its `invite` event."""
    app = start_app("--headless", *PATTERN, *SILENT, *arguments)
    app.do("start")
    invite = app.wait_event("invite")
    app.do("call")
    app.wait_state(room="waiting")
    return app, invite


def join(start_app: StartApp, link: str) -> AppProcess:
    app = start_app(link, "--headless", *PATTERN, *SILENT)
    app.do("start")
    app.do("call")
    app.wait_state(call="connected", room="peer")
    return app


def code(app: AppProcess) -> str:
    """The security code that the app shows."""
    text: str = app.wait_trace("Security code: ")["text"]
    return text.rsplit(" ", 1)[1]


@pytest.mark.parametrize("reach", ["this_computer", "network"])
@pytest.mark.parametrize(("kind", "lock"), [("link", "verified_by_link"), ("browser_link", "trusts_host")])
def test_both_links_lead_into_a_call_and_the_lock_tells_them_apart(
    start_app: StartApp, kind: str, lock: str, reach: str
) -> None:
    host, invite = waiting_host(start_app, "--reach", reach)
    assert ("127.0.0.1" in invite[kind]) == (reach == "this_computer")
    guest = join(start_app, invite[kind])
    for app in (host, guest):
        app.wait_trace(f"Lock: {lock}.")
        app.wait_event("setup_time_ms")
    assert code(host) == code(guest)
    assert guest.quit() == 0
    assert host.quit() == 0


def test_a_link_with_another_pin_is_refused_with_its_reason(start_app: StartApp) -> None:
    host, invite = waiting_host(start_app, "--reach", "network")
    before, _, pin = invite["link"].rpartition(".")
    guest = start_app(f"{before}.{'A' * len(pin)}", "--headless", *PATTERN, *SILENT)
    guest.do("start")
    assert guest.refuse("call") == "pin_mismatch"
    assert guest.quit() == 3
    assert host.quit() == 0


def test_the_same_room_with_another_secret_is_another_link(start_app: StartApp) -> None:
    host, invite = waiting_host(start_app)
    guest = start_app(f"{invite['link'].partition('#')[0]}#{'A' * 22}", "--headless", *PATTERN, *SILENT)
    guest.do("start")
    guest.do("call")
    host.wait_trace("other_link")
    assert not [event for event in host.events if event.get("call") == "connected"]
    assert guest.quit() == 0
    assert host.quit() == 0


def test_chat_between_two_apps(start_app: StartApp) -> None:
    host, invite = waiting_host(start_app)
    assert host.refuse("chat", text="anybody?") == "invalid_state"
    guest = join(start_app, invite["link"])
    host.wait_state(call="connected")
    texts = ["안녕하세요", "see https://example.org", "<b>not bold</b>", LONG]
    for text in texts:
        guest.do("chat", text=text)
    for text in texts:
        assert host.wait_event("chat", own=False)["text"] == text
    for text in texts:
        assert guest.wait_event("chat", own=True, state="delivered")["text"] == text
    host.do("chat", text="got it")
    guest.wait_event("chat", own=False, text="got it")
    for text in ("", "x" * 4001):
        assert host.refuse("chat", text=text) == "invalid_argument"
    assert guest.quit() == 0
    host.wait_event("ended")
    assert host.refuse("chat", text="still there?") == "invalid_state"
    assert host.quit() == 0


def test_chat_with_oneself_is_delivered(start_app: StartApp) -> None:
    app = start_app("--headless", "--loopback", *PATTERN, *SILENT, "--start", "--call")
    app.wait_state(call="connected")
    app.do("chat", text="hello, me")
    app.wait_event("chat", own=True, state="delivered")
    assert app.quit() == 0


def test_neither_log_nor_trace_holds_what_is_secret(start_app: StartApp) -> None:
    host, invite = waiting_host(start_app)
    guest = join(start_app, invite["link"])
    guest.do("chat", text="between you and me")
    host.wait_event("chat", own=False)
    for app in (guest, host):
        assert app.quit() == 0
        log = next(app.home.rglob("callapp.log")).read_text()
        told = log + "".join(event["text"] for event in app.events if event["event"] == "trace")
        for link in (invite["link"], invite["browser_link"]):
            assert link.partition("#")[2] not in told
        assert "between you and me" not in told


@pytest.fixture
def runtime_folder() -> Iterator[Path]:
    """A path short enough for a socket."""
    folder = tempfile.mkdtemp(prefix="ca-")
    yield Path(folder)
    shutil.rmtree(folder)


def test_a_link_opened_from_outside_goes_to_the_open_window_and_opens_no_device(
    start_app: StartApp, display: str, runtime_folder: Path
) -> None:
    host, invite = waiting_host(start_app)
    environment = {"DISPLAY": display, "XDG_RUNTIME_DIR": str(runtime_folder)}
    window = start_app(*PATTERN, *SILENT, environment=environment)
    window.wait_state(preview="off")

    def open_from_outside(link: str) -> int:
        command = [sys.executable, "-m", "callapp", link]
        inherited = {"HOME": str(window.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        return subprocess.run(
            command, cwd=ROOT, env=inherited | environment, timeout=60, check=False
        ).returncode

    assert open_from_outside(invite["link"]) == 0
    assert window.wait_event("invite")["link"] == invite["link"]
    window.wait_state(call="idle", preview="off", room="none")
    window.do("start")
    window.do("call")
    window.wait_state(call="connected")
    assert window.quit() == 0
    assert host.quit() == 0
