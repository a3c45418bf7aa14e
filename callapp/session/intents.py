"""What a person (or a program in a person's place) wants: the only way that ui and control act on a call."""

from __future__ import annotations

from dataclasses import dataclass, field

from callapp.errors import Device
from callapp.media.specs import MediaSpec
from callapp.session.view import Reach


@dataclass(frozen=True)
class Start:
    """Open camera and microphone. A spec given here replaces the chosen one for this start (sound only: NONE).

    While an earlier Start is still waiting (a permission question that nobody answers), it is replaced.
    """

    camera: MediaSpec | None = None
    microphone: MediaSpec | None = None


@dataclass(frozen=True)
class PlaceCall:
    """The Call button: join the room, then call whoever is there or wait."""


@dataclass(frozen=True)
class HangUp:
    """The Hang Up button: end the call or stop waiting, and leave the room. The preview goes on."""


@dataclass(frozen=True)
class Accept:
    """Take a ringing call; without `video` the camera is switched off first."""

    video: bool = True


@dataclass(frozen=True)
class Decline:
    """Refuse a ringing call."""


@dataclass(frozen=True)
class Mute:
    """Microphone off (True: the device is released) or on."""

    muted: bool


@dataclass(frozen=True)
class CameraOff:
    """Camera off (True: the device is released) or on."""

    off: bool


@dataclass(frozen=True)
class ChooseDevice:
    """Use another camera, microphone or speaker, now and in the settings."""

    device: Device
    spec: MediaSpec


@dataclass(frozen=True)
class ShareScreen:
    """Share a screen (its id, "" for the primary one), or stop with None."""

    screen: str | None


@dataclass(frozen=True)
class OpenLink:
    """Fill in the room from an invite link. Refused during a call. Opens no device, joins nothing."""

    link: str = field(repr=False)


@dataclass(frozen=True)
class NewRoom:
    """Leave the present room, if any, and make a fresh one on the built-in (or configured) server."""


@dataclass(frozen=True)
class TryLoopback:
    """A call with oneself: the next calls reach a second peer inside this process, until `NewRoom` or `OpenLink`."""


@dataclass(frozen=True)
class SetName:
    """The name that the peer sees."""

    name: str


@dataclass(frozen=True)
class ChooseReach:
    """Who can use the rooms made from now on: THIS_COMPUTER or NETWORK. A room at hand is replaced by such a one."""

    reach: Reach


@dataclass(frozen=True)
class SendChat:
    """Send a text to the peer."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class MarkChatRead:
    """The person has seen the messages."""


@dataclass(frozen=True)
class DismissNotice:
    """Close the banner."""


Intent = (
    Start | PlaceCall | HangUp | Accept | Decline | Mute | CameraOff | ChooseDevice | ShareScreen
    | OpenLink | NewRoom | TryLoopback | SetName | ChooseReach | SendChat | MarkChatRead | DismissNotice
)  # fmt: skip
