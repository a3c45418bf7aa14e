"""A cable between clients and a server on this computer that can be pulled: connections break without a goodbye."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """Carries TCP. `pull_after` pieces of data it is pulled once, for all connections, and is in again at once."""

    def __init__(self, port: int, pull_after: int) -> None:
        self._port = port
        self._left = pull_after
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.pulled = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        both = {writer, far_writer}
        self._writers |= both
        ways = {
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        }
        self._tasks |= ways
        await asyncio.wait(ways)
        self._tasks -= ways
        self._writers -= both
        for end in both:
            end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                self._left -= 1
                if self._left == 0:
                    self.pulled = True
                    self.pull()
                    return
                writer.write(data)
        writer.transport.abort()

    def pull(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def close(self) -> None:
        self.pull()
        if self._tasks:
            await asyncio.wait(self._tasks)


@asynccontextmanager
async def cable(port: int, pull_after: int) -> AsyncIterator[tuple[int, Cable]]:
    """To 127.0.0.1:`port`; yields the port of its near end."""
    line = Cable(port, pull_after)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], line
    finally:
        server.close()
        await line.close()
        await server.wait_closed()
