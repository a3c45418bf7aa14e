"""Video files as cameras: any format, at their own pace, for ever; and every way in which a file can be bad."""

from __future__ import annotations

import asyncio
import os
import zlib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rig.capture import Collector, luma

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.capture import timecode
from callapp.media.capture.file import DecodedReel, open_file
from callapp.media.capture.planes import empty_yuv420p, plane, split_yuv420p, wrap_yuv420p
from callapp.media.capture.player import Reel
from callapp.media.capture.source import video_source
from callapp.media.capture.y4m import MAGIC, MAX_FPS, MAX_SIDE_PX, Y4mReel, parse_header
from callapp.media.specs import MediaSpec, SpecKind, VideoWish

SIZE = 320, 240
FRAMES = 6


def _memory(number: int, size: tuple[int, int] = SIZE) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    memory = empty_yuv420p(*size)
    memory[:] = 90
    timecode.burn(*split_yuv420p(memory), number)
    return memory


def _write_y4m(
    path: Path, size: tuple[int, int] = SIZE, fps: str = "50:1", extra: str = " Ip A1:1 C420jpeg"
) -> Path:
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{size[0]} H{size[1]} F{fps}{extra}\n".encode())
        for number in range(FRAMES):
            file.write(b"FRAME\n" + _memory(number, size).tobytes())
    return path


