"""A sound system without a sound card for tests, and ways to measure what was heard.

Import it as `from audio_rig import pulse_room`: `tests` is on pytest's path.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import wave
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from rig.components import require

SAMPLE_RATE_HZ = 48_000
SPEAKER = "VirtualSpeaker"  # the default speaker; nobody hears it but its monitor
SPEAKER_MONITOR = "spk.monitor"  # id of the source that hears what the speaker plays
MICROPHONE_BUS = "MicBus"  # a speaker: what is played into it comes out of the microphone
MICROPHONE = "VirtualMic"  # the default microphone

# norewinds: a null sink that may rewind renders 2 s ahead, and a new stream waits for that long.
SCRIPT = """
load-module module-native-protocol-unix socket={socket} auth-anonymous=1
load-module module-null-sink sink_name=spk rate=48000 channels=2 norewinds=1 \
sink_properties=device.description=VirtualSpeaker
load-module module-null-sink sink_name=micbus rate=48000 channels=1 norewinds=1 \
sink_properties=device.description=MicBus
load-module module-remap-source master=micbus.monitor source_name=vmic \
source_properties=device.description=VirtualMic
set-default-sink spk
set-default-source vmic
"""


@dataclass
class PulseRoom:
    """A running PulseAudio daemon. A process with `environment` added to its own uses it."""

    environment: dict[str, str]
    daemon: subprocess.Popen[str]

    def pactl(self, *arguments: str) -> str:
        """Run pactl in this room; -> what it printed."""
        run = subprocess.run(
            ["pactl", *arguments],
            env=os.environ | self.environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=10,
        )
        return run.stdout.strip()

    def plug_microphone(self, name: str) -> str:
        """Add a second microphone, hearing the same bus; -> what `unplug` takes."""
        source = f"source_name={name.lower()}"
        label = f"source_properties=device.description={name}"
        return self.pactl("load-module", "module-remap-source", "master=micbus.monitor", source, label)

    def unplug(self, module: str) -> None:
        """Remove what was plugged in, or one of the room's own devices by its module's name."""
        self.pactl("unload-module", module)

    def freeze(self) -> None:
        """Make the daemon answer nobody, until `thaw`."""
        self.daemon.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.daemon.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """The sound server crashes."""
        self.daemon.kill()
        self.daemon.wait(10)


@contextlib.contextmanager
def pulse_room() -> Iterator[PulseRoom]:
    """A private PulseAudio daemon with a speaker and a microphone, on a socket of its own.

    Skips the test where PulseAudio is missing; fails it instead with CALLAPP_CI=1.
    """
    pulseaudio = require("pulseaudio", "pulseaudio")
    require("pactl", "pulseaudio-utils")
    with tempfile.TemporaryDirectory(prefix="callapp-pulse-") as folder:
        socket = Path(folder, "native")
        script = Path(folder, "room.pa")
        script.write_text(SCRIPT.format(socket=socket))
        private = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH"), folder)
        options = ["-n", "-F", str(script), "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        daemon = subprocess.Popen(
            [pulseaudio, *options, "--log-level=info", "--log-target=stderr"],
            env=os.environ | private,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        ready = threading.Event()
        lines: deque[str] = deque(maxlen=30)
        reader = threading.Thread(target=_read_log, args=(daemon, lines, ready), daemon=True)
        reader.start()
        try:
            if not ready.wait(20) or daemon.poll() is not None:
                pytest.fail("pulseaudio did not start:\n" + "".join(lines))
            yield PulseRoom({"PULSE_SERVER": f"unix:{socket}"}, daemon)
        finally:
            daemon.send_signal(signal.SIGCONT)
            daemon.terminate()
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait(5)
            reader.join(5)
            if daemon.stderr is not None:
                daemon.stderr.close()


def _read_log(daemon: subprocess.Popen[str], lines: deque[str], ready: threading.Event) -> None:
    """Empties the pipe, so that the daemon never waits for us."""
    for line in daemon.stderr or ():
        lines.append(line)
        if "Daemon startup complete" in line:
            ready.set()
    ready.set()


class Heard:
    """Collects the blocks of an AudioInput: give it `on_block`, then wait. Made on a loop."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()

    def on_block(self, block: npt.NDArray[np.int16], captured_at: float) -> None:
        self._loop.call_soon_threadsafe(self._add, block, captured_at)

    def _add(self, block: npt.NDArray[np.int16], captured_at: float) -> None:
        self._blocks.append(block)
        self.times.append(captured_at)
        self._more.set()

    @property
    def samples(self) -> npt.NDArray[np.int16]:
        return np.concatenate([np.zeros(0, np.int16), *self._blocks])

    def clear(self) -> None:
        self._blocks.clear()
        self.times.clear()

    async def sound(
        self, length_s: float, is_good: Callable[[npt.NDArray[np.int16]], bool] = lambda _: True
    ) -> npt.NDArray[np.int16]:
        """The newest `length_s` of sound, once there is so much and it is good; TimeoutError after 20 s."""
        count = round(length_s * SAMPLE_RATE_HZ / 480)
        async with asyncio.timeout(20):
            while True:
                newest = self._blocks[-count:]
                if len(newest) == count and is_good(samples := np.concatenate(newest)):
                    return samples
                self._more.clear()
                await self._more.wait()


def is_tone(frequency: float) -> Callable[[npt.NDArray[np.int16]], bool]:
    """For `Heard.sound`: nothing but this tone, without gaps."""
    return lambda samples: purity_db(samples, frequency) > 20


def read_wav(path: Path | str) -> npt.NDArray[np.int16]:
    """The samples of a mono 16-bit 48 kHz WAV file, asserting that it is one."""
    with wave.open(str(path), "rb") as file:
        form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        assert form == (1, 2, SAMPLE_RATE_HZ)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def frequency_hz(samples: npt.NDArray[np.int16]) -> float:
    """The strongest frequency, exact to 48,000 / len(samples) Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * SAMPLE_RATE_HZ / len(samples)


def level_dbfs(samples: npt.NDArray[np.int16]) -> float:
    """The level relative to a sine of full scale; -200 for digital silence."""
    mean_square = float(np.mean((samples / 32768.0) ** 2)) * 2
    return 10 * float(np.log10(max(mean_square, 1e-20)))


def purity_db(samples: npt.NDArray[np.int16], tone_hz: float) -> float:
    """How much stronger the tone (within 2 %) is than all the rest: low if there are gaps or clicks."""
    power = np.abs(np.fft.rfft(samples * np.blackman(len(samples)))) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    near = np.abs(frequencies - tone_hz) < tone_hz * 0.02
    return 10 * float(np.log10(power[near].sum() / max(power[~near].sum(), 1e-9)))
