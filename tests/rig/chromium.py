"""Headless Chromium, driven by the DevTools protocol. It has a fake camera and asks nobody for permission."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rig.browser import MIDDLE, PATIENCE_S, START_S, PageError, end
from rig.components import require

_CHROMIUM_SWITCHES = (
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--autoplay-policy=user-gesture-required",  # as for a person
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--disable-background-timer-throttling",  # several windows, none in front
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--use-fake-ui-for-media-stream",
)
FAKE_DEVICES = ("--use-fake-device-for-media-stream",)


class _Tab:
    """A DevTools connection to one tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.errors: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self._connection:
                message = json.loads(text)
                if "id" in message:
                    waiting = self._waiting.pop(message["id"], None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(message)
                elif message["method"] == "Page.loadEventFired":
                    self._loaded.set()
                else:
                    self._note(message["method"], message["params"])
        for waiting in self._waiting.values():
            waiting.cancel()

    def _note(self, method: str, parameters: dict[str, Any]) -> None:
        """Keep what the page complains of: exceptions nobody caught, refused resources, broken policies."""
        if method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            entry = parameters["entry"]
            self.errors.append(f"{entry['text']} ({entry.get('url', '')})")

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._waiting[number] = answer = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(2 * PATIENCE_S):
            message = await answer
        if "error" in message:
            raise PageError(f"{method}: {message['error']}")
        result: dict[str, Any] = message["result"]
        return result

    async def load(self, url: str) -> None:
        self._loaded.clear()
        await self.send("Page.navigate", url=url)
        async with asyncio.timeout(PATIENCE_S):
            await self._loaded.wait()

    async def disconnect(self) -> None:
        await self._connection.close()
        self._reader.cancel()
        await asyncio.wait([self._reader])


class ChromiumPage:
    """One tab of Chromium. `errors` collects what its console complains of."""

    def __init__(self, tab: _Tab, target_id: str) -> None:
        self._tab = tab
        self._target_id = target_id

    @property
    def errors(self) -> list[str]:
        return self._tab.errors

    async def open(self, url: str) -> None:
        await self._tab.load(url)

    async def evaluate(self, script: str) -> Any:
        options = {"awaitPromise": True, "returnByValue": True}
        result = await self._tab.send("Runtime.evaluate", expression=script, **options)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    async def click(self, element_id: str) -> None:
        x, y = await self.evaluate(MIDDLE % json.dumps(element_id))
        for kind in ("mousePressed", "mouseReleased"):
            await self._tab.send(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, buttons=1
            )

    async def key(self, key: str, code: str) -> None:
        """Press and release one key that types `key`."""
        for kind in ("keyDown", "keyUp"):
            await self._tab.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=code,
                text=key if kind == "keyDown" and len(key) == 1 else "",
            )

    async def type_text(self, text: str) -> None:
        """Insert `text` where the focus is, as an input method does."""
        await self._tab.send("Input.insertText", text=text)

    async def emulate(
        self, width_px: int, height_px: int, *, mobile: bool = False, dark: bool | None = None
    ) -> None:
        """Another window size; `mobile` a phone, `dark` the system's colours."""
        scale = 2 if mobile else 1
        await self._tab.send(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=scale,
            mobile=mobile,
        )
        if dark is not None:
            scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
            await self._tab.send("Emulation.setEmulatedMedia", features=[scheme])

    async def screenshot(self, path: Path) -> None:
        """Save what the page shows as a PNG file."""
        result = await self._tab.send("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(result["data"]))

    async def before_load(self, script: str) -> None:
        """Run `script` in every document of this tab before its own scripts."""
        await self._tab.send("Page.addScriptToEvaluateOnNewDocument", source=script)

    async def close(self) -> None:
        with contextlib.suppress(PageError, ConnectionClosed, asyncio.CancelledError):
            await self._tab.send("Page.close")
        await self._tab.disconnect()


class Chromium:
    """A Chromium process with a profile of its own. Use `chromium()`."""

    def __init__(self, process: asyncio.subprocess.Process, profile: Path, address: str) -> None:
        self._process = process
        self._profile = profile
        self._address = address
        self._pages: list[ChromiumPage] = []
        self._browser: _Tab | None = None

    async def page(self) -> ChromiumPage:
        """Another tab, empty, in a window of its own."""
        if self._browser is None:
            self._browser = await self._connect(self._browser_path)
        target = await self._browser.send("Target.createTarget", url="about:blank", newWindow=True)
        tab = await self._connect(f"/devtools/page/{target['targetId']}")
        for domain in ("Page", "Runtime", "Log"):
            await tab.send(f"{domain}.enable")
        page = ChromiumPage(tab, target["targetId"])
        self._pages.append(page)
        return page

    @property
    def _browser_path(self) -> str:
        return (self._profile / "DevToolsActivePort").read_text().split()[1]

    async def _connect(self, path: str) -> _Tab:
        url = f"ws://{self._address}{path}"
        return _Tab(await connect(url, max_size=None, ping_interval=None, proxy=None))

    async def close(self) -> None:
        """Whatever happened before: no process, no task, no profile is left."""
        for page in self._pages:
            await page._tab.disconnect()
        if self._browser is not None:
            with contextlib.suppress(PageError, ConnectionClosed, asyncio.CancelledError):
                await self._browser.send("Browser.close")
            await self._browser.disconnect()
        await end(self._process)
        shutil.rmtree(self._profile, ignore_errors=True)


@contextlib.asynccontextmanager
async def chromium(
    *switches: str, devices: Sequence[str] = FAKE_DEVICES, language: str = "en-US"
) -> AsyncIterator[Chromium]:
    """A headless Chromium; `devices` are the switches for its camera and microphone."""
    program = require("chromium", "chromium")
    profile = Path(tempfile.mkdtemp(prefix="callapp-chromium-"))
    process = await asyncio.create_subprocess_exec(
        program,
        *_CHROMIUM_SWITCHES,
        *devices,
        *switches,
        f"--lang={language}",
        f"--accept-lang={language}",
        f"--user-data-dir={profile}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(profile), "LANGUAGE": language},
        start_new_session=True,
    )
    try:
        port = await _devtools_port(profile / "DevToolsActivePort", process)
        browser = Chromium(process, profile, f"127.0.0.1:{port}")
        try:
            yield browser
        finally:
            await browser.close()
    finally:
        await end(process)
        shutil.rmtree(profile, ignore_errors=True)


async def _devtools_port(file: Path, process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(START_S):
        while not (text := _written(file)):
            assert process.returncode is None, "chromium has ended"
            await asyncio.sleep(0.02)
    return text.split()[0]


def _written(file: Path) -> str:
    """What is in a file that is written as a whole; "" before."""
    text = file.read_text() if file.exists() else ""
    return text if "\n" in text else ""
