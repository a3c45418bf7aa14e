"""Headless Firefox, driven by WebDriver BiDi. It has a fake camera and asks nobody for permission."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rig.browser import MIDDLE, PATIENCE_S, START_S, STOP_S, PageError, end
from rig.components import require

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
        x, y = await self.evaluate(MIDDLE % json.dumps(element_id))
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
            async with asyncio.timeout(STOP_S):
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
        await end(process)
        if drain is not None:
            await asyncio.wait([drain])
        shutil.rmtree(profile, ignore_errors=True)


async def _bidi_url(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(START_S):
        while line := await process.stderr.readline():
            if match := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
                return match[1].decode()
    raise AssertionError("firefox has ended")


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    while await process.stderr.readline():
        pass
