"""Opens the WebSocket connection to a signaling server, and sorts what can go wrong with it.

Servers elsewhere are reached by TLS only. A pin of the link names the server's key; it is compared in the connection
itself, after the TLS handshake and before the first byte of HTTP. Without a pin the system's own roots decide.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import logging
import ssl
from typing import Any

import truststore
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import ClientConnection, connect
from websockets.client import process_exception
from websockets.exceptions import WebSocketException

from callapp.errors import ErrorCode, SignalingError
from callapp.signaling.invite import ServerAddress, pin_of
from signaling_server import wire

OPEN_TIMEOUT_S = 5.0
PING_INTERVAL_S = 5.0
PING_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 0.4

UNTRUSTED = frozenset({ErrorCode.PIN_MISMATCH, ErrorCode.CERTIFICATE_INVALID})

_websockets_log = logging.getLogger(__name__).getChild("websockets")
_websockets_log.setLevel(logging.WARNING)  # below that websockets logs the content of frames


async def connect_to(server: ServerAddress) -> ClientConnection:
    """Raises OSError (TimeoutError is one) if another attempt may help, SignalingError if it cannot.

    The latter is PIN_MISMATCH or CERTIFICATE_INVALID if it is not the server that it should be: then it was told
    nothing.
    """
    try:
        return await connect(
            server.websocket_url,
            host=server.host,  # given once more, so that no redirect leads elsewhere
            port=server.port,
            ssl=_context(server) if server.tls else None,
            create_connection=_pinned(server.pin) if server.pin else None,
            compression=None,
            proxy=None,
            user_agent_header=None,
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            max_size=wire.MAX_MESSAGE_BYTES,
            logger=_websockets_log,
        )
    except ssl.SSLCertVerificationError as error:
        raise SignalingError(
            ErrorCode.CERTIFICATE_INVALID, error.verify_message, subject=server.host
        ) from None
    except ssl.SSLError as error:
        raise SignalingError(
            ErrorCode.SERVER_MESSAGE, f"no encrypted server answers there: {error.reason}"
        ) from None
    except (WebSocketException, ValueError) as error:
        if process_exception(error) is None:  # no answer, or HTTP 5xx
            raise ConnectionError(str(error)) from None
        raise SignalingError(
            ErrorCode.SERVER_MESSAGE, f"no signaling server answers there: {type(error).__name__}"
        ) from None


def is_refused(error: OSError) -> bool:
    """Whether nothing listens there."""
    # asyncio sums several addresses' errors up in the text of one OSError
    return isinstance(error, ConnectionRefusedError) or f"[Errno {errno.ECONNREFUSED}]" in str(error)


def _context(server: ServerAddress) -> ssl.SSLContext:
    if not server.pin:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # the key counts: names and dates of a self-signed certificate prove nothing
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _pinned(pin: str) -> type[ClientConnection]:
    """Connections that say nothing unless the server has the key with this pin."""

    class PinnedConnection(ClientConnection):
        async def handshake(self, *args: Any, **kwargs: Any) -> None:
            """Between the handshake of TLS, in which the server proved its key, and that of HTTP."""
            encryption = self.transport.get_extra_info("ssl_object")
            certificate = encryption.getpeercert(binary_form=True) if encryption is not None else None
            if not hmac.compare_digest(_pin_of_certificate(certificate or b""), pin):
                self.transport.abort()
                raise SignalingError(ErrorCode.PIN_MISMATCH, "the server has another key than the link says")
            await super().handshake(*args, **kwargs)

    return PinnedConnection


def _pin_of_certificate(certificate: bytes) -> str:
    """The pin of a certificate in DER; "" if it cannot be read."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return pin_of(hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest())
