"""The documents keep up with the code: no dead links, no option or command left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from callapp.call.states import Reason, State
from callapp.session.view import Preview, Room

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
CONTROL = (ROOT / "docs" / "control.md").read_text(encoding="utf-8")


def links(document: Path) -> Iterator[str]:
    """The targets of a document's links and pictures within the repository, without their fragments."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        path = target.partition("#")[0]
        if path and "://" not in target:
            yield path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert [link for link in links(document) if not (document.parent / link).exists()] == []


def test_every_option_is_documented() -> None:
    source = (ROOT / "callapp" / "main" / "arguments.py").read_text(encoding="utf-8")
    options = set(re.findall(r'add_argument\(\s*"(--[a-z-]+)"', source))
    assert len(options) > 10
    assert {option for option in options if f"`{option}" not in CONTROL} == set()


def test_every_command_is_documented() -> None:
    source = (ROOT / "callapp" / "control" / "commands.py").read_text(encoding="utf-8")
    commands = set(re.findall(r'^    "([a-z_]+)": frozenset', source, re.MULTILINE))
    assert len(commands) > 5
    assert {command for command in commands if f"| `{command}` |" not in CONTROL} == set()


def test_every_value_of_an_event_is_documented() -> None:
    values = [str(member.value) for values in (State, Reason, Preview, Room) for member in values]
    assert [value for value in values if f"`{value}`" not in CONTROL] == []


def test_both_readmes_show_the_same_pictures_and_commands() -> None:
    english, korean = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))
    for pattern in (r"docs/images/[\w-]+\.png", r"^(?:callapp|make)\S* \S+", r"^\| `--?[^|]+\|", r"^#+ "):
        assert len(re.findall(pattern, english, re.MULTILINE)) == len(
            re.findall(pattern, korean, re.MULTILINE)
        )
    assert set(re.findall(r"`(?:make|callapp)[^`]*`", korean)) >= {"`make bundle`", "`callapp --loopback`"}
