"""Microphones and speakers on a real sound system (PulseAudio without hardware)."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from audio_rig import (
    MICROPHONE,
    MICROPHONE_BUS,
    SPEAKER,
    SPEAKER_MONITOR,
    Heard,
    PulseRoom,
    frequency_hz,
    is_tone,
    level_dbfs,
)

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.audio import device_io
from callapp.media.audio.blocks import BLOCK_S, BLOCK_SAMPLES, Samples
from callapp.media.audio.devices import (
    AudioDevices,
    list_devices,
    list_microphones,
    list_speakers,
)
from callapp.media.audio.sink import AudioOutput, audio_output
from callapp.media.audio.source import AudioInput, audio_input
from callapp.media.audio.watch import DeviceWatch
from callapp.media.specs import AUTO, DeviceInfo, MediaSpec, SpecKind

TONE = MediaSpec(SpecKind.TONE)


def device(name: str) -> MediaSpec:
    return MediaSpec(SpecKind.DEVICE, name)


def never(error: MediaError) -> None:
    pytest.fail(f"lost: {error}")


def ignore(_block: Samples, _captured_at: float) -> None:
    pass


class Lost:
    """Waits for an `on_lost`."""

    def __init__(self) -> None:
        self._error: asyncio.Future[MediaError] = asyncio.get_running_loop().create_future()

    def __call__(self, error: MediaError) -> None:
        self._error.set_result(error)  # a second call would raise

    async def error(self) -> MediaError:
        async with asyncio.timeout(20):
            return await self._error


async def until(condition: Callable[[], bool]) -> None:
    """For what the operating system shows but does not announce (threads, streams at the sound server)."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (nothing sets an event for it)
            await asyncio.sleep(0.01)


async def fail_to_open(source: AudioInput | AudioOutput) -> MediaError:
    with pytest.raises(MediaError) as caught:
        await source.open()
    await source.close()
    return caught.value


def test_lists_name_microphones_and_speakers_and_leave_out_monitors(pulse: PulseRoom) -> None:
    assert list_microphones() == [DeviceInfo("vmic", MICROPHONE)]
    assert list_speakers() == [DeviceInfo("spk", SPEAKER), DeviceInfo("micbus", MICROPHONE_BUS)]


async def test_a_tone_played_into_a_speaker_arrives_through_the_microphone(pulse: PulseRoom) -> None:
    heard = Heard()
    started = time.time()
    microphone = audio_input(AUTO, heard.on_block, never)
    speaker = audio_output(device(MICROPHONE_BUS), never)
    tone = audio_input(TONE, lambda block, _: speaker.write(block), never)
    await microphone.open()
    await speaker.open()
    await tone.open()
    try:
        assert microphone.info.label == MICROPHONE
        assert speaker.info.label == MICROPHONE_BUS
        samples = await heard.sound(0.5, is_tone(440))
        assert abs(frequency_hz(samples) - 440) <= 2
        assert -21 < level_dbfs(samples) < -19
        assert speaker.waiting_s <= 0.2
        assert started < heard.times[-1] < time.time()
    finally:
        await asyncio.gather(tone.close(), speaker.close(), microphone.close())


async def test_blocks_are_10_ms_apart_in_capture_time(pulse: PulseRoom) -> None:
    heard = Heard()
    microphone = audio_input(device(MICROPHONE), heard.on_block, never)
    await microphone.open()
    samples = await heard.sound(1.0)
    await microphone.close()
    assert len(samples) % BLOCK_SAMPLES == 0
    elapsed_s = heard.times[-1] - heard.times[0]
    assert elapsed_s == pytest.approx((len(heard.times) - 1) * BLOCK_S, abs=0.2)
    assert all(
        later > earlier - BLOCK_S for earlier, later in zip(heard.times, heard.times[1:], strict=False)
    )


async def test_the_default_speaker_plays_an_effect_without_any_other_sound(pulse: PulseRoom) -> None:
    heard = Heard()
    monitor = audio_input(device(SPEAKER_MONITOR), heard.on_block, never)
    speaker = audio_output(AUTO, never)
    await monitor.open()
    await speaker.open()
    try:
        assert speaker.info.label == SPEAKER
        await heard.sound(0.05)
        time_s = np.arange(96_000) / 48_000
        speaker.play_effect((8000 * np.sin(2 * np.pi * 1000 * time_s)).astype(np.int16))
        samples = await heard.sound(0.2, is_tone(1000))
        assert abs(frequency_hz(samples) - 1000) <= 5
        assert speaker.underruns == 0
    finally:
        await asyncio.gather(monitor.close(), speaker.close())


@pytest.mark.parametrize("name", [MICROPHONE, "virtualmic", "vmic"])
async def test_a_device_is_found_by_label_or_id(pulse: PulseRoom, name: str) -> None:
    microphone = audio_input(device(name), ignore, never)
    await microphone.open()
    assert microphone.info.label == MICROPHONE
    await microphone.close()


async def test_a_device_that_is_not_there_is_not_found(pulse: PulseRoom) -> None:
    error = await fail_to_open(audio_input(device("No Such Microphone"), ignore, never))
    assert (error.code, error.device, error.subject) == (
        ErrorCode.NOT_FOUND,
        Device.MICROPHONE,
        "No Such Microphone",
    )
    error = await fail_to_open(audio_output(device("No Such Speaker"), never))
    assert (error.code, error.device) == (ErrorCode.NOT_FOUND, Device.SPEAKER)


