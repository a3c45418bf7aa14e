"""What crosses the border between the main thread and the media engine: frozen commands in, frozen events out.

Nothing here is mutable or knows aiortc; `repr` never shows SDP (see callapp.call.description).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from callapp.call.description import Candidate, Description
from callapp.errors import CallAppError, Device
from callapp.media.specs import MediaSpec, VideoWish

# ---- commands: main thread -> engine


@dataclass(frozen=True)
class OpenSources:
    """Start: open camera and microphone. Answered by SourcesOpened or SourcesFailed (then both are closed)."""

    camera: MediaSpec
    microphone: MediaSpec
    speaker: MediaSpec
    wish: VideoWish


@dataclass(frozen=True)
class CloseSources:
    """Release camera, microphone and screen."""


@dataclass(frozen=True)
class SwitchSource:
    """Another device for camera, microphone or speaker, also in a call. Answered by SourceChanged or SourceFailed.

    A failure leaves the old device in use. For a device that is switched off (muted), only the choice changes.
    """

    device: Device
    spec: MediaSpec


@dataclass(frozen=True)
class EnableSource:
    """Camera on/off, microphone on (unmuted)/off (muted): off really releases the device.

    Answered by SourceChanged or SourceFailed (then the device stays off).
    """

    device: Device  # CAMERA or MICROPHONE
    enabled: bool


@dataclass(frozen=True)
class Share:
    """Share a screen (its id of `list_screens`, "" for the primary one), or stop with None.

    Answered by SourceChanged(SCREEN) or SourceFailed(SCREEN).
    """

    screen: str | None


@dataclass(frozen=True)
class CreateOffer:
    call_id: str
    attempt: int


@dataclass(frozen=True)
class CreateAnswer:
    call_id: str
    attempt: int
    offer: Description = field(repr=False)


@dataclass(frozen=True)
class ApplyAnswer:
    call_id: str
    attempt: int
    answer: Description = field(repr=False)


@dataclass(frozen=True)
class AddCandidate:
    """candidate None: the peer's end of candidates."""

    call_id: str
    attempt: int
    candidate: Candidate | None = field(repr=False)


@dataclass(frozen=True)
class ClosePeer:
    """Close every peer connection of this call (all attempts); later results of it are not posted."""

    call_id: str


@dataclass(frozen=True)
class SendMessage:
    """A text over the call's data channel, best effort: dropped if the channel is not open."""

    call_id: str
    text: str = field(repr=False)


class Sound(enum.Enum):
    """The app's own sounds; values are file names in resources/sounds without `.wav`."""

    RINGING = "ringing"
    RINGBACK = "ringback"
    JOINED = "joined"
    LEFT = "left"
    MUTED = "muted"


@dataclass(frozen=True)
class PlaySound:
    """Mix one of the app's sounds into the speaker; without an open speaker nothing is heard."""

    sound: Sound


Command = (
    OpenSources | CloseSources | SwitchSource | EnableSource | Share
    | CreateOffer | CreateAnswer | ApplyAnswer | AddCandidate | ClosePeer | SendMessage
    | PlaySound
)  # fmt: skip

# ---- events: engine -> main thread


@dataclass(frozen=True)
class SourceInfo:
    """An open source: its label as a person knows it, for video also its real size (px) and rate."""

    label: str
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0


@dataclass(frozen=True)
class SourcesOpened:
    camera: SourceInfo | None
    microphone: SourceInfo | None
    speaker: SourceInfo | None


@dataclass(frozen=True)
class SourcesFailed:
    error: CallAppError


@dataclass(frozen=True)
class SourceChanged:
    """A source was switched, enabled or released; info None: it is released."""

    device: Device
    info: SourceInfo | None


@dataclass(frozen=True)
class SourceFailed:
    """A switch or enable failed (lost False), or an open device disappeared in use (lost True)."""

    device: Device
    error: CallAppError
    lost: bool = False


@dataclass(frozen=True)
class OfferReady:
    call_id: str
    attempt: int
    offer: Description = field(repr=False)


@dataclass(frozen=True)
class AnswerReady:
    call_id: str
    attempt: int
    answer: Description = field(repr=False)


@dataclass(frozen=True)
class LocalCandidate:
    """candidate None: end of candidates."""

    call_id: str
    attempt: int
    candidate: Candidate | None = field(repr=False)


@dataclass(frozen=True)
class PeerConnected:
    """ICE and DTLS are up."""

    call_id: str
    attempt: int


@dataclass(frozen=True)
class PeerFailed:
    """The connection failed, or no packet of the peer has come for `LIVENESS_S` (then `silent`)."""

    call_id: str
    attempt: int
    silent: bool = False


@dataclass(frozen=True)
class NegotiationFailed:
    """An offer or answer could not be made or applied."""

    call_id: str
    attempt: int
    error: CallAppError


class VideoRole(enum.Enum):
    """Which of the peer's pictures."""

    CAMERA = "camera"
    SCREEN = "screen"


@dataclass(frozen=True)
class RemoteVideo:
    """The first decoded frame of the peer's camera or screen, or a new size of it (px)."""

    call_id: str
    role: VideoRole
    width_px: int
    height_px: int


@dataclass(frozen=True)
class MessageReceived:
    call_id: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Trace:
    """A line for the log panel and the log file: never SDP, secrets or credentials."""

    text: str


Event = (
    SourcesOpened | SourcesFailed | SourceChanged | SourceFailed | OfferReady | AnswerReady | LocalCandidate
    | PeerConnected | PeerFailed | NegotiationFailed | RemoteVideo | MessageReceived | Trace
)  # fmt: skip
