"""The peers' signaling: `ws://HOST:PORT/ROOM`, every message goes to the others in the room. Nothing else.

Chromium and bare aiortc have no signaling of their own; the app brings its own server.

    python -m bench.room_server HOST PORT
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


async def serve_rooms(host: str, port: int) -> None:
    """Serve until cancelled; says "listening" on standard output once it does."""
    rooms: defaultdict[str, set[ServerConnection]] = defaultdict(set)

    async def relay(connection: ServerConnection) -> None:
        request = connection.request
        room = rooms[request.path if request else ""]
        room.add(connection)
        try:
            async for message in connection:
                for other in list(room - {connection}):
                    with contextlib.suppress(ConnectionClosed):
                        await other.send(message)
        finally:
            room.discard(connection)

    async with serve(relay, host, port, compression=None) as server:
        print("server is listening", flush=True)
        await server.serve_forever()


def main() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve_rooms(sys.argv[1], int(sys.argv[2])))


if __name__ == "__main__":
    main()
