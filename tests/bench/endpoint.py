"""The benchmark's side of an endpoint: starts an adapter in a network namespace and speaks its protocol."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import frames, process_tree
from bench.adapter import Options
from bench.frames import Drained, Shown
from bench.lab import Side, Signaling
from bench.paths import BENCH, REPO, WORK, python_environment
from bench.process_tree import Memory

_READY_TIMEOUT_S = 60.0
_COMMAND_TIMEOUT_S = 60.0
_QUIT_TIMEOUT_S = 10.0
_LINE_LIMIT_BYTES = 1 << 28  # minutes of pictures in one drain


class Kind(enum.Enum):
    """What can take part in a call."""

    APP = "app"
    AIORTC = "aiortc"
    CHROMIUM = "chromium"

    @property
    def signaling(self) -> Signaling:
        return Signaling.CALLAPP if self is Kind.APP else Signaling.PLAIN


@dataclass(frozen=True)
class Pair:
    """Who calls whom; two of a kind, or one Chromium page that calls itself as in the codelab."""

    name: str
    title: str
    kind: Kind
    alone: bool = False


PAIRS = {
    pair.name: pair
    for pair in (
        Pair("app", "CallApp - CallApp", Kind.APP),
        Pair("aiortc", "bare aiortc - aiortc, no window", Kind.AIORTC),
        Pair("chromium", "Chromium - Chromium", Kind.CHROMIUM),
        Pair("codelab", "Chromium, both peers in one page (the codelab)", Kind.CHROMIUM, alone=True),
    )
}


class Endpoint:
    """One side of a call. `ready_ms`: from the start of the measured process to a usable endpoint, where known."""

    def __init__(self, kind: Kind, side: Side, options: Options) -> None:
        self._kind = kind
        self._side = side
        self._options = options
        self._process: asyncio.subprocess.Process | None = None
        self._pid = 0
        self.ready_ms: float | None = None
        self.shown = Drained([], [])

    @property
    def kind(self) -> Kind:
        return self._kind

    async def open(self) -> None:
        """Start the adapter; returns when a person could use the endpoint."""
        module = f"bench.endpoint_{self._kind.value}"
        command = [sys.executable, "-m", module, *self._options.as_arguments()]
        pipe = asyncio.subprocess.PIPE
        with self._log.open("w") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._side.command(command),
                stdin=pipe,
                stdout=pipe,
                stderr=log,
                limit=_LINE_LIMIT_BYTES,
                cwd=BENCH,
                env=python_environment(),
            )
        ready = await self._next_line(_READY_TIMEOUT_S)
        self._pid = int(ready["pid"])
        self.ready_ms = ready["ready_ms"]

    async def command(self, name: str, **fields: Any) -> Any:
        """Raises RuntimeError with the endpoint's words if it could not."""
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"command": name, **fields}).encode() + b"\n")
        answer = await self._next_line(_COMMAND_TIMEOUT_S)
        if answer["event"] != "done":
            raise RuntimeError(f"{self._kind.value} {name}: {answer}")
        return answer["result"]

    async def drain(self) -> Drained:
        """Everything shown since open()."""
        more = frames.from_json(await self.command("drain"))
        self.shown.local.extend(more.local)
        self.shown.remote.extend(more.remote)
        return self.shown

    async def first_remote_since(self, since_s: float, timeout_s: float) -> Shown | None:
        """The first remote picture shown after this moment; asked for rarely, since asking disturbs the endpoint."""
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            found = next((shown for shown in (await self.drain()).remote if shown.shown_s >= since_s), None)
            if found:
                return found
            await asyncio.sleep(0.25)
        return None

    def cpu_s(self) -> float:
        return process_tree.cpu_s(self._pid)

    def memory(self) -> Memory:
        return process_tree.memory(self._pid)

    async def close(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        assert process.stdin
        with contextlib.suppress(ConnectionError):
            process.stdin.write(b'{"command":"quit"}\n')
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _QUIT_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()

    @property
    def _log(self) -> Path:
        return WORK / "logs" / f"endpoint_{self._side.name}.log"

    def _last_words(self) -> str:
        lines = self._log.read_text().strip().splitlines()
        return f"{lines[-1] if lines else 'without a word'} (see {self._log.relative_to(REPO)})"

    async def _next_line(self, timeout_s: float) -> dict[str, Any]:
        assert self._process
        assert self._process.stdout
        async with asyncio.timeout(timeout_s):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._kind.value} ended: {self._last_words()}")
        message: dict[str, Any] = json.loads(line)
        return message