async def test_without_a_sound_system_nothing_pretends_to_work(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent/native")
    if list_devices() != AudioDevices():
        pytest.skip("this machine has a sound card")
    for spec in (AUTO, device(MICROPHONE)):
        assert (await fail_to_open(audio_input(spec, ignore, never))).code is ErrorCode.NOT_FOUND
        assert (await fail_to_open(audio_output(spec, never))).code is ErrorCode.NOT_FOUND
    assert capfd.readouterr().err == ""


async def test_the_monitor_of_a_speaker_is_no_default_microphone(own_pulse: PulseRoom) -> None:
    own_pulse.unplug("module-remap-source")
    error = await fail_to_open(audio_input(AUTO, ignore, never))
    assert (error.code, error.device) == (ErrorCode.NOT_FOUND, Device.MICROPHONE)


async def test_a_microphone_pulled_out_is_lost_and_others_stay(pulse: PulseRoom) -> None:
    module = pulse.plug_microphone("Headset")
    lost = Lost()
    heard = Heard()
    from_headset = Heard()
    headset = audio_input(device("Headset"), from_headset.on_block, lost)
    other = audio_input(AUTO, heard.on_block, never)
    await headset.open()
    await other.open()
    pulse.unplug(module)
    error = await lost.error()
    assert (error.code, error.device, error.subject) == (ErrorCode.DEVICE_LOST, Device.MICROPHONE, "Headset")
    heard.clear()
    from_headset.clear()
    await heard.sound(0.1)
    assert len(from_headset.samples) == 0  # not even from the microphone that the system moved us to
    await asyncio.gather(headset.close(), other.close())


async def test_a_sound_server_that_dies_loses_microphone_and_speaker(own_pulse: PulseRoom) -> None:
    lost_microphone, lost_speaker = Lost(), Lost()
    heard = Heard()
    microphone = audio_input(AUTO, heard.on_block, lost_microphone)
    speaker = audio_output(AUTO, lost_speaker)
    await microphone.open()
    await speaker.open()
    await heard.sound(0.05)
    own_pulse.kill()
    assert (await lost_microphone.error()).code is ErrorCode.DEVICE_LOST
    error = await lost_speaker.error()
    assert (error.code, error.device) == (ErrorCode.DEVICE_LOST, Device.SPEAKER)
    await asyncio.gather(microphone.close(), speaker.close())


async def test_a_sound_server_that_does_not_answer_is_not_readable(
    own_pulse: PulseRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_io, "OPEN_TIMEOUT_S", 0.3)
    own_pulse.freeze()
    error = await fail_to_open(audio_input(AUTO, ignore, never))
    assert (error.code, error.device) == (ErrorCode.NOT_READABLE, Device.MICROPHONE)
    own_pulse.thaw()
    await until(lambda: not any(thread.name.startswith("open-") for thread in threading.enumerate()))
    await until(lambda: _own_streams(own_pulse) == "")


async def test_a_cancelled_open_gives_the_device_back(pulse: PulseRoom) -> None:
    for pause in range(10):
        microphone = audio_input(AUTO, ignore, never)
        opening = asyncio.create_task(microphone.open())
        for _ in range(pause):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        await microphone.close()
    await until(lambda: not any(thread.name.startswith("open-") for thread in threading.enumerate()))
    await until(lambda: _own_streams(pulse) == "")


async def test_no_block_comes_after_close(pulse: PulseRoom) -> None:
    heard = Heard()
    microphone = audio_input(AUTO, heard.on_block, never)
    await microphone.open()
    await heard.sound(0.05)
    await microphone.close()
    await asyncio.sleep(0)
    heard.clear()
    await asyncio.sleep(0.05)
    assert len(heard.samples) == 0
    await microphone.close()


async def test_twenty_times_open_and_close_leave_nothing_behind(pulse: PulseRoom) -> None:
    async def cycle() -> None:
        heard = Heard()
        microphone = audio_input(AUTO, heard.on_block, never)
        speaker = audio_output(AUTO, never)
        await asyncio.gather(microphone.open(), speaker.open())
        await heard.sound(0.02)
        await asyncio.gather(microphone.close(), speaker.close())

    def count(kind: str) -> int:
        return len(list(Path("/proc/self", kind).iterdir()))

    await cycle()
    gc.collect()
    threads, files = count("task"), count("fd")
    for _ in range(20):
        await cycle()
    await until(lambda: count("task") <= threads and count("fd") <= files)
    assert _own_streams(pulse) == ""


def _own_streams(pulse: PulseRoom) -> str:
    """Streams that programs have open at the sound server; those of its own modules have no client."""
    outputs = pulse.pactl("list", "source-outputs") + pulse.pactl("list", "sink-inputs")
    return "\n".join(line for line in outputs.splitlines() if "CallApp" in line)


async def test_a_watch_tells_what_is_there_then_each_change(pulse: PulseRoom) -> None:
    seen: asyncio.Queue[AudioDevices] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    watch = DeviceWatch(lambda devices: loop.call_soon_threadsafe(seen.put_nowait, devices), period_s=0.05)
    watch.start()
    try:
        async with asyncio.timeout(20):
            first = await seen.get()
            assert [info.label for info in first.microphones] == [MICROPHONE]
            module = pulse.plug_microphone("Webcam")
            assert DeviceInfo("webcam", "Webcam") in (await seen.get()).microphones
            pulse.unplug(module)
            assert await seen.get() == first
    finally:
        watch.close()
    watch.close()
    assert not any(thread.name == "audio-device-watch" for thread in threading.enumerate())
