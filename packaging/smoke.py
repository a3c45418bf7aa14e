"""Prove that a bundle works where there is nothing but a home folder: make a call with itself through it.

Usage: python packaging/smoke.py PROGRAM

Starts PROGRAM twice with an empty environment, once without a window and once with it (on a display of its own if
Xvfb is there, else on Qt's offscreen platform), drives it through the control interface (docs/control.md), and
requires a connected loopback call, a clean `quit` and no traceback. Standard library only: what is tested is the
bundle, not the environment that built it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

CALL_S = 60.0  # bounds of failure: a loaded machine may take long, a working bundle takes a second
QUIT_S = 15.0
OPTIONS = [
    "--loopback",
    "--control",
    "--camera",
    "pattern",
    "--microphone",
    "tone",
    "--speaker",
    "none",
    "--start",
    "--call",
]


class SmokeError(Exception):
    """The bundle does not work; the text says how far it came."""


def bare_environment(home: Path, display: str | None) -> dict[str, str]:
    """All that the program gets to see of the machine's environment."""
    environment = {"HOME": str(home)}
    if display:
        environment["DISPLAY"] = display
    return environment


@contextlib.contextmanager
def own_display() -> Iterator[str | None]:
    """A display that ends with the block; None where there is no Xvfb."""
    if not shutil.which("Xvfb"):
        yield None
        return
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end, encoding="ascii") as numbers:
            number = (
                numbers.readline().strip()
            )  # Xvfb writes it once it is ready; nothing if it could not start
        if not number:
            raise SmokeError("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


class Events:
    """The events that a program prints, readable with a deadline."""

    def __init__(self, stream: IO[str]) -> None:
        self.seen: list[dict[str, Any]] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=[stream], daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put("")

    def wait_for(self, timeout_s: float, **fields: str) -> dict[str, Any]:
        """The next event that has all of `fields`.

        Raises:
            SmokeError: it did not come, an error came first, or a line was no event.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
                event = json.loads(line) if line else {"event": "end of output"}
            except (queue.Empty, ValueError) as error:
                raise SmokeError(f"no event {fields}: {error!r} after {self.seen}") from error
            self.seen.append(event)
            if event.items() >= fields.items():
                return dict(event)
            if event["event"] in {"error", "end of output"}:
                raise SmokeError(f"no event {fields}: {event} after {self.seen}")


def call_itself(program: Path, options: list[str], display: str | None) -> float:
    """Run one loopback call through `program`; returns its set-up time in ms.

    Raises:
        SmokeError: anything but a connected call and a clean end.
    """
    with (
        tempfile.TemporaryDirectory() as home,
        (Path(home) / "stderr").open("w+", encoding="utf-8") as errors,
    ):
        process = subprocess.Popen(
            [program, *options],
            env=bare_environment(Path(home), display),
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            events = Events(process.stdout)
            setup_time_ms = float(events.wait_for(CALL_S, event="setup_time_ms")["value"])
            process.stdin.write('{"command": "quit"}\n')
            process.stdin.flush()
            events.wait_for(QUIT_S, event="done", command="quit")
            exit_code = process.wait(QUIT_S)
        except (SmokeError, OSError, subprocess.TimeoutExpired) as error:
            errors.seek(0)
            raise SmokeError(f"{error}\nIts stderr:\n{errors.read()}") from error
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
        errors.seek(0)
        said = errors.read()
        if exit_code != 0 or "Traceback" in said:
            raise SmokeError(f"exit code {exit_code}; its stderr:\n{said}")
        return setup_time_ms


def main() -> None:
    """Run both calls; exit code 1 and the reason if one fails."""
    if len(sys.argv) != 2:
        raise SystemExit(f"Usage: {sys.argv[0]} PROGRAM")
    program = Path(sys.argv[1]).resolve()
    try:
        headless_ms = call_itself(program, ["--headless", *OPTIONS], None)
        print(f"The bundle called itself without a window; set-up time {headless_ms:.0f} ms.")
        with own_display() as display:
            window_ms = call_itself(program, OPTIONS, display)
        where = "on a display" if display else "offscreen"
        print(f"The bundle called itself in its window {where}; set-up time {window_ms:.0f} ms.")
    except SmokeError as error:
        raise SystemExit(f"The bundle does not work: {error}") from error


if __name__ == "__main__":
    main()
