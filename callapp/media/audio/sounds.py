"""The app's own sounds."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path

import numpy as np

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.audio.blocks import SAMPLE_RATE_HZ, Samples
from callapp.media.messages import Sound
from callapp.resources import resource_path


@cache
def load_sound(sound: Sound) -> Samples:
    """One of the app's sounds as mono int16 at 48 kHz, read-only, kept in memory after the first call.

    Raises: MediaError FILE_UNREADABLE if the installation is damaged.
    """
    path = resource_path("sounds", f"{sound.value}.wav")
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            data = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    if form != (1, 2, SAMPLE_RATE_HZ):
        raise _damaged(path, f"not mono 16 bit at 48 kHz but {form}")
    return np.frombuffer(data, "<i2").astype(np.int16, copy=False)


def _damaged(path: Path, detail: str) -> MediaError:
    return MediaError(ErrorCode.FILE_UNREADABLE, detail, device=Device.SPEAKER, subject=path.name)
