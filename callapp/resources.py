"""Where the files that come with the app are: icons, sounds, translations."""

from __future__ import annotations

import sys
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """The path of a file in `resources`, e.g. `resource_path("sounds", "joined.wav")`; it need not exist.

    The folder is next to the package `callapp` in a checkout, inside it in a wheel, and in the unpacked
    folder (`sys._MEIPASS`) of a PyInstaller bundle.
    """
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        return Path(bundle, "resources", *parts)
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return (installed if installed.is_dir() else package.parent / "resources").joinpath(*parts)
