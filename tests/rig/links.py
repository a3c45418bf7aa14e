"""Links to a signaling server that remember what they post."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from callapp.errors import SignalingError
from callapp.signaling.events import Failed, Joined, LinkEvent, PeerJoined, Proved
from callapp.signaling.invite import Invite, LinkKind, Secret, ServerAddress
from callapp.signaling.link import Link
from signaling_server.limits import Limits
from signaling_server.server import SignalingServer

PATIENCE_S = 30.0
ROOM = "room"
SECRET = Secret(bytes(range(16)))
PEER = "b" * 32


def invite_for(port: int, secret: Secret = SECRET, browser_secret: Secret | None = None) -> Invite:
    return Invite(ServerAddress("127.0.0.1", port), ROOM, secret, browser_secret)


class Ears:
    """A link, and what it posts, in order; which links its peers have proved is kept apart."""

    def __init__(self, invite: Invite) -> None:
        self._events: asyncio.Queue[LinkEvent] = asyncio.Queue()
        self.proved: list[LinkKind] = []
        self.link = Link(invite, self._hear)

    def _hear(self, event: LinkEvent) -> None:
        if isinstance(event, Proved):
            self.proved.append(event.kind)
        else:
            self._events.put_nowait(event)

    async def next(self) -> LinkEvent:
        async with asyncio.timeout(PATIENCE_S):
            return await self._events.get()

    async def until(self, *wanted: LinkEvent) -> LinkEvent:
        """The first of the `wanted` events; what came before it is forgotten."""
        while (event := await self.next()) not in wanted:
            pass
        return event

    async def failed(self) -> SignalingError:
        event = await self.next()
        assert isinstance(event, Failed)
        return event.error

    @property
    def silent(self) -> bool:
        return self._events.empty()


@asynccontextmanager
async def linked(invite: Invite) -> AsyncIterator[Ears]:
    ears = Ears(invite)
    ears.link.open()
    try:
        yield ears
    finally:
        await ears.link.close()


@asynccontextmanager
async def serving(port: int = 0, **limits: Any) -> AsyncIterator[SignalingServer]:
    """A server on a real socket; `limits` are fields of Limits."""
    server = SignalingServer(Limits(**limits))
    await server.start(port=port)
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield server
    finally:
        await server.close()


@asynccontextmanager
async def two_in_a_room(port: int) -> AsyncIterator[tuple[Ears, Ears]]:
    async with linked(invite_for(port)) as alice:
        assert await alice.next() == Joined(peer_present=False)
        async with linked(invite_for(port)) as bob:
            assert await bob.next() == Joined(peer_present=True)
            assert await alice.next() == PeerJoined()
            yield alice, bob
