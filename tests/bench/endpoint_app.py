"""CallApp as endpoint: the whole app, window included, driven through its public control interface.

A picture counts as shown after the window's paint (--frame-tap). The app gets fresh settings, a window whose video
area is as large as the camera's picture, and a display of its own kind:

    offscreen  Qt's offscreen platform: the window paints, no display server takes the picture
    xvfb       a virtual X server of its own
    headless   no window; a picture counts as shown when it is delivered
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import adapter
from bench.adapter import Opened, Options
from bench.frame_ring import GRAB_DIRECTORY_VARIABLE, RING_VARIABLE, FrameRing
from bench.frames import Drained
from bench.lab import SIGNALING_HOST, SIGNALING_PORT
from bench.paths import REPO, python_environment

_COMMAND_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0
_LINE_LIMIT_BYTES = 1 << 20
_XVFB_SCREEN = "1920x1200x24"

Event = dict[str, Any]


class RefusedError(Exception):
    """The app answered a command with an error."""


class AppEndpoint:
    """One app process. It answers one command at a time."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._folder = Path(tempfile.mkdtemp(prefix="bench-app-"))
        self._ring = FrameRing(self._folder / "ring", create=True)
        self._process: asyncio.subprocess.Process | None = None
        self._xvfb: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._room = "none"
        self._first_state = asyncio.Event()
        self._answers: asyncio.Queue[Event] = asyncio.Queue(16)

    async def open(self) -> Opened:
        environment = {
            **python_environment(),
            RING_VARIABLE: str(self._folder / "ring"),
            GRAB_DIRECTORY_VARIABLE: str(self._options.grab_directory),
            **{
                f"XDG_{kind}_HOME": str(self._folder / kind.lower())
                for kind in ("CONFIG", "STATE", "CACHE", "DATA")
            },
        }
        match self._options.display:
            case "xvfb":
                environment |= {"DISPLAY": await self._start_xvfb(), "QT_QPA_PLATFORM": "xcb"}
            case "offscreen":
                environment["QT_QPA_PLATFORM"] = "offscreen"
        pipe = asyncio.subprocess.PIPE
        started_s = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            *self._command(), stdin=pipe, stdout=pipe, cwd=REPO, env=environment, limit=_LINE_LIMIT_BYTES
        )
        self._reader = asyncio.create_task(self._read_events(self._process))
        async with asyncio.timeout(_COMMAND_TIMEOUT_S):
            await self._first_state.wait()
        with contextlib.suppress(RefusedError):
            await self._perform(
                "hang_up"
            )  # there is nothing to hang up: the answer shows that input is served
        return Opened(self._process.pid, (time.monotonic() - started_s) * 1e3)

    async def start(self) -> None:
        await self._perform("start")

    async def wait(self) -> None:
        if self._room == "none":
            await self._perform("call")

    async def call(self) -> float:
        called_s = time.time()
        await self._perform("call")
        return called_s

    async def hang_up(self) -> None:
        await self._perform("hang_up")

    async def drain(self) -> Drained:
        return self._ring.take()

    async def grab(self, every_s: float) -> None:
        self._ring.grab_every_s = every_s

    async def close(self) -> None:
        if self._process:
            await self._end(self._process, "the app")
        if self._reader:
            self._reader.cancel()
        if self._xvfb:
            self._xvfb.terminate()
            await self._end(self._xvfb, "Xvfb")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _command(self) -> list[str]:
        size = f"{self._options.width_px}x{self._options.height_px}"
        view = ["--headless"] if self._options.display == "headless" else ["--window", size]
        room = ["--server", f"http://{SIGNALING_HOST}:{SIGNALING_PORT}", "--room", self._options.room]
        media = ["--camera", f"file:{self._options.camera}", "--microphone", "tone", "--speaker", "none"]
        tap = ["--frame-tap", "bench.frame_tap:tap"]
        return [sys.executable, "-m", "callapp", "--control", *view, *room, *media, "--size", size, *tap]

    async def _perform(self, command: str) -> None:
        """Send a command and wait for its answer. Raises RefusedError, and RuntimeError if the app has ended."""
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("not open")
        self._process.stdin.write(json.dumps({"command": command}).encode() + b"\n")
        async with asyncio.timeout(_COMMAND_TIMEOUT_S):
            answer = await self._answers.get()
        match answer["event"]:
            case "error":
                raise RefusedError(f"{command}: {answer}")
            case "ended":
                raise RuntimeError(f"{command}: the app has ended")

    async def _read_events(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        while line := await process.stdout.readline():
            event: Event = json.loads(line)
            match event["event"]:
                case "state":
                    self._room = event["room"]
                    self._first_state.set()
                case "done" | "error":
                    await self._answers.put(event)
        await self._answers.put({"event": "ended"})

    async def _start_xvfb(self) -> str:
        """Start an X server; returns its display."""
        read_end, write_end = os.pipe()
        self._xvfb = await asyncio.create_subprocess_exec(
            *("Xvfb", "-displayfd", str(write_end), "-screen", "0", _XVFB_SCREEN, "-nolisten", "tcp"),
            pass_fds=[write_end],
            stderr=asyncio.subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            number = await asyncio.to_thread(pipe.readline)
        if not number:
            raise RuntimeError("Xvfb did not start")
        return f":{number.strip()}"

    @staticmethod
    async def _end(process: asyncio.subprocess.Process, name: str) -> None:
        """End a process by closing its standard input, or by force."""
        if process.stdin:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT_S)
        except TimeoutError:
            print(f"{name} had to be killed", file=sys.stderr)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


if __name__ == "__main__":
    asyncio.run(adapter.run(AppEndpoint(adapter.parse_options())))
