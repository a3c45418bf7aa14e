"""Where the own sound comes from: a microphone, a file or the test tone, all behind AudioInput."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from callapp.errors import MediaError
from callapp.media.audio.blocks import OnBlock
from callapp.media.audio.device_io import DeviceInput
from callapp.media.audio.paced import PacedInput
from callapp.media.audio.tone import tone_blocks
from callapp.media.audio.wav import read_blocks
from callapp.media.messages import SourceInfo
from callapp.media.specs import MediaSpec, SpecKind


class AudioInput(Protocol):
    """A source of blocks: opened once, closed once or more. Both are awaited on one loop."""

    @property
    def info(self) -> SourceInfo:
        """Its label; valid after `open`."""
        ...

    async def open(self) -> None:
        """Start delivering blocks. Cancellable.

        Raises: MediaError NOT_FOUND, NOT_ALLOWED, NOT_READABLE (a device), FILE_UNREADABLE.
        """
        ...

    async def close(self) -> None:
        """Release the device or file. Idempotent; no block comes after it."""
        ...


def audio_input(spec: MediaSpec, on_block: OnBlock, on_lost: Callable[[MediaError], None]) -> AudioInput:
    """The input that a SPEC of a microphone names.

    `on_block` is called from one thread, either the loop's or one that keeps the time of a file or tone: it
    should only hand the block on. `on_lost` (DEVICE_LOST, FILE_UNREADABLE) is called on the loop, once, after
    which nothing is delivered; the input still has to be closed.

    Raises: ValueError for a SPEC that is no microphone (`none` is for the caller to handle).
    """
    match spec.kind:
        case SpecKind.AUTO:
            return DeviceInput("", on_block, on_lost)
        case SpecKind.DEVICE:
            return DeviceInput(spec.name, on_block, on_lost)
        case SpecKind.FILE:
            return PacedInput(Path(spec.name).name, read_blocks(spec.name), on_block, on_lost)
        case SpecKind.TONE:
            return PacedInput("440 Hz", tone_blocks(), on_block, on_lost)
    raise ValueError(f"not a microphone: {spec}")
