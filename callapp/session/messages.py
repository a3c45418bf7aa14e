"""What the two sides say to each other, sealed through the server or over the data channel.

One JSON object a message: `v` (protocol version), `type` and the fields of its struct. Unknown fields are ignored,
so that a later version may add some; an unknown `v` or `type`, a wrong type or a value out of its limits is an error.
"""

from __future__ import annotations

import enum
from typing import Annotated

import msgspec
from msgspec import Meta

from callapp.call.description import Candidate, Description
from callapp.call.states import Reason
from callapp.errors import ErrorCode, SignalingError

VERSION = 1
MAX_BYTES = 40_960  # fits, sealed and in base64url, into one relayed payload of 64 KiB

CallId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
Attempt = Annotated[int, Meta(ge=0, le=100_000)]
Sdp = Annotated[str, Meta(min_length=1, max_length=36_000)]
Nonce = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Commitment = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
ChatId = CallId
ChatText = Annotated[str, Meta(min_length=1, max_length=4000)]


class Agent(enum.Enum):
    """What program the peer is."""

    APP = "app"
    BROWSER = "browser"


class Hello(msgspec.Struct, frozen=True, tag="hello", tag_field="type"):
    """The first word to whoever is in the room: it proves the link, and tells who has to offer."""

    agent: Agent
    v: int = VERSION


class Status(msgspec.Struct, frozen=True, tag="status", tag_field="type"):
    """How the sender stands: its name and what is switched off."""

    name: Annotated[str, Meta(max_length=64)] = ""
    muted: bool = False
    camera_off: bool = False
    sharing: bool = False
    v: int = VERSION


class Offer(msgspec.Struct, frozen=True, tag="offer", tag_field="type"):
    """An offer of `call_id`; `attempt` counts its connections from 0."""

    call_id: CallId
    attempt: Attempt
    sdp: Sdp
    status: Status
    commitment: Commitment | None = None  # to the nonce of `reveal`: callapp/session/sas.py
    v: int = VERSION

    def __repr__(self) -> str:
        return f"Offer({self.call_id}, {self.attempt}, {Description(self.sdp).summary})"


class Answer(msgspec.Struct, frozen=True, tag="answer", tag_field="type"):
    call_id: CallId
    attempt: Attempt
    sdp: Sdp
    status: Status
    nonce: Nonce | None = None
    v: int = VERSION

    def __repr__(self) -> str:
        return f"Answer({self.call_id}, {self.attempt}, {Description(self.sdp).summary})"


class Reveal(msgspec.Struct, frozen=True, tag="reveal", tag_field="type"):
    """The offerer's nonce, once the answerer's is known."""

    call_id: CallId
    attempt: Attempt
    nonce: Nonce
    v: int = VERSION


class IceCandidate(msgspec.Struct, frozen=True, tag="candidate", tag_field="type"):
    """One ICE candidate, or with `candidate` null the end of them (RFC 8838)."""

    call_id: CallId
    attempt: Attempt
    candidate: Annotated[str, Meta(max_length=1024)] | None
    sdp_mid: Annotated[str, Meta(max_length=64)] | None = None
    sdp_m_line_index: Annotated[int, Meta(ge=0, le=64)] | None = None
    v: int = VERSION

    def __repr__(self) -> str:
        return f"IceCandidate({self.call_id}, {self.attempt})"

    @property
    def value(self) -> Candidate | None:
        if self.candidate is None:
            return None
        return Candidate(self.candidate, self.sdp_mid, self.sdp_m_line_index)


class Bye(msgspec.Struct, frozen=True, tag="bye", tag_field="type"):
    """The sender's call has ended."""

    call_id: CallId
    reason: Reason
    v: int = VERSION


class Restart(msgspec.Struct, frozen=True, tag="restart", tag_field="type"):
    """The callee asks the caller for an offer of the attempt after `attempt`."""

    call_id: CallId
    attempt: Attempt
    v: int = VERSION


class Chat(msgspec.Struct, frozen=True, tag="chat", tag_field="type"):
    """A text message, over the data channel only; it may come twice. `at` is Unix s of the sender's clock."""

    id: ChatId
    text: ChatText
    at: Annotated[float, Meta(ge=0, le=1e11)]
    v: int = VERSION

    def __repr__(self) -> str:
        return f"Chat({self.id}, {len(self.text)} characters)"


class ChatAck(msgspec.Struct, frozen=True, tag="chat_ack", tag_field="type"):
    """The message `id` has arrived."""

    id: ChatId
    v: int = VERSION


Message = Hello | Status | Offer | Answer | Reveal | IceCandidate | Bye | Restart | Chat | ChatAck
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


class _Version(msgspec.Struct):
    v: int


def encode(message: Message) -> bytes:
    return msgspec.json.encode(message)


def decode(data: bytes | str) -> Message:
    """Raises SignalingError: UNSUPPORTED_VERSION, or BAD_PEER_MESSAGE for everything else that is no message."""
    if len(data) > MAX_BYTES:
        raise SignalingError(ErrorCode.BAD_PEER_MESSAGE, f"a message of {len(data)} bytes")
    try:
        version = msgspec.json.decode(data, type=_Version).v
        if version != VERSION:
            raise SignalingError(
                ErrorCode.UNSUPPORTED_VERSION, f"the peer speaks version {version}, this app {VERSION}"
            )
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        # msgspec's text names the field and the expected type, never the value
        raise SignalingError(ErrorCode.BAD_PEER_MESSAGE, f"not a message of the peer: {error}") from None
