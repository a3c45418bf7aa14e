"""One client's socket: TLS if the server speaks it, one HTTP request, then WebSocket frames.

The protocols know no I/O (ssl's memory buffers, websockets' `ServerProtocol` for the handshake, `frames`); this is the
I/O around them, in callbacks: a connection needs no task and no queue, which is what makes thousands of idle ones
cheap and a relayed message fast. Whoever does not read is noticed by the transport's buffer and cut.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import ssl
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Protocol, cast

from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from signaling_server import wire
from signaling_server.frames import (
    Frame,
    FrameError,
    FrameReader,
    Opcode,
    answer_to_close,
    close_frame,
    frame,
)
from signaling_server.limits import Limits, TokenBucket, message_cost
from signaling_server.tls_stream import HANDSHAKE_RECORD, TlsStream
from signaling_server.web import refusal
from signaling_server.wire import LeaveReason

MAX_REQUEST_BYTES = 16_384  # the HTTP request line and all headers
_END_OF_REQUEST = b"\r\n\r\n"
_COST_AT_ONCE = 8  # of messages (limits.message_cost), before other clients have their turn
_WRITE_HIGH_BYTES = 65_536  # waiting to be sent; beyond it the client counts as not reading

_log = logging.getLogger(__name__)
_websockets_log = _log.getChild("websockets")
_websockets_log.setLevel(logging.WARNING)  # below that websockets logs headers


class Owner(Protocol):
    """Whom a connection tells what happens to it."""

    def connected(self, connection: Connection) -> bool:
        """The socket is there. False: it is to be cut at once."""

    def requested(self, connection: Connection, request: Request) -> Response | None:
        """The HTTP response; None: open the WebSocket, if the request is fit for it."""

    def opened(self, connection: Connection) -> None:
        """The WebSocket is open."""

    def received(self, connection: Connection, message: str | bytes, size_bytes: int) -> None:
        """A message, text or binary, came."""

    def rushed(self, connection: Connection) -> None:
        """More messages came than allowed."""

    def kept_waiting(self, connection: Connection) -> None:
        """The first message did not come in time."""

    def still_there(self, connection: Connection) -> None:
        """From time to time, while nothing is heard but answers to pings."""

    def left(self, connection: Connection, reason: LeaveReason) -> None:
        """Nothing more will be received, nothing sent is read. Once if `opened`; the socket may remain a while."""

    def disconnected(self, connection: Connection) -> None:
        """The socket is gone. Once for each `connected`."""


class _Phase(enum.Enum):
    REQUEST = enum.auto()  # until the HTTP request is complete
    RESPONSE = enum.auto()  # it gets a response that is not the WebSocket
    OPEN = enum.auto()
    CLOSING = enum.auto()
    GONE = enum.auto()


class Connection(asyncio.Protocol):
    """See the module. `number` is unique, `address` the client's IP address, `tls` None for plain."""

    __slots__ = (
        "_allowance", "_fragments", "_frames", "_heard_at", "_is_behind", "_limits", "_loop", "_owner", "_phase",
        "_pinged", "_reading_timer", "_request", "_said_left", "_timer", "_tls", "_transport", "address", "is_busy",
        "number", "own_stun", "spoke_at",
    )  # fmt: skip

    def __init__(self, owner: Owner, number: int, limits: Limits, tls: ssl.SSLContext | None) -> None:
        self.number = number
        self.address = ""
        self.own_stun = ""  # the URL of our STUN responder, as seen from this client
        self.is_busy = False  # one too many
        self.spoke_at: float | None = None  # its last message, by the loop's clock
        self._owner = owner
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._tls = TlsStream(tls) if tls is not None else None
        self._request = b""  # as much of it as came
        # so that a message up to twice the allowed size gets an error in words
        self._frames = FrameReader(2 * wire.MAX_MESSAGE_BYTES)
        self._fragments: list[Frame] | None = None  # of a message that is not complete
        self._phase = _Phase.REQUEST
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None  # runs while the client does not read
        self._allowance: TokenBucket | None = None
        self._heard_at = 0.0
        self._pinged = False
        self._is_behind = False  # there are frames that were not taken yet
        self._said_left = True

    # ---- what the server does with it

    def send(self, message: bytes) -> None:
        """Send a message, text in UTF-8, if the WebSocket is open. Never blocks: who does not read is cut."""
        if self._phase is _Phase.OPEN:
            self._say(frame(Opcode.TEXT, message))
            if self._transport.get_write_buffer_size() > self._limits.outbox_bytes:
                self._give_up()

    def close(self, code: int) -> None:
        """Close after what was sent (RFC 6455, section 7.4.1), in good order or within `close_timeout_s`."""
        if self._phase is _Phase.OPEN:
            self._say(close_frame(code))
            self._end()
        elif self._phase is _Phase.REQUEST:
            self.abort()

    def abort(self) -> None:
        """Cut the connection."""
        if self._phase is not _Phase.GONE:
            self._transport.abort()

    # ---- what the socket does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""  # none: gone before we looked
        if not self._owner.connected(self):
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_WRITE_HIGH_BYTES)
        self._set_timer(self._limits.open_timeout_s, self.abort)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        if self._pinged:
            self._pinged = False
            self._set_timer(self._limits.ping_interval_s, self._check_alive)
        if self._tls is None:
            self._take(data)
            return
        if not self._tls.has_begun and data[0] != HANDSHAKE_RECORD:
            self._explain_tls()
            return
        try:
            for plain in self._tls.receive(data):
                self._take(plain)
        except ssl.SSLError as error:
            _log.debug("connection %d: TLS failed (%s)", self.number, error.reason)
            self._begin_closing()
            self._write(self._tls.pending())
            self._transport.close()
            return
        self._write(self._tls.pending())

    def eof_received(self) -> None:
        # the transport closes by itself when all is sent, which one who does not read could hold up
        if self._phase in (_Phase.REQUEST, _Phase.OPEN):
            self._begin_closing()

    def pause_writing(self) -> None:
        if self._phase is _Phase.OPEN and self._reading_timer is None:
            self._reading_timer = self._loop.call_later(self._limits.send_deadline_s, self._give_up)

    def resume_writing(self) -> None:
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._phase = _Phase.GONE
        if self._timer is not None:
            self._timer.cancel()
        self.resume_writing()
        self._say_left(LeaveReason.CLOSED)
        self._owner.disconnected(self)

    def _take(self, data: bytes) -> None:
        """What the client says, as long as anybody wants to know."""
        if self._phase is _Phase.REQUEST:
            self._take_request(data)
        elif self._phase is _Phase.OPEN:
            self._take_frames(data)

    # ---- HTTP

    def _take_request(self, data: bytes) -> None:
        self._request += data
        end = self._request.find(_END_OF_REQUEST) + len(_END_OF_REQUEST)
        if end < len(_END_OF_REQUEST) and len(self._request) <= MAX_REQUEST_BYTES:
            return
        request, rest = self._request[:end], self._request[end:]
        self._request = b""
        http = ServerProtocol(logger=_websockets_log)
        http.receive_data(request if len(request) <= MAX_REQUEST_BYTES else b"\n")
        for event in http.events_received():
            assert isinstance(event, Request)
            response = self._owner.requested(self, event)
            http.send_response(http.accept(event) if response is None else response)
        answers = [answer for answer in http.data_to_send() if answer]
        # what is no request at all gets no answer of websockets
        for answer in answers or [refusal(HTTPStatus.BAD_REQUEST, "Not understood here.").serialize()]:
            self._say(answer)
        if http.state is State.OPEN:
            self._open()
            self._take(rest)
        else:
            self._end_with_response()
        http.parser.close()  # it holds the protocol that holds it

    def _explain_tls(self) -> None:
        """Plain HTTP on a TLS port, probably by a person who left out the s."""
        response = refusal(
            HTTPStatus.BAD_REQUEST,
            "This server speaks https only. A browser gives camera, microphone and encryption to secure pages only, "
            "so a call from a page of http:// would not work. Open the same link with https:// instead.",
        )
        self._tls = None
        self._say(response.serialize())
        self._end_with_response()

    def _end_with_response(self) -> None:
        """The connection ends with the response, as soon as that is taken."""
        self._phase = _Phase.RESPONSE
        self._end_writing()
        self._set_timer(self._limits.response_timeout_s, self.abort)

    # ---- WebSocket

    def _open(self) -> None:
        self._phase = _Phase.OPEN
        self._said_left = False
        limits = self._limits
        self._allowance = TokenBucket(limits.message_rate_per_s, limits.message_burst, self._loop.time())
        self._set_timer(limits.join_timeout_s, partial(self._owner.kept_waiting, self))
        self._owner.opened(self)

    def _take_frames(self, data: bytes) -> None:
        self._frames.feed(data)
        if not self._is_behind:
            self._next_frames()

    def _next_frames(self) -> None:
        """Take frames one by one: the first one too many ends it. After some, it is the turn of other clients."""
        cost = 0
        try:
            while self._phase is _Phase.OPEN and (received := self._frames.next()) is not None:
                self._take_frame(received)
                cost += message_cost(len(received.data))
                if cost >= _COST_AT_ONCE:
                    self._fall_behind()
                    return
        except FrameError as error:
            self.close(error.code)
        self._catch_up()

    def _fall_behind(self) -> None:
        if self._phase is _Phase.OPEN and not self._transport.is_closing():
            if not self._is_behind:
                self._is_behind = True
                self._transport.pause_reading()
            self._loop.call_soon(self._next_frames)

    def _catch_up(self) -> None:
        if self._is_behind:
            self._is_behind = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def _take_frame(self, received: Frame) -> None:
        """Each frame counts, so that pings, pongs and fragments cannot flood us."""
        opcode, fin, data = received
        assert self._allowance is not None
        if not self._allowance.take(self._heard_at, message_cost(len(data))):
            self._owner.rushed(self)
        elif opcode is Opcode.TEXT and fin:
            self._take_text(data)
        elif opcode is Opcode.CLOSE:
            self._say(answer_to_close(data))
            self._end()
        elif opcode is Opcode.PING:
            self._say(frame(Opcode.PONG, data))
        elif opcode is not Opcode.PONG:
            self._take_fragment(received)

    def _take_fragment(self, received: Frame) -> None:
        """`frames` has made sure that they come in order, and are not too large together."""
        if self._fragments is None:
            self._fragments = [received]
        else:
            self._fragments.append(received)
        if received.fin:
            parts, self._fragments = self._fragments, None
            data = b"".join(part.data for part in parts)
            if parts[0].opcode is Opcode.TEXT:
                self._take_text(data)
            else:
                self._take_message(data, len(data))

    def _take_text(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.close(wire.CLOSE_INVALID_DATA)  # RFC 6455, section 8.1
        else:
            self._take_message(text, len(data))

    def _take_message(self, message: str | bytes, size_bytes: int) -> None:
        if self.spoke_at is None:
            self._set_timer(self._limits.ping_interval_s, self._check_alive)
        self.spoke_at = self._heard_at
        self._owner.received(self, message, size_bytes)

    def _end(self) -> None:
        """The goodbye is said; what the client may say to it would tell us nothing."""
        self._begin_closing()
        self._end_writing()

    def _begin_closing(self) -> None:
        self._phase = _Phase.CLOSING
        self._pinged = False
        self._fragments = None
        self._catch_up()
        self.resume_writing()
        self._set_timer(self._limits.close_timeout_s, self.abort)
        self._say_left(LeaveReason.CLOSED)

    def _say_left(self, reason: LeaveReason) -> None:
        if not self._said_left:
            self._said_left = True
            self._owner.left(self, reason)

    # ---- time

    def _set_timer(self, delay_s: float, action: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_s, action)

    def _check_alive(self) -> None:
        limits = self._limits
        silent_s = self._loop.time() - self._heard_at
        if self._pinged:
            self._say_left(LeaveReason.TIMEOUT)
            self.close(wire.CLOSE_INTERNAL_ERROR)
        elif silent_s < limits.ping_interval_s:
            self._set_timer(limits.ping_interval_s - silent_s, self._check_alive)
        else:
            self._say(frame(Opcode.PING))
            self._pinged = True
            self._set_timer(limits.ping_timeout_s, self._check_alive)
            self._owner.still_there(self)

    def _give_up(self) -> None:
        """It does not read what it is sent."""
        self._say_left(LeaveReason.TIMEOUT)
        self.abort()

    # ---- writing

    def _say(self, plain: bytes) -> None:
        self._write(plain if self._tls is None else self._tls.send(plain))

    def _write(self, data: bytes) -> None:
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _end_writing(self) -> None:
        """Nothing more will be sent.

        The socket stays until the client has closed it: what it had sent meanwhile, unread, would make the operating
        system throw away what we sent.
        """
        if self._transport.is_closing():
            return
        if self._tls is not None:
            self._write(self._tls.close())
        self._transport.write_eof()
