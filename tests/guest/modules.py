"""The guest page for tests: a server that serves it, and Chromium with the page's modules at hand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from rig.chromium import ChromiumPage, chromium

from signaling_server.server import SignalingServer

SECRET = "AAECAwQFBgcICQoLDA0ODw"  # the bytes 0 to 15


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[SignalingServer]:
    """A server on loopback with the guest page."""
    server = SignalingServer()
    await server.start("127.0.0.1", 0, stun=False)
    try:
        yield server
    finally:
        await server.close()


@dataclass(frozen=True)
class Modules:
    """A page of the server from which modules can be imported."""

    page: ChromiumPage

    async def run(self, module: str, body: str, **values: Any) -> Any:
        """What the function `body` returns; `m` is the module, `v` the values."""
        return await self.page.evaluate(
            f"import('/guest/{module}.js').then(async (m) => {{ const v = {json.dumps(values)}; {body} }})"
        )


@contextlib.asynccontextmanager
async def modules() -> AsyncIterator[Modules]:
    """Chromium on a page of a server of its own."""
    async with served() as server, chromium() as browser:
        page = await browser.page()
        await page.open(f"http://127.0.0.1:{server.port}/")
        yield Modules(page)
