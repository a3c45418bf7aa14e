"""Two apps with a real sound system: what one microphone hears comes out of the other's speaker; devices vanish."""

from __future__ import annotations

import os
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from audio_rig import (
    SAMPLE_RATE_HZ,
    SPEAKER_MONITOR,
    PulseRoom,
    pulse_room,
    purity_db,
    read_wav,
)
from rig.app_process import PATTERN, AppProcess, StartApp
from rig.components import require

TONE_HZ = 1_000


@pytest.fixture
def room() -> Iterator[PulseRoom]:
    with pulse_room() as room:
        yield room


def beep(path: Path) -> Path:
    """A WAV file with 30 s of TONE_HZ."""
    time_s = np.arange(30 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = (8000 * np.sin(2 * np.pi * TONE_HZ * time_s)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


def clean_stretches(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> int:
    """How many of the recording's half seconds are the tone and nothing else."""
    block = SAMPLE_RATE_HZ // 2
    blocks = [samples[start : start + block] for start in range(0, len(samples) - block, block)]
    return sum(np.abs(part).max() > 500 and purity_db(part, TONE_HZ) > 20 for part in blocks)


@pytest.fixture
def pair(start_app: StartApp, room: PulseRoom) -> tuple[AppProcess, AppProcess]:
    """Two apps in a call; the first takes the room's microphone, the second plays on its speaker."""
    first = start_app("--headless", *PATTERN, "--speaker", "none", environment=room.environment)
    first.do("start")
    link = first.wait_event("invite")["link"]
    first.do("call")
    second = start_app(link, "--headless", *PATTERN, "--microphone", "tone", environment=room.environment)
    second.do("start")
    second.do("call")
    for app in (first, second):
        app.wait_state(call="connected")
    return first, second


def test_the_microphone_of_one_is_heard_from_the_speaker_of_the_other(
    pair: tuple[AppProcess, AppProcess], room: PulseRoom, tmp_path: Path
) -> None:
    paplay, parecord = require("paplay", "pulseaudio-utils"), require("parecord", "pulseaudio-utils")
    environment = os.environ | room.environment
    heard = tmp_path / "heard.wav"
    form = ("--rate", str(SAMPLE_RATE_HZ), "--channels", "1", "--format", "s16le", "--file-format=wav")
    talker = subprocess.Popen([paplay, "-d", "micbus", beep(tmp_path / "beep.wav")], env=environment)
    recorder = subprocess.Popen([parecord, "-d", SPEAKER_MONITOR, *form, heard], env=environment)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            recorder.wait(6)
    finally:
        recorder.terminate()
        recorder.wait(5)
        talker.terminate()
        talker.wait(5)
    assert clean_stretches(read_wav(heard)) >= 4, "less than 2 s of the 6 s are the tone"


def test_a_microphone_that_is_pulled_out_is_said_and_the_call_goes_on(
    pair: tuple[AppProcess, AppProcess], room: PulseRoom
) -> None:
    first, second = pair
    room.unplug("module-remap-source")
    first.wait_trace("microphone: device_lost")
    first.do("mute", on=True)
    second.do("hang_up")
    first.wait_event("ended", reason="PEER_LEFT")
    assert second.quit() == 0
    assert first.quit() == 0


def test_no_sound_system_at_all_is_not_found(start_app: StartApp) -> None:
    app = start_app(
        "--headless", "--loopback", *PATTERN, environment={"PULSE_SERVER": "unix:/nonexistent/pulse"}
    )
    assert app.refuse("start") == "NotFoundError"
    assert app.quit() == 4
