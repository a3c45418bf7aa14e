"""TLS of one connection, as a server, without I/O: bytes of the network in, plain bytes out, and the other way.

asyncio's and uvloop's own TLS transports hold a buffer of 256 KiB for each connection, and tell nobody of a connection
before its handshake is done. This one needs a tenth, and limits see every socket from its first moment.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import Final

HANDSHAKE_RECORD: Final = 0x16  # first byte of a TLS connection (RFC 8446, section 5.1)
_READ_BYTES = 16_384  # a record holds no more (RFC 8446, section 5.1)


class TlsStream:
    """The server's side of a TLS connection."""

    __slots__ = ("_has_begun", "_incoming", "_is_open", "_outgoing", "_tls")

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._has_begun = False
        self._is_open = False

    @property
    def has_begun(self) -> bool:
        """Whether anything came."""
        return self._has_begun

    def receive(self, data: bytes) -> Iterator[bytes]:
        """Take what came from the network; gives what it says in plain.

        Raises ssl.SSLError: not TLS, no common version, a record that does not authenticate. What is then still
        to be sent (an alert) is in `pending`.
        """
        self._has_begun = True
        self._incoming.write(data)
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            if not self._is_open:
                self._tls.do_handshake()
                self._is_open = True
            while plain := self._tls.read(_READ_BYTES):
                yield plain

    def send(self, plain: bytes) -> bytes:
        """What to put on the network to say `plain`. Raises ssl.SSLError."""
        at = 0
        while at < len(plain):
            at += self._tls.write(memoryview(plain)[at:])
        return self._outgoing.read()

    def pending(self) -> bytes:
        """What TLS itself has to put on the network: handshakes, alerts."""
        return self._outgoing.read()

    def close(self) -> bytes:
        """What to put on the network to end the connection (close_notify)."""
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        return self._outgoing.read()
