"""What the engine needs of devices, and where it gets this computer's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from callapp.errors import MediaError
from callapp.media.messages import Sound, SourceInfo
from callapp.media.specs import MediaSpec, VideoWish
from callapp.media.video.slot import Picture

Samples = npt.NDArray[np.int16]
OnLost = Callable[[MediaError], None]
OnPicture = Callable[[Picture], None]
OnBlock = Callable[[Samples, float], None]


class Source(Protocol):
    """What cameras, screens, microphones and speakers have in common."""

    @property
    def info(self) -> SourceInfo: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...


class Output(Source, Protocol):
    """A speaker: 48 kHz mono int16; neither method blocks."""

    def write(self, samples: Samples) -> None: ...
    def play_effect(self, samples: Samples) -> None: ...


@dataclass(frozen=True)
class Devices:
    """Makes sources. `system_devices` gives this computer's; tests give their own."""

    video_source: Callable[[MediaSpec, VideoWish, OnPicture, OnLost], Source]
    screen_source: Callable[[str, OnPicture, OnLost], Source]
    audio_input: Callable[[MediaSpec, OnBlock, OnLost], Source]
    audio_output: Callable[[MediaSpec, OnLost], Output]
    load_sound: Callable[[Sound], Samples]


def system_devices() -> Devices:
    """This computer's devices, files, test picture and tone. Imports QtMultimedia and miniaudio; opens nothing."""
    from callapp.media.audio.sink import audio_output
    from callapp.media.audio.sounds import load_sound
    from callapp.media.audio.source import audio_input
    from callapp.media.capture.source import screen_source, video_source

    return Devices(video_source, screen_source, audio_input, audio_output, load_sound)
