"""Opening, switching and releasing devices through the engine."""

from __future__ import annotations

import asyncio

import pytest
from engine_rig import (
    SPEAKER,
    TONE,
    FakeDevices,
    FakeSource,
    Party,
    call,
    engine,
    hears,
    in_use,
    is_tone,
    numbers,
)

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.engine import Engine
from callapp.media.messages import (
    CloseSources,
    EnableSource,
    OpenSources,
    PlaySound,
    Share,
    Sound,
    SourceChanged,
    SourceFailed,
    SourcesFailed,
    SourcesOpened,
    SwitchSource,
)
from callapp.media.specs import NONE, PATTERN, MediaSpec, SpecKind, VideoWish

OTHER = MediaSpec(SpecKind.DEVICE, "other")
START = OpenSources(PATTERN, TONE, SPEAKER, VideoWish())


async def test_start_opens_all_three_and_names_them() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        person.send(START)
        opened = await person.event(SourcesOpened)
        assert opened.camera is not None
        assert opened.camera.label == "pattern"
        assert opened.microphone is not None
        assert opened.speaker is not None
    assert not devices.any_open


async def test_without_camera_and_microphone_start_opens_nothing_of_them() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        person.send(OpenSources(NONE, NONE, SPEAKER, VideoWish()))
        opened = await person.event(SourcesOpened)
        assert (opened.camera, opened.microphone) == (None, None)
        assert not devices.cameras
        assert not devices.microphones


async def test_a_camera_in_use_fails_the_start_and_closes_the_microphone() -> None:
    def prepare(source: FakeSource) -> None:
        if source.info.label == "pattern":
            source.error = in_use("pattern")

    devices = FakeDevices(prepare)
    async with engine(devices) as one:
        person = Party(one)
        person.send(START)
        failed = await person.event(SourcesFailed)
        assert failed.error.code is ErrorCode.NOT_READABLE
        assert not any(microphone.is_open for microphone in devices.microphones)
        assert not person.of(SourcesOpened)


async def test_a_missing_speaker_does_not_prevent_the_start() -> None:
    def prepare(source: FakeSource) -> None:
        if source.info.label == "fake speaker":
            source.error = MediaError(ErrorCode.NOT_FOUND, device=Device.SPEAKER)

    async with engine(FakeDevices(prepare)) as one:
        person = Party(one)
        await person.open()
        assert person.of(SourcesOpened)[0].speaker is None
        failed = await person.event(SourceFailed)
        assert (failed.device, failed.lost) == (Device.SPEAKER, False)


@pytest.mark.logs_warnings
async def test_a_source_that_breaks_in_an_unforeseen_way_is_an_error_too() -> None:
    class Broken(FakeSource):
        async def open(self) -> None:
            raise ZeroDivisionError

    devices = FakeDevices()
    factories = devices.factories()
    object.__setattr__(factories, "video_source", lambda *_: Broken("broken"))
    one = Engine(factories)
    one.start()
    try:
        person = Party(one)
        person.send(START)
        failed = await person.event(SourcesFailed)
        assert failed.error.code is ErrorCode.NOT_READABLE
    finally:
        await one.close()


async def test_a_permission_question_nobody_answers_holds_nothing_else_up() -> None:
    devices = FakeDevices(_hanging_camera)
    async with engine(devices) as one:
        person, partner = Party(one), Party(one)
        person.send(START)
        await call(person, partner)
        assert not person.of(SourcesOpened)
        person.send(CloseSources())
        failed = await person.event(SourcesFailed)
        assert failed.error.code is ErrorCode.ABORT
    assert not devices.any_open


async def test_another_start_overtakes_one_that_hangs() -> None:
    devices = FakeDevices(_hanging_camera)
    async with engine(devices) as one:
        person = Party(one)
        person.send(START)
        person.send(OpenSources(OTHER, TONE, SPEAKER, VideoWish()))
        opened = await person.event(SourcesOpened)
        assert opened.camera is not None
        assert opened.camera.label == "other"
        assert not person.of(SourcesFailed)


async def test_a_switch_changes_the_camera_in_the_call_without_a_new_negotiation() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person, partner = Party(one), Party(one)
        await person.open()
        await call(person, partner)
        await numbers(partner.seat.remote, 3)
        person.send(SwitchSource(Device.CAMERA, OTHER))
        changed = await person.event(SourceChanged)
        assert changed.info is not None
        assert changed.info.label == "other"
        assert [camera.is_open for camera in devices.cameras] == [False, True]
        await numbers(partner.seat.remote)


