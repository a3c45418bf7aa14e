"""The house keeps its shape: import contracts hold and bite, modules stay small, the sources stay clean."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Container, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("callapp", "signaling_server")
FOLDERS = (*PACKAGES, "tests", "packaging", "docs", "resources")
SKIPPED = {"__pycache__", "work"}
MAX_LINES = 400
TEXT_SUFFIXES = {
    ".c",
    ".desktop",
    ".html",
    ".js",
    ".lock",
    ".md",
    ".py",
    ".sh",
    ".spec",
    ".svg",
    ".toml",
    ".ts",
}
UNFINISHED = re.compile(r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b")  # written so that it does not find itself

# A line that breaks each contract, planted into a copy of the house.
PLANTED = {
    "callapp/errors.py": ["import callapp.settings  # kept: settings and errors stand side by side"],
    "callapp/settings.py": ["import callapp.call.states", "import PySide6.QtCore"],
    "callapp/call/states.py": ["import callapp.media.specs", "import time", "import logging"],
    "callapp/media/specs.py": [
        "import callapp.session.view",
        "import callapp.signaling",
        "import PySide6.QtGui",
    ],
    "callapp/signaling/__init__.py": ["import callapp.media.specs", "import signaling_server.server"],
    "callapp/session/view.py": ["import callapp.ui", "import aiortc", "import websockets"],
    "callapp/ui/__init__.py": ["import callapp.control", "import callapp.main", "import av"],
    "signaling_server/wire.py": ["import signaling_server.rooms", "import asyncio"],
    "signaling_server/rooms.py": ["import random", "import callapp.errors"],
}


def lint_imports(folder: Path) -> tuple[int, str]:
    """Run the contracts of a checkout; exit code and report, without line wrapping."""
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def copy_house(folder: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)


def sources(suffixes: Container[str]) -> Iterator[Path]:
    """The files of the repository with one of the suffixes, without what is built, cached or downloaded."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in suffixes and not SKIPPED.intersection(path.relative_to(ROOT).parts):
                yield path
    yield from (path for path in ROOT.iterdir() if path.suffix in suffixes)


def test_imports_point_down_only() -> None:
    code, report = lint_imports(ROOT)
    assert code == 0, report


def test_the_contracts_catch_planted_violations(tmp_path: Path) -> None:
    copy_house(tmp_path)
    for name, lines in PLANTED.items():
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write("\n" + "\n".join(lines) + "\n")
    (tmp_path / "callapp" / "helpers.py").touch()  # a room that is on no list
    code, report = lint_imports(tmp_path)
    assert code == 1, report
    uncaught = [
        f"{name}: {line}"
        for name, lines in PLANTED.items()
        for line in lines
        if "kept" not in line and f"{module_name(name)} -> {imported(line)}" not in report
    ]
    assert uncaught == [], report
    assert "- callapp.helpers" in report


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(line: str) -> str:
    """The module as import-linter writes it: libraries by their first name only."""
    name = line.split()[1]
    return name if name.startswith(PACKAGES) else name.split(".")[0]


def test_modules_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources({".py", ".spec"})
        if (count := len(path.read_text(encoding="utf-8").splitlines())) >= MAX_LINES
    }
    assert long == {}


def test_nothing_unfinished_is_left_in_the_sources() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sources(TEXT_SUFFIXES)
        for match in UNFINISHED.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_lock_files_pin_and_hash_everything_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry


def test_each_lock_file_holds_the_one_before_it() -> None:
    pins = [
        set(re.findall(r"^[a-z0-9.-]+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
    ]
    assert pins[0] < pins[1] < pins[2]


def test_the_folder_packaging_is_no_package() -> None:
    """It would hide the library of that name."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_every_package_that_the_app_installs_is_in_the_notices() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^([a-z0-9.-]+)==", lock, re.MULTILINE))
    assert [
        name for name in sorted(names) if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", notices)
    ] == []
