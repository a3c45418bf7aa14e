"""The signaling server on a socket: websockets around `rooms`.

Each connection has a reader (the handler that websockets runs) and a writer (a task of its own, which the
handler ends). Nobody writes to anybody else's socket, only into its bounded outbox, so a slow reader stops no
room.
"""

from __future__ import annotations

import asyncio
import http
import ipaddress
import itertools
import logging
import secrets
from dataclasses import dataclass

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode
from websockets.http11 import Request, Response

from signaling_server import wire
from signaling_server.rooms import Drop, Effect, Effects, Rooms, Send
from signaling_server.wire import ErrorCode, LeaveReason

CLOSE_S = 1.5  # then connections that do not answer are cut

_log = logging.getLogger(__name__)
_websockets_log = _log.getChild("websockets")
_websockets_log.setLevel(logging.WARNING)  # below that websockets logs the content of frames


@dataclass(frozen=True)
class Limits:
    """What a server allows; docs/signaling-protocol.md has them all."""

    max_connections: int = 200
    max_rooms: int = 100
    message_burst: int = 120  # a call's set-up is about 40 messages
    message_rate_per_s: float = 20.0
    outbox_messages: int = 128
    open_timeout_s: float = 5.0  # for the HTTP request
    join_timeout_s: float = 10.0  # for the first message
    send_deadline_s: float = 5.0
    ping_interval_s: float = 3.0
    ping_timeout_s: float = 4.0
    close_timeout_s: float = 1.0


