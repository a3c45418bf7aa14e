"""Files, the tone and recordings in real time: sound without any sound system."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import wave
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
from audio_rig import SAMPLE_RATE_HZ, Heard, frequency_hz, level_dbfs, purity_db, read_wav
from rig.waiting import eventually

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.audio import pacing
from callapp.media.audio.blocks import BLOCK_S, BLOCK_SAMPLES, Samples
from callapp.media.audio.paced import PacedDrain, PacedInput
from callapp.media.audio.pacing import PacedThread, in_thread
from callapp.media.audio.playout import Playout
from callapp.media.audio.sink import AudioOutput, audio_output
from callapp.media.audio.source import audio_input
from callapp.media.specs import AUTO, NONE, PATTERN, MediaSpec, SpecKind

ROOT = Path(__file__).parents[2]
TONE = MediaSpec(SpecKind.TONE)


def never(error: MediaError) -> None:
    pytest.fail(f"lost: {error}")


def ignore(_block: Samples, _captured_at: float) -> None:
    pass


def file(path: Path) -> MediaSpec:
    return MediaSpec(SpecKind.FILE, str(path))


def record(path: Path | str) -> MediaSpec:
    return MediaSpec(SpecKind.RECORD, str(path))


def write_wav(path: Path, samples: Samples, rate_hz: int = SAMPLE_RATE_HZ) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(samples.tobytes())


async def real_time(length_s: float) -> None:
    """Returns after as many blocks of a clock of the same kind as the speaker's."""
    heard = Heard()
    clock = audio_input(TONE, heard.on_block, never)
    await clock.open()
    await heard.sound(length_s)
    await clock.close()


async def test_the_tone_comes_in_real_time() -> None:
    heard = Heard()
    tone = audio_input(TONE, heard.on_block, never)
    started = time.time()
    await tone.open()
    samples = await heard.sound(0.5)
    elapsed_s = time.time() - started
    await tone.close()
    assert tone.info.label == "440 Hz"
    assert abs(frequency_hz(samples) - 440) <= 2
    assert level_dbfs(samples) == pytest.approx(-20, abs=0.1)
    assert elapsed_s > 0.4  # never faster than real time
    assert started - BLOCK_S <= heard.times[0] < time.time()


async def test_a_file_of_another_rate_loops_in_real_time(tmp_path: Path) -> None:
    path = tmp_path / "high.wav"
    time_s = np.arange(2_205) / 22_050  # 0.1 s: it has to loop
    write_wav(path, (8_000 * np.sin(2 * np.pi * 1_000 * time_s)).astype(np.int16), 22_050)
    heard = Heard()
    source = audio_input(file(path), heard.on_block, never)
    await source.open()
    samples = await heard.sound(0.5)
    await source.close()
    assert source.info.label == "high.wav"
    assert abs(frequency_hz(samples) - 1_000) <= 4


async def test_a_file_that_is_no_sound_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "letter.wav"
    path.write_text("Dear Sir or Madam")
    for bad in (path, tmp_path / "missing.wav"):
        source = audio_input(file(bad), ignore, never)
        with pytest.raises(MediaError) as caught:
            await source.open()
        assert (caught.value.code, caught.value.device) == (ErrorCode.FILE_UNREADABLE, Device.MICROPHONE)
        assert caught.value.subject == str(bad)
        await source.close()


async def lost_error(make: Callable[[Callable[[MediaError], None]], PacedInput | AudioOutput]) -> MediaError:
    """Open what loses itself; -> its error, after closing it."""
    error: asyncio.Future[MediaError] = asyncio.get_running_loop().create_future()
    opened = make(error.set_result)
    await opened.open()
    async with asyncio.timeout(20):
        result = await error
    await opened.close()
    return result


async def test_a_file_that_turns_bad_is_lost() -> None:
    def blocks() -> Generator[Samples, None, None]:
        yield from itertools.repeat(np.zeros(BLOCK_SAMPLES, np.int16), 5)
        raise MediaError(ErrorCode.FILE_UNREADABLE)

    error = await lost_error(lambda on_lost: PacedInput("x", blocks(), ignore, on_lost))
    assert error.code is ErrorCode.FILE_UNREADABLE


