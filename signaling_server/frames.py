"""WebSocket frames (RFC 6455, section 5) as a server without extensions reads and writes them. Without I/O.

websockets' own parser does the same in three times the time and several KB more for each connection; it stays in use
for the handshake, and as the oracle of this one's tests.
"""

from __future__ import annotations

import enum
import struct
from typing import Final, NamedTuple

from signaling_server import wire

try:  # what websockets itself uses, thirty times faster than Python can be; section 5.3
    from websockets.speedups import apply_mask
except ImportError:  # no wheel for this platform
    from websockets.utils import apply_mask

_FIN: Final = 0x80
_MASKED: Final = 0x80
_MASK_BYTES: Final = 4
_MAX_CONTROL_BYTES: Final = 125
_SHORT = struct.Struct("!H")
_LONG = struct.Struct("!Q")
_CODES_NOT_SENT = frozenset({1004, 1005, 1006, 1015})  # section 7.4.1


class Opcode(enum.IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Frame(NamedTuple):
    """A frame, unmasked. `fin`: the last one of its message."""

    opcode: Opcode
    fin: bool
    data: bytes


class FrameError(Exception):
    """The stream breaks the protocol; `code` is what the connection is to be closed with."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class FrameReader:
    """Takes what a client sends, gives its frames. Messages of more than `max_bytes` are refused."""

    __slots__ = ("_at", "_buffer", "_max_bytes", "_message_bytes")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer: bytes | bytearray = b""
        self._at = 0  # what is before was given out
        self._message_bytes = -1  # of the message whose continuation is due; -1: none

    def feed(self, data: bytes) -> None:
        """More came from the network."""
        if self._at == len(self._buffer):
            self._buffer = data
        else:
            if isinstance(self._buffer, bytes):
                self._buffer = bytearray(self._buffer)
            del self._buffer[: self._at]
            self._buffer += data
        self._at = 0

    def next(self) -> Frame | None:
        """The next frame; None if it is not complete yet. Raises FrameError."""
        buffer, at = self._buffer, self._at
        if len(buffer) - at < 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        size, at = second & 0x7F, at + 2
        opcode = self._checked(first, second, size)
        if size >= 126:
            form = _SHORT if size == 126 else _LONG
            if len(buffer) - at < form.size:
                return None
            (size,) = form.unpack_from(buffer, at)
            at += form.size
        if size + max(self._message_bytes, 0) > self._max_bytes:
            raise FrameError(wire.CLOSE_TOO_BIG, "the message is too large")
        end = at + _MASK_BYTES + size
        if len(buffer) < end:
            return None
        mask, masked = buffer[at : at + _MASK_BYTES], buffer[at + _MASK_BYTES : end]
        self._at = end
        fin = first >= _FIN
        if opcode < Opcode.CLOSE:
            self._message_bytes = -1 if fin else max(self._message_bytes, 0) + size
        return Frame(opcode, fin, apply_mask(masked, mask))

    def _checked(self, first: int, second: int, size: int) -> Opcode:
        """The opcode of a frame with these first bytes. Raises FrameError."""
        opcode = _OPCODES.get(first & ~_FIN)
        if opcode is None:
            raise _broken("a reserved bit or opcode is used")
        if second < _MASKED:
            raise _broken("a client's frames are masked")
        if opcode >= Opcode.CLOSE:
            if first < _FIN or size > _MAX_CONTROL_BYTES:
                raise _broken("control frames are short and whole")
        elif (opcode is Opcode.CONTINUATION) != (self._message_bytes >= 0):
            raise _broken("the parts of a message follow each other")
        return opcode


def frame(opcode: Opcode, data: bytes = b"") -> bytes:
    """A whole frame to send, unmasked as a server's are."""
    size = len(data)
    if size < 126:
        return bytes((_FIN | opcode, size)) + data
    if size < 65_536:
        return bytes((_FIN | opcode, 126)) + _SHORT.pack(size) + data
    return bytes((_FIN | opcode, 127)) + _LONG.pack(size) + data


def close_frame(code: int) -> bytes:
    """Says goodbye (section 7.4.1)."""
    return frame(Opcode.CLOSE, _SHORT.pack(code))


def answer_to_close(data: bytes) -> bytes:
    """The goodbye in answer to one with `data`: the same code, if it is one that may be sent."""
    if not data:
        return frame(Opcode.CLOSE)
    code = _SHORT.unpack(data[:2])[0] if len(data) > 1 else 0
    return close_frame(
        code if 1000 <= code < 5000 and code not in _CODES_NOT_SENT else wire.CLOSE_PROTOCOL_ERROR
    )


_OPCODES = {int(opcode): opcode for opcode in Opcode}  # the reserved bits must be 0


def _broken(text: str) -> FrameError:
    return FrameError(wire.CLOSE_PROTOCOL_ERROR, text)
