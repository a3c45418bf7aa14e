"""A headless Chromium tab as endpoint, driven over the DevTools protocol. Needs no driver beyond websockets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import shutil
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from bench import adapter, frames
from bench.adapter import Opened, Options
from bench.frames import Drained
from bench.grabs import grab_path
from bench.paths import chromium

_PAGE = Path(__file__).with_name("page.html")
_START_TIMEOUT_S = 40.0
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.01
_HEADER_LIMIT_BYTES = 1 << 16

_SWITCHES = (
    "--headless",
    "--no-sandbox",  # the benchmark runs as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--autoplay-policy=no-user-gesture-required",
    # host candidates with addresses: there is no mDNS in the namespaces
    "--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter,OptimizationHints,Translate",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--window-size=1400,1100",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


class _Page:
    """The DevTools connection to the one tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self._connection:
            message = json.loads(text)
            waiting = self._waiting.pop(message.get("id", 0), None)
            if waiting:
                waiting.set_result(message)

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        identity = next(self._ids)
        self._waiting[identity] = answer = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps({"id": identity, "method": method, "params": parameters}))
        message = await answer
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        result: dict[str, Any] = message["result"]
        return result

    async def evaluate(self, script: str) -> Any:
        """The value of an expression; promises are awaited. Raises RuntimeError with the page's exception."""
        options = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        result = await self.send("Runtime.evaluate", expression=script, **options)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:500])
        return result["result"].get("value")

    async def close(self) -> None:
        self._reader.cancel()
        await self._connection.close()


class ChromiumEndpoint:
    """One browser process tree with one tab; without a room both peers live in the tab."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._profile = Path(tempfile.mkdtemp(prefix="bench-chromium-"))
        self._process: asyncio.subprocess.Process | None = None
        self._http: asyncio.Server | None = None
        self._page: _Page | None = None

    async def open(self) -> Opened:
        self._http = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEADER_LIMIT_BYTES)
        port = self._http.sockets[0].getsockname()[1]
        switches = [
            *_SWITCHES,
            f"--user-data-dir={self._profile}",
            f"--use-file-for-fake-video-capture={self._options.camera}",
        ]
        nowhere = asyncio.subprocess.DEVNULL
        url = f"http://127.0.0.1:{port}/"
        started_s = time.monotonic()
        self._process = await asyncio.create_subprocess_exec(
            chromium(), *switches, url, stdout=nowhere, stderr=nowhere
        )
        async with asyncio.timeout(_START_TIMEOUT_S):
            self._page = _Page(
                await connect(await self._tab_url(), max_size=None, ping_interval=None, proxy=None)
            )
            await self._page_loaded(self._page)
        return Opened(self._process.pid, (time.monotonic() - started_s) * 1e3)

    async def start(self) -> None:
        size = {"width": self._options.width_px, "height": self._options.height_px}
        await self._evaluate(f"endpoint.start({json.dumps({**size, 'url': self._options.plain_url})})")

    async def wait(self) -> None:
        """It answers whenever it is started."""

    async def call(self) -> float:
        return float(await self._evaluate("endpoint.call()"))

    async def hang_up(self) -> None:
        await self._evaluate("endpoint.hangUp()")

    async def drain(self) -> Drained:
        return frames.from_json(await self._evaluate("endpoint.drain()"))

    async def grab(self, every_s: float) -> None:
        await self._evaluate(f"void (endpoint.grabEveryMs = {every_s * 1e3})")

    async def close(self) -> None:
        if self._page:
            await self._page.close()
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_TIMEOUT_S)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._http:
            self._http.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    async def _evaluate(self, script: str) -> Any:
        if self._page is None:
            raise RuntimeError("not open")
        return await self._page.evaluate(script)

    async def _tab_url(self) -> str:
        """The DevTools address of the tab, once the browser has written its port and opened the tab."""
        port_file = self._profile / "DevToolsActivePort"
        while not (port_file.exists() and "\n" in port_file.read_text()):  # noqa: ASYNC110 (a file has no event)
            await asyncio.sleep(_POLL_S)
        list_url = f"http://127.0.0.1:{port_file.read_text().split()[0]}/json"
        while True:
            for tab in json.loads(await asyncio.to_thread(_fetch, list_url)):
                if tab["type"] == "page":
                    return str(tab["webSocketDebuggerUrl"])
            await asyncio.sleep(_POLL_S)

    @staticmethod
    async def _page_loaded(page: _Page) -> None:
        while not await page.evaluate("!!window.endpoint && document.readyState == 'complete'"):  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Just enough HTTP: the page on `/`, grabbed pictures by POST to `/grab`."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
                length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                url = urlparse(lines[0].split()[1])
                page = b""
                if url.path == "/":
                    page = _PAGE.read_bytes()
                elif url.path == "/grab":
                    self._keep({name: float(values[0]) for name, values in parse_qs(url.query).items()}, body)
                head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
                writer.write(head.encode() + page)
                await writer.drain()
        writer.close()

    def _keep(self, about: dict[str, float], body: bytes) -> None:
        width, height = int(about["width"]), int(about["height"])
        offset, stride = int(about["offset"]), int(about["stride"])
        plane = np.lib.stride_tricks.as_strided(
            np.frombuffer(body, np.uint8, offset=offset), (height, width), (stride, 1)
        )
        path = grab_path(
            self._options.grab_directory, int(about["counter"]), width, height, about["shown_ms"] / 1e3
        )
        np.ascontiguousarray(plane).tofile(path)


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:
        return bytes(response.read())


if __name__ == "__main__":
    asyncio.run(adapter.run(ChromiumEndpoint(adapter.parse_options())))
