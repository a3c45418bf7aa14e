"""A client of the signaling server that says whatever it is told to."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from signaling_server import wire
from signaling_server.server import SignalingServer
from signaling_server.wire import ErrorCode

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


class Client:
    """One connection. Nothing in it answers or times out by itself, but pings."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def say(self, message: wire.ClientMessage) -> None:
        await self.socket.send(wire.encode(message))

    async def hear(self) -> wire.ServerMessage:
        return wire.decode_server(await self.socket.recv())

    async def hear_error(self) -> ErrorCode:
        message = await self.hear()
        assert isinstance(message, wire.Error)
        return message.code

    async def join(self, room: str, id_: str, resume: str | None = None) -> wire.Joined:
        await self.say(wire.Join(wire.VERSION, room, id_, resume))
        message = await self.hear()
        assert isinstance(message, wire.Joined)
        return message

    async def close_code(self) -> int | None:
        await self.socket.wait_closed()
        return self.socket.close_code

    def stop_reading(self) -> None:
        """As one whose network is gone: neither reads nor answers pings."""
        self.socket.transport.pause_reading()


@asynccontextmanager
async def client_of(
    server: SignalingServer,
    *,
    origin: str | None = None,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    local_address: str | None = None,
) -> AsyncIterator[Client]:
    """A client that has not said anything. `local_address`: one of 127.0.0.0/8 to come from."""
    socket = await connect(
        f"{'wss' if tls else 'ws'}://{host}:{server.port}{wire.PATH}",
        host="127.0.0.1" if host == "127.0.0.1" else None,
        ssl=tls,
        proxy=None,
        compression=None,
        ping_interval=None,
        origin=Origin(origin) if origin else None,
        local_addr=(local_address, 0) if local_address else None,
    )
    try:
        yield Client(socket)
    finally:
        socket.transport.abort()
        await socket.wait_closed()
