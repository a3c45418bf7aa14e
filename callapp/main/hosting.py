"""Where rooms come from: the signaling server inside this app, or the configured one."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from callapp.errors import CallAppError, ErrorCode, SignalingError
from callapp.session.ports import Link as LinkPort
from callapp.session.view import Reach
from callapp.signaling.events import LinkEvent
from callapp.signaling.invite import Invite, ServerAddress, is_loopback, new_room
from callapp.signaling.link import Link
from signaling_server.server import SignalingServer
from signaling_server.tls import Identity, TlsError, machine_names, self_signed

_log = logging.getLogger(__name__)
_LOOPBACK = "127.0.0.1"
# addresses for documentation (RFC 5737, RFC 3849): nothing is sent there, the system only looks up the way
_FAR_AWAY = ((socket.AF_INET, "203.0.113.1"), (socket.AF_INET6, "2001:db8::1"))


class RoomSource:
    """Rooms on `server`, or with None on a server of our own, started with the first room. Call `close` at the end.

    Our own server listens on loopback, or, for Reach.NETWORK, on all addresses with TLS: its key is kept in
    `key_folder`, so that its pin stays the same. Both are left running while links to them may be in use.
    """

    def __init__(
        self,
        server: ServerAddress | None,
        *,
        reach: Reach = Reach.THIS_COMPUTER,
        key_folder: Path | None = None,
    ) -> None:
        self._address = server
        self._reach = reach
        self._key_folder = key_folder
        self._own: dict[Reach, SignalingServer] = {}
        self._identity: Identity | None = None
        self._passing_folder: tempfile.TemporaryDirectory[str] | None = None
        self._made: set[tuple[str, int]] = set()  # host and port in the links that we made

    @property
    def reach(self) -> Reach | None:
        """Who can use new rooms; None: that is up to the configured server."""
        return self._reach if self._address is None else None

    async def choose_reach(self, reach: Reach) -> None:
        """For new rooms. Raises CallAppError: INVALID_STATE with a configured server, NO_NETWORK."""
        if self._address is not None or reach is Reach.INTERNET:
            raise CallAppError(ErrorCode.INVALID_STATE, "the built-in server reaches the network at most")
        if reach is Reach.NETWORK:
            network_address()
        self._reach = reach

    async def new_room(self) -> Invite:
        """Raises SignalingError: ADDRESS_IN_USE, NO_NETWORK."""
        if self._address is not None:
            return new_room(self._address)
        host = network_address() if self._reach is Reach.NETWORK else _LOOPBACK
        server = self._own.get(self._reach)
        if server is None:
            server = await self._start(self._reach)
        elif self._reach is Reach.NETWORK and self._identity is not None:
            await asyncio.to_thread(self._identity.refresh)  # the address may be a new one
        pin = self._identity.pin if self._reach is Reach.NETWORK and self._identity is not None else ""
        self._made.add((host, server.port))
        return new_room(ServerAddress(host, server.port, pin))

    def is_own(self, invite: Invite) -> bool:
        return (invite.host, invite.port) in self._made

    def link(self, invite: Invite, post: Callable[[LinkEvent], None]) -> LinkPort:
        return Link(invite, post)

    async def close(self) -> None:
        servers = list(self._own.values())
        self._own.clear()
        await asyncio.gather(*(server.close() for server in servers))
        folder, self._passing_folder = self._passing_folder, None
        if folder is not None:
            folder.cleanup()

    # ---- inside

    async def _start(self, reach: Reach) -> SignalingServer:
        server = SignalingServer()
        host = _LOOPBACK
        if reach is Reach.NETWORK:
            host = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"
            self._identity = await asyncio.to_thread(self._own_identity)
        try:
            await server.start(host, 0, self._identity if reach is Reach.NETWORK else None)
        except OSError as error:
            raise SignalingError(ErrorCode.ADDRESS_IN_USE, str(error.strerror), subject=host) from error
        self._own[reach] = server
        _log.info("the built-in signaling server listens on %s:%d", host, server.port)
        return server

    def _own_identity(self) -> Identity:
        """Our key; one for this run only if it cannot be kept."""
        if self._key_folder is not None:
            try:
                return self_signed(self._key_folder)
            except TlsError as error:
                _log.warning("the key of the built-in server is not kept: %s", error)
        self._passing_folder = tempfile.TemporaryDirectory(prefix="callapp-")
        return self_signed(Path(self._passing_folder.name))


def network_address() -> str:
    """This computer's address, as others on its network reach it. Raises SignalingError(NO_NETWORK)."""
    for family, far_away in _FAR_AWAY:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far_away, 9))
                address: str = probe.getsockname()[0]
        except OSError:
            continue
        if not is_loopback(address):
            return address
    address = _first_address(machine_names())
    if not address:
        raise SignalingError(ErrorCode.NO_NETWORK, "this computer has no address but its own")
    return address


def _first_address(names: Iterable[str]) -> str:
    """Without a way to the world: any address on a network, IPv4 first. "" if there is none."""
    addresses = []
    for name in names:
        try:
            addresses.append(ipaddress.ip_address(name))
        except ValueError:
            continue
    usable = [address for address in addresses if not (address.is_loopback or address.is_link_local)]
    return str(min(usable, key=lambda address: (address.version, int(address)), default=""))
