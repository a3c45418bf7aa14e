"""Where the peer's sound goes: a speaker, a WAV file or nowhere, all behind AudioOutput."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from callapp.errors import MediaError
from callapp.media.audio.blocks import SAMPLE_RATE_HZ, Samples
from callapp.media.audio.device_io import DeviceDrain
from callapp.media.audio.paced import Nowhere, PacedDrain
from callapp.media.audio.playout import Playout
from callapp.media.audio.wav import WavWriter
from callapp.media.messages import SourceInfo
from callapp.media.specs import MediaSpec, SpecKind


class Drain(Protocol):
    """What takes the sound out of a playout in real time."""

    @property
    def info(self) -> SourceInfo: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...


class AudioOutput:
    """A speaker: opened once, closed once or more. `open` and `close` are awaited on one loop."""

    def __init__(self, playout: Playout, drain: Drain) -> None:
        self._playout = playout
        self._drain = drain

    @property
    def info(self) -> SourceInfo:
        """Its label; valid after `open`."""
        return self._drain.info

    @property
    def waiting_s(self) -> float:
        """How long what was written last will wait until it is taken to be played."""
        return self._playout.waiting / SAMPLE_RATE_HZ

    @property
    def dropped(self) -> int:
        """Samples that were never played, because too many waited."""
        return self._playout.dropped

    @property
    def underruns(self) -> int:
        """How often the sound ran dry while playing."""
        return self._playout.underruns

    async def open(self) -> None:
        """Start playing. Cancellable.

        Raises: MediaError NOT_FOUND, NOT_ALLOWED, NOT_READABLE (a device), FILE_UNWRITABLE.
        """
        await self._drain.open()

    async def close(self) -> None:
        """Release the device or complete the file. Idempotent."""
        await self._drain.close()

    def write(self, samples: Samples) -> None:
        """Play mono int16 samples at 48 kHz after what was written before. Never waits; one thread at a time.

        Of more than 200 ms the oldest are dropped and counted.
        """
        self._playout.write(samples.reshape(-1))

    def play_effect(self, samples: Samples) -> None:
        """Mix a short sound over what is played, from now on. Never waits; any thread."""
        self._playout.play_effect(samples.reshape(-1))


def audio_output(spec: MediaSpec, on_lost: Callable[[MediaError], None]) -> AudioOutput:
    """The output that a SPEC of a speaker names.

    `on_lost` (DEVICE_LOST, FILE_UNWRITABLE) is called on the loop that opened it, once; the output still has
    to be closed.

    Raises: ValueError for a SPEC that is no speaker.
    """
    playout = Playout()
    match spec.kind:
        case SpecKind.AUTO:
            return AudioOutput(playout, DeviceDrain("", playout.pull, on_lost))
        case SpecKind.DEVICE:
            return AudioOutput(playout, DeviceDrain(spec.name, playout.pull, on_lost))
        case SpecKind.NONE:
            return AudioOutput(playout, PacedDrain("", Nowhere(), playout.pull, on_lost))
        case SpecKind.RECORD:
            label = Path(spec.name).name
            return AudioOutput(playout, PacedDrain(label, WavWriter(spec.name), playout.pull, on_lost))
    raise ValueError(f"not a speaker: {spec}")
