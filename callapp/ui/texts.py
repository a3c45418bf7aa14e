"""Codes and states in a person's words: the only place that turns them into sentences.

Every sentence is followed by a next step. The standard names stay in the folded details and in the log.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from callapp.call.states import Reason, State
from callapp.errors import CallAppError, Device, ErrorCode
from callapp.session.view import Action, CallView, LinkState, Notice, NoticeCode, Preview, Room

translate = QCoreApplication.translate


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Marks a text for lupdate, which knows this name; translated where it is used."""
    return text


class Tone(enum.Enum):
    """How serious a notice is; shown by its icon and colour."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Words:
    """What happened, what to do, and the technical details that stay folded ("" = none)."""

    title: str
    step: str = ""
    tone: Tone = Tone.ERROR
    details: str = ""


ERRORS: dict[ErrorCode, tuple[str, str]] = {
    ErrorCode.NOT_FOUND: (
        QT_TRANSLATE_NOOP("Errors", "The device was not found."),
        QT_TRANSLATE_NOOP("Errors", "Plug it in and try again, or choose another one."),
    ),
    ErrorCode.NOT_ALLOWED: (
        QT_TRANSLATE_NOOP("Errors", "CallApp is not allowed to use the device."),
        QT_TRANSLATE_NOOP("Errors", "Allow it in the privacy settings of your system, then try again."),
    ),
    ErrorCode.NOT_READABLE: (
        QT_TRANSLATE_NOOP("Errors", "The device is used by another program."),
        QT_TRANSLATE_NOOP("Errors", "Close the other program and try again, or choose another device."),
    ),
    ErrorCode.OVERCONSTRAINED: (
        QT_TRANSLATE_NOOP("Errors", "The camera cannot deliver the required picture size."),
        QT_TRANSLATE_NOOP("Errors", "Choose another camera, or ask for a smaller size."),
    ),
    ErrorCode.SECURITY: (
        QT_TRANSLATE_NOOP("Errors", "Your system does not let programs use cameras or microphones."),
        QT_TRANSLATE_NOOP("Errors", "Ask whoever looks after this computer to allow it."),
    ),
    ErrorCode.ABORT: (
        QT_TRANSLATE_NOOP("Errors", "The device could not be started."),
        QT_TRANSLATE_NOOP("Errors", "Unplug it, plug it in again and try again."),
    ),
    ErrorCode.DEVICE_LOST: (
        QT_TRANSLATE_NOOP("Errors", "The device was disconnected."),
        QT_TRANSLATE_NOOP("Errors", "Plug it in again, or choose another one."),
    ),
    ErrorCode.FILE_UNREADABLE: (
        QT_TRANSLATE_NOOP("Errors", "The file cannot be played."),
        QT_TRANSLATE_NOOP("Errors", "Check that it exists and is a video or sound file."),
    ),
    ErrorCode.FILE_UNWRITABLE: (
        QT_TRANSLATE_NOOP("Errors", "The file cannot be written."),
        QT_TRANSLATE_NOOP("Errors", "Choose another folder, or free some space."),
    ),
    ErrorCode.NEGOTIATION_FAILED: (
        QT_TRANSLATE_NOOP("Errors", "The two sides could not agree on a call."),
        QT_TRANSLATE_NOOP("Errors", "Check that both use the same version of CallApp, then call again."),
    ),
    ErrorCode.CONNECTION_FAILED: (
        QT_TRANSLATE_NOOP("Errors", "Can't reach the other side."),
        QT_TRANSLATE_NOOP("Errors", "Check that both are on the same network, then call again."),
    ),
    ErrorCode.BAD_PEER_MESSAGE: (
        QT_TRANSLATE_NOOP("Errors", "The other side sent something that CallApp does not understand."),
        QT_TRANSLATE_NOOP("Errors", "Check that both use the same version of CallApp, then call again."),
    ),
    ErrorCode.OTHER_LINK: (
        QT_TRANSLATE_NOOP("Errors", "The other side joined with another link."),
        QT_TRANSLATE_NOOP("Errors", "Send the invite link again and make sure that it is copied whole."),
    ),
    ErrorCode.INVALID_LINK: (
        QT_TRANSLATE_NOOP("Errors", "This is not a complete invite link."),
        QT_TRANSLATE_NOOP(
            "Errors", "Copy the whole link, from its first letter to its last, and paste it again."
        ),
    ),
    ErrorCode.SERVER_UNREACHABLE: (
        QT_TRANSLATE_NOOP("Errors", "Can't reach the server."),
        QT_TRANSLATE_NOOP("Errors", "Check your network. CallApp keeps trying."),
    ),
    ErrorCode.SERVER_REFUSED: (
        QT_TRANSLATE_NOOP("Errors", "The server refused the connection."),
        QT_TRANSLATE_NOOP("Errors", "Try again later, or make a new room."),
    ),
    ErrorCode.SERVER_MESSAGE: (
        QT_TRANSLATE_NOOP("Errors", "The server sent something that CallApp does not understand."),
        QT_TRANSLATE_NOOP("Errors", "Check the address of the server, or make a new room."),
    ),
    ErrorCode.UNSUPPORTED_VERSION: (
        QT_TRANSLATE_NOOP("Errors", "The server and this CallApp are of different versions."),
        QT_TRANSLATE_NOOP("Errors", "Update the older of the two."),
    ),
    ErrorCode.ROOM_FULL: (
        QT_TRANSLATE_NOOP("Errors", "The room is full."),
        QT_TRANSLATE_NOOP("Errors", "Two people are in it already. Make a new room and send its link."),
    ),
    ErrorCode.ADDRESS_IN_USE: (
        QT_TRANSLATE_NOOP("Errors", "Another program uses the network port that CallApp needs."),
        QT_TRANSLATE_NOOP("Errors", "Close the other program, or try again."),
    ),
    ErrorCode.PIN_MISMATCH: (
        QT_TRANSLATE_NOOP("Errors", "This is not the server that the link names."),
        QT_TRANSLATE_NOOP(
            "Errors", "Someone may be interfering, so CallApp told it nothing. Ask for a new link."
        ),
    ),
    ErrorCode.CERTIFICATE_INVALID: (
        QT_TRANSLATE_NOOP("Errors", "The server cannot prove who it is."),
        QT_TRANSLATE_NOOP("Errors", "Ask whoever runs it for the link with its pin, and paste it whole."),
    ),
    ErrorCode.NO_NETWORK: (
        QT_TRANSLATE_NOOP("Errors", "This computer is on no network."),
        QT_TRANSLATE_NOOP("Errors", "Connect it to a network, then try again."),
    ),
    ErrorCode.CHAT_FULL: (
        QT_TRANSLATE_NOOP("Errors", "Too many messages have not arrived yet."),
        QT_TRANSLATE_NOOP("Errors", "Wait until some of them have, then send yours again."),
    ),
    ErrorCode.INVALID_STATE: (
        QT_TRANSLATE_NOOP("Errors", "That is not possible right now."),
        QT_TRANSLATE_NOOP("Errors", "The buttons below show what is."),
    ),
    ErrorCode.UNKNOWN_COMMAND: (
        QT_TRANSLATE_NOOP("Errors", "CallApp does not know this command."),
        QT_TRANSLATE_NOOP("Errors", "Check the command, or update CallApp."),
    ),
    ErrorCode.INVALID_ARGUMENT: (
        QT_TRANSLATE_NOOP("Errors", "CallApp was given something that it cannot use."),
        QT_TRANSLATE_NOOP("Errors", "The details say what. Correct it and try again."),
    ),
    ErrorCode.SETTINGS_SET_ASIDE: (
        QT_TRANSLATE_NOOP("Errors", "Your settings could not be read and start afresh."),
        QT_TRANSLATE_NOOP("Errors", "The old file is kept; the details say where."),
    ),
    ErrorCode.SETTINGS_READ_ONLY: (
        QT_TRANSLATE_NOOP("Errors", "Your settings cannot be saved."),
        QT_TRANSLATE_NOOP(
            "Errors", "They last until you close CallApp. Check that the folder can be written."
        ),
    ),
    ErrorCode.LOG_READ_ONLY: (
        QT_TRANSLATE_NOOP("Errors", "The log file cannot be written."),
        QT_TRANSLATE_NOOP("Errors", "Calls work all the same; the log is shown in this window only."),
    ),
}

DEVICE_ERRORS: dict[tuple[ErrorCode, Device], tuple[str, str]] = {
    (ErrorCode.NOT_FOUND, Device.CAMERA): (
        QT_TRANSLATE_NOOP("Errors", "No camera was found."),
        QT_TRANSLATE_NOOP("Errors", "Plug one in and try again, or go on with sound only."),
    ),
    (ErrorCode.NOT_FOUND, Device.MICROPHONE): (
        QT_TRANSLATE_NOOP("Errors", "No microphone was found."),
        QT_TRANSLATE_NOOP("Errors", "Plug one in and try again."),
    ),
    (ErrorCode.NOT_FOUND, Device.SPEAKER): (
        QT_TRANSLATE_NOOP("Errors", "No speaker was found."),
        QT_TRANSLATE_NOOP("Errors", "Plug in speakers or headphones and try again."),
    ),
    (ErrorCode.NOT_FOUND, Device.SCREEN): (
        QT_TRANSLATE_NOOP("Errors", "The screen was not found."),
        QT_TRANSLATE_NOOP("Errors", "Choose another screen to share."),
    ),
    (ErrorCode.NOT_ALLOWED, Device.CAMERA): (
        QT_TRANSLATE_NOOP("Errors", "CallApp is not allowed to use the camera."),
        QT_TRANSLATE_NOOP("Errors", "Allow it in the privacy settings of your system, then try again."),
    ),
    (ErrorCode.NOT_ALLOWED, Device.MICROPHONE): (
        QT_TRANSLATE_NOOP("Errors", "CallApp is not allowed to use the microphone."),
        QT_TRANSLATE_NOOP("Errors", "Allow it in the privacy settings of your system, then try again."),
    ),
    (ErrorCode.NOT_ALLOWED, Device.SCREEN): (
        QT_TRANSLATE_NOOP("Errors", "The screen was not released for sharing."),
        QT_TRANSLATE_NOOP("Errors", "Press Share again and allow it when your system asks."),
    ),
    (ErrorCode.NOT_READABLE, Device.CAMERA): (
        QT_TRANSLATE_NOOP("Errors", "The camera is used by another program."),
        QT_TRANSLATE_NOOP("Errors", "Close the other program and try again, or choose another camera."),
    ),
    (ErrorCode.NOT_READABLE, Device.MICROPHONE): (
        QT_TRANSLATE_NOOP("Errors", "The microphone is used by another program."),
        QT_TRANSLATE_NOOP("Errors", "Close the other program and try again, or choose another microphone."),
    ),
    (ErrorCode.NOT_READABLE, Device.SPEAKER): (
        QT_TRANSLATE_NOOP("Errors", "The speaker is used by another program."),
        QT_TRANSLATE_NOOP("Errors", "Close the other program and try again, or choose another speaker."),
    ),
    (ErrorCode.DEVICE_LOST, Device.CAMERA): (
        QT_TRANSLATE_NOOP("Errors", "The camera was disconnected."),
        QT_TRANSLATE_NOOP("Errors", "Plug it in again, or choose another one. The sound goes on."),
    ),
    (ErrorCode.DEVICE_LOST, Device.MICROPHONE): (
        QT_TRANSLATE_NOOP("Errors", "The microphone was disconnected: nobody hears you now."),
        QT_TRANSLATE_NOOP("Errors", "Plug it in again, or choose another one."),
    ),
    (ErrorCode.DEVICE_LOST, Device.SPEAKER): (
        QT_TRANSLATE_NOOP("Errors", "The speaker was disconnected: you hear nothing now."),
        QT_TRANSLATE_NOOP("Errors", "Plug it in again, or choose another one."),
    ),
    (ErrorCode.DEVICE_LOST, Device.SCREEN): (
        QT_TRANSLATE_NOOP("Errors", "The shared screen is gone: sharing has stopped."),
        QT_TRANSLATE_NOOP("Errors", "Choose another screen to share."),
    ),
}

_WARNINGS = frozenset(
    {ErrorCode.SETTINGS_SET_ASIDE, ErrorCode.SETTINGS_READ_ONLY, ErrorCode.LOG_READ_ONLY, ErrorCode.DEVICE_LOST,
     ErrorCode.INVALID_STATE}
)  # fmt: skip

NOTICES: dict[NoticeCode, tuple[str, str, Tone]] = {
    NoticeCode.PEER_LEFT: (
        QT_TRANSLATE_NOOP("Notices", "The other side hung up."),
        QT_TRANSLATE_NOOP("Notices", "You are still in the room; they can come back with the same link."),
        Tone.INFO,
    ),
    NoticeCode.PEER_LOST: (
        QT_TRANSLATE_NOOP("Notices", "The connection to the other side was lost."),
        QT_TRANSLATE_NOOP(
            "Notices", "You are still in the room; the call can start again when they come back."
        ),
        Tone.WARNING,
    ),
    NoticeCode.ROOM_FULL: (
        QT_TRANSLATE_NOOP("Notices", "Sorry, this room is full."),
        QT_TRANSLATE_NOOP("Notices", "Make a new room and send its link."),
        Tone.WARNING,
    ),
    NoticeCode.YOU_LEFT: (
        QT_TRANSLATE_NOOP("Notices", "You have left the call."),
        QT_TRANSLATE_NOOP("Notices", "Your camera preview goes on."),
        Tone.INFO,
    ),
    NoticeCode.BUSY: (
        QT_TRANSLATE_NOOP("Notices", "The other side is in another call."),
        QT_TRANSLATE_NOOP("Notices", "Call again a little later."),
        Tone.INFO,
    ),
    NoticeCode.DECLINED: (
        QT_TRANSLATE_NOOP("Notices", "The other side declined the call."),
        QT_TRANSLATE_NOOP("Notices", "You can call again when it suits them."),
        Tone.INFO,
    ),
    NoticeCode.NO_ANSWER: (
        QT_TRANSLATE_NOOP("Notices", "Nobody answered."),
        QT_TRANSLATE_NOOP("Notices", "Call again a little later."),
        Tone.INFO,
    ),
    NoticeCode.INTERFERENCE: (
        QT_TRANSLATE_NOOP("Notices", "Someone may be interfering with this call."),
        QT_TRANSLATE_NOOP(
            "Notices", "What did not come from the other side was dropped. Make a new room on another server."
        ),
        Tone.WARNING,
    ),
    NoticeCode.SERVER_LOST: (
        QT_TRANSLATE_NOOP("Notices", "The connection to the server was lost."),
        QT_TRANSLATE_NOOP("Notices", "CallApp keeps trying. A call that is running goes on."),
        Tone.WARNING,
    ),
    NoticeCode.PERMISSION_PENDING: (
        QT_TRANSLATE_NOOP("Notices", "Your system asks whether CallApp may use the camera and microphone."),
        QT_TRANSLATE_NOOP("Notices", "Answer its question to go on. It may be behind another window."),
        Tone.INFO,
    ),
}

REASONS: dict[Reason, str] = {
    Reason.HUNG_UP: QT_TRANSLATE_NOOP("Reasons", "You hung up."),
    Reason.PEER_LEFT: QT_TRANSLATE_NOOP("Reasons", "The other side hung up."),
    Reason.PEER_LOST: QT_TRANSLATE_NOOP("Reasons", "The connection to the other side was lost."),
    Reason.DECLINED: QT_TRANSLATE_NOOP("Reasons", "The other side declined the call."),
    Reason.BUSY: QT_TRANSLATE_NOOP("Reasons", "The other side is in another call."),
    Reason.FULL: QT_TRANSLATE_NOOP("Reasons", "The room is full."),
    Reason.REFUSED: QT_TRANSLATE_NOOP("Reasons", "The server refused the connection."),
    Reason.TIMEOUT: QT_TRANSLATE_NOOP("Reasons", "Nobody answered."),
    Reason.ERROR: QT_TRANSLATE_NOOP("Reasons", "Something went wrong."),
}

ACTIONS: dict[Action, str] = {
    Action.TRY_AGAIN: QT_TRANSLATE_NOOP("Actions", "Try again"),
    Action.OTHER_CAMERA: QT_TRANSLATE_NOOP("Actions", "Other camera"),
    Action.SOUND_ONLY: QT_TRANSLATE_NOOP("Actions", "Sound only"),
    Action.TEST_PICTURE: QT_TRANSLATE_NOOP("Actions", "Test picture"),
    Action.NO_MICROPHONE: QT_TRANSLATE_NOOP("Actions", "Without microphone"),
    Action.REJOIN: QT_TRANSLATE_NOOP("Actions", "Rejoin"),
    Action.NEW_ROOM: QT_TRANSLATE_NOOP("Actions", "New room"),
    Action.SETTINGS: QT_TRANSLATE_NOOP("Actions", "Settings"),
}

STATES: dict[State, str] = {
    State.IDLE: QT_TRANSLATE_NOOP("States", "Ready"),
    State.OFFERING: QT_TRANSLATE_NOOP("States", "Calling…"),
    State.CALLING: QT_TRANSLATE_NOOP("States", "Calling…"),
    State.RINGING: QT_TRANSLATE_NOOP("States", "Ringing…"),
    State.ANSWERING: QT_TRANSLATE_NOOP("States", "Connecting…"),
    State.CONNECTING: QT_TRANSLATE_NOOP("States", "Connecting…"),
    State.CONNECTED: QT_TRANSLATE_NOOP("States", "In call {time}"),
    State.RECONNECTING: QT_TRANSLATE_NOOP("States", "Reconnecting…"),
    State.ENDED: QT_TRANSLATE_NOOP("States", "Call ended"),
}


def duration(seconds: float) -> str:
    """`mm:ss`, from an hour on `h:mm:ss`."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def state_words(view: CallView, now: float) -> str:
    """The one line that says where the call is. `now` is Unix s."""
    if view.live:
        text = translate("States", STATES[view.call])
        return text.format(time=duration(now - view.since if view.since is not None else 0))
    if view.room is Room.FULL:
        return translate("States", "The room is full")
    if view.room is Room.WAITING:
        return translate("States", "Waiting for someone to join")
    if view.room is Room.PEER and view.call is State.IDLE:
        return translate("States", "Connecting…")
    if view.preview is Preview.OPENING:
        return translate("States", "Starting…")
    if view.call is State.ENDED:
        return translate("States", STATES[State.ENDED])
    if view.preview is Preview.ON and view.link is LinkState.CONNECTING and not view.buttons.call:
        return translate("States", "Joining the room…")
    if view.invited:
        return translate("States", "Ready to join")
    return translate("States", STATES[State.IDLE])


