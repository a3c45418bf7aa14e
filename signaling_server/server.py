"""The signaling server: connections around `rooms`, limits, HTTP and STUN on one port number."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import itertools
import logging
import secrets
import time
from http import HTTPStatus
from typing import Any

from websockets.http11 import Request, Response

from signaling_server import listening, wire
from signaling_server.connection import Connection
from signaling_server.ice import IceConfig
from signaling_server.limits import Admission, Gate, Limits, TokenBucket, visitor_of
from signaling_server.rooms import Drop, Effects, Rooms, Send
from signaling_server.stun import StunResponder
from signaling_server.tls import Identity
from signaling_server.web import Health, Site, authority_of, refusal
from signaling_server.wire import ErrorCode, LeaveReason

CLOSE_S = 1.5  # then connections that do not answer are cut
QUIET_S = 1.0  # without a message: no call is being set up
_HOUSEKEEPING_S = 60.0
_REFRESH_S = 3600.0  # how often the certificate is looked at
_REFUSALS_LOGGED_PER_S = 1.0
_REFUSALS_LOGGED_AT_ONCE = 20

_log = logging.getLogger(__name__)


class SignalingServer:
    """A signaling server, for `callapp-server` and inside the app. Start once, close once."""

    def __init__(self, limits: Limits | None = None, ice: IceConfig | None = None) -> None:
        self.limits = limits = limits or Limits()
        self._ice = ice or IceConfig()
        self._rooms = Rooms(limits.max_rooms)
        self._gate = Gate(limits)
        self._numbers = itertools.count(1)
        self._sockets: dict[int, Connection] = {}  # all of them
        self._clients: dict[int, Connection] = {}  # those with an open WebSocket
        self._identity: Identity | None = None
        self._site = Site(secure=False, content={})
        self._listeners: list[asyncio.Server] = []
        self._addresses: tuple[tuple[str, int], ...] = ()
        self._responders: list[StunResponder] = []
        self._housekeeper: asyncio.Task[None] | None = None
        self._is_draining = False
        self._is_closing = False
        self._relayed_at = 0.0
        self._refusals: TokenBucket | None = None
        self._empty = asyncio.Event()  # no socket is left

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, identity: Identity | None = None, *, stun: bool = True
    ) -> None:
        """Listen on `host`, on TCP and, for `stun`, UDP; port 0 takes a free one. With `identity` it speaks TLS.

        Raises OSError: the port is in use, the host is unknown. ValueError: other computers could reach `host`,
        which needs TLS.
        """
        loop = asyncio.get_running_loop()
        self._identity = identity
        self._site = Site(secure=identity is not None)
        self._refusals = TokenBucket(_REFUSALS_LOGGED_PER_S, _REFUSALS_LOGGED_AT_ONCE, loop.time())
        if identity is None:
            found = {str(info[4][0]) for info in await loop.getaddrinfo(host, port)}
            if not all(ipaddress.ip_address(address).is_loopback for address in found):
                raise ValueError("without TLS the server listens on loopback addresses only")
        sockets = await listening.bound(host, port, udp=stun)
        self._addresses = tuple(listener.getsockname()[:2] for listener in sockets.tcp)
        for udp_socket in sockets.udp:
            _, responder = await loop.create_datagram_endpoint(StunResponder, sock=udp_socket)
            self._responders.append(responder)
        for tcp_socket in sockets.tcp:
            listener = await loop.create_server(
                self._new_connection, sock=tcp_socket, backlog=listening.BACKLOG
            )
            self._listeners.append(listener)
        self._housekeeper = asyncio.create_task(self._keep_house(), name="signaling housekeeper")
        _log.info("listening on %s", ", ".join(f"{host} port {port}" for host, port in self.addresses))

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where it listens: host and port of each socket."""
        return self._addresses

    @property
    def port(self) -> int:
        """The port, the same for all addresses."""
        return self._addresses[0][1]

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return self._gate.connections

    async def drain(self) -> None:
        """Take no more connections, and wait until no call is being set up any more, `drain_s` at most.

        Calls in progress need no server; those being set up get the moment they need. `close` comes next.
        """
        loop = asyncio.get_running_loop()
        self._is_draining = True
        self._stop_listening()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.limits.drain_s):
                while True:
                    busy_s = self._relayed_at + QUIET_S - loop.time()
                    if busy_s <= 0 or not self._clients:
                        return
                    await asyncio.sleep(busy_s)

    async def close(self) -> None:
        """Say goodbye (1001) to everybody and stop, within 2 s. Idempotent."""
        self._is_draining = self._is_closing = True
        self._stop_listening()
        housekeeper, self._housekeeper = self._housekeeper, None
        if housekeeper is not None:
            housekeeper.cancel()
            await asyncio.wait([housekeeper])
        for responder in self._responders:
            await responder.close()
        for connection in tuple(self._sockets.values()):
            connection.close(wire.CLOSE_GOING_AWAY)
        if not self._sockets:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._empty.wait()
        for connection in tuple(self._sockets.values()):
            connection.abort()
        if self._sockets:
            await self._empty.wait()

    def _stop_listening(self) -> None:
        for listener in self._listeners:
            listener.close()

    async def _keep_house(self) -> None:
        loop = asyncio.get_running_loop()
        refreshed_at = loop.time()
        while True:
            await asyncio.sleep(_HOUSEKEEPING_S)
            self._gate.forget(loop.time())
            if self._identity is not None and loop.time() - refreshed_at >= _REFRESH_S:
                refreshed_at = loop.time()
                self._identity.refresh()

    # ---- what connections tell (connection.Owner)

    def _new_connection(self) -> Connection:
        context = self._identity.context if self._identity is not None else None
        return Connection(self, next(self._numbers), self.limits, context)

    def connected(self, connection: Connection) -> bool:
        self._sockets[connection.number] = connection
        self._empty.clear()
        admission = self._gate.enter(visitor_of(connection.address), asyncio.get_running_loop().time())
        connection.is_busy = admission is Admission.BUSY
        if admission is Admission.CUT:
            self._log_refusal("connection %d cut: too many", connection.number)
        return admission is not Admission.CUT and not self._is_draining

    def disconnected(self, connection: Connection) -> None:
        del self._sockets[connection.number]
        self._gate.leave(visitor_of(connection.address))
        if not self._sockets:
            self._empty.set()

    def requested(self, connection: Connection, request: Request) -> Response | None:
        health = Health(
            "draining" if self._is_draining else "ok", wire.VERSION, self._gate.connections, len(self._rooms)
        )
        response = self._site.answer(request, health)
        if response is None:
            names = self._identity.names if self._identity is not None else frozenset()
            if not self._site.may_connect(request, names):
                self._log_refusal("connection %d refused: a page of another origin", connection.number)
                return refusal(HTTPStatus.FORBIDDEN, "No page of another site may use this server.")
            authority = authority_of(request, secure=self._identity is not None)
            if authority is not None and authority.suits_stun:
                connection.own_stun = f"stun:{authority.name}:{authority.port}"
        elif connection.is_busy:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections.", Retry_After="10")
        return response

    def opened(self, connection: Connection) -> None:
        self._clients[connection.number] = connection
        _log.debug("client %d connected", connection.number)
        if connection.is_busy:
            self._refuse(
                connection, ErrorCode.TOO_MANY_CONNECTIONS, "too many connections, from you or in all"
            )

    def received(self, connection: Connection, message: str | bytes, size_bytes: int) -> None:
        if size_bytes > self.limits.max_message_bytes:
            limit = self.limits.max_message_bytes
            self._refuse(connection, ErrorCode.TOO_LARGE, f"{size_bytes} bytes, the limit is {limit}")
            return
        try:
            decoded = wire.decode_client(message)
        except wire.WireError as error:
            self._refuse(connection, error.code, error.detail)
            return
        number = connection.number
        if isinstance(decoded, wire.Join):
            self._join(connection, decoded)
        else:
            self._relayed_at = connection.spoke_at or 0.0
            self._run(self._rooms.handle(number, decoded))

    def _join(self, connection: Connection, join: wire.Join) -> None:
        now = asyncio.get_running_loop().time()
        self._relayed_at = now  # a call is about to be set up
        if not self._gate.may_join(visitor_of(connection.address), now):
            self._refuse(connection, ErrorCode.TOO_MANY_JOINS, "too many attempts to join from this address")
            return
        own_stun = connection.own_stun if self._responders else ""
        ice_servers = self._ice.servers_for(join.id, own_stun, time.time())
        self._run(self._rooms.join(connection.number, join, secrets.token_hex(16), ice_servers))

    def rushed(self, connection: Connection) -> None:
        self._refuse(connection, ErrorCode.RATE_LIMITED, "too many messages")

    def kept_waiting(self, connection: Connection) -> None:
        self._refuse(connection, ErrorCode.JOIN_TIMEOUT, "no message came")

    def still_there(self, connection: Connection) -> None:
        idle_since = asyncio.get_running_loop().time() - self.limits.room_idle_s
        present = [connection.number, *self._rooms.peers_of(connection.number)]
        if all((self._clients[number].spoke_at or 0.0) < idle_since for number in present):
            for number in present:
                self._refuse(self._clients[number], ErrorCode.ROOM_IDLE, "nobody said anything for too long")

    def left(self, connection: Connection, reason: LeaveReason) -> None:
        effects = self._rooms.leave(connection.number, reason)
        if not self._is_closing:  # else nobody leaves but the server, and calls go on
            self._run(effects)
        del self._clients[connection.number]
        _log.debug("client %d gone (%s), %d rooms", connection.number, reason.value, len(self._rooms))

    # ---- what is to be done about it

    def _refuse(self, connection: Connection, code: ErrorCode, message: str) -> None:
        self._run(self._rooms.refuse(connection.number, code, message))

    def _run(self, effects: Effects) -> None:
        for effect in effects:
            client = self._clients.get(effect.client)
            if client is None:  # cut while the effects before this one were carried out
                continue
            match effect:
                case Send(_, message):
                    if isinstance(message, wire.Error):
                        self._log_refusal(
                            "client %d: %s, %s", effect.client, message.code.value, message.message
                        )
                    client.send(wire.encode(message).encode())
                case Drop(_, code):
                    client.close(code)

    def _log_refusal(self, text: str, *details: Any) -> None:
        """Log, unless a flood of refusals would fill the disk."""
        if self._refusals is not None and self._refusals.take(asyncio.get_running_loop().time()):
            _log.info(text, *details)
