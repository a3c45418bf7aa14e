"""Which banner tells the end of a call. Pure."""

from __future__ import annotations

from callapp.call.states import Reason, State
from callapp.errors import CallAppError, ErrorCode
from callapp.session.view import Action, Notice, NoticeCode, Room

_SETTING_UP = (State.OFFERING, State.ANSWERING, State.CONNECTING)


_NEXT: dict[Room, tuple[Action, ...]] = {
    Room.PEER: (Action.TRY_AGAIN,),
    Room.WAITING: (),  # the call starts by itself when the other one comes back
    Room.NONE: (Action.REJOIN, Action.NEW_ROOM),
    Room.FULL: (Action.NEW_ROOM,),
}


def for_end(reason: Reason, before: State, room: Room) -> Notice | None:
    """The notice for a call that ended in state `before`; None where Hang Up says it itself."""
    again = _NEXT[room]
    match reason:
        case Reason.HUNG_UP:
            return None
        case Reason.PEER_LEFT:
            return Notice(NoticeCode.PEER_LEFT)
        case Reason.PEER_LOST:
            return Notice(NoticeCode.PEER_LOST, again)
        case Reason.DECLINED:
            return Notice(NoticeCode.DECLINED)
        case Reason.BUSY:
            return Notice(NoticeCode.BUSY, again)
        case Reason.TIMEOUT if before not in _SETTING_UP:
            return Notice(NoticeCode.NO_ANSWER, again)
        case Reason.FULL:
            return Notice(NoticeCode.ROOM_FULL, (Action.NEW_ROOM,))
        case Reason.TIMEOUT:
            error = CallAppError(ErrorCode.CONNECTION_FAILED, "no connection in time")
        case Reason.ERROR if before is State.CONNECTING:
            error = CallAppError(ErrorCode.CONNECTION_FAILED, "the connection failed while it was set up")
        case Reason.ERROR:
            error = CallAppError(ErrorCode.NEGOTIATION_FAILED, "the call could not be set up")
        case Reason.REFUSED:
            error = CallAppError(ErrorCode.SERVER_REFUSED, "the server refused the call")
    return Notice(NoticeCode.ERROR, again, error)
