"""Opens the WebSocket connection to a signaling server, and sorts what can go wrong with it."""

from __future__ import annotations

import errno
import logging

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import process_exception
from websockets.exceptions import WebSocketException

from callapp.errors import ErrorCode, SignalingError
from callapp.signaling.invite import ServerAddress
from signaling_server import wire

OPEN_TIMEOUT_S = 5.0
PING_INTERVAL_S = 5.0
PING_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 0.4

_websockets_log = logging.getLogger(__name__).getChild("websockets")
_websockets_log.setLevel(logging.WARNING)  # below that websockets logs the content of frames


async def connect_to(server: ServerAddress) -> ClientConnection:
    """Raises OSError (TimeoutError is one) if another attempt may help, SignalingError if it cannot."""
    if server.tls:
        raise SignalingError(
            ErrorCode.SERVER_UNREACHABLE, "this version reaches servers on this computer only"
        )
    try:
        return await connect(
            server.websocket_url,
            host=server.host,  # given once more, so that no redirect leads elsewhere
            port=server.port,
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
