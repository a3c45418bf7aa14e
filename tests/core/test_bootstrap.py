"""What the set-up decides to install, and what it tells those for whom it cannot install anything."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    """The script as a module; `packaging` is no package, so it cannot be imported by name."""
    spec = importlib.util.spec_from_file_location("callapp_bootstrap", ROOT / "packaging" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def test_only_what_is_missing_is_installed_in_one_go(bootstrap: ModuleType) -> None:
    there = {"libEGL.so.1", "Xvfb"}
    lacking = bootstrap.missing(bootstrap.TEST, lambda need: need.name in there)
    update, install = bootstrap.apt_commands(lacking)
    assert update[-1] == "update"
    assert "install" in install
    assert "-y" in install
    assert "--no-install-recommends" in install
    assert {"libgl1", "libxcb-shape0", "fonts-noto-cjk", "pulseaudio"} < set(install)
    assert not {"libegl1", "xvfb"} & set(install)


def test_nothing_is_installed_where_nothing_is_missing(bootstrap: ModuleType) -> None:
    assert bootstrap.apt_commands(bootstrap.missing(bootstrap.TEST, lambda _need: True)) == []


def test_people_are_told_the_exact_command_of_their_system(bootstrap: ModuleType) -> None:
    lacking = [need for need in bootstrap.RUN if need.name == "libEGL.so.1"]
    assert bootstrap.advice(lacking, ["apt-get"]).endswith("install -y --no-install-recommends libegl1")
    assert bootstrap.advice(lacking, ["apt-get"]).count("sudo") == 2
    assert bootstrap.advice(lacking, ["dnf"]) == "  sudo dnf install libglvnd-egl"
    assert "libEGL.so.1" in bootstrap.advice(lacking, [])
    assert "libegl1" in bootstrap.advice(lacking, [])


@pytest.mark.parametrize("ci", [True, False])
def test_a_missing_tool_of_the_tests_stops_only_ci(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: bool
) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap, "is_present", lambda need: need.name != "Xvfb")
    monkeypatch.setenv("CALLAPP_CI", "1" if ci else "0")
    if ci:
        with pytest.raises(SystemExit):
            bootstrap.install_system_packages(bootstrap.TEST)
    else:
        bootstrap.install_system_packages(bootstrap.TEST)
    assert "xvfb" in capsys.readouterr().out.lower()


def test_a_missing_library_stops_everyone_with_the_way_out(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(bootstrap, "is_present", lambda need: need.name != "libEGL.so.1")
    monkeypatch.delenv("CALLAPP_CI", raising=False)
    with pytest.raises(SystemExit):
        bootstrap.install_system_packages(bootstrap.RUN)
    assert "administrator" in capsys.readouterr().out


def test_the_stamp_changes_with_everything_it_stands_for(bootstrap: ModuleType) -> None:
    stamps = {
        bootstrap.stamp_of(b"lock", b"project", "3.11"),
        bootstrap.stamp_of(b"other", b"project", "3.11"),
        bootstrap.stamp_of(b"lock", b"other", "3.11"),
        bootstrap.stamp_of(b"lock", b"project", "3.12"),
        bootstrap.stamp_of(b"lockp", b"roject", "3.11"),
    }
    assert len(stamps) == 5


def test_an_up_to_date_environment_is_left_alone(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "create_environment", lambda: ["pip"])
    monkeypatch.setattr(bootstrap, "run", lambda *command: calls.append(command))
    dev, run = "requirements-dev.lock", "requirements.lock"
    bootstrap.install_python_packages(dev)
    assert [command[-1] for command in calls] == [str(ROOT / dev), str(ROOT)]
    assert "--require-hashes" in calls[0]
    bootstrap.install_python_packages(dev)
    bootstrap.install_python_packages(run)  # the environment for the tests runs the app, too
    assert len(calls) == 2
    bootstrap.install_python_packages("requirements-bench.lock")
    assert len(calls) == 4
    bootstrap.install_python_packages(dev)
    assert len(calls) == 4


def test_an_installation_cut_short_is_done_again(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_command: str) -> None:
        raise OSError("the network went away")

    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "create_environment", lambda: ["pip"])
    monkeypatch.setattr(bootstrap, "run", fail)
    with pytest.raises(OSError, match="network"):
        bootstrap.install_python_packages("requirements.lock")
    assert list(tmp_path.iterdir()) == []
