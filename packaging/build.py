"""Build the bundle: a folder that runs the app on a machine without Python or Qt.

Usage: python packaging/build.py [--output FOLDER]

FOLDER/callapp (dist/callapp by default) holds the program `callapp`, its libraries, the desktop entry with its icons,
and in `licenses` the terms of everything inside. Tried on Debian 12 only; see packaging/callapp.spec for what is
left out.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path, PurePath

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parent.parent
PACKAGING = ROOT / "packaging"
ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256, 512)
LICENSE_NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")
OWN_NOTICES = ("LICENSE", "THIRD_PARTY_NOTICES.md")


def render_icons(svg: Path, folder: Path) -> None:
    """Draw the app's icon in every size of the hicolor theme, and keep the drawing itself.

    Source: https://specifications.freedesktop.org/icon-theme-spec/latest/
    """
    renderer = QSvgRenderer(str(svg))
    for size_px in ICON_SIZES_PX:
        image = QImage(size_px, size_px, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, size_px, size_px))
        painter.end()
        target = folder / "hicolor" / f"{size_px}x{size_px}" / "apps" / "callapp.png"
        target.parent.mkdir(parents=True)
        if not image.save(str(target)):
            raise OSError(f"cannot write {target}")
    scalable = folder / "hicolor" / "scalable" / "apps" / "callapp.svg"
    scalable.parent.mkdir(parents=True)
    shutil.copyfile(svg, scalable)


def runtime_names(lock: str) -> list[str]:
    """The packages of a lock file, by name."""
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)))


def license_path(file: PurePath) -> PurePath | None:
    """Where a file of an installed package goes among the licences; None if it holds no terms."""
    parts = list(file.parts)
    if not parts[0].endswith(".dist-info") or file.suffix in {".py", ".pyc"}:
        return None
    if parts[1] == "licenses":
        return PurePath(*parts[2:])
    return PurePath(*parts[1:]) if file.name.upper().startswith(LICENSE_NAMES) else None


def copy_package_licenses(folder: Path) -> None:
    """Copy the licence files that the installed Python packages bring, one folder a package."""
    for name in runtime_names((ROOT / "requirements.lock").read_text(encoding="utf-8")):
        try:
            files = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # locked for another platform
        for file in files:
            path = license_path(file)
            if path is not None:
                target = folder / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(file.locate()), target)


def system_packages(libraries: list[str]) -> Iterator[tuple[str, Path]]:
    """The Debian packages of the machine that `libraries` were taken from, with their copyright files."""
    if not shutil.which("dpkg-query"):
        return
    found = subprocess.run(
        ["dpkg-query", "--search", *(f"*/{name}" for name in libraries)],
        capture_output=True,
        text=True,
        check=False,  # it fails when one library is unknown, and tells about all the others
    )
    for package in sorted({line.partition(":")[0] for line in found.stdout.splitlines()}):
        copyright_file = Path("/usr/share/doc") / package / "copyright"
        if copyright_file.is_file():
            yield package, copyright_file


def collect_licenses(bundle: Path) -> None:
    """Fill `licenses` with the terms of the app, of its Python packages, of Python and of the system's libraries."""
    folder = bundle / "licenses"
    folder.mkdir()
    for name in OWN_NOTICES:
        shutil.copyfile(ROOT / name, folder / name)
    for text in sorted((PACKAGING / "licenses").iterdir()):
        shutil.copyfile(text, folder / text.name)
    copy_package_licenses(folder)
    python_license = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if python_license.is_file():
        shutil.copyfile(python_license, folder / "python-LICENSE.txt")
    libraries = [path.name for path in (bundle / "_internal").glob("*.so*") if not path.is_symlink()]
    for package, copyright_file in system_packages(libraries):
        shutil.copyfile(copyright_file, folder / f"system-{package}.txt")


def build(output: Path) -> Path:
    """Build `output`/callapp and return it.

    Raises:
        subprocess.CalledProcessError: PyInstaller failed; its output says why.
    """
    work = ROOT / "build" / "pyinstaller"
    options = ["--noconfirm", "--log-level", "WARN", "--distpath", str(output), "--workpath", str(work)]
    subprocess.run(
        [sys.executable, "-m", "PyInstaller", *options, str(PACKAGING / "callapp.spec")], check=True
    )
    bundle = output / "callapp"
    render_icons(ROOT / "resources" / "icons" / "callapp.svg", bundle / "icons")
    for name in ("callapp.desktop", "add-to-menu.sh"):
        shutil.copy(PACKAGING / "linux" / name, bundle / name)
    collect_licenses(bundle)
    return bundle


def main() -> None:
    """Build the bundle and say where it is and how large."""
    parser = argparse.ArgumentParser(description="Build the bundle of the app.")
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="the folder to build in")
    output: Path = parser.parse_args().output.resolve()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    bundle = build(output)
    application.quit()
    size_bytes = sum(path.lstat().st_size for path in bundle.rglob("*") if not path.is_symlink())
    print(f"{bundle}: {size_bytes / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
