"""What the window needs to know of devices: something that lists them, quickly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from callapp.media.specs import MediaSpec, SpecKind


class NamedDevice(Protocol):
    """A camera, microphone or speaker: a stable id and the label that a person knows."""

    @property
    def id(self) -> str: ...
    @property
    def label(self) -> str: ...


class Screen(NamedDevice, Protocol):
    """A screen that can be shared, with its size in px."""

    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...


class DeviceCatalog(Protocol):
    """The devices present now. Called on the GUI thread while a menu opens: answers must come from a cache."""

    def cameras(self) -> Sequence[NamedDevice]: ...
    def microphones(self) -> Sequence[NamedDevice]: ...
    def speakers(self) -> Sequence[NamedDevice]: ...
    def screens(self) -> Sequence[Screen]: ...


def device_spec(device: NamedDevice, among: Sequence[NamedDevice]) -> MediaSpec:
    """The SPEC of a device: by its label, which survives another port, or by its id where labels repeat."""
    unique = sum(other.label == device.label for other in among) == 1
    return MediaSpec(SpecKind.DEVICE, device.label if unique else device.id)
