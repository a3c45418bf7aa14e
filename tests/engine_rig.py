"""Engines with devices that a test controls, and seats that call each other.

Import it as `from engine_rig import ...`: `tests` is on pytest's path.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from callapp.call.description import Description
from callapp.errors import ErrorCode, MediaError
from callapp.media.capture import timecode
from callapp.media.capture.planes import empty_yuv420p, split_yuv420p, wrap_yuv420p
from callapp.media.devices import Devices, OnBlock, OnLost, OnPicture
from callapp.media.engine import Engine
from callapp.media.messages import (
    AddCandidate,
    AnswerReady,
    ApplyAnswer,
    Command,
    CreateAnswer,
    CreateOffer,
    Event,
    LocalCandidate,
    OfferReady,
    OpenSources,
    PeerConnected,
    Sound,
    SourceInfo,
    SourcesOpened,
    Trace,
)
from callapp.media.seat import Seat
from callapp.media.specs import PATTERN, MediaSpec, SpecKind, VideoWish
from callapp.media.video.convert import luma
from callapp.media.video.slot import FrameSlot, Picture

TIMEOUT_S = 20.0
TONE = MediaSpec(SpecKind.TONE)
SPEAKER = MediaSpec(SpecKind.AUTO)
TONE_HZ = 1000.0
SIZE = (320, 240)
SCREEN_SIZE = (640, 480)

Samples = npt.NDArray[np.int16]
E = TypeVar("E")
S = TypeVar("S", bound="FakeSource")


class FakeSource:
    """A device on a thread of its own. `error`, `hang`: how `open` goes wrong."""

    period_s = 1 / 30

    def __init__(self, label: str, size: tuple[int, int] = (0, 0)) -> None:
        self.info = SourceInfo(label, *size, 30.0 if size[0] else 0.0)
        self.error: MediaError | None = None
        self.hang = False
        self.is_open = False
        self.paused = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    async def open(self) -> None:
        if self.hang:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self.is_open = True
        self._thread = threading.Thread(target=self._run, name=self.info.label)
        self._thread.start()

    async def close(self) -> None:
        self._stop.set()
        self.is_open = False
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        due, number = time.monotonic(), 0
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            if not self.paused:
                self.step(number)
            number += 1
            due += self.period_s

    def step(self, number: int) -> None:
        """Deliver something."""


class FakeCamera(FakeSource):
    """Numbered pictures."""

    def __init__(self, label: str, size: tuple[int, int], on_picture: OnPicture, on_lost: OnLost) -> None:
        super().__init__(label, size)
        self._on_picture = on_picture
        self.lose = on_lost

    def step(self, number: int) -> None:
        memory = empty_yuv420p(self.info.width_px, self.info.height_px)
        memory[:] = 128
        timecode.burn(*split_yuv420p(memory), number)
        self._on_picture(Picture(wrap_yuv420p(memory), time.time()))


class FakeMicrophone(FakeSource):
    """A tone."""

    period_s = 0.01

    def __init__(self, on_block: OnBlock, on_lost: OnLost) -> None:
        super().__init__("fake microphone")
        self._on_block = on_block
        self.lose = on_lost

    def step(self, number: int) -> None:
        at = np.arange(number * 480, (number + 1) * 480) / 48_000
        self._on_block((8000 * np.sin(2 * np.pi * TONE_HZ * at)).astype(np.int16), time.time())


class FakeSpeaker(FakeSource):
    """Keeps what it is given to play."""

    def __init__(self, on_lost: OnLost) -> None:
        super().__init__("fake speaker")
        self.lose = on_lost
        self.effects: list[Samples] = []
        self.effect_played = threading.Event()
        self._lock = threading.Lock()
        self._heard: list[Samples] = []

    async def open(self) -> None:
        if self.error is not None:
            raise self.error
        self.is_open = True

    def write(self, samples: Samples) -> None:
        with self._lock:
            self._heard.append(samples)

    def play_effect(self, samples: Samples) -> None:
        self.effects.append(samples)
        self.effect_played.set()

    def heard(self) -> Samples:
        """What was played since the last call."""
        with self._lock:
            heard, self._heard = self._heard, []
        return np.concatenate(heard) if heard else np.zeros(0, np.int16)


@dataclass
class FakeDevices:
    """Makes fake devices and remembers them. `prepare` may change each one before it is opened."""

    prepare: Callable[[FakeSource], None] = lambda source: None
    cameras: list[FakeCamera] = field(default_factory=list)
    screens: list[FakeCamera] = field(default_factory=list)
    microphones: list[FakeMicrophone] = field(default_factory=list)
    speakers: list[FakeSpeaker] = field(default_factory=list)
    camera_size: tuple[int, int] = SIZE

    def factories(self) -> Devices:
        return Devices(self._camera, self._screen, self._microphone, self._speaker, self._sound)

    @property
    def any_open(self) -> bool:
        made: list[FakeSource] = [*self.cameras, *self.screens, *self.microphones, *self.speakers]
        return any(source.is_open for source in made)

    def _camera(self, spec: MediaSpec, wish: VideoWish, on_picture: OnPicture, on_lost: OnLost) -> FakeCamera:
        return self._made(self.cameras, FakeCamera(str(spec), self.camera_size, on_picture, on_lost))

    def _screen(self, screen_id: str, on_picture: OnPicture, on_lost: OnLost) -> FakeCamera:
        return self._made(self.screens, FakeCamera(screen_id, SCREEN_SIZE, on_picture, on_lost))

    def _microphone(self, spec: MediaSpec, on_block: OnBlock, on_lost: OnLost) -> FakeMicrophone:
        return self._made(self.microphones, FakeMicrophone(on_block, on_lost))

    def _speaker(self, spec: MediaSpec, on_lost: OnLost) -> FakeSpeaker:
        return self._made(self.speakers, FakeSpeaker(on_lost))

    def _sound(self, sound: Sound) -> Samples:
        return np.full(4, 7, np.int16)

    def _made(self, made: list[S], source: S) -> S:
        self.prepare(source)
        made.append(source)
        return source


class Party:
    """A seat whose events are kept and can be waited for."""

    def __init__(self, engine: Engine) -> None:
        self.events: list[Event] = []
        self.on_event: Callable[[Event], None] = lambda event: None
        self._changed = asyncio.Event()
        self.seat: Seat = engine.seat(self._take)

    @property
    def trace(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Trace)]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def send(self, command: Command) -> None:
        self.seat.send(command)

    async def event(self, kind: type[E], *, after: int = 0) -> E:
        """The first event of this kind from index `after` of `events` on."""
        await self.until(lambda: any(isinstance(event, kind) for event in self.events[after:]))
        return next(event for event in self.events[after:] if isinstance(event, kind))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Until `condition` holds; it is looked at after each event."""
        async with asyncio.timeout(TIMEOUT_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def open(self, camera: MediaSpec = PATTERN, microphone: MediaSpec = TONE) -> None:
        self.send(OpenSources(camera, microphone, SPEAKER, VideoWish()))
        await self.event(SourcesOpened)

    def _take(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()
        self.on_event(event)


def wire(caller: Party, callee: Party) -> None:
    """Carry descriptions and candidates between two parties, as sessions and a server would."""

    def carry(other: Party) -> Callable[[Event], None]:
        def on_event(event: Event) -> None:
            match event:
                case OfferReady(call_id, attempt, offer):
                    other.send(CreateAnswer(call_id, attempt, offer))
                case AnswerReady(call_id, attempt, answer):
                    other.send(ApplyAnswer(call_id, attempt, answer))
                case LocalCandidate(call_id, attempt, candidate):
                    other.send(AddCandidate(call_id, attempt, candidate))

        return on_event

    caller.on_event, callee.on_event = carry(callee), carry(caller)


async def call(caller: Party, callee: Party, call_id: str = "call", attempt: int = 0) -> None:
    """Call, until both sides are connected."""
    wire(caller, callee)
    marks = len(caller.events), len(callee.events)
    caller.send(CreateOffer(call_id, attempt))
    await caller.event(PeerConnected, after=marks[0])
    await callee.event(PeerConnected, after=marks[1])


async def next_picture(slot: FrameSlot) -> Picture:
    """The next picture that a slot gets."""
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    slot.take()

    def wake() -> None:
        loop.call_soon_threadsafe(arrived.set)

    slot.on_filled = wake
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while (picture := slot.take()) is None:
                arrived.clear()
                await arrived.wait()
    finally:
        slot.on_filled = None
    return picture


async def numbers(slot: FrameSlot, count: int = 8) -> list[int]:
    """The numbers on the next pictures; unreadable ones are left out."""
    found: list[int] = []
    async with asyncio.timeout(TIMEOUT_S):
        while len(found) < count:
            number = timecode.read(luma((await next_picture(slot)).frame))
            if number is not None:
                found.append(number)
    return found


async def hears(speaker: FakeSpeaker, condition: Callable[[Samples], bool], samples: int = 24_000) -> None:
    """Until `condition` holds for what a speaker plays in a row."""
    speaker.heard()
    heard = np.zeros(0, np.int16)
    async with asyncio.timeout(TIMEOUT_S):
        while len(heard) < samples or not condition(heard[-samples:]):
            await asyncio.sleep(0.02)
            heard = np.concatenate([heard, speaker.heard()])


def is_tone(samples: Samples) -> bool:
    """Whether the samples are the fake microphone's tone, and without gaps."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    peak = int(spectrum.argmax())
    near = spectrum[max(0, peak - 4) : peak + 5]
    pure = (near**2).sum() > 0.98 * (spectrum**2).sum()
    return bool(np.abs(samples).max() > 4000 and abs(peak * 48_000 / len(samples) - TONE_HZ) < 5 and pure)


def is_silent(samples: Samples) -> bool:
    return bool(np.abs(samples).max() < 50)


@asynccontextmanager
async def engine(devices: FakeDevices | None = None) -> AsyncIterator[Engine]:
    """A running engine with fake devices."""
    made = Engine((devices or FakeDevices()).factories())
    made.start()
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def two_parties() -> AsyncIterator[tuple[Party, Party, FakeDevices, FakeDevices]]:
    """Two engines, as two computers have them, with open sources."""
    first, second = FakeDevices(), FakeDevices()
    async with engine(first) as one, engine(second) as other:
        caller, callee = Party(one), Party(other)
        await asyncio.gather(caller.open(), callee.open())
        yield caller, callee, first, second


async def offer_of(party: Party, call_id: str) -> Description:
    """An offer as it would come over the wire."""
    party.send(CreateOffer(call_id, 0))
    await party.until(lambda: any(event.call_id == call_id for event in party.of(OfferReady)))
    return next(event.offer for event in party.of(OfferReady) if event.call_id == call_id)


def in_use(name: str) -> MediaError:
    return MediaError(ErrorCode.NOT_READABLE, "in use", subject=name)
