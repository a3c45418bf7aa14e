"""Set up a fresh checkout: system packages, the virtual environment, the locked Python packages.

Usage: python3 packaging/bootstrap.py run|test|bench

Called by the Makefile before every target; standard library only, since nothing else is there yet.
What to install is decided by pure functions (`missing`, `apt_commands`, `advice`, `stamp_of`), the rest
looks at the machine and changes it. A second run reads a stamp and probes a few libraries, no more.

We install system packages only as root on a system with apt-get. Elsewhere the exact command is printed: what
the app cannot start without stops the set-up, the rest (fonts, tools of the tests) is only said. With
CALLAPP_CI=1 everything missing stops it, so that no test is skipped in silence.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
PYTHON_LIBRARY = f"libpython{sys.version_info[0]}.{sys.version_info[1]}"
CJK_FONT_NAMES = ("cjk", "nanum", "baekmuk", "unfonts", "applesdgothic")


@dataclass(frozen=True)
class Need:
    """One thing of the system: `kind` tells how to look for `name`, the rest what to install."""

    kind: str  # library | command | module | font
    name: str  # for a command: alternatives separated by |
    apt: str  # packages, separated by spaces
    dnf: str
    essential: bool = True


# What Qt, QtMultimedia and the audio library load on a bare Debian 12; everything else is inside the wheels.
# Without libxcb-shape.so.0 Qt asks for xcb-cursor0 instead; QtMultimedia does not load without libpulse.so.0.
RUN = (
    Need("module", "ensurepip", "python3-venv", "python3-pip", essential=False),
    Need("library", "libEGL.so.1", "libegl1", "libglvnd-egl"),
    Need("library", "libGL.so.1", "libgl1", "libglvnd-glx"),
    Need("library", "libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    Need("library", "libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    Need("library", "libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    Need("library", "libpulse.so.0", "libpulse0", "pulseaudio-libs"),
    Need("library", "libdrm.so.2", "libdrm2", "libdrm"),
    Need("library", "libXrandr.so.2", "libxrandr2", "libXrandr"),
    Need("library", "libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    Need("library", "libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Need("library", "libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Need("library", "libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Need("library", "libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Need("library", "libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    # Windows under Wayland, and sharing a screen there. Without PipeWire's QtMultimedia warns at every start.
    Need("library", "libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor", essential=False),
    Need("library", "libwayland-egl.so.1", "libwayland-egl1", "libwayland-egl", essential=False),
    Need("library", "libpipewire-0.3.so.0", "libpipewire-0.3-0", "pipewire-libs", essential=False),
    Need("font", "a Korean font", "fonts-noto-cjk", "google-noto-sans-cjk-fonts", essential=False),
)
TEST = (
    *RUN,
    Need("command", "Xvfb", "xvfb", "xorg-x11-server-Xvfb", essential=False),
    Need("command", "xauth", "xauth", "xorg-x11-xauth", essential=False),
    Need("command", "pulseaudio|pipewire-pulse", "pulseaudio", "pulseaudio", essential=False),
    Need("command", "pactl", "pulseaudio-utils", "pulseaudio-utils", essential=False),
    Need("command", "chromium|chromium-browser|google-chrome", "chromium", "chromium", essential=False),
    Need("command", "firefox-esr", "firefox-esr", "firefox", essential=False),
    Need("command", "ip", "iproute2", "iproute", essential=False),
    Need("command", "ps", "procps", "procps-ng", essential=False),
    # For the bundle: PyInstaller appends the app to its start program with objcopy, and packs Python's library,
    # which Debian keeps apart from its Python.
    Need("command", "objcopy", "binutils", "binutils", essential=False),
    Need("library", f"{PYTHON_LIBRARY}.so.1.0", PYTHON_LIBRARY, "python3-libs", essential=False),
)
# The benchmarks compile a small relay.
BENCH = (*TEST, Need("command", "gcc", "gcc libc6-dev", "gcc glibc-devel"))
NEEDS = {"run": RUN, "test": TEST, "bench": BENCH}
# Each lock holds all of the one before it: an environment made for a later one serves the earlier, too.
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
LOCK_FOR = {"run": LOCKS[0], "test": LOCKS[1], "bench": LOCKS[2]}


def missing(needs: Iterable[Need], present: Callable[[Need], bool]) -> list[Need]:
    """The needs that `present` denies, in their order."""
    return [need for need in needs if not present(need)]


def apt_commands(lacking: Sequence[Need]) -> list[list[str]]:
    """The commands that install `lacking` on Debian and its relatives; none for nothing."""
    if not lacking:
        return []
    names = list(dict.fromkeys(" ".join(need.apt for need in lacking).split()))
    return [
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *names],
    ]


def advice(lacking: Sequence[Need], tools: Iterable[str]) -> str:
    """What a person has to type to get `lacking`, given the package `tools` of the system (apt-get, dnf)."""
    tools = list(tools)
    if "apt-get" in tools:
        return "  " + " && ".join("sudo " + " ".join(command) for command in apt_commands(lacking))
    if "dnf" in tools:
        return "  sudo dnf install " + " ".join(dict.fromkeys(need.dnf for need in lacking))
    return "\n".join(f"  {need.name}  (Debian calls its package {need.apt})" for need in lacking)


def stamp_of(lock: bytes, project: bytes, python: str) -> str:
    """A text that changes whenever the environment has to be installed anew."""
    return hashlib.sha256(b"\0".join((lock, project, python.encode()))).hexdigest()


def is_present(need: Need) -> bool:
    """Look for one need on this machine."""
    if need.kind == "library":
        try:
            ctypes.CDLL(need.name)
        except OSError:
            return False
        return True
    if need.kind == "command":
        return any(shutil.which(name) for name in need.name.split("|"))
    if need.kind == "module":
        return importlib.util.find_spec(need.name) is not None
    return any(_has_cjk_font(Path(folder).expanduser()) for folder in FONT_FOLDERS)


def _has_cjk_font(folder: Path) -> bool:
    for _path, folders, files in os.walk(folder):
        if any(part in name.lower() for name in (*folders, *files) for part in CJK_FONT_NAMES):
            return True
    return False


def say(text: str) -> None:
    """Print at once, so that the order is right beside the output of apt-get and pip."""
    print(text, flush=True)


def run(*command: str, env: dict[str, str] | None = None) -> None:
    """Run a command that asks nothing, its output beside ours.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    subprocess.run(command, check=True, env=env, stdin=subprocess.DEVNULL)


