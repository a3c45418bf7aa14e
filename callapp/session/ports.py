"""What a session needs of the world, as it needs it: the engine's seat, a room to be in, someone who watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from callapp.call.states import Reason
from callapp.media.messages import Command, Event
from callapp.media.specs import AUTO, MediaSpec, VideoWish
from callapp.media.video.slot import FrameSlot
from callapp.session.view import CallView, Reach
from callapp.signaling.events import LinkEvent
from callapp.signaling.invite import Invite


class Seat(Protocol):
    """One party's place at the media engine. The slots are its peer's pictures."""

    remote: FrameSlot
    remote_screen: FrameSlot

    def send(self, command: Command) -> None: ...


class Engine(Protocol):
    """The media engine, as far as a session knows it."""

    def seat(self, post: Callable[[Event], None]) -> Seat: ...


class Link(Protocol):
    """A place in a room: the signaling link, or the loopback partner."""

    def open(self) -> None: ...
    def send(self, payload: bytes) -> bool: ...
    async def close(self) -> None: ...


class Rooms(Protocol):
    """Where new rooms come from: the server inside this app, or the configured one."""

    async def new_room(self) -> Invite:
        """Raises CallAppError: ADDRESS_IN_USE, ..."""
        ...

    @property
    def reach(self) -> Reach | None:
        """Who can use new rooms; None: the server is a configured one."""
        ...

    async def choose_reach(self, reach: Reach) -> None:
        """For new rooms. Raises CallAppError: INVALID_STATE where there is no choice, NO_NETWORK."""
        ...

    def is_own(self, invite: Invite) -> bool:
        """Whether the room is on the server inside this app."""
        ...

    def link(self, invite: Invite, post: Callable[[LinkEvent], None]) -> Link: ...


@dataclass(frozen=True)
class Preferences:
    """What the session takes from the settings and the command line."""

    name: str = ""
    camera: MediaSpec = AUTO
    microphone: MediaSpec = AUTO
    speaker: MediaSpec = AUTO
    wish: VideoWish = field(default_factory=VideoWish)
    sounds: bool = True


# ---- what a watcher is told besides the view


@dataclass(frozen=True)
class TraceLine:
    """A line of the trace (log panel, log file)."""

    text: str


@dataclass(frozen=True)
class FirstRemoteFrame:
    width_px: int
    height_px: int


@dataclass(frozen=True)
class SetupTime:
    """From the later of the own Call and the peer's arrival to the first remote picture shown."""

    value_ms: float


@dataclass(frozen=True)
class Ended:
    reason: Reason


Report = TraceLine | FirstRemoteFrame | SetupTime | Ended


class Watcher(Protocol):
    """ui, control and log: told of every new view and report, on the session's loop."""

    def on_view(self, view: CallView) -> None: ...
    def on_report(self, report: Report) -> None: ...
