"""People at their sessions, whose pictures and voices are only pretended: what they say to each other is real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from callapp.call.states import Reason, State
from callapp.main.hosting import RoomSource
from callapp.media.specs import NONE, PATTERN, MediaSpec, SpecKind
from callapp.session.intents import OpenLink, PlaceCall, Start
from callapp.session.ports import Ended, Preferences, Report, TraceLine
from callapp.session.session import Session
from callapp.session.view import CallView, Room
from callapp.signaling.events import LinkEvent
from callapp.signaling.invite import Invite, ServerAddress
from callapp.signaling.link import Link
from rig.fake_engine import FakeEngine, FakeSeat

PATIENCE_S = 20.0


class Watched:
    """A Watcher with waiting."""

    def __init__(self) -> None:
        self.view = CallView()
        self.views: list[CallView] = []
        self.reports: list[Report] = []
        self._changed = asyncio.Event()

    def on_view(self, view: CallView) -> None:
        self.view = view
        self.views.append(view)
        self._changed.set()

    def on_report(self, report: Report) -> None:
        self.reports.append(report)
        self._changed.set()

    async def until(self, holds: Callable[[CallView], object]) -> CallView:
        async with asyncio.timeout(PATIENCE_S):
            while not holds(self.view):
                self._changed.clear()
                await self._changed.wait()
        return self.view

    async def ended(self, reason: Reason) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while Ended(reason) not in self.reports:
                self._changed.clear()
                await self._changed.wait()

    @property
    def trace(self) -> list[str]:
        return [report.text for report in self.reports if isinstance(report, TraceLine)]


class _Rooms(RoomSource):
    """Keeps the links that it made."""

    def __init__(self, server: ServerAddress | None) -> None:
        super().__init__(server)
        self.links: list[Link] = []

    def link(self, invite: Invite, post: Callable[[LinkEvent], None]) -> Link:
        link = Link(invite, post)
        self.links.append(link)
        return link


class Pretender:
    """A session with a fake engine. `certificate` names its certificate, that of another name by default."""

    def __init__(
        self, name: str, server: ServerAddress | None = None, *, certificate: str | None = None
    ) -> None:
        self.rooms = _Rooms(server)
        self.watched = Watched()
        preferences = Preferences(
            name=name, camera=PATTERN, microphone=MediaSpec(SpecKind.TONE), speaker=NONE, sounds=False
        )
        engine = FakeEngine(certificate or name)
        self.session = Session(engine=engine, rooms=self.rooms, preferences=preferences)
        self.session.watch(self.watched)

    @property
    def seat(self) -> FakeSeat:
        assert isinstance(self.session.seat, FakeSeat)
        return self.session.seat

    @property
    def view(self) -> CallView:
        return self.watched.view

    async def make_room(self) -> tuple[str, str]:
        """Start; the room's two links."""
        await self.session.perform(Start())
        invite = (await self.watched.until(lambda view: view.invite is not None)).invite
        assert invite is not None
        return invite.link, invite.browser_link

    async def wait_in_room(self) -> None:
        await self.session.perform(PlaceCall())
        await self.watched.until(lambda view: view.room is not Room.NONE)

    async def join(self, link: str) -> None:
        """By a link, up to the room."""
        await self.session.perform(OpenLink(link))
        await self.session.perform(Start())
        await self.wait_in_room()

    async def connected(self) -> CallView:
        return await self.watched.until(lambda view: view.call is State.CONNECTED)

    async def vanish(self) -> None:
        """Out of the room without a word to the other side."""
        for link in self.rooms.links:
            await link.close()

    async def close(self) -> None:
        await self.session.close()
        await self.rooms.close()


@asynccontextmanager
async def two_people(server: ServerAddress | None = None) -> AsyncIterator[tuple[Pretender, Pretender]]:
    """Mina, who makes rooms on `server` or on her own, and Jonas."""
    mina, jonas = Pretender("미나", server), Pretender("Jonas")
    try:
        yield mina, jonas
    finally:
        await mina.close()
        await jonas.close()