def install_system_packages(needs: Sequence[Need]) -> None:
    """Install what the system lacks, or say how.

    Raises:
        SystemExit: something essential is missing and we may not install it.
        subprocess.CalledProcessError: apt-get failed.
    """
    if not sys.platform.startswith("linux"):
        return  # the wheels for macOS and Windows carry everything
    lacking = missing(needs, is_present)
    if not lacking:
        return
    tools = [tool for tool in ("apt-get", "dnf") if shutil.which(tool)]
    if os.geteuid() == 0 and "apt-get" in tools:
        say("Installing system packages: " + " ".join(need.apt for need in lacking))
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in apt_commands(lacking):
            run(*command, env=environment)
        return
    essential = [need for need in lacking if need.essential]
    if essential or os.environ.get("CALLAPP_CI") == "1":
        say("CallApp needs software that only an administrator can install. Please run:")
        say(advice(lacking, tools))
        raise SystemExit(1)
    say("Not everything is installed, so some things will not work or will be skipped. To change that:")
    say(advice(lacking, tools))


def create_environment() -> list[str]:
    """Make .venv unless it is there; returns the pip command that installs into it.

    Raises:
        SystemExit: this Python can neither make nor fill an environment.
    """
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    importlib.invalidate_caches()  # python3-venv may have come a moment ago
    with_pip = importlib.util.find_spec("ensurepip") is not None
    if not python.exists():
        options = ["--clear"] if with_pip else ["--clear", "--without-pip"]
        run(sys.executable, "-m", "venv", *options, str(VENV))
    if subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0:
        return [str(python), "-m", "pip"]
    # Debian splits ensurepip off its Python; the pip beside that Python can fill the environment as well.
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "--python", str(python)]
    say(f"{sys.executable} has no pip. On Debian: sudo apt-get install python3-pip python3-venv")
    raise SystemExit(1)


def install_python_packages(lock_name: str) -> None:
    """Bring .venv to the state of the lock file; does nothing when it is already there.

    Raises:
        SystemExit: see `create_environment`.
        subprocess.CalledProcessError: pip failed.
    """
    if any(_is_installed(name) for name in LOCKS[LOCKS.index(lock_name) :]):
        return
    say(f"Installing the Python packages of {lock_name} into .venv (a few minutes at first)")
    pip = create_environment()
    for other in VENV.glob(".*.stamp"):
        other.unlink()
    install = [
        *pip,
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--root-user-action=ignore",
    ]
    run(*install, "--require-hashes", "-r", str(ROOT / lock_name))
    run(*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    _stamp_file(lock_name).write_text(_wanted_stamp(lock_name), encoding="utf-8")


def _stamp_file(lock_name: str) -> Path:
    return VENV / f".{lock_name}.stamp"


def _wanted_stamp(lock_name: str) -> str:
    return stamp_of((ROOT / lock_name).read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version)


def _is_installed(lock_name: str) -> bool:
    stamp = _stamp_file(lock_name)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _wanted_stamp(lock_name)


def use_new_enough_python() -> None:
    """Continue under a Python that CallApp supports.

    Raises:
        SystemExit: there is none.
    """
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(OLDEST_PYTHON[1] + 3, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    say("CallApp needs Python 3.11 or newer with pip; this is " + sys.version.split()[0])
    raise SystemExit(1)


def main() -> None:
    """Set up for the purpose named on the command line."""
    use_new_enough_python()
    parser = argparse.ArgumentParser(description="Set up what CallApp needs.")
    parser.add_argument("purpose", choices=sorted(NEEDS), help="what the machine is to be ready for")
    purpose = parser.parse_args().purpose
    try:
        install_system_packages(NEEDS[purpose])
        install_python_packages(LOCK_FOR[purpose])
    except subprocess.CalledProcessError as error:
        say(f"The set-up stopped, exit code {error.returncode} of: {' '.join(error.cmd)}")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
