"""Answers STUN binding requests (RFC 8489), so that clients learn the address they are seen under.

Nothing else of STUN is spoken: no authentication, no other method. An answer is at most 24 bytes longer than the
request, and each address gets only so many, so that nobody is worth flooding through us.
"""

from __future__ import annotations

import asyncio
import ipaddress
import struct
import zlib
from collections import Counter
from typing import Any, Final

MAX_REQUEST_BYTES = 548  # RFC 8489, section 6.1: what fits through any IPv4 network
ANSWERS_PER_ADDRESS = 50  # in a window
ANSWERS = 20_000
WINDOW_S = 5.0

_MAGIC_COOKIE: Final = 0x2112A442
_HEADER = struct.Struct("!HHI12s")  # type, length, cookie, transaction
_ATTRIBUTE = struct.Struct("!HH")  # type, length; the value is padded to 4 bytes
_BINDING_REQUEST = 0x0001
_BINDING_SUCCESS = 0x0101
_BINDING_ERROR = 0x0111
_ERROR_CODE = 0x0009
_UNKNOWN_ATTRIBUTES = 0x000A
_XOR_MAPPED_ADDRESS = 0x0020
_FINGERPRINT = 0x8028
_FINGERPRINT_XOR = 0x5354554E
_FINGERPRINT_BYTES = 8
# USERNAME, MESSAGE-INTEGRITY, REALM, NONCE, MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH: a server
# that asks for no credentials ignores them. PRIORITY, USE-CANDIDATE: of ICE, harmless here.
_IGNORED_REQUIRED = frozenset({0x0006, 0x0008, 0x0014, 0x0015, 0x001C, 0x001D, 0x001E, 0x0024, 0x0025})


def answer_to(request: bytes, host: str, port: int) -> bytes | None:
    """The answer to a datagram from `host` and `port`; None if it is no binding request."""
    if not _HEADER.size <= len(request) <= MAX_REQUEST_BYTES:
        return None
    kind, length, cookie, transaction = _HEADER.unpack_from(request)
    if kind != _BINDING_REQUEST or cookie != _MAGIC_COOKIE or length != len(request) - _HEADER.size:
        return None
    types = _attribute_types(request)
    if types is None:
        return None
    signed = _FINGERPRINT in types
    if signed and (types[-1] != _FINGERPRINT or not _fingerprint_holds(request)):
        return None
    unknown = [type_ for type_ in types if type_ < 0x8000 and type_ not in _IGNORED_REQUIRED]
    if unknown:
        body = _attribute(_ERROR_CODE, struct.pack("!HBB", 0, 4, 20))  # 420 Unknown Attribute
        body += _attribute(_UNKNOWN_ATTRIBUTES, struct.pack(f"!{len(unknown)}H", *unknown))
        return _message(_BINDING_ERROR, transaction, body, signed=signed)
    body = _attribute(_XOR_MAPPED_ADDRESS, _xor_mapped(host, port, transaction))
    return _message(_BINDING_SUCCESS, transaction, body, signed=signed)


def _attribute_types(request: bytes) -> list[int] | None:
    """The types of all attributes, in order; None if their lengths do not add up."""
    types = []
    at = _HEADER.size
    while at < len(request):
        if at + _ATTRIBUTE.size > len(request):
            return None
        type_, length = _ATTRIBUTE.unpack_from(request, at)
        types.append(type_)
        at += _ATTRIBUTE.size + length + -length % 4
    return types if at == len(request) else None


def _fingerprint_holds(request: bytes) -> bool:
    length, value = struct.unpack_from("!HI", request, len(request) - _FINGERPRINT_BYTES + 2)
    return bool(length == 4 and value == zlib.crc32(request[:-_FINGERPRINT_BYTES]) ^ _FINGERPRINT_XOR)


def _attribute(type_: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(type_, len(value)) + value + bytes(-len(value) % 4)


def _xor_mapped(host: str, port: int, transaction: bytes) -> bytes:
    """RFC 8489, section 14.2."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    family = 1 if address.version == 4 else 2
    mask = struct.pack("!I", _MAGIC_COOKIE) + transaction
    hidden = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    return struct.pack("!BBH", 0, family, port ^ (_MAGIC_COOKIE >> 16)) + hidden


def _message(kind: int, transaction: bytes, body: bytes, *, signed: bool) -> bytes:
    """A whole message; `signed`: with a FINGERPRINT, for those who used one themselves."""
    length = len(body) + (_FINGERPRINT_BYTES if signed else 0)
    message = _HEADER.pack(kind, length, _MAGIC_COOKIE, transaction) + body
    if signed:
        checksum = zlib.crc32(message) ^ _FINGERPRINT_XOR
        message += _attribute(_FINGERPRINT, struct.pack("!I", checksum))
    return message


class Allowance:
    """How many answers an address, and all together, may still get in this window. Pure."""

    def __init__(self) -> None:
        self._window = -1
        self._given: Counter[str] = Counter()
        self._all = 0

    def take(self, host: str, now: float) -> bool:
        window = int(now // WINDOW_S)
        if window != self._window:
            self._window = window
            self._given.clear()
            self._all = 0
        if self._all >= ANSWERS or self._given[host] >= ANSWERS_PER_ADDRESS:
            return False
        self._given[host] += 1
        self._all += 1
        return True


class StunResponder(asyncio.DatagramProtocol):
    """Answers on a UDP socket. While that can send no more, nobody gets an answer: who asks repeats it."""

    def __init__(self) -> None:
        self._allowance = Allowance()
        self._transport: asyncio.DatagramTransport | None = None
        self._is_paused = False
        self._closed = asyncio.Event()

    async def close(self) -> None:
        """Close the socket; the port is free then."""
        if self._transport is not None:
            self._transport.abort()
            await self._closed.wait()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed.set()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        host, port = addr[:2]
        answer = answer_to(data, host, port)
        if answer is None or self._transport is None or self._is_paused:
            return
        if self._allowance.take(host, asyncio.get_running_loop().time()):
            self._transport.sendto(answer, addr)
