"""The one error tree: every failure that a person or a program outside can see has a code here.

ErrorCode's values are the names that logs, details and the control interface use: W3C DOMException names where
the standard has one (https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia), snake_case ours
elsewhere. Only `callapp.ui.texts` turns a code into a person's words.

CallAppError
 +-- LinkError       an invite link that cannot be used
 +-- MediaError      a device, file or track that cannot be used
 +-- SignalingError  the server, or what came through it
"""

from __future__ import annotations

import enum


class ErrorCode(enum.StrEnum):
    """Why something did not work."""

    # devices (Media Capture and Streams)
    NOT_FOUND = "NotFoundError"
    NOT_ALLOWED = "NotAllowedError"
    NOT_READABLE = "NotReadableError"
    OVERCONSTRAINED = "OverconstrainedError"
    SECURITY = "SecurityError"
    ABORT = "AbortError"
    DEVICE_LOST = "device_lost"
    FILE_UNREADABLE = "file_unreadable"
    FILE_UNWRITABLE = "file_unwritable"
    # the call
    NEGOTIATION_FAILED = "negotiation_failed"
    CONNECTION_FAILED = "connection_failed"
    BAD_PEER_MESSAGE = "bad_peer_message"
    OTHER_LINK = "other_link"
    CHAT_FULL = "chat_full"
    # the signaling server and the link to it
    INVALID_LINK = "invalid_link"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_REFUSED = "server_refused"
    SERVER_MESSAGE = "server_message"
    PIN_MISMATCH = "pin_mismatch"
    CERTIFICATE_INVALID = "certificate_invalid"
    UNSUPPORTED_VERSION = "unsupported_version"
    ROOM_FULL = "room_full"
    ADDRESS_IN_USE = "address_in_use"
    NO_NETWORK = "no_network"
    # the app itself
    INVALID_STATE = "invalid_state"
    UNKNOWN_COMMAND = "unknown_command"
    INVALID_ARGUMENT = "invalid_argument"
    SETTINGS_SET_ASIDE = "settings_set_aside"
    SETTINGS_READ_ONLY = "settings_read_only"
    LOG_READ_ONLY = "log_read_only"


class Device(enum.StrEnum):
    """What kind of device an error is about."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    SCREEN = "screen"


class CallAppError(Exception):
    """A failure with a code.

    `detail` is for the log and the folded details of a message: technical, in English, and never with a secret
    (link secret, credential, SDP) in it. `device` and `subject` (a device's or file's name, an address) complete
    the sentence that a person reads.
    """

    def __init__(
        self, code: ErrorCode, detail: str = "", *, device: Device | None = None, subject: str = ""
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail
        self.device = device
        self.subject = subject


class LinkError(CallAppError):
    """An invite link, room or server address that cannot be used; always ErrorCode.INVALID_LINK."""

    def __init__(self, detail: str) -> None:
        super().__init__(ErrorCode.INVALID_LINK, detail)


class MediaError(CallAppError):
    """A camera, microphone, speaker, screen, file or peer connection that cannot be used."""


class SignalingError(CallAppError):
    """The signaling server refused, vanished or spoke nonsense, or the peer did through it."""
