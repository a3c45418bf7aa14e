"""Real browsers, driven by what they speak themselves: Chromium by the DevTools protocol, Firefox by WebDriver BiDi.

Both have fake cameras and microphones and ask nobody for permission. No driver is needed beyond websockets.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rig.components import require

PATIENCE_S = 30.0
_START_S = 40.0
_STOP_S = 5.0

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

_FIREFOX_PREFERENCES: Mapping[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.enabled": False,
}


class PageError(AssertionError):
    """The page threw; the text is its own."""


class Page(Protocol):
    """One tab, as a test sees it."""

    async def open(self, url: str) -> None:
        """Go there, and wait until it is loaded."""
        ...

    async def evaluate(self, script: str) -> Any:
        """The value of an expression; promises are awaited. Raises PageError."""
        ...

    async def click(self, element_id: str) -> None:
        """A real click on the middle of an element: it counts as a person's."""
        ...

    async def before_load(self, script: str) -> None:
        """Run `script` in every document of this tab before its own scripts."""
        ...

    async def close(self) -> None:
        """Close the tab, as a person does."""
        ...


async def until(page: Page, condition: str, timeout_s: float = PATIENCE_S) -> None:
    """Returns once the expression `condition` holds in the page; fails with what the page shows then."""
    wait = f"""new Promise((resolve) => {{
        const end = performance.now() + {timeout_s * 1000};
        const look = () => {{
            let holds = false;
            try {{ holds = Boolean({condition}); }} catch {{}}
            if (holds || performance.now() > end) resolve(holds);
            else setTimeout(look, 20);
        }};
        look();
    }})"""
    if not await page.evaluate(wait):
        story = await page.evaluate(
            "[document.getElementById('state')?.textContent, document.getElementById('banner')?.innerText,"
            " document.getElementById('logText')?.textContent.slice(-2500)].join('\\n')"
        )
        raise AssertionError(f"not within {timeout_s:.0f} s: {condition}\nthe page shows: {story}")


# ---- Chromium


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
        x, y = await self.evaluate(_MIDDLE % json.dumps(element_id))
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
        await _end(self._process)
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
        await _end(process)
        shutil.rmtree(profile, ignore_errors=True)


async def _devtools_port(file: Path, process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(_START_S):
        while not (text := _written(file)):
            assert process.returncode is None, "chromium has ended"
            await asyncio.sleep(0.02)
    return text.split()[0]


def _written(file: Path) -> str:
    """What is in a file that is written as a whole; "" before."""
    text = file.read_text() if file.exists() else ""
    return text if "\n" in text else ""


# ---- Firefox


class FirefoxPage:
    """One tab of Firefox."""

    def __init__(self, browser: Firefox, context: str) -> None:
        self._browser = browser
        self._context = context

    async def open(self, url: str) -> None:
        await self._browser.send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, script: str) -> Any:
        result = await self._browser.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({script})))()",
            target={"context": self._context},
            awaitPromise=True,
        )
        if result["type"] == "exception":
            raise PageError(result["exceptionDetails"]["text"])
        value = result["result"]
        return json.loads(value["value"]) if value["type"] == "string" else None

    async def click(self, element_id: str) -> None:
        x, y = await self.evaluate(_MIDDLE % json.dumps(element_id))
        await self._browser.send(
            "input.performActions",
            context=self._context,
            actions=[
                {
                    "type": "pointer",
                    "id": "mouse",
                    "actions": [
                        {"type": "pointerMove", "x": round(x), "y": round(y)},
                        {"type": "pointerDown", "button": 0},
                        {"type": "pointerUp", "button": 0},
                    ],
                }
            ],
        )

    async def before_load(self, script: str) -> None:
        """Run `script` in every document of this tab before its own scripts."""
        await self._browser.send(
            "script.addPreloadScript",
            functionDeclaration=f"() => {{ {script} }}",
            contexts=[self._context],
        )

    async def close(self) -> None:
        await self._browser.send("browsingContext.close", context=self._context)


class Firefox:
    """A Firefox process with a profile of its own, and a BiDi session with it. Use `firefox()`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self._connection:
                message = json.loads(text)
                waiting = self._waiting.pop(message.get("id"), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
        for waiting in self._waiting.values():
            waiting.cancel()

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._waiting[number] = answer = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        async with asyncio.timeout(2 * PATIENCE_S):
            message = await answer
        if message["type"] == "error":
            raise PageError(f"{message['error']}: {message['message'][:300]}")
        result: dict[str, Any] = message["result"]
        return result

    async def page(self) -> FirefoxPage:
        """Another tab, empty, in a window of its own."""
        created = await self.send("browsingContext.create", type="window")
        return FirefoxPage(self, created["context"])

    async def close(self) -> None:
        with contextlib.suppress(PageError, ConnectionClosed, asyncio.CancelledError, TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await self.send("browser.close")
        await self._connection.close()
        self._reader.cancel()
        await asyncio.wait([self._reader])


@contextlib.asynccontextmanager
async def firefox(
    preferences: Mapping[str, bool | int | str] | None = None, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Firefox]:
    """A headless Firefox; `preferences` in the form of about:config, `environment` for its process."""
    program = require("firefox-esr", "firefox-esr")
    profile = Path(tempfile.mkdtemp(prefix="callapp-firefox-"))
    wanted = {**_FIREFOX_PREFERENCES, **(preferences or {})}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items())
    (profile / "user.js").write_text("".join(lines))
    process = await asyncio.create_subprocess_exec(
        program,
        "--headless",
        "--no-remote",
        "--profile",
        str(profile),
        "--remote-debugging-port",
        "0",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1", **(environment or {})},
        start_new_session=True,
    )
    drain: asyncio.Task[None] | None = None
    try:
        url = await _bidi_url(process)
        drain = asyncio.create_task(_drain(process))
        browser = Firefox(await connect(f"{url}/session", max_size=None, ping_interval=None, proxy=None))
        try:
            await browser.send("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
            yield browser
        finally:
            await browser.close()
    finally:
        await _end(process)
        if drain is not None:
            await asyncio.wait([drain])
        shutil.rmtree(profile, ignore_errors=True)


async def _bidi_url(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(_START_S):
        while line := await process.stderr.readline():
            if match := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
                return match[1].decode()
    raise AssertionError("firefox has ended")


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    while await process.stderr.readline():
        pass


# ---- both

_MIDDLE = """((id) => {
    const box = document.getElementById(id).getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
})(%s)"""


async def _end(process: asyncio.subprocess.Process) -> None:
    """Wait for a process that was told to end; a group that does not is killed."""
    if process.returncode is None:
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
