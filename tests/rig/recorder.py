"""A relay between a client and a signaling server that keeps everything that passes: what the server gets to see."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from signaling_server.wire import PATH


class Recording:
    """Every frame of every connection, both ways, and what the clients asked for in HTTP."""

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.requests: list[str] = []

    @property
    def text(self) -> str:
        """All of it, and what base64 in it stands for."""
        return "\n".join([*self.requests, *self.frames, *self._decoded()])

    def _decoded(self) -> list[str]:
        words = re.findall(r"[A-Za-z0-9_-]{8,}", "\n".join(self.frames))
        return [base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("utf-8", "replace") for word in words
                if len(word) % 4 != 1]  # fmt: skip


@asynccontextmanager
async def recorded(port: int) -> AsyncIterator[tuple[int, Recording]]:
    """A relay to the server on 127.0.0.1:`port`; yields its own port."""
    recording = Recording()

    async def handle(client: ServerConnection) -> None:
        assert client.request is not None
        recording.requests += [client.request.path, str(client.request.headers)]
        async with connect(f"ws://127.0.0.1:{port}{PATH}", compression=None, proxy=None) as server:
            ways = [asyncio.create_task(pump(client, server)), asyncio.create_task(pump(server, client))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def pump(source: Connection, sink: Connection) -> None:
        with suppress(ConnectionClosed):
            async for frame in source:
                recording.frames.append(frame if isinstance(frame, str) else frame.decode("latin-1"))
                await sink.send(frame)

    relay = await serve(handle, "127.0.0.1", 0, compression=None, close_timeout=0.2)
    try:
        yield relay.sockets[0].getsockname()[1], recording
    finally:
        relay.close()
        await relay.wait_closed()
