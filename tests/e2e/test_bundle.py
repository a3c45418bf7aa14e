"""The bundle, built as a release is built, makes a call in a bare environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD_S = 300.0
SMOKE_S = 200.0

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bundle is built on Linux only")
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh build of the bundle, away from the checkout."""
    output = tmp_path_factory.mktemp("bundle")
    command = [sys.executable, str(ROOT / "packaging" / "build.py"), "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield output / "callapp"
    shutil.rmtree(output)  # hundreds of MB, which pytest would keep for three more runs


@pytest.mark.timeout(BUILD_S + SMOKE_S)
def test_the_bundle_calls_itself_in_a_bare_environment(bundle: Path) -> None:
    command = [sys.executable, "-I", str(ROOT / "packaging" / "smoke.py"), str(bundle / "callapp")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SMOKE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("The bundle called itself") == 2


@pytest.mark.timeout(BUILD_S)
def test_the_bundle_carries_its_icon_texts_and_terms(bundle: Path) -> None:
    inside = bundle / "_internal" / "resources"
    assert (inside / "icons" / "callapp.svg").is_file()
    assert (inside / "i18n" / "callapp_ko.qm").is_file()
    assert (bundle / "_internal" / "PySide6" / "Qt" / "translations" / "qtbase_ko.qm").is_file()
    png = (bundle / "icons" / "hicolor" / "256x256" / "apps" / "callapp.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert "GNU GENERAL PUBLIC LICENSE" in (bundle / "licenses" / "GPL-3.0.txt").read_text(encoding="utf-8")
    notices = (bundle / "licenses" / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    assert "x264" in notices
    assert (bundle / "licenses" / "aiortc" / "LICENSE").is_file()


@pytest.mark.timeout(BUILD_S)
def test_the_bundle_puts_itself_into_the_menu(bundle: Path, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run([bundle / "add-to-menu.sh"], env=environment, check=True, capture_output=True, timeout=30)
    data = tmp_path / ".local" / "share"
    entry = (data / "applications" / "callapp.desktop").read_text(encoding="utf-8").splitlines()
    assert f'Exec="{bundle}/callapp" %u' in entry
    assert "MimeType=x-scheme-handler/callapp;" in entry
    assert len([line for line in entry if line.startswith("Exec=")]) == 1
    assert "Icon=callapp" in entry
    assert (data / "icons" / "hicolor" / "scalable" / "apps" / "callapp.svg").is_file()
