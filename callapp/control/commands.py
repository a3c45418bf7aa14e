"""The commands of the control interface: JSON lines in, intents out. Pure."""

from __future__ import annotations

import msgspec

from callapp.errors import CallAppError, ErrorCode
from callapp.session import intents
from callapp.session.view import CallView

MAX_LINE_BYTES = 65_536


class Quit:
    """End the app."""


class _Fields(msgspec.Struct, forbid_unknown_fields=True):
    """What a command may carry. `on` missing means: the other way round."""

    command: str
    on: bool | None = None
    video: bool | None = None
    screen: str | None = None
    text: str | None = None


_ALLOWED: dict[str, frozenset[str]] = {
    "start": frozenset(),
    "call": frozenset(),
    "hang_up": frozenset(),
    "accept": frozenset({"video"}),
    "decline": frozenset(),
    "mute": frozenset({"on"}),
    "camera": frozenset({"on"}),
    "share": frozenset({"on", "screen"}),
    "chat": frozenset({"text"}),
    "quit": frozenset(),
}


class CommandError(CallAppError):
    """A line that is no command; `command` is its name as far as it could be read."""

    def __init__(self, code: ErrorCode, detail: str, command: str | None) -> None:
        super().__init__(code, detail)
        self.command = command


def _name_of(line: bytes) -> str | None:
    """The command's name, if that much can be read."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    name = value.get("command") if isinstance(value, dict) else None
    return name[:64] if isinstance(name, str) else None


def parse(line: bytes, view: CallView) -> tuple[str, intents.Intent | Quit]:
    """A line -> (the command's name, what is meant). `view` decides what a toggle means.

    Raises CommandError: INVALID_ARGUMENT, UNKNOWN_COMMAND.
    """
    if len(line) > MAX_LINE_BYTES:
        raise CommandError(ErrorCode.INVALID_ARGUMENT, f"a line of more than {MAX_LINE_BYTES} bytes", None)
    name = _name_of(line)
    if name is None:
        raise CommandError(ErrorCode.INVALID_ARGUMENT, 'expected {"command": NAME, ...}', None)
    if name not in _ALLOWED:
        raise CommandError(ErrorCode.UNKNOWN_COMMAND, f"unknown command; known: {', '.join(_ALLOWED)}", name)
    try:
        fields = msgspec.json.decode(line, type=_Fields)
    except msgspec.MsgspecError as error:
        raise CommandError(ErrorCode.INVALID_ARGUMENT, str(error), name) from None
    given = {key for key in ("on", "video", "screen", "text") if getattr(fields, key) is not None}
    if not given <= _ALLOWED[name]:
        extra = ", ".join(sorted(given - _ALLOWED[name]))
        raise CommandError(ErrorCode.INVALID_ARGUMENT, f"{name} takes no {extra}", name)
    return name, _meaning(name, fields, view)


def _meaning(name: str, fields: _Fields, view: CallView) -> intents.Intent | Quit:
    match name:
        case "start":
            return intents.Start()
        case "call":
            return intents.PlaceCall()
        case "hang_up":
            return intents.HangUp()
        case "accept":
            return intents.Accept(video=fields.video is not False)
        case "decline":
            return intents.Decline()
        case "mute":
            return intents.Mute(not view.me.muted if fields.on is None else fields.on)
        case "camera":
            return intents.CameraOff(not view.me.camera_off if fields.on is None else not fields.on)
        case "share":
            on = fields.screen is not None or not view.me.sharing if fields.on is None else fields.on
            return intents.ShareScreen((fields.screen or "") if on else None)
        case "chat":
            return intents.SendChat(fields.text or "")
        case _:
            return Quit()
