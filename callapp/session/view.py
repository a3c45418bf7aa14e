"""CallView: everything that ui and control may know of a call, as one frozen value.

A view is a pure function of the session's values, so every state of the window can be rendered without a call.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from callapp.call.states import Reason, State
from callapp.errors import CallAppError
from callapp.media.messages import SourceInfo

LIVE_STATES = frozenset(State) - {State.IDLE, State.ENDED}


class Preview(enum.StrEnum):
    """The own camera and microphone, from Start on."""

    OFF = "off"
    OPENING = "opening"
    ON = "on"
    FAILED = "failed"


class Room(enum.StrEnum):
    """Our place in the room, as the server tells it."""

    NONE = "none"
    WAITING = "waiting"
    PEER = "peer"
    FULL = "full"


class LinkState(enum.StrEnum):
    """The connection to the signaling server."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    ONLINE = "online"
    LOST = "lost"


class Reach(enum.StrEnum):
    """Who can use a room's links."""

    THIS_COMPUTER = "this_computer"
    NETWORK = "network"
    INTERNET = "internet"


class Lock(enum.StrEnum):
    """What is known of who is at the other end. docs/security.md says what each protects against."""

    NONE = "none"  # no connection, or a call with oneself
    VERIFIED_BY_LINK = (
        "verified_by_link"  # the peer has the secret of the callapp: link, which no page has seen
    )
    TRUSTS_HOST = "trusts_host"  # it came by the https: link: whoever serves that page could be in between
    CHANGED = "changed"  # after a reconnect, another certificate than before
    INTERFERENCE = "interference"  # somebody plays with what goes through the server


class ChatState(enum.StrEnum):
    """How far a message has come. One of the peer's is DELIVERED from the start."""

    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Action(enum.StrEnum):
    """A next step that a notice offers as a button; ui.texts names it, ui.actions maps it to an intent."""

    TRY_AGAIN = "try_again"
    OTHER_CAMERA = "other_camera"
    SOUND_ONLY = "sound_only"
    TEST_PICTURE = "test_picture"
    NO_MICROPHONE = "no_microphone"
    REJOIN = "rejoin"
    NEW_ROOM = "new_room"
    SETTINGS = "settings"


class NoticeCode(enum.StrEnum):
    """Why a banner is shown. ERROR carries the error itself."""

    ERROR = "error"
    PEER_LEFT = "peer_left"
    PEER_LOST = "peer_lost"
    ROOM_FULL = "room_full"
    YOU_LEFT = "you_left"
    BUSY = "busy"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    SERVER_LOST = "server_lost"
    PERMISSION_PENDING = "permission_pending"
    INTERFERENCE = "interference"


@dataclass(frozen=True)
class Notice:
    """A banner: what happened, and the next steps."""

    code: NoticeCode
    actions: tuple[Action, ...] = ()
    error: CallAppError | None = None


@dataclass(frozen=True)
class Buttons:
    """Whether each of the three buttons can be pressed: behaviours of the WebRTC codelab."""

    start: bool
    call: bool
    hang_up: bool


@dataclass(frozen=True)
class Me:
    """The own side. `camera`/`microphone` are None while the device is not open."""

    name: str = ""
    camera: SourceInfo | None = None
    microphone: SourceInfo | None = None
    speaker: SourceInfo | None = None
    muted: bool = False
    camera_off: bool = False
    sharing: bool = False


@dataclass(frozen=True)
class PeerStatus:
    """What the peer says of itself, and what has been seen of it."""

    name: str = ""
    muted: bool = False
    camera_off: bool = False
    sharing: bool = False
    picture_shown: bool = False  # the first remote picture of this call has been shown


@dataclass(frozen=True)
class Invite:
    """The room's links as a person passes them on. They hold secrets: never log them.

    `link` is for people with the app, `browser_link` for people with a browser; "" for one that we were not given.
    """

    room: str
    link: str = field(repr=False)
    browser_link: str = field(default="", repr=False)
    reach: str = Reach.THIS_COMPUTER
    host: str = ""  # the server, as the links name it
    browser_warns: bool = False  # a browser will not know the server's certificate: tell the guest beforehand


@dataclass(frozen=True)
class Sas:
    """The short authentication string, the same on both sides: `emoji` are places in `sas.emoji_table()`."""

    digits: str
    emoji: tuple[int, ...]


@dataclass(frozen=True)
class ChatMessage:
    """A text message of this call. `at` is Unix s of the own clock; `text` is plain text, whatever is in it."""

    id: str
    own: bool
    author: str  # the name at that time, may be ""
    text: str = field(repr=False)
    at: float
    state: ChatState


@dataclass(frozen=True)
class CallView:
    """The whole call as the window shows it. `since` is Unix s of the first connection of this call."""

    call: State = State.IDLE
    reason: Reason | None = None
    preview: Preview = Preview.OFF
    room: Room = Room.NONE
    link: LinkState = LinkState.OFFLINE
    buttons: Buttons = Buttons(start=True, call=False, hang_up=False)
    invite: Invite | None = None
    hosting: bool = False  # the room is on the server inside this app
    invited: bool = False  # the room came from a link: "Ready to join"
    loopback: bool = False
    me: Me = Me()
    peer: PeerStatus | None = None
    since: float | None = None
    notice: Notice | None = None
    lock: Lock = Lock.NONE
    sas: Sas | None = None  # to read to each other, while connected
    chat: tuple[ChatMessage, ...] = ()  # of this call, or of the last one until the next begins
    chat_open: bool = False  # a message can be written now
    unread: int = 0  # messages of the peer since the last MarkChatRead
    reach: Reach | None = (
        None  # who can use the rooms that we make; None: on the configured server, no choice
    )

    @property
    def live(self) -> bool:
        """A call is being made, taken or held."""
        return self.call in LIVE_STATES


def buttons_of(preview: Preview, state: State, room: Room, busy: bool) -> Buttons:
    """The codelab's table, with rooms: Hang Up also leaves a room in which one waits."""
    live = state in LIVE_STATES
    ready = preview is Preview.ON
    return Buttons(
        start=preview in (Preview.OFF, Preview.FAILED),
        call=ready and not live and (not busy or room is Room.PEER),
        hang_up=live or busy,
    )