def reason_words(reason: Reason) -> str:
    """Why a call ended."""
    return translate("Reasons", REASONS[reason])


def action_words(action: Action) -> str:
    """The label of a notice's button."""
    return translate("Actions", ACTIONS[action])


def error_words(error: CallAppError) -> Words:
    """What went wrong and what to do. The details name the standard code, the device or file, and the cause."""
    title, step = ERRORS[error.code]
    if error.device is not None:
        title, step = DEVICE_ERRORS.get((error.code, error.device), (title, step))
    lines = [str(error.code) + (f" ({error.device})" if error.device else ""), error.subject, error.detail]
    return Words(
        translate("Errors", title),
        translate("Errors", step),
        Tone.WARNING if error.code in _WARNINGS else Tone.ERROR,
        "\n".join(line for line in lines if line),
    )


def notice_words(notice: Notice) -> Words:
    """A banner's words."""
    if notice.error is not None and notice.code is NoticeCode.ERROR:
        return error_words(notice.error)
    if notice.code is NoticeCode.ERROR:
        return Words(translate("Reasons", REASONS[Reason.ERROR]))
    title, step, tone = NOTICES[notice.code]
    details = error_words(notice.error).details if notice.error is not None else ""
    return Words(translate("Notices", title), translate("Notices", step), tone, details)