async def test_a_recording_holds_what_was_played_effects_and_silence_included(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    speaker = audio_output(record(path), never)
    heard = Heard()

    def feed(block: Samples, captured_at: float) -> None:
        speaker.write(block)
        heard.on_block(block, captured_at)

    tone = audio_input(TONE, feed, never)
    await speaker.open()
    assert speaker.info.label == "out.wav"
    await tone.open()
    await heard.sound(0.8)
    await tone.close()
    await real_time(0.15)
    speaker.play_effect(np.full(BLOCK_SAMPLES * 5, 1_234, np.int16))
    await real_time(0.3)
    await speaker.close()

    samples = read_wav(path)
    assert len(samples) >= SAMPLE_RATE_HZ
    begin = np.flatnonzero(samples)[0]
    tone_part = samples[begin : begin + SAMPLE_RATE_HZ // 2]
    assert abs(frequency_hz(tone_part) - 440) <= 2
    assert level_dbfs(tone_part) == pytest.approx(-20, abs=0.5)
    assert purity_db(tone_part, 440) > 30
    effect = np.flatnonzero(samples == 1_234)
    assert len(effect) == BLOCK_SAMPLES * 5
    assert np.all(np.diff(effect) == 1)
    assert np.all(samples[effect[-1] + 1 :] == 0)
    assert np.all(samples[effect[0] - BLOCK_SAMPLES : effect[0]] == 0)


async def test_a_speaker_called_none_drains_in_real_time() -> None:
    speaker = audio_output(NONE, never)
    await speaker.open()
    speaker.write(np.ones(SAMPLE_RATE_HZ // 10, np.int16))
    assert speaker.waiting_s > 0
    async with asyncio.timeout(20):
        while speaker.waiting_s > 0:
            await real_time(BLOCK_S)
    assert speaker.dropped == 0
    await speaker.close()


async def test_a_recording_that_cannot_be_written_does_not_open(tmp_path: Path) -> None:
    for bad in (tmp_path, tmp_path / "missing" / "out.wav"):
        speaker = audio_output(record(bad), never)
        with pytest.raises(MediaError) as caught:
            await speaker.open()
        assert (caught.value.code, caught.value.device) == (ErrorCode.FILE_UNWRITABLE, Device.SPEAKER)
        await speaker.close()


@pytest.mark.parametrize("fails_in", ["write", "close"])
async def test_a_recording_whose_disk_fills_up_is_lost(fails_in: str) -> None:
    def fail() -> None:
        raise MediaError(ErrorCode.FILE_UNWRITABLE)

    class Consumer:
        closed = 0

        def open(self) -> None:
            pass

        def write(self, samples: Samples) -> None:
            fail()

        def close(self) -> None:
            self.closed += 1
            if fails_in == "close":
                fail()

    consumer = Consumer()
    playout = Playout()
    error = await lost_error(
        lambda on_lost: AudioOutput(playout, PacedDrain("x", consumer, playout.pull, on_lost))
    )
    assert error.code is ErrorCode.FILE_UNWRITABLE
    assert consumer.closed == 1


def test_a_recording_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    program = f"""
        import asyncio
        from callapp.media.audio.sink import audio_output
        from callapp.media.audio.source import audio_input
        from callapp.media.specs import MediaSpec, SpecKind

        async def main():
            speaker = audio_output(MediaSpec(SpecKind.RECORD, {str(path)!r}), print)
            await speaker.open()
            tone = audio_input(MediaSpec(SpecKind.TONE), lambda block, _: speaker.write(block), print)
            await tone.open()
            await asyncio.Event().wait()

        asyncio.run(main())
        """
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], env=environment) as process:
        try:
            eventually(
                lambda: path.exists() and path.stat().st_size > SAMPLE_RATE_HZ * 2, "a second is saved"
            )
        finally:
            process.send_signal(signal.SIGKILL)
    samples = read_wav(path)
    assert len(samples) >= SAMPLE_RATE_HZ
    assert abs(frequency_hz(samples[-SAMPLE_RATE_HZ // 2 :]) - 440) <= 2


async def test_twenty_times_open_and_close_leave_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    for number in range(20):
        tone = audio_input(TONE, ignore, never)
        speaker = audio_output(record(tmp_path / f"{number}.wav"), never)
        await asyncio.gather(tone.open(), speaker.open())
        await asyncio.gather(tone.close(), speaker.close())
        await asyncio.gather(tone.close(), speaker.close())
    assert threading.active_count() <= before


async def test_a_source_closed_without_being_opened_is_no_error() -> None:
    await audio_input(TONE, ignore, never).close()
    await audio_input(AUTO, ignore, never).close()
    await audio_output(NONE, never).close()


def test_specs_of_other_things_are_refused() -> None:
    for spec in (NONE, PATTERN, MediaSpec(SpecKind.RECORD, "x")):
        with pytest.raises(ValueError):
            audio_input(spec, ignore, never)
    for spec in (PATTERN, TONE, MediaSpec(SpecKind.FILE, "x")):
        with pytest.raises(ValueError):
            audio_output(spec, never)


# ---- the thread that keeps the time, and work that is abandoned


async def test_a_late_step_is_caught_up() -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    times: list[float] = []

    def step() -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            time.sleep(0.2)
        if len(times) == 40:
            loop.call_soon_threadsafe(done.set)

    thread = PacedThread("late", step, never)
    thread.start()
    async with asyncio.timeout(20):
        await done.wait()
    await thread.stop()
    gaps_s = np.diff(times)
    assert np.median(gaps_s[1:15]) < BLOCK_S / 2
    assert np.median(gaps_s[25:]) > BLOCK_S / 2


async def test_what_was_missed_in_a_long_pause_is_not_caught_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MAX_LATE_S", 0.05)
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    times: list[float] = []

    def step() -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            time.sleep(0.5)
        if len(times) == 12:
            loop.call_soon_threadsafe(done.set)

    thread = PacedThread("suspended", step, never)
    thread.start()
    async with asyncio.timeout(20):
        await done.wait()
    await thread.stop()
    assert np.median(np.diff(times)[1:]) > BLOCK_S / 2


async def test_work_that_is_abandoned_is_undone_when_it_ends() -> None:
    go, undone = threading.Event(), threading.Event()

    def work() -> str:
        go.wait(20)
        return "opened"

    def undo(value: str) -> None:
        assert value == "opened"
        undone.set()

    with pytest.raises(TimeoutError):
        await in_thread("slow", work, undo, 0.02)
    task = asyncio.create_task(in_thread("slow", work, lambda _: None, 20))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not undone.is_set()
    go.set()
    assert await asyncio.to_thread(undone.wait, 20)


async def test_work_that_fails_after_it_was_abandoned_is_forgotten() -> None:
    go = threading.Event()

    def work() -> None:
        go.wait(20)
        raise MediaError(ErrorCode.NOT_READABLE)

    with pytest.raises(TimeoutError):
        await in_thread("slow-and-bad", work, lambda _: None, 0.02)
    go.set()