def _write_video(path: Path, codec: str, times: list[int] | None = None, pixels: str = "yuv420p") -> Path:
    """FRAMES numbered pictures; `times` are their timestamps in ms, else 20 ms apart."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=50)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixels
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = 3
        for number in range(FRAMES):
            frame = wrap_yuv420p(_memory(number)).reformat(format=pixels)
            frame.pts, frame.time_base = times[number] if times else number * 20, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _numbers(reel: Reel, count: int) -> tuple[list[float], list[int | None]]:
    due, numbers = [], []
    try:
        for _ in range(count):
            due_s, frame = reel.read()
            assert frame.format.name in ("yuv420p", "nv12")
            due.append(due_s)
            numbers.append(timecode.read(plane(frame, 0)[: frame.height, : frame.width]))
    finally:
        reel.close()
    return due, numbers


async def _open(path: Path | str, wish: VideoWish | None = None) -> MediaError:
    """Opening the file as a camera fails; with what?"""
    seen = Collector()
    spec = MediaSpec(SpecKind.FILE, str(path))
    source = video_source(spec, wish or VideoWish(), seen.on_picture, seen.on_lost)
    with pytest.raises(MediaError) as caught:
        await source.open()
    await source.close()
    assert not seen.pictures
    return caught.value


# ---- good files


def test_y4m_loops_at_its_own_rate_without_a_gap(tmp_path: Path) -> None:
    reel = open_file(str(_write_y4m(tmp_path / "a.y4m", fps="30000:1001")))
    assert isinstance(reel, Y4mReel)
    assert (reel.info.label, reel.info.width_px, reel.info.height_px) == ("a.y4m", *SIZE)
    assert reel.info.fps == pytest.approx(29.97, abs=0.001)
    due, numbers = _numbers(reel, 15)
    assert numbers == [number % FRAMES for number in range(15)]
    assert due == pytest.approx([index * 1001 / 30000 for index in range(15)])


@pytest.mark.parametrize(("at", "number"), [(0.0, 1), (0.05, 3), (0.1, 5), (0.12, 0), (60.0, 0)])
def test_y4m_skips_without_reading(tmp_path: Path, at: float, number: int) -> None:
    reel = open_file(str(_write_y4m(tmp_path / "a.y4m")))
    reel.read()
    assert reel.skip_to(at)
    due, numbers = _numbers(reel, 1)
    assert numbers == [number]
    assert due[0] >= at


@pytest.mark.parametrize(
    ("extra", "size"), [(" Ip C444", SIZE), (" It C420jpeg", SIZE), ("", (322, 242)), ("", (321, 241))]
)
def test_uncommon_y4m_is_read_all_the_same(tmp_path: Path, extra: str, size: tuple[int, int]) -> None:
    path = tmp_path / "a.y4m"
    if "C444" in extra or size[0] % 2:
        chroma = (
            (size[0] * size[1] * 2) if "C444" in extra else 2 * ((size[0] + 1) // 2) * ((size[1] + 1) // 2)
        )
        body = b"FRAME\n" + bytes([120]) * (size[0] * size[1]) + bytes([128]) * chroma
        path.write_bytes(f"YUV4MPEG2 W{size[0]} H{size[1]} F50:1{extra}\n".encode() + body * 2)
    else:
        _write_y4m(path, size, extra=extra)
    reel = open_file(str(path))
    try:
        assert (reel.info.width_px, reel.info.height_px) == (size[0] & ~1, size[1] & ~1)
        _due, frame = reel.read()
        assert (frame.width, frame.height) == (size[0] & ~1, size[1] & ~1)
        assert frame.format.name == "yuv420p"
        assert abs(int(plane(frame, 0)[200, 100]) - (120 if "C444" in extra or size[0] % 2 else 90)) <= 2
    finally:
        reel.close()


def test_frame_lines_with_parameters_are_read_too(tmp_path: Path) -> None:
    path = _write_y4m(tmp_path / "a.y4m")
    path.write_bytes(path.read_bytes().replace(b"FRAME\n", b"FRAME Xnote\n"))
    reel = open_file(str(path))
    assert isinstance(reel, DecodedReel)
    assert _numbers(reel, FRAMES)[1] == list(range(FRAMES))


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "libx264", "yuv420p"),
        ("a.webm", "libvpx", "yuv420p"),
        ("a.mkv", "ffv1", "yuv444p"),
        ("a.avi", "mjpeg", "yuvj422p"),
        ("a.ts", "libx264", "yuv420p"),
        ("a.h264", "libx264", "yuv420p"),
        ("http: 100%d.mp4", "libx264", "yuv420p"),
    ],
)
def test_any_format_plays_and_loops(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    reel = open_file(str(_write_video(tmp_path / name, codec, pixels=pixels)))
    assert (reel.info.label, reel.info.width_px, reel.info.height_px) == (name, *SIZE)
    due, numbers = _numbers(reel, 3 * FRAMES)
    assert numbers == [number % FRAMES for number in range(3 * FRAMES)]
    assert due[0] == 0
    assert all(0 < after - before < 0.1 for before, after in pairwise(due))
    assert due[FRAMES] == pytest.approx(due[FRAMES - 1] + 1 / reel.info.fps)


def test_a_variable_rate_is_kept_and_damaged_times_are_not(tmp_path: Path) -> None:
    path = _write_video(tmp_path / "a.mkv", "ffv1", [0, 10, 200, 210, 90_000, 90_020])
    due, _numbers_seen = _numbers(open_file(str(path)), FRAMES)
    assert due[:4] == pytest.approx([0, 0.01, 0.2, 0.21])
    assert due[4] - due[3] < 1
    assert due[5] - due[4] == pytest.approx(0.02)


async def test_a_file_is_a_source_at_its_own_size_and_pace(tmp_path: Path) -> None:
    spec = MediaSpec(SpecKind.FILE, str(_write_y4m(tmp_path / "a.y4m")))
    seen = Collector()
    source = video_source(spec, VideoWish(1280, 720, 10), seen.on_picture, seen.on_lost)
    for _ in range(2):
        seen.pictures.clear()
        await source.open()
        assert (source.info.width_px, source.info.height_px, source.info.fps) == (*SIZE, 50)
        pictures = await seen.wait_for(10)
        await source.close()
        numbers = [timecode.read(luma(picture)) for picture in pictures]
        assert numbers[0] == 0
        assert None not in numbers
        times = [picture.captured_at or 0.0 for picture in pictures]
        steps = [(now - times[0]) * 50 for now in times]
        assert [round(step) % FRAMES for step in steps] == numbers
    assert not seen.lost.done()


# ---- bad files


async def test_a_mandatory_size_that_the_file_lacks_is_overconstrained(tmp_path: Path) -> None:
    error = await _open(_write_y4m(tmp_path / "a.y4m"), VideoWish(1280, 720, mandatory=True))
    assert error.code is ErrorCode.OVERCONSTRAINED
    assert error.device is Device.CAMERA


def _bad_files(folder: Path) -> dict[str, Path]:
    good = _write_y4m(folder / "good.y4m").read_bytes()
    header_end = good.index(b"\n") + 1
    movie = _write_video(folder / "good.mp4", "libx264").read_bytes()
    contents = {
        "empty.mp4": b"",
        "empty.y4m": b"",
        "text.mp4": b"This is not a video at all.\n" * 40,
        "text.txt": b"This is not a video at all.\n" * 40,
        "text.ans": b"\x1b[31mThis is not a video at all.\n" * 40,
        "zeros.webm": bytes(100_000),
        "noise.mkv": np.random.default_rng(3).bytes(100_000),
        "truncated.mp4": movie[: len(movie) // 4],
        "no_newline.y4m": b"YUV4MPEG2 W320 H240 " + b"X" * 5000,
        "no_size.y4m": b"YUV4MPEG2 F30:1\nFRAME\n",
        "huge.y4m": b"YUV4MPEG2 W99999 H99999 F30:1\nFRAME\n",
        "header_only.y4m": good[:header_end],
        "half_a_frame.y4m": good[: header_end + 1000],
        "playlist.m3u8": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
        "list.ffconcat": f"ffconcat version 1.0\nfile '{folder}/good.mp4'\n".encode(),
        "remote.sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 VP8/90000\n",
    }
    paths = {}
    for name, content in contents.items():
        paths[name] = folder / name
        paths[name].write_bytes(content)
    (folder / "folder.mp4").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    paths |= {
        name: folder / name for name in ("folder.mp4", "pipe.mp4", "missing.mp4", "a\0b.mp4", "x" * 300)
    }
    paths["device"] = Path("/dev/zero")
    paths["user"] = Path("~nobody-of-this-name/a.mp4")
    return paths


async def test_what_is_no_readable_video_says_so(tmp_path: Path) -> None:
    for name, path in _bad_files(tmp_path).items():
        async with asyncio.timeout(20):
            error = await _open(path)
        assert error.code is ErrorCode.FILE_UNREADABLE, name
        assert (error.device, error.subject) == (Device.CAMERA, str(path)), name
        assert error.detail, name
        assert str(tmp_path) not in error.detail, name


async def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write_y4m(tmp_path / "a.y4m")

    def refuse(*_arguments: object, **_more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything, so the mode would prove nothing
    error = await _open(path)
    assert (error.code, error.detail) == (ErrorCode.FILE_UNREADABLE, "Permission denied")


def test_a_picture_claiming_to_be_huge_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "rgb24"
        container.mux(stream.encode(av.VideoFrame(16, 16, "rgb24")))
    data = bytearray(path.read_bytes())
    data[16:24] = (30_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        open_file(str(path))
    assert caught.value.code is ErrorCode.FILE_UNREADABLE


def test_a_y4m_cut_off_plays_its_whole_pictures(tmp_path: Path) -> None:
    path = _write_y4m(tmp_path / "a.y4m")
    os.truncate(path, path.stat().st_size - 100_000)
    assert _numbers(open_file(str(path)), 8)[1] == [0, 1, 2, 3, 4, 0, 1, 2]


def test_a_y4m_damaged_inside_plays_what_comes_before(tmp_path: Path) -> None:
    path = _write_y4m(tmp_path / "a.y4m")
    content = bytearray(path.read_bytes())
    at = content.index(b"FRAME\n", len(content) // 2)
    content[at : at + 6] = b"GARBLE"
    path.write_bytes(content)
    numbers = _numbers(open_file(str(path)), 8)[1]
    assert numbers == [0, 1, 2, 0, 1, 2, 0, 1]


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_movie_damaged_inside_plays_on(tmp_path: Path, codec: str) -> None:
    path = _write_video(tmp_path / "a.mp4", codec)
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.pos is not None]
    content = bytearray(path.read_bytes())
    for start, size in packets[3:]:
        content[start : start + size] = np.random.default_rng(5).bytes(size)
    path.write_bytes(content)
    numbers = _numbers(open_file(str(path)), 20)[1]
    assert numbers.count(0) >= 3  # it came round again and again


async def test_a_file_emptied_in_use_is_lost(tmp_path: Path) -> None:
    path = _write_y4m(tmp_path / "a.y4m")
    seen = Collector()
    source = video_source(MediaSpec(SpecKind.FILE, str(path)), VideoWish(), seen.on_picture, seen.on_lost)
    await source.open()
    await seen.wait_for(3)
    os.truncate(path, 0)
    async with asyncio.timeout(20):
        error = await seen.lost
    assert (error.code, error.subject) == (ErrorCode.FILE_UNREADABLE, str(path))
    await source.close()


def test_a_file_deleted_in_use_plays_on(tmp_path: Path) -> None:
    path = _write_video(tmp_path / "a.mp4", "libx264")
    reel = open_file(str(path))
    path.unlink()
    assert len(_numbers(reel, 3 * FRAMES)[1]) == 3 * FRAMES


# ---- the Y4M header


@given(st.binary() | st.binary().map(lambda tail: MAGIC + b" " + tail + b"\n"))
def test_any_bytes_are_a_header_or_an_unreadable_file(data: bytes) -> None:
    _check_header(data)


@given(
    st.lists(
        st.builds(
            lambda key, value: key + value,
            st.sampled_from("WHFIACX"),
            st.integers().map(str)
            | st.text(max_size=8)
            | st.from_regex(r"\d{1,10}:\d{1,10}", fullmatch=True),
        )
    )
)
def test_any_parameters_are_a_header_or_an_unreadable_file(words: list[str]) -> None:
    _check_header(" ".join(["YUV4MPEG2", "W320", "H240", *words]).encode() + b"\n")


def _check_header(data: bytes) -> None:
    try:
        header = parse_header(data, "name")
    except MediaError as error:
        _must_be_unreadable(error)
    else:
        assert 0 < header.width_px <= MAX_SIDE_PX
        assert 0 < header.height_px <= MAX_SIDE_PX
        assert 0 < header.fps <= MAX_FPS
        assert header.length_bytes == data.index(b"\n") + 1


def _must_be_unreadable(error: MediaError) -> None:
    assert (error.code, error.subject) == (ErrorCode.FILE_UNREADABLE, "name")


@given(st.integers(1, MAX_SIDE_PX), st.integers(1, MAX_SIDE_PX), st.integers(1, 240), st.integers(1, 10))
def test_a_header_written_is_the_header_read(width: int, height: int, over: int, under: int) -> None:
    line = f"YUV4MPEG2 W{width} H{height} F{over}:{under} Ip A1:1 C420jpeg XNOTE\n".encode()
    header = parse_header(line + b"FRAME\n")
    assert (header.width_px, header.height_px, header.fps) == (width, height, Fraction(over, under))
    assert header.plain == (width % 2 == height % 2 == 0)
    assert header.length_bytes == len(line)
