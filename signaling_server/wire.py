"""The messages between a client and the signaling server, and their codec: docs/signaling-protocol.md.

One JSON object per WebSocket text frame (RFC 6455, section 5.6), told apart by its `type`. Everything is
checked here: unknown types, unknown fields, wrong types and values out of their limits get no further.
"""

from __future__ import annotations

import enum
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

VERSION: Final = 1
PATH = "/ws"  # where on the server the WebSocket is
MAX_MESSAGE_BYTES = 64 * 1024
MAX_PAYLOAD_CHARS = MAX_MESSAGE_BYTES - 256  # leaves room for the other fields of a relayed message
MAX_TEXT_CHARS = 200
ROOM_PATTERN = r"\A[A-Za-z0-9-]{1,64}\Z"  # random rooms are 16 of a-z2-7; people may choose a name

MAX_ICE_SERVERS = 8
MAX_ICE_URLS = 8
ICE_URL_PATTERN = (
    r"\A(?:stun|turn)s?:[A-Za-z0-9.:\[\]-]{1,200}(?:\?transport=(?:udp|tcp))?\Z"  # RFC 7064, 7065
)

_PAYLOAD_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

CLOSE_NORMAL = 1000  # RFC 6455, section 7.4.1
CLOSE_GOING_AWAY = 1001
CLOSE_PROTOCOL_ERROR = 1002
CLOSE_INVALID_DATA = 1007
CLOSE_POLICY = 1008
CLOSE_TOO_BIG = 1009
CLOSE_INTERNAL_ERROR = 1011

RoomName = Annotated[str, Meta(pattern=ROOM_PATTERN)]
ClientId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
ResumeToken = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Payload = Annotated[str, Meta(min_length=1, max_length=MAX_PAYLOAD_CHARS)]  # of _PAYLOAD_ALPHABET
Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
IceUrl = Annotated[str, Meta(pattern=ICE_URL_PATTERN)]
Credential = Annotated[str, Meta(pattern=r"\A[!-~]{1,200}\Z")]


class ErrorCode(enum.Enum):
    """Why the server refuses something. All but NO_PEER are followed by the end of the connection."""

    BAD_MESSAGE = "bad_message"  # not JSON, or not a message of this protocol
    TOO_LARGE = "too_large"
    BINARY_MESSAGE = "binary_message"
    UNSUPPORTED_VERSION = "unsupported_version"
    UNEXPECTED_MESSAGE = "unexpected_message"  # a second join, or a relay before the first
    NO_PEER = "no_peer"  # nobody to relay to
    ID_IN_USE = "id_in_use"
    REPLACED = "replaced"  # the same client came back on another connection
    TOO_MANY_ROOMS = "too_many_rooms"
    RATE_LIMITED = "rate_limited"
    JOIN_TIMEOUT = "join_timeout"
    TOO_MANY_CONNECTIONS = "too_many_connections"  # from this address, or in all
    TOO_MANY_JOINS = "too_many_joins"  # from this address
    ROOM_IDLE = "room_idle"  # nobody in the room said anything for very long


class LeaveReason(enum.Enum):
    """How a client left its room."""

    LEFT = "left"  # it said so
    CLOSED = "closed"  # its connection ended without a word
    TIMEOUT = "timeout"  # it stopped answering pings, or reading
    ERROR = "error"  # the server threw it out for an error


class WireError(ValueError):
    """A frame that is no message: BAD_MESSAGE, TOO_LARGE, BINARY_MESSAGE or UNSUPPORTED_VERSION.

    `detail` never quotes the frame.
    """

    def __init__(self, code: ErrorCode, detail: str) -> None:
        super().__init__(f"{code.value}: {detail}")
        self.code = code
        self.detail = detail[:MAX_TEXT_CHARS]


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """What all messages have in common."""


# ---- client to server


class Join(_Message, frozen=True, tag="join", omit_defaults=True):
    """Enter a room. `resume` (of the last `joined`) replaces the own earlier connection."""

    v: Literal[1]
    room: RoomName
    id: ClientId
    resume: ResumeToken | None = None

    def __repr__(self) -> str:
        return f"Join({self.id})"  # the resume token is a credential


class Relay(_Message, frozen=True, tag="relay"):
    """Hand `payload` to the other one in the room."""

    payload: Payload

    def __repr__(self) -> str:
        return f"Relay({len(self.payload)} characters)"


class Leave(_Message, frozen=True, tag="leave"):
    """Leave the room; the server closes the connection."""


ClientMessage = Join | Relay | Leave


