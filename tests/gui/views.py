"""Every state of a call that the window can be asked to show, by name."""

from __future__ import annotations

import time

from callapp.call.states import Reason, State
from callapp.errors import CallAppError, Device, ErrorCode, LinkError, MediaError, SignalingError
from callapp.media.messages import SourceInfo
from callapp.session.view import (
    Action,
    Buttons,
    CallView,
    ChatMessage,
    ChatState,
    Invite,
    LinkState,
    Lock,
    Me,
    Notice,
    NoticeCode,
    PeerStatus,
    Preview,
    Reach,
    Room,
    Sas,
)

CAMERA = SourceInfo("HD Webcam C920", 1280, 720, 30.0)
ME = Me("Mina Kim", CAMERA, SourceInfo("Built-in Microphone"), SourceInfo("Headphones"))
INVITE = Invite(
    "abcdefgh23456777",
    "callapp://127.0.0.1:43211/abcdefgh23456777#AAAAAAAAAAAAAAAAAAAAAA",
    "http://127.0.0.1:43211/abcdefgh23456777#BBBBBBBBBBBBBBBBBBBBBB",
    host="127.0.0.1",
)
NETWORK_INVITE = Invite(
    "abcdefgh23456777",
    f"callapp://192.168.0.7:43211/abcdefgh23456777#AAAAAAAAAAAAAAAAAAAAAA.{'P' * 43}",
    "https://192.168.0.7:43211/abcdefgh23456777#BBBBBBBBBBBBBBBBBBBBBB",
    Reach.NETWORK,
    "192.168.0.7",
    browser_warns=True,
)
SAS = Sas("048216", (0, 19, 26, 63))
PEER = PeerStatus("Jonas Weber", picture_shown=True)

_START = Buttons(start=True, call=False, hang_up=False)
_CALL = Buttons(start=False, call=True, hang_up=False)
_HANG_UP = Buttons(start=False, call=False, hang_up=True)
_NONE = Buttons(start=False, call=False, hang_up=False)


def _ready(**changes: object) -> CallView:
    values: dict[str, object] = {
        "preview": Preview.ON, "buttons": _CALL, "me": ME, "invite": INVITE, "hosting": True,
        "link": LinkState.OFFLINE, "reach": Reach.THIS_COMPUTER,
    }  # fmt: skip
    return CallView(**(values | changes))  # type: ignore[arg-type]


def _waiting(**changes: object) -> CallView:
    return _ready(**({"room": Room.WAITING, "link": LinkState.ONLINE, "buttons": _HANG_UP} | changes))


def _in_call(state: State = State.CONNECTED, **changes: object) -> CallView:
    values = {"call": state, "room": Room.PEER, "peer": PEER, "since": time.time() - 192}
    return _waiting(**(values | changes))


def _failed(error: CallAppError, *actions: Action) -> CallView:
    return CallView(preview=Preview.FAILED, buttons=_START, notice=Notice(NoticeCode.ERROR, actions, error))


def message(number: int, text: str, *, own: bool = False, state: str = ChatState.DELIVERED) -> ChatMessage:
    """One of a conversation, a minute after the one before."""
    author = "Mina Kim" if own else "Jonas Weber"
    return ChatMessage(f"{number:016x}", own, author, text, 1_760_000_000 + 60 * number, ChatState(state))


CHAT = (
    message(1, "Hello Mina, can you hear me?"),
    message(2, "Yes, loud and clear. The picture is good, too.", own=True),
    message(3, "This is the page: https://example.org/docs/page_(draft)?x=1. Have a look!"),
    message(4, "오늘 회의는 세 시에 시작합니다.\n자료를 미리 읽어 주세요.", own=True),
    message(5, "<b>not bold</b> javascript:alert(1)"),
    message(6, "On my way", own=True, state=ChatState.SENDING),
    message(7, "Are you still there?", own=True, state=ChatState.FAILED),
)


