"""Reading any sound file as endless blocks, and writing one that is readable at any moment."""

from __future__ import annotations

import io
import itertools
import struct
import wave
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from audio_rig import frequency_hz, level_dbfs, purity_db, read_wav
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.audio.blocks import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples
from callapp.media.audio.wav import HEADER_BYTES, MAX_DATA_BYTES, WavWriter, read_blocks, wav_header

PCM, IEEE_FLOAT = 1, 3


def wav_bytes(
    data: bytes, *, form: int = PCM, bits: int = 16, channels: int = 1, rate_hz: int = 48_000
) -> bytes:
    frame = channels * bits // 8
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE")
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, form, channels, rate_hz, rate_hz * frame, frame, bits)
        + struct.pack("<4sI", b"data", len(data))
        + data
    )


def tone(rate_hz: int, length_s: float, frequency: float = 1000.0) -> npt.NDArray[np.float64]:
    """A sine at -6 dBFS, in -1..1."""
    tone: npt.NDArray[np.float64] = 0.5 * np.sin(
        2 * np.pi * frequency * np.arange(round(rate_hz * length_s)) / rate_hz
    )
    return tone


def encode(samples: npt.NDArray[np.float64], form: int, bits: int) -> bytes:
    if form == IEEE_FLOAT:
        return samples.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.round(samples * 127 + 128).astype(np.uint8).tobytes()
    whole = np.round(samples * (2.0 ** (bits - 1) - 1)).astype("<i4")
    return whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()


def take(path: Path, blocks: int) -> Samples:
    with closing(read_blocks(str(path))) as source:
        parts = list(itertools.islice(source, blocks))
    assert all(part.shape == (BLOCK_SAMPLES,) and part.dtype == np.int16 for part in parts)
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("form", "bits"), [(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (IEEE_FLOAT, 32), (IEEE_FLOAT, 64)]
)
@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000])
def test_every_sample_format_and_rate_keeps_pitch_and_level(
    tmp_path: Path, form: int, bits: int, rate_hz: int
) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(wav_bytes(encode(tone(rate_hz, 1.5), form, bits), form=form, bits=bits, rate_hz=rate_hz))
    samples = take(path, 120)[-SAMPLE_RATE_HZ:]
    assert frequency_hz(samples) == pytest.approx(1000, abs=1)
    assert level_dbfs(samples) == pytest.approx(-6, abs=0.3)
    assert purity_db(samples, 1000) > 35


