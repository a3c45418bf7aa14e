"""A client that costs the load generator as little as can be: WebSocket frames by hand, over TCP or TLS.

It speaks each server's own protocol as far as the measurement needs: open, join the room of two, pass on a session
description, answer pings.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import ssl
import struct
from collections.abc import Callable
from typing import cast

# Browsers offer compression; a server that accepts it has to live with the memory.
_EXTENSIONS = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
_CANDIDATE = "a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0\r\n"
DESCRIPTION = ("v=0\r\n" + _CANDIDATE * 50)[:3000]  # about what an offer with its candidates has
_SEALING_BYTES = 36  # sequence, nonce and tag of docs/signaling-protocol.md
_BINARY, _CLOSE, _PING, _PONG, _TEXT = 2, 8, 9, 10, 1


def frame(text: str, opcode: int = _TEXT) -> bytes:
    """A masked frame (RFC 6455, section 5.2); the mask is all zeros, which costs the server as much as any."""
    data = text.encode()
    if len(data) < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | len(data))
    elif len(data) < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0xFE, len(data))
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, len(data))
    return head + bytes(4) + data


class Client(asyncio.Protocol):
    """Client `number` of the room `number // 2`. `ready` is done when it is in."""

    path = "/"
    origin = ""

    def __init__(self, number: int, tls: ssl.SSLContext | None) -> None:
        self.number = number
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.Event()
        self.on_description: Callable[[], None] = lambda: None
        self._buffer = b""
        self._upgraded = False
        self._secured = False
        self._transport: asyncio.Transport
        self._tls: ssl.SSLObject | None = None
        if tls is not None:
            self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = tls.wrap_bio(self._incoming, self._outgoing)
        self._offer = frame(self.described("offer"))
        self._answer = frame(self.described("answer"))

    # ---- what a server's protocol says

    def described(self, kind: str) -> str:
        """The message that passes a session description on to the other one in the room."""
        raise NotImplementedError

    def opened(self) -> None:
        """The WebSocket is open."""

    def received(self, message: bytes) -> None:
        """A message came."""
        raise NotImplementedError

    # ---- what the measurement does

    def offer(self) -> None:
        self.write(self._offer)

    def answer(self) -> None:
        self.write(self._answer)

    def stop_reading(self) -> None:
        self._transport.pause_reading()

    def abort(self) -> None:
        self._transport.abort()

    # ---- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        if self._tls is not None:
            self._shake_hands()
        else:
            self._upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"client {self.number} was not let in"))

    def _shake_hands(self) -> None:
        assert self._tls is not None
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._transport.write(self._outgoing.read())
        else:
            self._secured = True
            self._upgrade()

    def _upgrade(self) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        origin = f"Origin: {self.origin}\r\n" if self.origin else ""
        request = (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{origin}Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{_EXTENSIONS}\r\n"
        )
        self.write(request.encode())

    def write(self, data: bytes) -> None:
        if self._tls is not None:
            self._tls.write(data)
            data = self._outgoing.read()
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self._tls is None:
            self._take(data)
            return
        self._incoming.write(data)
        if not self._secured:
            self._shake_hands()
        if self._secured:
            with contextlib.suppress(ssl.SSLWantReadError):
                while plain := self._tls.read(65536):
                    self._take(plain)

    def _take(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self._transport.abort()
                return
            self._upgraded = True
            self._buffer = rest
            self.opened()
        while (found := _next_frame(self._buffer)) is not None:
            opcode, payload, self._buffer = found
            if opcode == _PING:
                self.write(frame(payload.decode(), _PONG))
            elif opcode in (_TEXT, _BINARY):
                self.received(payload)
            elif opcode == _CLOSE:
                self._transport.abort()


def _next_frame(buffer: bytes) -> tuple[int, bytes, bytes] | None:
    """Opcode and payload of the first frame, and what follows; None if it is not complete."""
    if len(buffer) < 2:
        return None
    length, start = buffer[1] & 0x7F, 2
    if length >= 126:
        form = "!H" if length == 126 else "!Q"
        start += struct.calcsize(form)
        if len(buffer) < start:
            return None
        (length,) = struct.unpack_from(form, buffer, 2)
    if len(buffer) < start + length:
        return None
    return buffer[0] & 0x0F, buffer[start : start + length], buffer[start + length :]


class CallAppClient(Client):
    """docs/signaling-protocol.md: the description is sealed, so it is a third longer."""

    path = "/ws"

    def described(self, kind: str) -> str:
        sealed = bytes(_SEALING_BYTES) + json.dumps({"type": kind, "sdp": DESCRIPTION}).encode()
        payload = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
        return json.dumps({"type": "relay", "payload": payload})

    def opened(self) -> None:
        room = f"room-{self.number // 2}"
        self.write(frame(json.dumps({"type": "join", "v": 1, "room": room, "id": f"{self.number:032x}"})))

    def received(self, message: bytes) -> None:
        if message.startswith(b'{"type":"joined"'):
            self.ready.set_result(None)
        elif message.startswith(b'{"type":"relay"'):
            self.on_description()
        elif message.startswith(b'{"type":"error"') and not self.ready.done():
            self.ready.set_exception(ConnectionError(message.decode()))


class SocketIoClient(Client):
    """Engine.IO 4 over WebSocket alone, Socket.IO 5."""

    path = "/socket.io/?EIO=4&transport=websocket"
    origin = "http://127.0.0.1"

    def described(self, kind: str) -> str:
        return "42" + json.dumps(["send", {"type": kind, "sdp": DESCRIPTION}])

    def received(self, message: bytes) -> None:
        if message.startswith(b"0"):  # open
            self.write(frame("40"))
        elif message.startswith(b"40"):  # connected
            self.write(frame("42" + json.dumps(["join", f"room-{self.number // 2}"])))
            self.ready.set_result(None)
        elif message.startswith(b"2"):  # ping
            self.write(frame("3"))
        elif message.startswith(b'42["message"'):
            self.on_description()


class PeerJsClient(Client):
    """PeerJS 1.5: no rooms, each message names its receiver."""

    origin = "http://127.0.0.1"

    def __init__(self, number: int, tls: ssl.SSLContext | None) -> None:
        self.path = f"/peerjs?key=peerjs&id=p{number}&token=t{number}&version=1.5.4"
        super().__init__(number, tls)

    def described(self, kind: str) -> str:
        payload = {"sdp": {"type": kind, "sdp": DESCRIPTION}, "type": "media", "connectionId": "mc_1"}
        addresses = {"src": f"p{self.number}", "dst": f"p{self.number ^ 1}"}
        return json.dumps({"type": kind.upper(), **addresses, "payload": payload})

    def received(self, message: bytes) -> None:
        if message.startswith(b'{"type":"OPEN"'):
            self.ready.set_result(None)
        elif b'"OFFER"' in message[:200] or b'"ANSWER"' in message[:200]:
            self.on_description()
