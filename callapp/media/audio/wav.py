"""Sound files: any file with sound as a looping microphone, and a WAV file as a speaker."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import numpy.typing as npt

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.audio.blocks import BLOCK_SAMPLES, SAMPLE_RATE_HZ, Samples

RATES_HZ = range(1_000, 768_001)  # outside, a header is nonsense, and a resampler would need absurd memory
HEADER_BYTES = 44
MAX_DATA_BYTES = 0xFFFF_FFFF - HEADER_BYTES  # RIFF counts in 32 bits: 12 h at 48 kHz mono
SAVE_SAMPLES = SAMPLE_RATE_HZ  # a second
SHORT_SAMPLES = SAMPLE_RATE_HZ
_FULL_SCALE = {"u1": 128.0, "i2": 2.0**15, "i4": 2.0**31, "i8": 2.0**63, "f4": 1.0, "f8": 1.0}


def read_blocks(path: str) -> Generator[Samples, None, None]:
    """Endless blocks of a file's sound, resampled to 48 kHz mono, from the beginning again after its end.

    Any number of channels (their mean is taken), any rate of RATES_HZ, any format that PyAV can decode. Read
    as it is played, so its length does not matter.

    Raises: MediaError FILE_UNREADABLE, at the first block or, if the file changes under us, later.
    """
    waiting = np.zeros(0, np.int16)
    for samples in _loop(path):
        waiting = np.concatenate((waiting, samples))
        ready = len(waiting) - len(waiting) % BLOCK_SAMPLES
        for start in range(0, ready, BLOCK_SAMPLES):
            yield waiting[start : start + BLOCK_SAMPLES]
        waiting = waiting[ready:]


def _loop(path: str) -> Iterator[Samples]:
    """The file's sound for ever, in parts of any length. What is shorter than a second is read once only."""
    while True:
        heard = 0
        parts = []
        for samples in _read_once(path):
            heard += len(samples)
            if heard <= SHORT_SAMPLES:
                parts.append(samples)
            yield samples
        if heard == 0:
            raise _unreadable(path, "no sound in it")
        if heard <= SHORT_SAMPLES:
            repeated = np.tile(np.concatenate(parts), -(-SHORT_SAMPLES // heard))
            while True:
                yield repeated


def _unreadable(path: str, detail: str) -> MediaError:
    return MediaError(ErrorCode.FILE_UNREADABLE, detail, device=Device.MICROPHONE, subject=path)


def _read_once(path: str) -> Iterator[Samples]:
    file = Path(path)
    if not file.is_file():  # a FIFO or a terminal would hold us for ever
        raise _unreadable(path, "no such file" if not file.exists() else "not a regular file")
    try:
        # the absolute path and the whitelist keep FFmpeg from taking a name or a playlist for a network
        # address
        with av.open(str(file.absolute()), options={"protocol_whitelist": "file"}) as container:
            if not container.streams.audio:
                raise _unreadable(path, "no sound in it")
            stream = container.streams.audio[0]
            if stream.codec_context is None:
                raise _unreadable(path, "an unknown coding")
            if stream.rate not in RATES_HZ:
                raise _unreadable(path, f"a sample rate of {stream.rate} Hz")
            resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE_HZ)
            for frame in container.decode(stream):
                for part in resampler.resample(_mono(frame)):
                    yield _samples(part)
            for part in resampler.resample(None):
                yield _samples(part)
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error


def _mono(frame: av.AudioFrame) -> av.AudioFrame:
    """The mean of the channels as float; the resampler's own mixing knows only the usual channel layouts."""
    data = frame.to_ndarray()
    full_scale = _FULL_SCALE[data.dtype.str[1:]]
    if data.dtype == np.uint8:  # unsigned: silence is 128
        data = data.astype(np.int16) - 128
    channels = data if frame.format.is_planar else data.reshape(-1, frame.layout.nb_channels).T
    mean: npt.NDArray[np.float32] = (channels.mean(axis=0, dtype=np.float64) / full_scale).astype(np.float32)
    np.nan_to_num(mean, copy=False)
    mono = av.AudioFrame.from_ndarray(mean.clip(-1, 1).reshape(1, -1), "fltp", "mono")
    mono.sample_rate = frame.sample_rate
    return mono


def _samples(frame: av.AudioFrame) -> Samples:
    return frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)


class WavWriter:
    """A WAV file of mono 16-bit 48 kHz that can be read at any moment.

    What was written is saved every second, and then the header.

    Source: Multimedia Programming Interface and Data Specifications 1.0 (RIFF, WAVE). After 12 h the counts
    in the header stay at their greatest value; readers then go on to the end of the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._unsaved: list[bytes] = []
        self._unsaved_samples = 0
        self._data_bytes = 0

    def open(self) -> None:
        """Create the file or empty it. Raises MediaError FILE_UNWRITABLE."""
        try:
            self._file = Path(self._path).open("wb")  # noqa: SIM115 (close ends it)
        except (OSError, ValueError) as error:
            raise self._unwritable(error) from error
        try:
            self._save()
        except MediaError:
            self._abandon()
            raise

    def write(self, samples: Samples) -> None:
        """Append samples. Raises MediaError FILE_UNWRITABLE (the disk is full)."""
        self._unsaved.append(samples.astype("<i2").tobytes())
        self._unsaved_samples += len(samples)
        if self._unsaved_samples >= SAVE_SAMPLES:
            self._save()

    def close(self) -> None:
        """Save the rest. Idempotent. Raises MediaError FILE_UNWRITABLE."""
        if self._file is None:
            return
        try:
            self._save()
        finally:
            self._abandon()

    def _abandon(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):  # it tries once more to write what _save could not
                file.close()

    def _save(self) -> None:
        data = b"".join(self._unsaved)
        self._unsaved.clear()
        self._unsaved_samples = 0
        if self._file is None:
            return
        try:
            self._file.seek(HEADER_BYTES + self._data_bytes)
            self._file.write(data)
            self._file.flush()
            self._data_bytes += len(data)
            self._file.seek(0)  # the header last: killed in between, the file is only a second short
            self._file.write(wav_header(self._data_bytes))
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: Exception) -> MediaError:
        detail = f"{type(error).__name__}: {error}"
        return MediaError(ErrorCode.FILE_UNWRITABLE, detail, device=Device.SPEAKER, subject=self._path)


def wav_header(data_bytes: int) -> bytes:
    """The 44 bytes before the samples of a mono 16-bit 48 kHz WAV file."""
    data_bytes = min(data_bytes, MAX_DATA_BYTES)
    byte_rate, frame_bytes, bits = SAMPLE_RATE_HZ * 2, 2, 16
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", data_bytes + HEADER_BYTES - 8, b"WAVE"),
        *(b"fmt ", 16, 1, 1, SAMPLE_RATE_HZ, byte_rate, frame_bytes, bits),
        *(b"data", data_bytes),
    )
