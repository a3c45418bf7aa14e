"""What the buttons of a notice do."""

from __future__ import annotations

from typing import assert_never

from callapp.errors import CallAppError, Device
from callapp.media.specs import NONE, PATTERN
from callapp.session.intents import (
    CameraOff,
    ChooseDevice,
    Intent,
    Mute,
    NewRoom,
    PlaceCall,
    ShareScreen,
    Start,
)
from callapp.session.view import Action, CallView, Preview


def intent_of(action: Action, view: CallView) -> Intent | None:
    """The intent behind an action in this view; None where the window itself acts (a menu, the settings)."""
    previewing = view.preview is Preview.ON
    match action:
        case Action.TRY_AGAIN:
            return _try_again(view, view.notice.error if view.notice else None)
        case Action.SOUND_ONLY:
            return CameraOff(True) if previewing else Start(camera=NONE)
        case Action.NO_MICROPHONE:
            return Mute(True) if previewing else Start(microphone=NONE)
        case Action.TEST_PICTURE:
            return ChooseDevice(Device.CAMERA, PATTERN) if previewing else Start(camera=PATTERN)
        case Action.REJOIN:
            return PlaceCall()
        case Action.NEW_ROOM:
            return NewRoom()
        case Action.OTHER_CAMERA | Action.SETTINGS:
            return None
    assert_never(action)


def _try_again(view: CallView, error: CallAppError | None) -> Intent:
    if view.preview is not Preview.ON:
        return Start()
    if error is not None:
        match error.device:
            case Device.CAMERA:
                return CameraOff(False)
            case Device.MICROPHONE:
                return Mute(False)
            case Device.SCREEN:
                return ShareScreen("")
    return PlaceCall()
