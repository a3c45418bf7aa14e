"""A TCP forwarder for one network namespace, so that a server on one loopback is reachable from another.

The app speaks plain WebSocket to loopback addresses only; with one forwarder in each namespace both sides see the
signaling server on 127.0.0.1 while its bytes still cross the measured link.

    python -m bench.forward LISTEN_HOST LISTEN_PORT SERVER_HOST SERVER_PORT
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

_CHUNK_BYTES = 1 << 16


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(ConnectionError, OSError):
        writer.write_eof()


def _send_at_once(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def forward(listen: tuple[str, int], server: tuple[str, int]) -> None:
    """Serve until cancelled; says "listening" on standard output once it does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*server)
        except OSError:
            writer.close()
            return
        _send_at_once(writer)
        _send_at_once(far_writer)
        try:
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        finally:
            writer.close()
            far_writer.close()

    listener = await asyncio.start_server(serve, *listen)
    print("forwarder is listening", flush=True)
    async with listener:
        await listener.serve_forever()


def main() -> None:
    listen_host, listen_port, server_host, server_port = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forward((listen_host, int(listen_port)), (server_host, int(server_port))))


if __name__ == "__main__":
    main()