async def test_a_failed_switch_leaves_the_old_camera_in_use() -> None:
    def prepare(source: FakeSource) -> None:
        if source.info.label == "other":
            source.error = in_use("other")

    devices = FakeDevices(prepare)
    async with engine(devices) as one:
        person = Party(one)
        await person.open()
        person.send(SwitchSource(Device.CAMERA, OTHER))
        failed = await person.event(SourceFailed)
        assert (failed.device, failed.lost, failed.error.subject) == (Device.CAMERA, False, "other")
        assert devices.cameras[0].is_open
        await numbers(one.local, 3)


async def test_switching_a_device_that_is_off_only_changes_the_choice() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        await person.open()
        person.send(EnableSource(Device.CAMERA, enabled=False))
        person.send(SwitchSource(Device.CAMERA, OTHER))
        await person.until(lambda: bool(person.of(SourceChanged)))
        assert not any(camera.is_open for camera in devices.cameras)
        mark = len(person.events)
        person.send(EnableSource(Device.CAMERA, enabled=True))
        await person.until(lambda: any(c.info is not None for c in person.of(SourceChanged)))
        changed = [event for event in person.events[mark:] if isinstance(event, SourceChanged)][-1]
        assert changed.info is not None
        assert changed.info.label == "other"


async def test_no_device_opens_before_start() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        person.send(SwitchSource(Device.MICROPHONE, TONE))
        await person.event(SourceChanged)
        person.send(EnableSource(Device.CAMERA, enabled=True))
        await person.until(lambda: len(person.of(SourceChanged)) == 2)
        assert not devices.any_open
        assert not devices.cameras


async def test_a_camera_that_fails_to_come_back_stays_off_and_says_so() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        await person.open()
        person.send(EnableSource(Device.CAMERA, enabled=False))
        await person.event(SourceChanged)
        devices.prepare = lambda source: setattr(source, "error", in_use("pattern"))
        person.send(EnableSource(Device.CAMERA, enabled=True))
        failed = await person.event(SourceFailed)
        assert failed.error.code is ErrorCode.NOT_READABLE
        assert one.local.take() is None


async def test_a_lost_camera_is_reported_once_and_released() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        await person.open()
        devices.cameras[0].lose(MediaError(ErrorCode.DEVICE_LOST, device=Device.CAMERA))
        failed = await person.event(SourceFailed)
        assert (failed.device, failed.lost) == (Device.CAMERA, True)
        person.send(EnableSource(Device.CAMERA, enabled=True))
        changed = await person.event(SourceChanged)
        assert changed.info is not None
        assert len(person.of(SourceFailed)) == 1
        assert [camera.is_open for camera in devices.cameras] == [False, True]


async def test_quick_mute_and_unmute_ends_unmuted() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person, partner = Party(one), Party(one)
        await person.open()
        await call(partner, person)
        for enabled in (False, True, False, True):
            person.send(EnableSource(Device.MICROPHONE, enabled=enabled))
        await person.until(lambda: any(c.info is not None for c in person.of(SourceChanged)))
        assert sum(microphone.is_open for microphone in devices.microphones) == 1
        await hears(devices.speakers[0], lambda heard: True)


async def test_another_microphone_is_heard() -> None:
    devices, listener = FakeDevices(), FakeDevices()
    async with engine(devices) as one, engine(listener) as two:
        person, partner = Party(one), Party(two)
        await person.open()
        await partner.open(camera=NONE, microphone=NONE)
        await call(person, partner)
        person.send(SwitchSource(Device.MICROPHONE, OTHER))
        await person.event(SourceChanged)
        await hears(listener.speakers[0], is_tone)
        assert [microphone.is_open for microphone in devices.microphones] == [False, True]


async def test_another_speaker_is_heard_from() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person, partner = Party(one), Party(one)
        await person.open()
        await call(person, partner)
        person.send(SwitchSource(Device.SPEAKER, OTHER))
        await person.event(SourceChanged)
        await hears(devices.speakers[1], is_tone)
        assert not devices.speakers[0].is_open


async def test_close_sources_releases_camera_microphone_and_screen() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        await person.open()
        person.send(Share(""))
        await person.event(SourceChanged)
        person.send(CloseSources())
        person.send(START)
        await person.until(lambda: len(person.of(SourcesOpened)) == 2)
        assert [camera.is_open for camera in devices.cameras] == [False, True]
        assert not devices.screens[0].is_open


async def test_sounds_are_mixed_into_the_speaker() -> None:
    devices = FakeDevices()
    async with engine(devices) as one:
        person = Party(one)
        await person.open()
        person.send(PlaySound(Sound.JOINED))
        assert await asyncio.to_thread(devices.speakers[0].effect_played.wait, 10)
        assert devices.speakers[0].effects[0].tolist() == [7, 7, 7, 7]


def _hanging_camera(source: FakeSource) -> None:
    source.hang = source.info.label == "pattern"
