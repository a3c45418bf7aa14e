"""Every code has its words; every word has its Korean."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QTranslator

from callapp.call.states import Reason, State
from callapp.errors import CallAppError, Device, ErrorCode
from callapp.session.view import Action, CallView, Notice, NoticeCode, Room
from callapp.ui import i18n, texts

ROOT = Path(i18n.__file__).resolve().parents[2]
KOREAN = ROOT / "resources" / "i18n" / "callapp_ko.ts"
_MARKS = {"translate", "QT_TRANSLATE_NOOP"}


def source_texts() -> set[tuple[str, str]]:
    """(context, text) of every text in callapp/ui, read from the sources."""
    found: set[tuple[str, str]] = set()
    for path in sorted((ROOT / "callapp" / "ui").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MARKS:
                values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                if len(values) == 2:
                    found.add((str(values[0]), str(values[1])))
    return found


def korean_texts() -> dict[tuple[str, str], tuple[str, str]]:
    """(context, text) -> (Korean, type) of the committed file."""
    result = {}
    for context in ET.parse(KOREAN).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            key = (context.findtext("name") or "", message.findtext("source") or "")
            result[key] = (translation.text or "", translation.get("type", ""))
    return result


@pytest.mark.parametrize("code", ErrorCode)
@pytest.mark.parametrize("device", [None, *Device])
def test_every_error_has_a_sentence_a_next_step_and_its_standard_name(
    code: ErrorCode, device: Device | None
) -> None:
    words = texts.error_words(CallAppError(code, "the cause", device=device, subject="C920"))
    assert words.title.endswith(".")
    assert words.step.endswith(".")
    assert str(code) not in words.title + words.step
    assert str(code) in words.details
    assert "the cause" in words.details
    assert "C920" in words.details


def test_every_code_of_a_view_has_its_words() -> None:
    assert set(texts.NOTICES) == set(NoticeCode) - {NoticeCode.ERROR}
    assert set(texts.REASONS) == set(Reason)
    assert set(texts.ACTIONS) == set(Action)
    assert set(texts.STATES) == set(State)
    assert texts.notice_words(Notice(NoticeCode.ERROR)).title


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-1, "00:00"), (0, "00:00"), (59.9, "00:59"), (192, "03:12"), (3600, "1:00:00")]
)
def test_the_timer_counts_minutes_and_from_an_hour_on_hours(seconds: float, shown: str) -> None:
    assert texts.duration(seconds) == shown


def test_a_connected_call_tells_its_time() -> None:
    view = CallView(call=State.CONNECTED, since=1000.0)
    assert texts.state_words(view, 1192.4) == "In call 03:12"


def test_a_call_that_ended_with_the_other_side_still_there_is_not_said_to_connect() -> None:
    assert texts.state_words(CallView(call=State.ENDED, room=Room.PEER), 0) == "Call ended"
    assert texts.state_words(CallView(room=Room.PEER), 0) == "Connecting…"


def test_the_korean_file_has_every_text_finished_and_none_that_is_gone() -> None:
    korean = korean_texts()
    assert set(korean) == source_texts()
    unfinished = [key for key, (text, kind) in korean.items() if kind or not text.strip()]
    assert not unfinished


def test_korean_keeps_the_placeholders() -> None:
    for (context, english), (korean, _) in korean_texts().items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", korean)), (
            context,
            english,
        )


def test_korean_sentences_keep_one_polite_register() -> None:
    for (_, english), (korean, _) in korean_texts().items():
        if english.endswith("."):
            assert korean.endswith(("니다.", "십시오.")), korean


def test_the_compiled_korean_file_agrees_with_its_source(qapp: object) -> None:
    translator = QTranslator()
    assert translator.load("callapp_ko", str(KOREAN.parent))
    for (context, english), (korean, _) in korean_texts().items():
        assert translator.translate(context, english) == korean


@pytest.mark.parametrize(
    ("languages", "expected"),
    [(["ko-KR"], "ko"), (["de-DE", "ko"], "ko"), (["en-US", "ko"], "en"), (["fr-FR"], "en"), ([], "en")],
)
def test_the_system_decides_at_first(
    monkeypatch: pytest.MonkeyPatch, languages: list[str], expected: str
) -> None:
    system = SimpleNamespace(uiLanguages=lambda: languages)
    monkeypatch.setattr(i18n, "QLocale", SimpleNamespace(system=lambda: system))
    assert i18n.resolve("system") == expected
    assert i18n.resolve("ko") == "ko"
