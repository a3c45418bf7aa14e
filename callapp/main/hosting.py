"""Where rooms come from: the signaling server inside this app, or the configured one."""

from __future__ import annotations

import logging
from collections.abc import Callable

from callapp.errors import ErrorCode, SignalingError
from callapp.session.ports import Link as LinkPort
from callapp.signaling.events import LinkEvent
from callapp.signaling.invite import Invite, ServerAddress, new_room
from callapp.signaling.link import Link
from signaling_server.server import SignalingServer

_log = logging.getLogger(__name__)
HOST = "127.0.0.1"  # until there is TLS, nobody outside this computer can reach the server


class RoomSource:
    """Rooms on `server`, or with None on a server of our own, started with the first room. Call `close` at the end."""

    def __init__(self, server: ServerAddress | None) -> None:
        self._address = server
        self._own: SignalingServer | None = None

    async def new_room(self) -> Invite:
        """Raises SignalingError(ADDRESS_IN_USE)."""
        if self._address is not None:
            return new_room(self._address)
        if self._own is None:
            server = SignalingServer()
            try:
                await server.start(HOST, 0)
            except OSError as error:
                raise SignalingError(ErrorCode.ADDRESS_IN_USE, str(error.strerror), subject=HOST) from error
            self._own = server
            _log.info("the built-in signaling server listens on %s:%d", HOST, server.port)
        return new_room(ServerAddress(host=HOST, port=self._own.port))

    def is_own(self, invite: Invite) -> bool:
        return self._own is not None and (invite.host, invite.port) == (HOST, self._own.port)

    def link(self, invite: Invite, post: Callable[[LinkEvent], None]) -> LinkPort:
        return Link(invite, post)

    async def close(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            await own.close()