def all_views() -> dict[str, CallView]:
    """Name -> view. Each state, each room, each notice, each device in each of its conditions."""
    long_name = "Wolfgang Amadeus Theophilus von Hohenzollern-Sigmaringen"
    views = {
        "load": CallView(),
        "load-invited": CallView(invited=True),
        "load-loopback": CallView(loopback=True),
        "opening": CallView(preview=Preview.OPENING, buttons=_NONE),
        "permission-pending": CallView(
            preview=Preview.OPENING, buttons=_NONE, notice=Notice(NoticeCode.PERMISSION_PENDING)
        ),
        "ready": _ready(),
        "ready-network": _ready(invite=NETWORK_INVITE, reach=Reach.NETWORK),
        "ready-internet": _ready(
            invite=Invite(
                INVITE.room,
                "callapp://calls.example.org:443/abcdefgh23456777#AAAAAAAAAAAAAAAAAAAAAA",
                "https://calls.example.org/abcdefgh23456777#BBBBBBBBBBBBBBBBBBBBBB",
                Reach.INTERNET,
                "calls.example.org",
            ),
            reach=None,
            hosting=False,
        ),
        "ready-browser-link-only": _ready(
            invite=Invite(
                INVITE.room, "", NETWORK_INVITE.browser_link, Reach.NETWORK, "192.168.0.7", browser_warns=True
            ),
            reach=None,
        ),
        "ready-invited": _ready(invited=True, hosting=False),
        "ready-loopback": _ready(loopback=True),
        "ready-sound-only": _ready(me=Me("", None, ME.microphone, camera_off=True)),
        "ready-muted": _ready(me=Me("Mina Kim", CAMERA, None, muted=True)),
        "joining": _ready(link=LinkState.CONNECTING, buttons=_HANG_UP),
        "waiting": _waiting(),
        "waiting-network": _waiting(invite=NETWORK_INVITE, reach=Reach.NETWORK),
        "waiting-interference": _waiting(
            lock=Lock.INTERFERENCE, notice=Notice(NoticeCode.INTERFERENCE, (Action.NEW_ROOM,))
        ),
        "waiting-invited": _waiting(invited=True),
        "waiting-camera-off": _waiting(me=Me("Mina Kim", None, None, muted=True, camera_off=True)),
        "waiting-server-lost": _waiting(link=LinkState.LOST, notice=Notice(NoticeCode.SERVER_LOST)),
        "peer-came": _waiting(room=Room.PEER),
        "offering": _in_call(State.OFFERING, since=None),
        "calling": _in_call(State.CALLING, since=None),
        "ringing": _in_call(State.RINGING, since=None),
        "answering": _in_call(State.ANSWERING, since=None),
        "connecting": _in_call(State.CONNECTING, since=None),
        "connected": _in_call(),
        "connected-verified": _in_call(lock=Lock.VERIFIED_BY_LINK, sas=SAS, invite=NETWORK_INVITE),
        "connected-trusts-host": _in_call(lock=Lock.TRUSTS_HOST, sas=SAS, invite=NETWORK_INVITE),
        "connected-trusts-somebody": _in_call(lock=Lock.TRUSTS_HOST, invite=None),
        "connected-trusts-long-host": _in_call(
            lock=Lock.TRUSTS_HOST,
            sas=SAS,
            invite=Invite(
                INVITE.room, "", "", Reach.INTERNET, "a-very-long-host-name.of-some-company.example.org"
            ),
        ),
        "connected-changed": _in_call(lock=Lock.CHANGED, sas=SAS),
        "connected-interference": _in_call(
            lock=Lock.INTERFERENCE, notice=Notice(NoticeCode.INTERFERENCE, (Action.NEW_ROOM,))
        ),
        "connected-chat": _in_call(lock=Lock.VERIFIED_BY_LINK, sas=SAS, chat=CHAT, chat_open=True),
        "connected-chat-empty": _in_call(lock=Lock.VERIFIED_BY_LINK, sas=SAS, chat_open=True),
        "connected-unread": _in_call(chat=CHAT[:3], chat_open=True, unread=2),
        "connected-many-unread": _in_call(chat=CHAT[:3], chat_open=True, unread=120),
        "reconnecting-chat": _in_call(
            State.RECONNECTING, chat=CHAT, chat_open=True, lock=Lock.VERIFIED_BY_LINK
        ),
        "ended-chat": _waiting(
            call=State.ENDED,
            reason=Reason.PEER_LEFT,
            notice=Notice(NoticeCode.PEER_LEFT),
            chat=CHAT,
            unread=1,
        ),
        "connected-nameless": _in_call(peer=PeerStatus()),
        "connected-long": _in_call(since=time.time() - 40000, peer=PeerStatus(long_name, muted=True)),
        "connected-muted": _in_call(me=Me("Mina Kim", CAMERA, None, muted=True)),
        "connected-peer-muted": _in_call(peer=PeerStatus("Jonas Weber", muted=True)),
        "connected-peer-camera-off": _in_call(peer=PeerStatus("Jonas Weber", camera_off=True)),
        "connected-peer-nobody": _in_call(peer=PeerStatus("", muted=True, camera_off=True)),
        "connected-cameras-off": _in_call(
            me=Me("Mina Kim", None, ME.microphone, camera_off=True),
            peer=PeerStatus("김민준", camera_off=True),
        ),
        "connected-sharing": _in_call(me=Me("Mina Kim", CAMERA, ME.microphone, sharing=True)),
        "connected-peer-sharing": _in_call(peer=PeerStatus("Jonas Weber", sharing=True)),
        "connected-loopback": _in_call(loopback=True, invite=None),
        "connected-server-lost": _in_call(link=LinkState.LOST, notice=Notice(NoticeCode.SERVER_LOST)),
        "connected-microphone-lost": _in_call(
            notice=Notice(
                NoticeCode.ERROR,
                (Action.TRY_AGAIN, Action.SETTINGS),
                MediaError(ErrorCode.DEVICE_LOST, "no block for 2 s", device=Device.MICROPHONE),
            )
        ),
        "reconnecting": _in_call(State.RECONNECTING),
        "ended-peer-left": _waiting(
            call=State.ENDED, reason=Reason.PEER_LEFT, notice=Notice(NoticeCode.PEER_LEFT)
        ),
        "ended-peer-lost": _waiting(
            call=State.ENDED, reason=Reason.PEER_LOST, notice=Notice(NoticeCode.PEER_LOST)
        ),
        "ended-you-left": _ready(
            call=State.ENDED,
            reason=Reason.HUNG_UP,
            notice=Notice(NoticeCode.YOU_LEFT, (Action.REJOIN, Action.NEW_ROOM)),
        ),
        "ended-declined": _waiting(
            call=State.ENDED, reason=Reason.DECLINED, room=Room.PEER, notice=Notice(NoticeCode.DECLINED)
        ),
        "ended-no-notice": _ready(call=State.ENDED, reason=Reason.HUNG_UP),
        "room-full": _ready(room=Room.FULL, notice=Notice(NoticeCode.ROOM_FULL, (Action.NEW_ROOM,))),
        "no-camera": _failed(
            MediaError(ErrorCode.NOT_FOUND, "no video input", device=Device.CAMERA),
            Action.TRY_AGAIN,
            Action.SOUND_ONLY,
            Action.TEST_PICTURE,
        ),
        "camera-in-use": _failed(
            MediaError(ErrorCode.NOT_READABLE, "QCamera: CameraError", device=Device.CAMERA, subject="C920"),
            Action.TRY_AGAIN,
            Action.OTHER_CAMERA,
            Action.SOUND_ONLY,
        ),
        "no-microphone": _failed(
            MediaError(ErrorCode.NOT_FOUND, "no audio input", device=Device.MICROPHONE),
            Action.TRY_AGAIN,
            Action.NO_MICROPHONE,
            Action.SETTINGS,
        ),
        "camera-too-small": _failed(
            MediaError(ErrorCode.OVERCONSTRAINED, "640x480 at most", device=Device.CAMERA),
            Action.SETTINGS,
            Action.SOUND_ONLY,
            Action.TEST_PICTURE,
        ),
        "not-allowed": _failed(
            MediaError(ErrorCode.NOT_ALLOWED, "denied", device=Device.CAMERA),
            Action.TRY_AGAIN,
            Action.SOUND_ONLY,
        ),
        "bad-link": CallView(
            notice=Notice(NoticeCode.ERROR, (), LinkError("the part after # is missing")), buttons=_START
        ),
        "server-unreachable": _ready(
            notice=Notice(
                NoticeCode.ERROR,
                (Action.TRY_AGAIN, Action.NEW_ROOM),
                SignalingError(ErrorCode.SERVER_UNREACHABLE, "refused", subject="192.168.0.7:8443"),
            )
        ),
    }
    for code in (NoticeCode.BUSY, NoticeCode.DECLINED, NoticeCode.NO_ANSWER):
        views[f"notice-{code}"] = _ready(call=State.ENDED, notice=Notice(code, (Action.REJOIN,)))
    return views
