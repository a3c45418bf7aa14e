"""The room: which invite is at hand, whether we are in it, and who else is there."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Callable

from callapp.errors import CallAppError, ErrorCode, SignalingError
from callapp.session.ports import Link, Rooms
from callapp.session.view import Invite as InviteView
from callapp.session.view import LinkState, Reach, Room
from callapp.signaling.events import (
    Failed,
    Joined,
    LinkEvent,
    Lost,
    Missed,
    PeerJoined,
    PeerLeft,
    Proved,
    Received,
    Restored,
    RoomFull,
    ServerNotice,
    Tampered,
)
from callapp.signaling.invite import Invite, is_loopback, parse_invite

_log = logging.getLogger(__name__)


class Place:
    """Joins and leaves rooms, one at a time. `heard` gets every event of the present link, after it took effect here.

    `join` resolves once the server has let us in, and fails with ROOM_FULL, SERVER_UNREACHABLE, ...; then we are
    out of the room again.
    """

    def __init__(
        self,
        rooms: Rooms,
        *,
        invite: Invite | None,
        loopback: Callable[[Callable[[LinkEvent], None]], Link],
        heard: Callable[[LinkEvent], None],
    ) -> None:
        self.invite = invite
        self.invited = False
        self.loopback = False
        self.room = Room.NONE
        self.link_state = LinkState.OFFLINE
        self._rooms = rooms
        self._make_loopback = loopback
        self._heard = heard
        self._link: Link | None = None
        self._generation = 0
        self._joining: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def busy(self) -> bool:
        """In a room, or on the way into one."""
        return self._link is not None

    @property
    def hosting(self) -> bool:
        return self.invite is not None and self._rooms.is_own(self.invite)

    def invite_view(self) -> InviteView | None:
        if self.invite is None or self.loopback:
            return None
        return InviteView(
            room=self.invite.room,
            link=self.invite.callapp_link,
            browser_link=self.invite.browser_link,
            reach=reach_of(self.invite.host),
            host=self.invite.host,
            browser_warns=bool(self.invite.server.pin),
        )

    @property
    def reach(self) -> Reach | None:
        """Who can use the rooms that we make; None where there is no choice."""
        return self._rooms.reach

    # ---- which room

    def use_link(self, text: str) -> None:
        """Raises LinkError."""
        self.invite = parse_invite(text)
        self.invited, self.loopback, self.room = True, False, Room.NONE

    def use_loopback(self) -> None:
        self.invited, self.loopback, self.room = False, True, Room.NONE

    async def renew(self) -> None:
        """A fresh room. Raises CallAppError (ADDRESS_IN_USE, ...)."""
        invite = await self._rooms.new_room()
        self.invite = invite
        self.invited, self.loopback, self.room = False, False, Room.NONE

    async def choose_reach(self, reach: Reach) -> None:
        """Also replaces the room at hand, if it is ours. Raises CallAppError (INVALID_STATE, NO_NETWORK, ...)."""
        had_room = self.hosting
        await self._rooms.choose_reach(reach)
        if had_room:
            await self.renew()

    # ---- in and out

    def join(self) -> asyncio.Future[None]:
        self._generation += 1
        generation = self._generation
        self._joining = self._loop.create_future()

        def post(event: LinkEvent) -> None:
            if generation == self._generation:
                self._hear(event)

        if self.loopback:
            self._link = self._make_loopback(post)
        elif self.invite is not None:
            self._link = self._rooms.link(self.invite, post)
        else:
            raise CallAppError(ErrorCode.INVALID_STATE, "no room yet")
        self.link_state = LinkState.CONNECTING
        self.room = Room.NONE
        self._link.open()
        return self._joining

    def send(self, payload: bytes) -> None:
        if self._link is not None and not self._link.send(payload):
            _log.warning("a message of %d bytes could not be kept for the peer", len(payload))

    async def leave(self) -> None:
        """Out of the room; nothing of this link is heard any more."""
        link, self._link = self._link, None
        self._generation += 1
        self.room, self.link_state = Room.NONE, LinkState.OFFLINE
        self._settle(CallAppError(ErrorCode.ABORT, "left before the room was joined"))
        if link is not None:
            await link.close()

    def _hear(self, event: LinkEvent) -> None:
        match event:
            case Joined(peer_present) | Restored(peer_present):
                self.room = Room.PEER if peer_present else Room.WAITING
                self.link_state = LinkState.ONLINE
                self._settle(None)
            case PeerJoined():
                self.room = Room.PEER
            case PeerLeft():
                self.room = Room.WAITING
            case Lost():
                self.link_state = LinkState.LOST
                self._settle(
                    SignalingError(ErrorCode.SERVER_UNREACHABLE, "the signaling server does not answer")
                )
            case RoomFull():
                self.room, self.link_state = Room.FULL, LinkState.OFFLINE
                self._settle(SignalingError(ErrorCode.ROOM_FULL, "two are in the room already"))
            case Failed(error):
                self.room, self.link_state = Room.NONE, LinkState.OFFLINE
                self._settle(error)
            case Proved() | Received() | Missed() | ServerNotice() | Tampered():
                pass
        self._heard(event)

    def _settle(self, error: CallAppError | None) -> None:
        future, self._joining = self._joining, None
        if future is None or future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()


def reach_of(host: str) -> Reach:
    """Who can use a link to a server there: a name or a public address is one for the internet."""
    if is_loopback(host):
        return Reach.THIS_COMPUTER
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return Reach.NETWORK if host.endswith(".local") else Reach.INTERNET
    return Reach.INTERNET if address.is_global else Reach.NETWORK
