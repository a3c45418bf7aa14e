"""What every real browser of the tests has in common: a page to look at and to press."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Any, Protocol

PATIENCE_S = 30.0
START_S = 40.0
STOP_S = 5.0


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


MIDDLE = """((id) => {
    const box = document.getElementById(id).getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
})(%s)"""


async def end(process: asyncio.subprocess.Process) -> None:
    """Wait for a process that was told to end; a group that does not is killed."""
    if process.returncode is None:
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
