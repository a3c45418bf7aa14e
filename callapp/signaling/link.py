"""Our place in a room on a signaling server: comes back by itself when the connection is lost.

Everything runs on one asyncio loop, in one task that `Link.open` starts and `Link.close` ends; what happens is
posted as frozen events. What the server says is never trusted further than: who seems to be there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from callapp.errors import ErrorCode, SignalingError
from callapp.signaling.connection import UNTRUSTED, connect_to, is_refused
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
from callapp.signaling.invite import Invite
from callapp.signaling.sealing import MAX_PLAINTEXT_BYTES, Interference, Sealer, SealError, new_id
from signaling_server import wire

OUTBOX_PAYLOADS = 256
BACKOFF_MIN_S = 0.2
BACKOFF_MAX_S = 5.0
JOIN_TIMEOUT_S = 5.0  # for the answer to `join`
LEAVE_S = 0.8  # for what is still to be sent, and the goodbye

_log = logging.getLogger(__name__)

# errors of the server after which another attempt may help; after all others it would only repeat itself
_PASSING_ERRORS = frozenset(
    {
        wire.ErrorCode.ID_IN_USE,
        wire.ErrorCode.REPLACED,
        wire.ErrorCode.RATE_LIMITED,
        wire.ErrorCode.JOIN_TIMEOUT,
    }
)
# the same for who was in the room already: a server that was restarted may have too many coming back at once
_PASSING_FOR_MEMBERS = _PASSING_ERRORS | {
    wire.ErrorCode.TOO_MANY_CONNECTIONS,
    wire.ErrorCode.TOO_MANY_JOINS,
    wire.ErrorCode.TOO_MANY_ROOMS,
    wire.ErrorCode.ROOM_IDLE,
}


class _UntrustedError(ConnectionError):
    """What answers is not the server that let us in before."""


class Link:
    """One stay in the room of `invite`. `post` gets every event, on the loop that called `open`."""

    def __init__(self, invite: Invite, post: Callable[[LinkEvent], None]) -> None:
        self._invite = invite
        self._post = post
        self._own_id = new_id()
        self._sealer = Sealer(invite.secrets, invite.room, self._own_id)
        self._resume: str | None = None
        self._in_room = False
        self._was_in_room = False
        self._came_back = False  # this is not our first connection
        self._lost: Lost | None = None  # the last one posted, while lost
        self._peer: str | None = None  # who is there; while lost, who was
        self._last_peer: str | None = None  # whom the outbox is for
        self._gap_expected = False
        self._proof_told = False
        self._told: set[Interference] = set()
        self._outbox: deque[bytes] = deque()
        self._wake = asyncio.Event()  # the writer has something to do
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Start to connect."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="signaling link")

    def send(self, payload: bytes) -> bool:
        """Seal `payload` for the peer. While the connection is lost it waits, and goes out if the peer stays.

        It also waits for a peer that has to prove its link first.

        False: nobody is there to send to, too much is waiting, the payload is too large, or the link has ended.
        """
        if self._closing or self._task is None or self._task.done() or self._peer is None:
            return False
        if len(self._outbox) >= OUTBOX_PAYLOADS or len(payload) > MAX_PLAINTEXT_BYTES:
            return False
        self._outbox.append(payload)
        self._wake.set()
        return True

    async def close(self) -> None:
        """Send what is still waiting, leave the room and disconnect, within 1 s. Idempotent."""
        self._closing = True
        self._wake.set()
        if self._task is None:
            return
        if self._in_room:
            await asyncio.wait([self._task], timeout=LEAVE_S)
        self._task.cancel()
        await asyncio.wait([self._task])

    # ---- the connection

    async def _run(self) -> None:
        try:
            await self._stay()
        except SignalingError as error:
            self._post(RoomFull() if error.code is ErrorCode.ROOM_FULL else Failed(error))
        except Exception:  # a link that ended without a word would leave its owner waiting
            _log.exception("the signaling link broke")
            self._post(Failed(SignalingError(ErrorCode.SERVER_MESSAGE, "the link to the server broke")))

    async def _stay(self) -> None:
        """Connect again and again, until the link closes. Raises SignalingError if that cannot help."""
        loop = asyncio.get_running_loop()
        delay_s = BACKOFF_MIN_S
        while True:
            started = loop.time()
            try:
                await self._visit()
                return
            except OSError as error:
                _log.info("no connection to the signaling server: %s", type(error).__name__)
                self._say_lost(refused=is_refused(error), untrusted=isinstance(error, _UntrustedError))
            if loop.time() - started > BACKOFF_MAX_S:
                delay_s = BACKOFF_MIN_S
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.0))
            delay_s = min(2 * delay_s, BACKOFF_MAX_S)

    async def _visit(self) -> None:
        """One connection, until the link closes. Raises OSError when it is lost, or SignalingError."""
        connection = await self._connect()
        try:
            await connection.send(
                wire.encode(wire.Join(wire.VERSION, self._invite.room, self._own_id, self._resume))
            )
            async with asyncio.timeout(JOIN_TIMEOUT_S):
                answer = await connection.recv()
            self._enter(answer)
            writer = asyncio.create_task(self._write(connection), name="signaling link writer")
            try:
                while True:
                    self._handle(await connection.recv())
            finally:
                writer.cancel()
                await asyncio.wait([writer])
        except ConnectionClosed as closed:
            if not self._closing:
                code = closed.rcvd.code if closed.rcvd is not None else None
                raise ConnectionError(f"closed by the server ({code})") from None
        finally:
            self._in_room = False
            connection.transport.abort()
            await connection.wait_closed()

    async def _connect(self) -> ClientConnection:
        """Raises OSError, or SignalingError for what no other attempt can change."""
        try:
            return await connect_to(self._invite.server)
        except SignalingError as error:
            if not self._was_in_room:
                raise
            # the server has let us in before: whatever answers there now may go away again
            kind = _UntrustedError if error.code in UNTRUSTED else ConnectionError
            raise kind(error.code.value) from None

    async def _write(self, connection: ClientConnection) -> None:
        """Send what is in the outbox until the connection is lost or the link closes."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                while self._outbox and self._peer is not None and self._sealer.can_seal(self._peer):
                    await self._send_next(connection, self._peer)
                if self._closing:
                    break
                await self._wake.wait()
                self._wake.clear()
            await connection.send(wire.encode(wire.Leave()))
            await connection.close()

    async def _send_next(self, connection: ClientConnection, peer: str) -> None:
        payload = self._outbox.popleft()
        try:
            await connection.send(wire.encode(wire.Relay(self._sealer.seal(peer, payload))))
        except SealError as error:
            self._warn(error.kind)
        except ConnectionClosed:
            self._outbox.appendleft(payload)
            raise

    # ---- what the server says

    def _enter(self, answer: str | bytes) -> None:
        """Take the answer to `join`. Raises OSError or SignalingError if it does not let us in."""
        try:
            message = wire.decode_server(answer)
        except wire.WireError as error:
            unknown = error.code is wire.ErrorCode.UNSUPPORTED_VERSION
            code = ErrorCode.UNSUPPORTED_VERSION if unknown else ErrorCode.SERVER_MESSAGE
            raise SignalingError(code, error.detail) from None
        match message:
            case wire.Joined(self._invite.room, peers, resume):
                self._resume = resume
                self._in_room, self._lost = True, None
                self._peer = None
                self._came_back = self._was_in_room
                present = bool(peers) and self._meet(peers[0])
                if self._was_in_room:
                    self._post(Restored(present))
                else:
                    self._was_in_room = True
                    self._post(Joined(present))
            case wire.Full():
                raise SignalingError(ErrorCode.ROOM_FULL)
            case wire.Error():
                self._give_way(message)
            case _:
                raise SignalingError(ErrorCode.SERVER_MESSAGE, f"{message!r} is no answer to join")

    def _handle(self, frame: str | bytes) -> None:
        """Take a message. Raises OSError for one that makes a new connection necessary, or SignalingError."""
        try:
            message = wire.decode_server(frame)
        except wire.WireError as error:
            raise ConnectionError(f"the server sent no message: {error}") from None
        match message:
            case wire.Relayed(sender, payload) if sender == self._peer:
                self._open_box(sender, payload)
            case wire.PeerJoined(peer) if peer == self._peer:
                self._gap_expected = True
            case wire.PeerJoined(peer) if self._peer is None:
                if self._meet(peer):
                    self._post(PeerJoined())
            case wire.PeerLeft(peer, reason) if peer == self._peer:
                self._peer = None
                self._post(PeerLeft(crashed=reason is not wire.LeaveReason.LEFT))
            case wire.Error(wire.ErrorCode.NO_PEER):
                pass  # it left while we were sending; `peer_left` says so
            case wire.Error():
                self._give_way(message)
            case _:
                _log.debug("ignored, as it does not fit: %r", message)

    def _meet(self, peer: str) -> bool:
        """`peer` is said to be in the room. False if that is a lie."""
        if peer == self._own_id:
            self._warn(Interference.REFLECTION)
            return False
        # somebody new to us may have been speaking into our broken connection
        self._gap_expected = self._came_back or peer == self._last_peer
        if peer != self._last_peer:
            self._outbox.clear()
            self._told.clear()
        self._peer = self._last_peer = peer
        self._proof_told = False
        self._wake.set()
        return True

    def _open_box(self, sender: str, box: str) -> None:
        try:
            opened = self._sealer.open(sender, box)
        except SealError as error:
            self._warn(error.kind)
            return
        if not self._proof_told:
            self._proof_told = True
            self._wake.set()  # what waits can be sealed now
            self._post(Proved(opened.proved))
        if opened.missing:
            if self._gap_expected:
                self._post(Missed())
            else:
                self._warn(Interference.GAP)
        self._gap_expected = False
        self._post(Received(opened.plaintext))

    def _warn(self, kind: Interference) -> None:
        """Post Tampered, once a kind and peer."""
        if kind not in self._told:
            _log.warning("a sealed message was refused: %s", kind.value)
            self._told.add(kind)
            self._post(Tampered(kind))

    def _give_way(self, error: wire.Error) -> None:
        """The server ends the connection with an error. Raises OSError or SignalingError."""
        text = "".join(character if character.isprintable() else " " for character in error.message)
        self._post(ServerNotice(f"{error.code.value}: {text}"))
        if error.code in (_PASSING_FOR_MEMBERS if self._was_in_room else _PASSING_ERRORS):
            raise ConnectionError(error.code.value)
        if error.code is wire.ErrorCode.UNSUPPORTED_VERSION:
            raise SignalingError(ErrorCode.UNSUPPORTED_VERSION, "the server speaks another version")
        raise SignalingError(ErrorCode.SERVER_REFUSED, error.code.value)

    def _say_lost(self, *, refused: bool, untrusted: bool) -> None:
        lost = Lost(refused, untrusted)
        if lost != self._lost:
            self._lost = lost
            self._post(lost)
