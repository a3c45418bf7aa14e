"""A video file as a camera: at its own size and rate, for ever."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from callapp.errors import Device, MediaError
from callapp.media.capture.base import OnLost, OnPicture, require_size
from callapp.media.capture.planes import HANDED_OUT, YUV420P, handed_out, upright
from callapp.media.capture.player import Player, Reel
from callapp.media.capture.y4m import (
    MAGIC,
    MAX_FPS,
    MAX_HEADER_BYTES,
    MAX_SIDE_PX,
    Y4mReel,
    parse_header,
    unreadable,
)
from callapp.media.messages import SourceInfo
from callapp.media.specs import VideoWish

log = logging.getLogger(__name__)

MAX_PIXELS = 7680 * 4320
LONGEST_PICTURE_S = 10.0
"""A gap in a file's timestamps longer than this is taken for damage, not for a picture that stays."""

FALLBACK_FPS = 25.0

# FFmpeg takes any text file for "ANSI art", and the others are lists that name further files
_NO_VIDEO_FORMATS = frozenset({"tty", "concat", "hls", "dash", "sdp", "lavfi"})


def file_source(path: str, wish: VideoWish, on_picture: OnPicture, on_lost: OnLost) -> Player:
    """A source over the video file at `path`; of the wish only a mandatory size counts."""

    def open_reel() -> Reel:
        reel = open_file(path)
        try:
            require_size(reel.info, wish, Device.CAMERA)
        except MediaError:
            reel.close()
            raise
        return reel

    return Player(open_reel, on_picture, on_lost)


def open_file(path: str) -> Reel:
    """Open any video file. Blocks.

    Raises:
        MediaError: FILE_UNREADABLE with the path as its subject: missing, a directory or device, forbidden, not
            video, damaged from the first picture on, or absurdly large.
    """
    try:
        place = Path(path).expanduser()
        if not stat.S_ISREG(place.stat().st_mode):  # asked before opening, which would wait at a named pipe
            raise unreadable(path, "not a regular file")
        file = cast(BinaryIO, place.open("rb", buffering=0))
    except (
        OSError,
        ValueError,
        RuntimeError,
    ) as error:  # ValueError: a NUL in it; RuntimeError: an unknown ~user
        detail = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise unreadable(path, detail) from None
    reel: Reel | None = None
    try:
        head = file.read(MAX_HEADER_BYTES)
        if head.startswith(MAGIC):
            header = parse_header(head, path)
            if header.plain:
                y4m = Y4mReel(file, header, path)
                if y4m.bare:
                    reel = y4m
    except OSError as error:
        raise unreadable(path, error.strerror or type(error).__name__) from None
    finally:
        if reel is None:
            file.close()
    return reel or DecodedReel(place, path)


class DecodedReel:
    """The pictures of a file that FFmpeg decodes, for ever (a player.Reel).

    Each is due at its own timestamp, so that files of a variable rate play as they were recorded. Packets that
    cannot be decoded are left out; a file that cannot be read to its end starts over at the point where it breaks.
    """

    def __init__(self, place: Path, path: str) -> None:
        """`place` is opened, `path` is what a person called it. Raises MediaError(FILE_UNREADABLE)."""
        self._place = place
        self._path = path
        self._reformatter = VideoReformatter()
        self._pass_start_s = 0.0  # when the present pass through the file began
        self._elapsed_s = 0.0  # into the pass: when the next picture is due
        self._last_pts_s: float | None = None
        self._shown_in_pass = 0
        self._open()
        try:
            self._first: av.VideoFrame | None = self._next_frame()
            label, fps = Path(path).name, 1 / self._period_s
            self.info = SourceInfo(label, self._first.width, self._first.height, fps)
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        try:
            # with the protocol named, neither a colon nor an "http:" in a name means anything; and nothing that
            # the file refers to may be fetched
            container = av.open(f"file:{self._place.absolute()}", options={"protocol_whitelist": "file"})
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise unreadable(self._path, _reason(error)) from None
        try:
            self._stream = self._video_stream(container)
        except MediaError:
            container.close()
            raise
        self._container: InputContainer = container
        rate = self._stream.average_rate or self._stream.guessed_rate
        self._period_s = 1 / float(rate) if rate and 0.1 <= rate <= MAX_FPS else 1 / FALLBACK_FPS
        self._frames = self._decode()

    def _video_stream(self, container: InputContainer) -> VideoStream:
        if not _NO_VIDEO_FORMATS.isdisjoint(container.format.name.split(",")):
            raise unreadable(self._path, "not a video file")
        for stream in container.streams.video:
            if stream.disposition & Disposition.attached_pic:  # the cover of a piece of music
                continue
            self._check_size(stream.codec_context.width, stream.codec_context.height)
            return stream
        raise unreadable(self._path, "no video in it")

    def _check_size(self, width: int, height: int) -> None:
        if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
            raise unreadable(self._path, f"{width}x{height} is too large")

    def read(self) -> tuple[float, av.VideoFrame]:
        frame, self._first = self._first or self._next_frame(), None
        due_s = self._pass_start_s + self._elapsed_s
        return due_s, frame

    def skip_to(self, time_s: float) -> bool:
        return False  # a decoder needs every picture

    def close(self) -> None:
        self._container.close()

    def _next_frame(self) -> av.VideoFrame:
        frame = next(self._frames, None)
        if frame is None:
            self._rewind()
            frame = next(self._frames, None)
        if frame is None:
            raise unreadable(self._path, "no picture can be decoded")
        self._advance(frame)
        self._check_size(frame.width, frame.height)
        return self._normal(frame)

    def _advance(self, frame: av.VideoFrame) -> None:
        pts_s = frame.time
        if self._shown_in_pass:
            step_s = self._period_s
            if pts_s is not None and self._last_pts_s is not None:
                step_s = pts_s - self._last_pts_s
                if not 0 < step_s <= LONGEST_PICTURE_S:
                    step_s = self._period_s
            self._elapsed_s += step_s
        self._shown_in_pass += 1
        self._last_pts_s = pts_s

    def _rewind(self) -> None:
        """Start the next pass, one period after the last picture of this one."""
        if not self._shown_in_pass:
            raise unreadable(self._path, "no picture can be decoded")
        self._pass_start_s += self._elapsed_s + self._period_s
        self._elapsed_s, self._last_pts_s, self._shown_in_pass = 0.0, None, 0
        try:
            self._container.seek(0)
            self._stream.codec_context.flush_buffers()
            self._frames = self._decode()
        except (av.error.FFmpegError, OSError):  # cannot seek (a raw stream): from the top
            self._container.close()
            self._open()

    def _decode(self) -> Iterator[av.VideoFrame]:
        """The pictures of one pass. Ends at the end of what is readable."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError) as error:
                log.debug("the file breaks off: %s", _reason(error))
                return
            if packet is None:
                return
            try:
                yield from packet.decode()
            except av.error.FFmpegError as error:
                log.debug("a packet that cannot be decoded: %s", _reason(error))

    def _normal(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame as sources hand it out: upright, yuv420p or nv12, even sides."""
        turn = -frame.rotation  # FFmpeg counts counterclockwise
        width, height = frame.width & ~1, frame.height & ~1
        if not (width and height):
            raise unreadable(self._path, f"{frame.width}x{frame.height} is too small")
        formats = YUV420P if turn else HANDED_OUT
        return upright(handed_out(self._reformatter, frame, (width, height), formats), turn)


def _reason(error: Exception) -> str:
    """FFmpeg's words without the path, which is the error's subject already."""
    return getattr(error, "strerror", None) or type(error).__name__
