"""The servers that are compared: how each is started, and who talks to it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.paths import REPO, WORK
from bench.signaling.client import CallAppClient, Client, PeerJsClient, SocketIoClient

HERE = Path(__file__).resolve().parent
FOLDER = WORK / "signaling"
SERVER_CORE = "0"
_NO_RATE = str(10**8)  # a pair relays some thousand descriptions a second here, a call forty in all


@dataclass(frozen=True)
class Contestant:
    """A server. `arguments` follow the interpreter; PORT and FOLDER stand for what they say."""

    title: str
    program: str
    arguments: tuple[str, ...]
    client: type[Client]
    tls: bool = False

    def command(self, port: int) -> list[str]:
        words = {"PORT": str(port), "FOLDER": str(FOLDER)}
        program = shutil.which(self.program) or self.program
        return ["taskset", "-c", SERVER_CORE, program, *(words.get(word, word) for word in self.arguments)]


_CALLAPP = (
    *("-m", "signaling_server", "--port", "PORT", "--max-connections", "20000", "--max-rooms", "10000"),
    *("--message-rate-per-s", _NO_RATE, "--message-burst", _NO_RATE, "--outbox-bytes", "1000000"),
)
CONTESTANTS = {
    "callapp": Contestant("CallApp", sys.executable, _CALLAPP, CallAppClient),
    "socket.io": Contestant("socket.io", "node", (str(HERE / "socketio.js"), "PORT"), SocketIoClient),
    "peerjs": Contestant("PeerJS server", "node", (str(HERE / "peerjs.js"), "PORT"), PeerJsClient),
    "callapp-tls": Contestant(
        "CallApp, TLS",
        sys.executable,
        (*_CALLAPP, "--cert", "server-certificate.pem", "--key", "server-key.pem"),
        CallAppClient,
        tls=True,
    ),
}


def install() -> None:
    """npm's packages, once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = (HERE / "package.json").read_text()
    stamp = FOLDER / "installed.json"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.copy(HERE / "package.json", FOLDER)
    npm = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--omit=dev", "--silent"]
    subprocess.run(npm, cwd=FOLDER, check=True)
    stamp.write_text(wanted)


def versions() -> list[str]:
    """Of everything that is compared."""
    found = []
    for name in ("socket.io", "peer", "ws"):
        manifest = FOLDER / "node_modules" / name / "package.json"
        version = manifest.read_text().partition('"version":')[2].split('"')[1]
        found.append(f"{name} {version}")
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return [*found, f"Node.js {node}"]


@contextlib.contextmanager
def running(contestant: Contestant, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server's process, listening."""
    environment = dict(os.environ)
    environment["NODE_PATH"] = str(FOLDER / "node_modules")
    environment["NODE_ENV"] = "production"
    environment["PYTHONPATH"] = os.pathsep.join([str(REPO), environment.get("PYTHONPATH", "")])
    with (FOLDER / "server.log").open("wb") as log:
        process = subprocess.Popen(
            contestant.command(port), cwd=FOLDER, env=environment, stdout=subprocess.PIPE, stderr=log
        )
        try:
            _wait_until_ready(process.stdout or ())
            yield process
        finally:
            process.kill()
            process.communicate()


def _wait_until_ready(output: Sequence[bytes] | Iterator[bytes]) -> None:
    for line in output:
        if line.startswith((b"ready", b"server is listening")):
            return
    raise RuntimeError(f"the server did not start; see {FOLDER / 'server.log'}")