@pytest.mark.parametrize("channels", [1, 2, 3, 5, 6, 7, 8, 16])
def test_any_number_of_channels_becomes_their_mean(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "channels.wav"
    sound = np.zeros((4_800, channels))
    sound[:, 0] = tone(48_000, 0.1)
    path.write_bytes(wav_bytes(encode(sound.reshape(-1), PCM, 16), channels=channels))
    samples = take(path, 10)
    assert level_dbfs(samples) == pytest.approx(-6 - 20 * np.log10(channels), abs=0.2)


def test_48_khz_mono_16_bit_comes_through_unchanged_and_loops_without_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "counter.wav"
    counter = np.arange(100_003).astype(np.int16)
    path.write_bytes(wav_bytes(counter.tobytes()))
    samples = take(path, 500)
    assert np.array_equal(samples, np.resize(counter, 500 * BLOCK_SAMPLES))


@pytest.mark.parametrize("length", [1, 7, 479, 480, 481])
def test_a_very_short_file_loops_too(tmp_path: Path, length: int) -> None:
    path = tmp_path / "short.wav"
    sound = np.arange(1, length + 1).astype(np.int16)
    path.write_bytes(wav_bytes(sound.tobytes()))
    assert np.array_equal(take(path, 300), np.resize(sound, 300 * BLOCK_SAMPLES))


def test_floats_that_are_no_numbers_are_silence_and_too_great_ones_saturate(tmp_path: Path) -> None:
    path = tmp_path / "wild.wav"
    wild = np.array([np.nan, np.inf, -np.inf, 5.0, -5.0, 0.5] * 800)
    path.write_bytes(wav_bytes(encode(wild, IEEE_FLOAT, 32), form=IEEE_FLOAT, bits=32))
    samples = take(path, 10)
    assert samples[:6].tolist() == [0, 32767, -32768, 32767, -32768, 16384]


def test_a_cut_off_file_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    whole = np.arange(9_600).astype(np.int16)
    path.write_bytes(wav_bytes(whole.tobytes())[: HEADER_BYTES + 2 * 4_800])
    assert np.array_equal(take(path, 10), whole[:4_800])


def unreadable(source: Generator[Samples, None, None]) -> MediaError:
    with pytest.raises(MediaError) as caught:
        next(source)
    assert caught.value.code is ErrorCode.FILE_UNREADABLE
    assert caught.value.device is Device.MICROPHONE
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"#!/bin/sh\necho no sound\n" * 50,
        wav_bytes(b""),
        wav_bytes(b"\0" * 960, rate_hz=1),
        wav_bytes(b"\0" * 960, rate_hz=2**31 - 1),
        wav_bytes(b"\0" * 960, channels=0),
        wav_bytes(b"\0" * 960, form=0x7777),
        b"#EXTM3U\nhttp://192.0.2.1/sound.wav\n",
        b"ffconcat version 1.0\nfile http://192.0.2.1/sound.wav\n",
    ],
)
def test_what_is_no_sound_is_unreadable_at_the_first_block(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    assert unreadable(read_blocks(str(path))).subject == str(path)


def test_a_missing_file_a_folder_and_a_device_are_unreadable(tmp_path: Path) -> None:
    for path in (
        str(tmp_path / "missing.wav"),
        str(tmp_path),
        "/dev/zero",
        "http://192.0.2.1/sound.wav",
        "a\0b",
    ):
        unreadable(read_blocks(path))


def test_a_file_that_turns_bad_while_it_loops_is_unreadable_then(tmp_path: Path) -> None:
    path = tmp_path / "changing.wav"
    path.write_bytes(wav_bytes(encode(tone(48_000, 1.5), PCM, 16)))
    with closing(read_blocks(str(path))) as source:
        next(source)
        path.write_bytes(b"no sound any more")
        with pytest.raises(MediaError) as caught:
            for _ in itertools.islice(source, 1_000):
                pass
    assert caught.value.code is ErrorCode.FILE_UNREADABLE


def blocks_or_unreadable(path: Path) -> bool:
    """Whether the file gives good blocks or the documented error; anything else is raised."""
    with closing(read_blocks(str(path))) as source:
        try:
            parts = list(itertools.islice(source, 3))
        except MediaError as error:
            return error.code is ErrorCode.FILE_UNREADABLE
    return len(parts) == 3 and all(p.shape == (BLOCK_SAMPLES,) and p.dtype == np.int16 for p in parts)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.binary(max_size=60),
    start=st.integers(0, 60),
    data=st.binary(max_size=2_000),
)
def test_a_damaged_header_gives_blocks_or_unreadable(
    tmp_path: Path, header: bytes, start: int, data: bytes
) -> None:
    path = tmp_path / "damaged.wav"
    good = wav_bytes(data)
    path.write_bytes(good[:start] + header + good[start + len(header) :])
    assert blocks_or_unreadable(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from([1, 2, 3, 6, 7, 17, 0xFFFE]),
    bits=st.sampled_from([0, 1, 4, 8, 12, 16, 24, 32, 64]),
    channels=st.integers(0, 70),
    rate_hz=st.one_of(st.integers(0, 2**32 - 1), st.integers(7_000, 100_000)),
    data=st.binary(max_size=3_000),
)
def test_any_claim_of_a_header_gives_blocks_or_unreadable(
    tmp_path: Path, form: int, bits: int, channels: int, rate_hz: int, data: bytes
) -> None:
    path = tmp_path / "claims.wav"
    frame = channels * bits // 8
    header = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, form, channels, rate_hz, rate_hz * frame % 2**32, frame, bits
    )
    path.write_bytes(wav_bytes(data)[:12] + header + struct.pack("<4sI", b"data", len(data)) + data)
    assert blocks_or_unreadable(path)


# ---- writing


def test_a_written_file_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    sound = np.arange(150_001).astype(np.int16)
    writer = WavWriter(str(path))
    writer.open()
    for start in range(0, len(sound), BLOCK_SAMPLES):
        writer.write(sound[start : start + BLOCK_SAMPLES])
    writer.close()
    writer.close()
    assert np.array_equal(read_wav(path), sound)


def test_the_file_is_readable_at_every_moment_and_at_most_a_second_behind(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    writer = WavWriter(str(path))
    writer.open()
    assert len(read_wav(path)) == 0
    for number in range(1, 251):
        writer.write(np.full(BLOCK_SAMPLES, number, np.int16))
        saved = read_wav(path)
        assert number * BLOCK_SAMPLES - len(saved) < SAMPLE_RATE_HZ
        assert np.array_equal(saved, np.repeat(np.arange(1, 251), BLOCK_SAMPLES)[: len(saved)])
    writer.close()
    assert len(read_wav(path)) == 250 * BLOCK_SAMPLES


def test_an_old_file_of_that_name_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"x" * 10_000)
    writer = WavWriter(str(path))
    writer.open()
    writer.close()
    assert path.stat().st_size == HEADER_BYTES
    assert len(read_wav(path)) == 0


def test_a_path_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for path in (str(tmp_path), str(tmp_path / "missing" / "out.wav"), "a\0b"):
        with pytest.raises(MediaError) as caught:
            WavWriter(path).open()
        assert caught.value.code is ErrorCode.FILE_UNWRITABLE
        assert (caught.value.device, caught.value.subject) == (Device.SPEAKER, path)


def test_a_full_disk_is_said_and_the_file_is_closed() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    writer = WavWriter("/dev/full")
    with pytest.raises(MediaError) as caught:
        writer.open()
    assert caught.value.code is ErrorCode.FILE_UNWRITABLE
    writer.close()


def test_the_header_is_what_the_standard_library_expects() -> None:
    with wave.open(io.BytesIO(wav_header(960) + bytes(960))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (
            1,
            2,
            48_000,
            480,
        )


def test_the_counts_of_a_header_stay_within_32_bits() -> None:
    header = wav_header(2**40)
    assert len(header) == HEADER_BYTES
    assert struct.unpack_from("<I", header, 4) == (MAX_DATA_BYTES + 36,)
    assert struct.unpack_from("<I", header, 40) == (MAX_DATA_BYTES,)
