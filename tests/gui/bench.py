"""The window, and recorders in place of everything that it talks to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from callapp.media.video.slot import Picture
from callapp.session.intents import Intent
from callapp.settings import Settings
from callapp.ui.stage import Slots
from callapp.ui.window import MainWindow


@dataclass(frozen=True)
class FakeDevice:
    """A camera, microphone, speaker or screen that is only listed."""

    id: str
    label: str
    width_px: int = 1920
    height_px: int = 1080


@dataclass
class FakeCatalog:
    """Devices that are there or not, as a test says."""

    camera_list: list[FakeDevice] = field(default_factory=lambda: [FakeDevice("c1", "Webcam")])
    microphone_list: list[FakeDevice] = field(default_factory=lambda: [FakeDevice("m1", "Microphone")])
    speaker_list: list[FakeDevice] = field(default_factory=lambda: [FakeDevice("s1", "Headphones")])
    screen_list: list[FakeDevice] = field(default_factory=lambda: [FakeDevice("x1", "Screen 1")])

    def cameras(self) -> Sequence[FakeDevice]:
        return self.camera_list

    def microphones(self) -> Sequence[FakeDevice]:
        return self.microphone_list

    def speakers(self) -> Sequence[FakeDevice]:
        return self.speaker_list

    def screens(self) -> Sequence[FakeDevice]:
        return self.screen_list


@dataclass
class Bench:
    """A window and everything that it talks to."""

    window: MainWindow
    slots: Slots
    devices: FakeCatalog
    posted: list[Intent]
    saved: list[Settings]
    shown: list[tuple[str, Picture, float]]

    def take_posted(self) -> list[Intent]:
        posted, self.posted[:] = list(self.posted), []
        return posted
