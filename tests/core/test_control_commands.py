"""Lines of the control interface: an intent, or an error with its code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.control.commands import MAX_LINE_BYTES, CommandError, Quit, parse
from callapp.errors import ErrorCode
from callapp.session import intents
from callapp.session.view import CallView, Me

MUTED = CallView(me=Me(muted=True, camera_off=True, sharing=True))


@pytest.mark.parametrize(
    ("line", "view", "intent"),
    [
        ('{"command": "start"}', CallView(), intents.Start()),
        ('{"command": "call"}', CallView(), intents.PlaceCall()),
        ('{"command": "hang_up"}', CallView(), intents.HangUp()),
        ('{"command": "accept"}', CallView(), intents.Accept(video=True)),
        ('{"command": "accept", "video": false}', CallView(), intents.Accept(video=False)),
        ('{"command": "decline"}', CallView(), intents.Decline()),
        ('{"command": "mute"}', CallView(), intents.Mute(True)),
        ('{"command": "mute"}', MUTED, intents.Mute(False)),
        ('{"command": "mute", "on": true}', MUTED, intents.Mute(True)),
        ('{"command": "camera"}', CallView(), intents.CameraOff(True)),
        ('{"command": "camera"}', MUTED, intents.CameraOff(False)),
        ('{"command": "camera", "on": false}', MUTED, intents.CameraOff(True)),
        ('{"command": "chat", "text": "안녕 👋"}', CallView(), intents.SendChat("안녕 👋")),
        ('{"command": "chat"}', CallView(), intents.SendChat("")),
        ('{"command": "share"}', CallView(), intents.ShareScreen("")),
        ('{"command": "share"}', MUTED, intents.ShareScreen(None)),
        ('{"command": "share", "screen": "2"}', MUTED, intents.ShareScreen("2")),
        ('{"command": "share", "on": false}', CallView(), intents.ShareScreen(None)),
    ],
)
def test_a_command_is_an_intent(line: str, view: CallView, intent: intents.Intent) -> None:
    assert parse(line.encode(), view)[1] == intent


def test_quit_is_no_intent_of_the_call() -> None:
    name, meaning = parse(b'{"command": "quit"}', CallView())
    assert name == "quit"
    assert isinstance(meaning, Quit)


@pytest.mark.parametrize(
    ("line", "code", "name"),
    [
        (b"waltz", ErrorCode.INVALID_ARGUMENT, None),
        (b"[]", ErrorCode.INVALID_ARGUMENT, None),
        (b'{"command": 7}', ErrorCode.INVALID_ARGUMENT, None),
        (b'{"command": "waltz"}', ErrorCode.UNKNOWN_COMMAND, "waltz"),
        (b'{"command": "start", "volume": 3}', ErrorCode.INVALID_ARGUMENT, "start"),
        (b'{"command": "start", "on": true}', ErrorCode.INVALID_ARGUMENT, "start"),
        (b'{"command": "chat", "text": 7}', ErrorCode.INVALID_ARGUMENT, "chat"),
        (b'{"command": "start", "text": "x"}', ErrorCode.INVALID_ARGUMENT, "start"),
        (b'{"command": "mute", "on": "yes"}', ErrorCode.INVALID_ARGUMENT, "mute"),
        (b" " * (MAX_LINE_BYTES + 1), ErrorCode.INVALID_ARGUMENT, None),
    ],
)
def test_what_is_no_command_has_an_error(line: bytes, code: ErrorCode, name: str | None) -> None:
    with pytest.raises(CommandError) as caught:
        parse(line, CallView())
    assert caught.value.code is code
    assert caught.value.command == name


@given(st.binary(max_size=200))
def test_garbage_is_a_documented_error(line: bytes) -> None:
    with pytest.raises(CommandError):
        parse(line, CallView())
