"""Y4M files (YUV4MPEG2), read without a decoder.

A file is a line of parameters, then for each picture the line `FRAME` and the planes. Only the common kind is read
here, progressive 8-bit 4:2:0 with even sides and bare FRAME lines; `read_header` says so, and FFmpeg reads the rest.
Source: the manual page yuv4mpeg(5) of mjpegtools.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture.planes import Bytes2d, empty_yuv420p, wrap_yuv420p
from callapp.media.messages import SourceInfo

MAGIC = b"YUV4MPEG2"
MAX_HEADER_BYTES = 1024
MAX_SIDE_PX = 8192
MAX_FPS = 240
DEFAULT_FPS = Fraction(25)  # what players assume for F0:0, "unknown"

_FRAME = b"FRAME\n"
_PLAIN_CHROMA = frozenset({"420", "420jpeg", "420mpeg2", "420paldv"})


@dataclass(frozen=True)
class Y4mHeader:
    """The first line of a Y4M file."""

    width_px: int
    height_px: int
    fps: Fraction
    plain: bool  # progressive 8-bit 4:2:0 with even sides: readable as it lies in the file
    length_bytes: int  # of the line, newline included

    @property
    def frame_bytes(self) -> int:
        """Size of a picture of a plain file, without its FRAME line."""
        return self.width_px * self.height_px * 3 // 2


def unreadable(path: str, detail: str) -> MediaError:
    """The error for a file that cannot be played."""
    return MediaError(ErrorCode.FILE_UNREADABLE, detail, device=Device.CAMERA, subject=path)


def _number(text: str, least: int, most: int) -> int:
    # str.isdecimal takes other scripts' digits, int takes signs, blanks and underscores: none belongs here
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
        raise ValueError(text)
    return int(text)


def parse_header(head: bytes, path: str = "") -> Y4mHeader:
    """Read the first line of a Y4M file from its first bytes (up to MAX_HEADER_BYTES).

    Raises:
        MediaError: FILE_UNREADABLE, for anything that is not such a line or claims an absurd size or rate.
    """
    line, newline, _ = head[:MAX_HEADER_BYTES].partition(b"\n")
    if not newline or line.split(b" ", 1)[0] != MAGIC:
        raise unreadable(path, "not a Y4M header")
    width = height = 0
    fps, chroma, interlacing = DEFAULT_FPS, "420", "?"
    try:
        for word in line.decode("ascii").split(" ")[1:]:
            key, value = word[:1], word[1:]
            if key == "W":
                width = _number(value, 1, MAX_SIDE_PX)
            elif key == "H":
                height = _number(value, 1, MAX_SIDE_PX)
            elif key == "F":
                fps = _rate(value)
            elif key == "C":
                chroma = value
            elif key == "I":
                interlacing = value
    except ValueError as error:
        raise unreadable(path, f"bad Y4M parameter: {str(error)[:80]!r}") from None
    if not (width and height):
        raise unreadable(path, "a Y4M header without a size")
    plain = chroma in _PLAIN_CHROMA and interlacing in ("p", "?") and width % 2 == 0 == height % 2
    return Y4mHeader(width, height, fps, plain, len(line) + 1)


def _rate(text: str) -> Fraction:
    numerator, colon, denominator = text.partition(":")
    if not colon:
        raise ValueError(text)
    over, under = _number(numerator, 0, 10**9), _number(denominator, 0, 10**9)
    if not over or not under:
        return DEFAULT_FPS
    if not Fraction(1, 10) <= Fraction(over, under) <= MAX_FPS:
        raise ValueError(text)
    return Fraction(over, under)


class Y4mReel:
    """The pictures of a plain Y4M file, for ever (a player.Reel).

    They are read, not mapped: a mapped file that somebody truncates meanwhile would kill the process by SIGBUS,
    and the one copy costs about 0.1 ms for 720p.
    """

    def __init__(self, file: BinaryIO, header: Y4mHeader, path: str) -> None:
        """Takes over `file`, which is unbuffered. Raises MediaError(FILE_UNREADABLE) if it holds no whole picture."""
        self._file = file
        self._header = header
        self._path = path
        self._stride = len(_FRAME) + header.frame_bytes
        self._count = max(0, os.fstat(file.fileno()).st_size - header.length_bytes) // self._stride
        self._index = 0  # of the next picture since the start, for the time
        self._position = 0  # of the next picture in the file
        self.info = SourceInfo(Path(path).name, header.width_px, header.height_px, float(header.fps))
        if not self._count:
            raise unreadable(path, "no whole picture in it")

    @property
    def bare(self) -> bool:
        """The first FRAME line has no parameters, so that the file's pictures are expected at even distances."""
        self._file.seek(self._header.length_bytes)
        return self._file.read(len(_FRAME)) == _FRAME

    def read(self) -> tuple[float, av.VideoFrame]:
        memory = self._read_picture()
        if memory is None and self._position:
            # damaged or truncated from here on: play what comes before
            self._count, self._position = self._position, 0
            memory = self._read_picture()
        if memory is None:
            raise unreadable(self._path, "no picture can be read any more")
        due_s = float(self._index / self._header.fps)
        self._index += 1
        self._position = (self._position + 1) % self._count
        return due_s, wrap_yuv420p(memory)

    def skip_to(self, time_s: float) -> bool:
        index = math.ceil(time_s * self._header.fps - 1e-6)
        if index > self._index:
            self._position = (self._position + index - self._index) % self._count
            self._index = index
        return True

    def close(self) -> None:
        self._file.close()

    def _read_picture(self) -> Bytes2d | None:
        memory = empty_yuv420p(self._header.width_px, self._header.height_px)
        try:
            self._file.seek(self._header.length_bytes + self._position * self._stride)
            if self._file.read(len(_FRAME)) != _FRAME:
                return None
            view, filled = memory.data.cast("B"), 0
            while filled < len(view):
                got = self._file.readinto(view[filled:])  # type: ignore[attr-defined]
                if not got:
                    return None
                filled += got
        except OSError:
            return None
        return memory
