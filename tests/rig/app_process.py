"""The app as a process of its own, driven by the control interface and nothing else."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

Event = dict[str, Any]
PATIENCE_S = 30.0
SILENT = ("--microphone", "tone", "--speaker", "none")
PATTERN = ("--camera", "pattern", "--size", "640x480")


class AppProcess:
    """`callapp --control ARGS`. Every event that came is kept in `events`, in order.

    `home` isolates settings and logs; `command` is another start than `python -m callapp` (the bundle).
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        home: Path,
        environment: dict[str, str] | None = None,
        command: Sequence[str] = (sys.executable, "-m", "callapp"),
        cwd: Path | None = None,
    ) -> None:
        self.events: list[Event] = []
        self._unclaimed: list[Event] = []
        self._queue: queue.Queue[Event | None] = queue.Queue()
        inherited = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DBUS_SESSION_BUS_ADDRESS")
            and not key.startswith(("XDG_", "PULSE_", "LANG", "LC_"))
        }
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.stderr_path = home / "stderr.log"
        with self.stderr_path.open("wb") as stderr:
            self.process = subprocess.Popen(
                [*command, "--control", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=cwd,
                env={**inherited, "HOME": str(home), "LANG": "C.UTF-8", **(environment or {})},
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    # ---- events

    def wait(self, wanted: Callable[[Event], bool], what: str, timeout_s: float = PATIENCE_S) -> Event:
        """The first event that no wait has had yet and for which `wanted` holds."""
        for event in self._unclaimed:
            if wanted(event):
                self._unclaimed.remove(event)
                return event
        end = time.monotonic() + timeout_s
        while True:
            try:
                new = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {what} within {timeout_s:.0f} s; {self.story()}") from None
            if new is None:
                raise AssertionError(f"the app ended before {what}; {self.story()}")
            if wanted(new):
                return new
            self._unclaimed.append(new)

    def wait_event(self, name: str, timeout_s: float = PATIENCE_S, **fields: Any) -> Event:
        """The first event `name` that no wait has had yet and whose fields are as given."""
        return self.wait(
            lambda event: event["event"] == name and all(event.get(k) == v for k, v in fields.items()),
            f"{name} {fields or ''}",
            timeout_s,
        )

    def wait_state(self, timeout_s: float = PATIENCE_S, **fields: str) -> None:
        """Until the present state is as given; it may be already."""
        end = time.monotonic() + timeout_s
        while True:
            states = [event for event in self.events if event["event"] == "state"]
            if states and all(states[-1][key] == value for key, value in fields.items()):
                return
            self.wait(lambda event: event["event"] == "state", f"state {fields}", end - time.monotonic())

    def wait_trace(self, text: str, timeout_s: float = PATIENCE_S) -> Event:
        """The next trace line that contains `text`."""
        return self.wait(
            lambda event: event["event"] == "trace" and text in event["text"], f"trace {text!r}", timeout_s
        )

    def story(self) -> str:
        """The last events and the end of stderr, for a failure message."""
        told = "\n".join(json.dumps(event)[:200] for event in self.events[-25:])
        stderr = self.stderr_path.read_text(errors="replace")[-3000:]
        return f"the last events:\n{told}\nstderr:\n{stderr}"

    # ---- commands

    def send(self, command: str, **fields: Any) -> None:
        self.send_line(json.dumps({"command": command, **fields}))

    def send_line(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def do(self, command: str, timeout_s: float = PATIENCE_S, **fields: Any) -> None:
        """A command and its `done`; an `error` fails the test."""
        self.send(command, **fields)
        answer = self.wait(
            lambda event: event["event"] in ("done", "error") and event["command"] == command,
            f"answer to {command}",
            timeout_s,
        )
        assert answer["event"] == "done", f"{command}: {answer}; {self.story()}"

    def refuse(self, command: str, **fields: Any) -> str:
        """A command and the code of its `error`."""
        self.send(command, **fields)
        answer = self.wait(
            lambda event: event["event"] in ("done", "error") and event["command"] == command,
            f"answer to {command}",
        )
        assert answer["event"] == "error", f"{command} was done; {self.story()}"
        code: str = answer["code"]
        return code

    # ---- its end

    def quit(self) -> int:
        """`quit`, its `done`, and the exit code."""
        self.do("quit", timeout_s=10)
        return self.process.wait(10)

    def kill(self) -> None:
        """kill -9"""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def close(self) -> None:
        """Whatever happened before: no process, pipe or thread is left."""
        if self.process.poll() is None:
            assert self.process.stdin is not None
            try:
                self.process.stdin.close()
                self.process.wait(10)
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what was written for a killed app
        self._reader.join(10)

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                event = json.loads(line)
                self.events.append(event)
                self._queue.put(event)
        except ValueError:
            pass  # closed under the reader, or no JSON: then what is waited for never comes
        self._queue.put(None)


class StartApp(Protocol):
    """Starts the app with `arguments`; it is ended with the test."""

    def __call__(
        self,
        *arguments: str,
        environment: dict[str, str] | None = None,
        command: Sequence[str] | None = None,
        home: Path | None = None,
    ) -> AppProcess: ...
