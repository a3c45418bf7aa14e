"""The app's own sounds, and where they are found."""

from __future__ import annotations

import importlib.util
import sys
import wave
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from audio_rig import read_wav

from callapp import resources
from callapp.errors import ErrorCode, MediaError
from callapp.media.audio import sounds
from callapp.media.audio.blocks import SAMPLE_RATE_HZ
from callapp.media.messages import Sound
from callapp.resources import resource_path

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("sound", Sound)
def test_each_sound_is_short_soft_and_ends_in_silence(sound: Sound) -> None:
    samples = sounds.load_sound(sound)
    assert samples.dtype == np.int16
    assert 0.05 * SAMPLE_RATE_HZ < len(samples) < SAMPLE_RATE_HZ
    peak = np.abs(samples.astype(np.int32)).max() / 32768
    assert 10 ** (-20 / 20) < peak <= 10 ** (-12 / 20)
    assert abs(int(samples[0])) < 50
    assert abs(int(samples[-1])) < 50
    assert sounds.load_sound(sound) is samples


def test_no_two_sounds_are_alike() -> None:
    assert len({sounds.load_sound(sound).tobytes() for sound in Sound}) == len(Sound)


def make_sounds() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sounds", ROOT / "packaging" / "make_sounds.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sounds"] = module  # dataclasses look for it
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules["make_sounds"]
    return module


def test_the_script_makes_exactly_the_files_in_the_repository(tmp_path: Path) -> None:
    make_sounds().write_all(tmp_path)
    kept = ROOT / "resources" / "sounds"
    names = sorted(path.name for path in tmp_path.iterdir())
    assert (
        names == sorted(path.name for path in kept.glob("*.wav")) == sorted(f"{s.value}.wav" for s in Sound)
    )
    for name in names:
        made, found = read_wav(tmp_path / name).astype(np.int32), read_wav(kept / name)
        assert np.abs(made - found).max() <= 1  # the last bit may differ between processors


@pytest.mark.parametrize("damage", ["missing", "garbage", "stereo"])
def test_a_damaged_installation_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    path = tmp_path / "joined.wav"
    if damage == "garbage":
        path.write_bytes(b"not a sound")
    elif damage == "stereo":
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(bytes(400))
    monkeypatch.setattr(sounds, "resource_path", lambda *_: path)
    with pytest.raises(MediaError) as caught:
        sounds.load_sound.__wrapped__(Sound.JOINED)
    assert caught.value.code is ErrorCode.FILE_UNREADABLE
    assert caught.value.subject == "joined.wav"


def test_resources_are_next_to_the_package_in_a_checkout() -> None:
    assert resource_path("sounds", "joined.wav") == ROOT / "resources" / "sounds" / "joined.wav"
    assert resource_path("sounds", "joined.wav").is_file()


def test_resources_are_inside_the_package_in_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "callapp"
    (package / "resources").mkdir(parents=True)
    monkeypatch.setattr(resources, "__file__", str(package / "resources.py"))
    assert resource_path("icons", "call.svg") == package / "resources" / "icons" / "call.svg"


def test_resources_are_in_the_unpacked_folder_of_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_path("sounds") == tmp_path / "resources" / "sounds"