class SignalingServer:
    """A signaling server, for `callapp-server` and inside the app. Start once, close once."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._rooms = Rooms(limits.max_rooms)
        self._clients: dict[int, _Client] = {}
        self._numbers = itertools.count(1)
        self._sockets: set[ServerConnection] = set()
        self._server: Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on `host`; port 0 takes a free one.

        Raises OSError: the port is in use, the host is unknown. ValueError: other computers could reach
        `host`, which needs encryption that this server does not have.
        """
        loop = asyncio.get_running_loop()
        addresses = {str(info[4][0]) for info in await loop.getaddrinfo(host, port)}
        if not all(ipaddress.ip_address(address).is_loopback for address in addresses):
            raise ValueError("without TLS the server listens on loopback addresses only")
        limits = self.limits
        self._server = await serve(
            self._handle,
            host,
            port,
            origins=[None],  # no web page may use it: browsers always send an Origin
            compression=None,
            process_request=_answer_http,
            server_header=None,
            open_timeout=limits.open_timeout_s,
            ping_interval=limits.ping_interval_s,
            ping_timeout=limits.ping_timeout_s,
            close_timeout=limits.close_timeout_s,
            max_size=2 * wire.MAX_MESSAGE_BYTES,  # so that a message up to here gets an error in words
            max_queue=8,
            write_limit=wire.MAX_MESSAGE_BYTES,
            logger=_websockets_log,
            create_connection=self._connection_class(),
        )
        _log.info("listening on %s", ", ".join(f"{host} port {port}" for host, port in self.addresses))

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where it listens: host and port of each socket."""
        sockets = self._server.sockets if self._server is not None else ()
        return tuple(socket.getsockname()[:2] for socket in sockets)

    @property
    def port(self) -> int:
        """The port of the first address."""
        return self.addresses[0][1]

    async def close(self) -> None:
        """Say goodbye (1001) to everybody and stop, within 2 s. Idempotent."""
        if self._server is None:
            return
        self._server.close(code=CloseCode.GOING_AWAY)
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._server.wait_closed()
        except TimeoutError:
            for connection in tuple(self._sockets):
                connection.transport.abort()
            await self._server.wait_closed()

    def _connection_class(self) -> type[ServerConnection]:
        """Counts sockets as soon as they are accepted: the limit holds for those that say nothing, too."""
        sockets, limit = self._sockets, self.limits.max_connections

        class Connection(ServerConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                sockets.add(self)
                if len(sockets) > limit:
                    _log.info("connection refused: %d are open", limit)
                    self.transport.abort()

            def connection_lost(self, exc: Exception | None) -> None:
                sockets.discard(self)
                super().connection_lost(exc)

        return Connection

    async def _handle(self, connection: ServerConnection) -> None:
        number = next(self._numbers)
        client = _Client(connection, self.limits)
        self._clients[number] = client
        _log.info("client %d connected", number)
        writer = asyncio.create_task(client.write(), name=f"signaling writer {number}")
        reason = LeaveReason.CLOSED
        try:
            reason = await self._read(number, client)
        finally:
            self._run(self._rooms.leave(number, reason))
            del self._clients[number]
            if not client.dropped:  # else the writer ends by itself, having sent what is left
                writer.cancel()
            await asyncio.wait([writer])
            _log.info("client %d gone (%s), %d rooms", number, reason.value, len(self._rooms))

    async def _read(self, number: int, client: _Client) -> LeaveReason:
        """Handle what the client says, until it is gone. Returns how it went."""
        loop = asyncio.get_running_loop()
        bucket = TokenBucket(self.limits.message_rate_per_s, self.limits.message_burst, loop.time())
        deadline: float | None = loop.time() + self.limits.join_timeout_s
        try:
            while True:
                async with asyncio.timeout_at(deadline):
                    frame = await client.connection.recv()
                deadline = None
                if client.dropped:  # by its own fault, or replaced: it is in no room any more
                    return LeaveReason.CLOSED
                if bucket.take(loop.time()):
                    self._run(self._effects(number, frame))
                else:
                    self._run(self._rooms.refuse(number, ErrorCode.RATE_LIMITED, "too many messages"))
        except TimeoutError:
            self._run(self._rooms.refuse(number, ErrorCode.JOIN_TIMEOUT, "no message came"))
            return LeaveReason.ERROR
        except ConnectionClosed as closed:
            pinged_out = closed.sent is not None and closed.sent.code == CloseCode.INTERNAL_ERROR
            return LeaveReason.TIMEOUT if client.slow or pinged_out else LeaveReason.CLOSED

    def _effects(self, number: int, frame: str | bytes) -> Effects:
        try:
            message = wire.decode_client(frame)
        except wire.WireError as error:
            return self._rooms.refuse(number, error.code, error.detail)
        return self._rooms.handle(number, message, secrets.token_hex(16))

    def _run(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Send(number, message):
                    if isinstance(message, wire.Error):
                        _log.info("client %d: %s, %s", number, message.code.value, message.message)
                    self._clients[number].send(message)
                case Drop(number, code):
                    self._clients[number].drop(code)


class TokenBucket:
    """Allows `burst` messages at once and `rate_per_s` over time."""

    def __init__(self, rate_per_s: float, burst: int, now: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._tokens = float(burst)
        self._last = now

    def take(self, now: float) -> bool:
        """Whether one more message is allowed."""
        self._tokens = min(self._burst, self._tokens + (now - self._last) * self._rate_per_s)
        self._last = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class _Client:
    """A connection's outgoing side."""

    def __init__(self, connection: ServerConnection, limits: Limits) -> None:
        self.connection = connection
        self.dropped = False  # its connection is being closed by us
        self.slow = False  # it did not read what it was sent
        self._deadline_s = limits.send_deadline_s
        # frames, and at last the close code
        self._outbox: asyncio.Queue[str | int] = asyncio.Queue(limits.outbox_messages)

    def send(self, message: wire.ServerMessage) -> None:
        self._put(wire.encode(message))

    def drop(self, code: int) -> None:
        self.dropped = True
        self._put(code)

    def _put(self, item: str | int) -> None:
        try:
            self._outbox.put_nowait(item)
        except asyncio.QueueFull:
            self._give_up()

    def _give_up(self) -> None:
        self.slow = True
        self.connection.transport.abort()

    async def write(self) -> None:
        """Send what is in the outbox, until the connection ends."""
        try:
            while True:
                item = await self._outbox.get()
                async with asyncio.timeout(self._deadline_s):
                    if isinstance(item, int):
                        await self.connection.close(item)
                        return
                    await self.connection.send(item)
        except TimeoutError:
            self._give_up()
        except ConnectionClosed:
            pass


def _answer_http(connection: ServerConnection, request: Request) -> Response | None:
    """What plain HTTP gets; None lets the WebSocket handshake go on."""
    path, _, _ = request.path.partition("?")
    if path == wire.PATH:
        return None
    if path == "/":
        return connection.respond(http.HTTPStatus.OK, "This is a CallApp signaling server.\n")
    return connection.respond(http.HTTPStatus.NOT_FOUND, "Not found.\n")
