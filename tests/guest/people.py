"""Somebody with the guest page open, as tests see them: what they press and what they are shown."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from guest.modules import SECRET, served
from rig.browser import Page, until
from rig.chromium import ChromiumPage, chromium

from signaling_server.server import SignalingServer

ROOM = "abcdefghijklmnop"


@dataclass(frozen=True)
class Person:
    """One tab with the page."""

    page: Page

    async def open(self, link: str) -> None:
        await self.page.open(link)
        await self.sees("!app.hidden && state.textContent !== ''")

    async def start(self) -> None:
        await self.sees("!startButton.disabled")
        await self.page.click("startButton")
        await self.sees("!callButton.disabled")

    async def call(self) -> None:
        await self.sees("!callButton.disabled")
        await self.page.click("callButton")

    async def hang_up(self) -> None:
        await self.page.click("hangupButton")

    async def press(self, element_id: str) -> None:
        await self.page.click(element_id)

    async def act(self, action: str) -> None:
        """Press a button of the banner."""
        selector = f'#banner [data-action="{action}"]'
        await self.sees(f"document.querySelector({json.dumps(selector)}) !== null")
        await self.page.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    async def sees(self, condition: str) -> None:
        await until(self.page, condition)

    async def is_in_call(self) -> None:
        await self.sees("document.body.dataset.call === 'connected'")
        await self.sees("logText.textContent.includes('Setup time: ')")

    async def is_told(self, text: str) -> None:
        """A banner whose words contain `text`."""
        await self.sees(f"!banner.hidden && banner.textContent.includes({json.dumps(text)})")

    async def buttons(self) -> list[bool]:
        """Which of Start, Call, Hang Up can be pressed."""
        enabled = await self.page.evaluate("[startButton, callButton, hangupButton].map((b) => !b.disabled)")
        assert isinstance(enabled, list)
        return enabled


@dataclass(frozen=True)
class Two:
    """Two people in windows of their own, with the same link, before they press anything."""

    one: Person
    other: Person
    link: str
    server: SignalingServer

    async def meet(self) -> None:
        """Both start and call; `other` comes second."""
        for person in (self.one, self.other):
            await person.start()
            await person.call()
        for person in (self.one, self.other):
            await person.is_in_call()


@contextlib.asynccontextmanager
async def two_people(*, before: str = "", language: str = "en-US") -> AsyncIterator[Two]:
    """`before` is run in both pages ahead of their own scripts. Fails if a page complains in its console."""
    async with served() as server, chromium(language=language) as browser:
        link = f"http://127.0.0.1:{server.port}/{ROOM}#{SECRET}"
        pages: list[ChromiumPage] = [await browser.page(), await browser.page()]
        people = [Person(page) for page in pages]
        for page, person in zip(pages, people, strict=True):
            if before:
                await page.before_load(before)
            await person.open(link)
        yield Two(people[0], people[1], link, server)
        complaints = [
            error for page in pages for error in page.errors if "/ws" not in error
        ]  # a lost server is one
        assert not complaints, f"the page complains: {complaints}"
