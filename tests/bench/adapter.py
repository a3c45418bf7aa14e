"""The endpoint's side of the adapter protocol: every kind of endpoint looks the same to the benchmark.

JSON lines. First the adapter says `{"event":"ready","pid":PID,"ready_ms":N}` as soon as a person could use the
endpoint: PID is the root of the measured processes, N the time from their start (null: not measured). Then each
command is answered by `{"event":"done","result":...}` or `{"event":"error","message":...}`:

    start      open camera and microphone
    wait       be reachable for the other side's call
    call       press Call; the result is the moment of the press, Unix s
    hang_up    end the call
    drain      the pictures shown since the last drain: {"local":[...],"remote":[...]}, see `frames.Shown`
    grab       {"every_s":S}: from now on keep the luma of a remote picture every S seconds, see
               `grabs.grab_path`
    quit       (and the end of standard input) close everything
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench import frames
from bench.frames import Drained
from bench.lab import SIGNALING_HOST, SIGNALING_PORT

_LINE_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True)
class Options:
    """What the benchmark tells an adapter on its command line."""

    camera: Path
    width_px: int
    height_px: int
    room: str  # "" for a call inside one page; NAME#SECRET otherwise
    grab_directory: Path
    display: str

    @property
    def plain_url(self) -> str:
        """Where Chromium and bare aiortc meet; "" for a call inside one page."""
        name = self.room.partition("#")[0]
        return f"ws://{SIGNALING_HOST}:{SIGNALING_PORT}/{name}" if name else ""

    def as_arguments(self) -> list[str]:
        return [
            *("--camera", str(self.camera), "--width", str(self.width_px), "--height", str(self.height_px)),
            *("--room", self.room, "--grab-directory", str(self.grab_directory), "--display", self.display),
        ]


def parse_options() -> Options:
    """The inverse of Options.as_arguments, from sys.argv."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--camera", type=Path, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--height", type=int, required=True)
    parser.add_argument("--room", required=True)
    parser.add_argument("--grab-directory", type=Path, required=True)
    parser.add_argument("--display", required=True)
    given = parser.parse_args()
    return Options(given.camera, given.width, given.height, given.room, given.grab_directory, given.display)


@dataclass(frozen=True)
class Opened:
    """The measured process and how long it took until a person could use it."""

    pid: int
    ready_ms: float | None = None


class Adapter(Protocol):
    """One endpoint; the commands of the module's docstring."""

    async def open(self) -> Opened: ...
    async def start(self) -> None: ...
    async def wait(self) -> None: ...
    async def call(self) -> float: ...
    async def hang_up(self) -> None: ...
    async def drain(self) -> Drained: ...
    async def grab(self, every_s: float) -> None: ...
    async def close(self) -> None: ...


def _say(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)


async def _obey(adapter: Adapter, command: dict[str, Any]) -> Any:
    match command["command"]:
        case "start":
            return await adapter.start()
        case "wait":
            return await adapter.wait()
        case "call":
            return await adapter.call()
        case "hang_up":
            return await adapter.hang_up()
        case "drain":
            return frames.to_json(await adapter.drain())
        case "grab":
            return await adapter.grab(float(command["every_s"]))
        case other:
            raise ValueError(f"unknown command {other}")


async def run(adapter: Adapter) -> None:
    """Speak the protocol on standard input and output until `quit`."""
    try:
        opened = await adapter.open()
        _say({"event": "ready", "pid": opened.pid, "ready_ms": opened.ready_ms})
        lines = asyncio.StreamReader(limit=_LINE_LIMIT_BYTES)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            command = json.loads(line)
            if command["command"] == "quit":
                break
            try:
                _say({"event": "done", "result": await _obey(adapter, command)})
            except Exception as error:
                _say({"event": "error", "message": repr(error)})
    finally:
        await adapter.close()
