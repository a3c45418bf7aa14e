"""SPECs and sizes of the command line: a value or INVALID_ARGUMENT, never anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.errors import CallAppError, ErrorCode
from callapp.media.specs import (
    MediaSpec,
    SpecKind,
    parse_camera,
    parse_microphone,
    parse_size,
    parse_speaker,
)

PARSERS = [parse_camera, parse_microphone, parse_speaker]
Parser = Callable[[str], MediaSpec]


def _must_be_invalid_argument(error: CallAppError) -> None:
    assert error.code is ErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("parse", "text", "spec"),
    [
        (parse_camera, "auto", MediaSpec(SpecKind.AUTO)),
        (parse_camera, "none", MediaSpec(SpecKind.NONE)),
        (parse_camera, "pattern", MediaSpec(SpecKind.PATTERN)),
        (parse_camera, "screen", MediaSpec(SpecKind.SCREEN)),
        (parse_camera, "file:/a b/c:d.mp4", MediaSpec(SpecKind.FILE, "/a b/c:d.mp4")),
        (parse_camera, "Logitech: HD", MediaSpec(SpecKind.DEVICE, "Logitech: HD")),
        (parse_camera, "tone", MediaSpec(SpecKind.DEVICE, "tone")),
        (parse_microphone, "tone", MediaSpec(SpecKind.TONE)),
        (parse_microphone, "file:a.wav", MediaSpec(SpecKind.FILE, "a.wav")),
        (parse_microphone, "pattern", MediaSpec(SpecKind.DEVICE, "pattern")),
        (parse_speaker, "record:out.wav", MediaSpec(SpecKind.RECORD, "out.wav")),
        (parse_speaker, "file:in.wav", MediaSpec(SpecKind.DEVICE, "file:in.wav")),
        (parse_speaker, "AUTO", MediaSpec(SpecKind.DEVICE, "AUTO")),
    ],
)
def test_each_form_of_a_spec(parse: Parser, text: str, spec: MediaSpec) -> None:
    assert parse(text) == spec


@pytest.mark.parametrize(
    ("parse", "text"),
    [(parse, "") for parse in PARSERS]
    + [(parse_camera, "file:"), (parse_microphone, "file:"), (parse_speaker, "record:")],
)
def test_an_empty_spec_or_path_is_an_invalid_argument(parse: Parser, text: str) -> None:
    with pytest.raises(CallAppError) as caught:
        parse(text)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize("parse", PARSERS)
@given(text=st.text())
def test_any_text_is_a_spec_that_writes_itself_back_or_an_invalid_argument(parse: Parser, text: str) -> None:
    try:
        spec = parse(text)
    except CallAppError as error:
        _must_be_invalid_argument(error)
    else:
        assert str(spec) == text
        assert parse(str(spec)) == spec


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("640x480", (640, 480, False)),
        ("min:1280x720", (1280, 720, True)),
        ("16x16", (16, 16, False)),
        ("7680x4320", (7680, 4320, False)),
    ],
)
def test_sizes(text: str, size: tuple[int, int, bool]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "640",
        "640x",
        "640X480",
        "15x480",
        "640x15",
        "7681x480",
        "640x4321",
        "max:640x480",
        "-640x480",
    ],
)
def test_what_is_no_size_is_an_invalid_argument(text: str) -> None:
    with pytest.raises(CallAppError) as caught:
        parse_size(text)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


@given(st.text() | st.from_regex(r"(min:)?\d{1,6}x\d{1,6}"))
def test_any_text_is_a_size_in_range_or_an_invalid_argument(text: str) -> None:
    try:
        width, height, mandatory = parse_size(text)
    except CallAppError as error:
        _must_be_invalid_argument(error)
    else:
        assert 16 <= width <= 7680
        assert 16 <= height <= 4320
        assert mandatory == text.startswith("min:")
