"""Components that a laptop may lack: their absence skips a test there, and fails it in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def require(program: str, package: str) -> str:
    """The path of `program` (Debian package `package`); skips the test without it, fails it in CI."""
    path = shutil.which(program)
    if path is not None:
        return path
    message = f"{program} is missing: apt-get install {package}"
    if os.environ.get("CALLAPP_CI") == "1":
        pytest.fail(message)
    pytest.skip(message)