# ---- server to client


class IceServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A STUN or TURN server, in the form of WebRTC's RTCIceServer (W3C WebRTC, section 4.2.2)."""

    urls: Annotated[tuple[IceUrl, ...], Meta(min_length=1, max_length=MAX_ICE_URLS)]
    username: Credential | None = None
    credential: Credential | None = None

    def __repr__(self) -> str:
        return f"IceServer({len(self.urls)} addresses)"  # the credential lets others use the relay


class Joined(_Message, frozen=True, tag="joined", omit_defaults=True):
    """The client is in the room; `peers` are the others in it, `ice_servers` help it to be reached."""

    room: RoomName
    peers: Annotated[tuple[ClientId, ...], Meta(max_length=1)]
    resume: ResumeToken
    ice_servers: Annotated[tuple[IceServer, ...], Meta(max_length=MAX_ICE_SERVERS)] = ()

    def __repr__(self) -> str:
        return f"Joined({len(self.peers)} peers)"


class PeerJoined(_Message, frozen=True, tag="peer_joined"):
    """Somebody came; if it was there already, on a new connection, and messages may have been lost."""

    id: ClientId


class PeerLeft(_Message, frozen=True, tag="peer_left"):
    """Somebody is gone."""

    id: ClientId
    reason: LeaveReason


class Relayed(_Message, frozen=True, tag="relay"):
    """A payload from the other one in the room."""

    sender: ClientId = msgspec.field(name="from")
    payload: Payload

    def __repr__(self) -> str:
        return f"Relayed({self.sender}, {len(self.payload)} characters)"


class Full(_Message, frozen=True, tag="full"):
    """Two are in the room already."""

    room: RoomName


class Error(_Message, frozen=True, tag="error"):
    """Something was refused. `message` is for logs: technical, in English."""

    code: ErrorCode
    message: Text


ServerMessage = Joined | PeerJoined | PeerLeft | Relayed | Full | Error


# ---- codec


class _Version(msgspec.Struct):
    """As much of a message as shows its version, whatever a later version adds to it."""

    v: int


T = TypeVar("T", bound=_Message)
_client_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_server_decoder: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_version_decoder = msgspec.json.Decoder(_Version)


def encode(message: ClientMessage | ServerMessage) -> str:
    """The text of a frame."""
    return msgspec.json.encode(message).decode()


def decode_client(frame: str | bytes) -> ClientMessage:
    """What a client said; a text frame comes as `str`, a binary one as `bytes`. Raises WireError."""
    return _decode(frame, _client_decoder)


def decode_server(frame: str | bytes) -> ServerMessage:
    """What the server said; a text frame comes as `str`, a binary one as `bytes`. Raises WireError."""
    return _decode(frame, _server_decoder)


def _decode(frame: str | bytes, decoder: msgspec.json.Decoder[T]) -> T:
    if isinstance(frame, bytes):
        raise WireError(ErrorCode.BINARY_MESSAGE, "messages are text frames")
    try:
        data = frame.encode()
        if len(data) > MAX_MESSAGE_BYTES:
            raise WireError(ErrorCode.TOO_LARGE, f"{len(data)} bytes, the limit is {MAX_MESSAGE_BYTES}")
        message = decoder.decode(data)
        if isinstance(message, Relay | Relayed) and message.payload.encode().translate(
            None, _PAYLOAD_ALPHABET
        ):
            raise WireError(
                ErrorCode.BAD_MESSAGE, "wrong value at `$.payload`"
            )  # a pattern takes three times as long
        return message
    except UnicodeError:
        raise WireError(ErrorCode.BAD_MESSAGE, "not valid Unicode") from None
    except RecursionError:
        raise WireError(ErrorCode.BAD_MESSAGE, "nested too deeply") from None
    except msgspec.MsgspecError as error:
        if (version := _version_of(data)) not in (None, VERSION):
            raise WireError(
                ErrorCode.UNSUPPORTED_VERSION, f"version {version} is not spoken here, only {VERSION}"
            ) from None
        raise WireError(ErrorCode.BAD_MESSAGE, _described(error)) from None


def _version_of(data: bytes) -> int | None:
    try:
        return _version_decoder.decode(data).v
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _described(error: msgspec.MsgspecError) -> str:
    """Where a message is wrong. msgspec's own words may quote what was sent."""
    if not isinstance(error, msgspec.ValidationError):
        return "not JSON"
    _, _, place = str(error).partition(" - at ")
    return f"wrong value at {place}" if place else "not a message of this protocol"
