"""Two network namespaces joined by a veth pair or by the relay, with a signaling server both reach on 127.0.0.1.

Side A is 10.99.0.1, side B 10.99.0.2 and hosts the server. Needs root. Everything is removed at the end; what a
killed run left behind is removed by the next one.
"""

from __future__ import annotations

import enum
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.paths import BENCH, WORK, python_environment

SIGNALING_HOST, SIGNALING_PORT = "127.0.0.1", 8700

_PREFIX = "callbench"
_LISTENING_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 5.0


class Signaling(enum.Enum):
    """Which server the endpoints meet on."""

    CALLAPP = "signaling_server"
    PLAIN = "bench.room_server"


@dataclass(frozen=True)
class Side:
    """One end of the link."""

    name: str
    address: str

    @property
    def namespace(self) -> str:
        return f"{_PREFIX}-{os.getpid()}-{self.name}"

    def command(self, words: Sequence[str]) -> list[str]:
        """`words` as they run inside this side's network namespace."""
        return ["ip", "netns", "exec", self.namespace, *words]


A = Side("a", "10.99.0.1")
B = Side("b", "10.99.0.2")

PROFILES = {
    "free": "* rate=0 delay=0",
    "rtt40": "* rate=0 delay=20",
    "300k": "* rate=300000 queue=200 delay=10",
    "1m": "* rate=1000000 queue=200 delay=10",
    "2.5m": "* rate=2500000 queue=200 delay=10",
    "loss2": "* rate=2500000 queue=200 delay=20 loss=0.02",
    "loss5": "* rate=2500000 queue=200 delay=20 loss=0.05",
    "loss10": "* rate=2500000 queue=200 delay=20 loss=0.1",
    "jitter": "* rate=2500000 queue=200 delay=50 jitter=30",
}
"""Named links of the relay; the language is explained in relay.c."""


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def _remove_namespaces_of_ended_runs() -> None:
    for line in _run("ip", "netns", "list").splitlines():
        name = line.split()[0]
        prefix, _, rest = name.partition("-")
        pid = rest.partition("-")[0]
        if prefix == _PREFIX and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            _run("ip", "netns", "del", name)


def _build_relay() -> Path:
    source, program = BENCH / "relay.c", WORK / "relay"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        _run("gcc", "-O2", "-Wall", "-Wextra", "-o", str(program), str(source))
    return program


class Lab:
    """The arrangement of one run, as a context manager.

    `relay` is a control line of the relay (see PROFILES), or None for the bare veth pair. `signaling` None starts no
    server.
    """

    def __init__(self, signaling: Signaling | None, relay: str | None = None) -> None:
        self._signaling = signaling
        self._relay_line = relay
        self._device = "relay0" if relay else "link0"
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        if os.geteuid() != 0:
            raise PermissionError("the benchmark makes network namespaces: run it as root")
        WORK.mkdir(parents=True, exist_ok=True)
        (WORK / "logs").mkdir(exist_ok=True)
        _remove_namespaces_of_ended_runs()
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _build(self) -> None:
        for side in (A, B):
            _run("ip", "netns", "add", side.namespace)
            _run("ip", "-n", side.namespace, "link", "set", "lo", "up")
        if self._relay_line:
            relay = self._spawn(
                "relay", [str(_build_relay()), A.namespace, B.namespace, str(WORK / "relay.log")]
            )
            self._wait_for(relay, "relay", "ready")
            assert relay.stdin
            relay.stdin.write(self._relay_line + "\n")
            relay.stdin.flush()
        else:
            ends = (
                "link0",
                "netns",
                A.namespace,
                "type",
                "veth",
                "peer",
                "name",
                "link0",
                "netns",
                B.namespace,
            )
            _run("ip", "link", "add", *ends)
        for side in (A, B):
            inside = ("ip", "-n", side.namespace)
            _run(*inside, "addr", "add", f"{side.address}/24", "dev", self._device)
            _run(*inside, "link", "set", self._device, "up")
            _run(*inside, "route", "replace", "default", "dev", self._device)
        if self._signaling:
            self._start_signaling(self._signaling)

    def _start_signaling(self, signaling: Signaling) -> None:
        port = str(SIGNALING_PORT)
        where = [SIGNALING_HOST, port]
        arguments = ["--host", SIGNALING_HOST, "--port", port] if signaling is Signaling.CALLAPP else where
        python = [sys.executable, "-m"]
        jobs = [
            (B, "signaling", [*python, signaling.value, *arguments]),
            (B, "forward_b", [*python, "bench.forward", B.address, port, *where]),
            (A, "forward_a", [*python, "bench.forward", *where, B.address, port]),
        ]
        for side, name, command in jobs:
            self._wait_for(self._spawn(name, side.command(command)), name, "listening")

    def _spawn(self, name: str, command: list[str]) -> subprocess.Popen[str]:
        ends_with_us = ["setpriv", "--pdeathsig", "TERM", *command]  # even if this process is killed
        with self._log(name).open("w") as log:
            process = subprocess.Popen(
                ends_with_us,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                env=python_environment(),
            )
        self._processes.append(process)
        return process

    @staticmethod
    def _log(name: str) -> Path:
        return WORK / "logs" / f"{name}.log"

    def _wait_for(self, process: subprocess.Popen[str], name: str, word: str) -> None:
        deadline = time.monotonic() + _LISTENING_TIMEOUT_S
        while word not in (said := self._log(name).read_text()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {said.strip()[-500:]}")
            time.sleep(0.01)

    def sent_bytes(self, side: Side) -> int:
        """Bytes this side has put on the link so far, IP headers included."""
        counter = f"/sys/class/net/{self._device}/statistics/tx_bytes"
        return int(_run(*side.command(["cat", counter])))

    def close(self) -> None:
        """End the server, the forwarders and the relay; remove the namespaces."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        self._processes.clear()
        for side in (A, B):
            subprocess.run(["ip", "netns", "del", side.namespace], check=False, capture_output=True)
