"""The test picture and its time code."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rig.capture import Collector, luma

from callapp.errors import ErrorCode, MediaError
from callapp.media.capture import timecode
from callapp.media.capture.pattern import PatternReel
from callapp.media.capture.planes import empty_yuv420p, plane, split_yuv420p, wrap_yuv420p
from callapp.media.capture.source import video_source
from callapp.media.specs import PATTERN, VideoWish


@given(number=st.integers(0, 1 << 20), width=st.integers(80, 1000), height=st.integers(40, 700))
@settings(max_examples=50, deadline=None)
def test_a_burnt_number_is_read_back_at_any_size(number: int, width: int, height: int) -> None:
    y, u, v = split_yuv420p(empty_yuv420p(width & ~1, height & ~1))
    for each in (y, u, v):
        each[:] = 77
    timecode.burn(y, u, v, number)
    assert timecode.read(y) == number % timecode.NUMBERS
    assert (y[timecode.strip_height_px(height & ~1) :] == 77).all()


def test_a_number_survives_scaling_down() -> None:
    memory = empty_yuv420p(1280, 720)
    memory[:] = 100
    timecode.burn(*split_yuv420p(memory), 4321)
    small = wrap_yuv420p(memory).reformat(width=320, height=180)
    assert timecode.read(plane(small, 0)[:, :320]) == 4321


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 90), st.integers(1, 90))))
@settings(deadline=None)
def test_any_picture_holds_a_number_or_none(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
    number = timecode.read(picture)
    assert number is None or 0 <= number < timecode.NUMBERS


def test_a_plain_picture_holds_no_number() -> None:
    assert timecode.read(np.full((720, 1280), 128, np.uint8)) is None


@given(width=st.integers(80, 320), height=st.integers(60, 180), at=st.integers(0, 200))
@settings(max_examples=10, deadline=None)
def test_it_can_be_drawn_at_any_size(width: int, height: int, at: int) -> None:
    reel = PatternReel(width * 2, height * 2, 30)
    reel.skip_to(at / 30)
    due_s, frame = reel.read()
    assert (frame.width, frame.height) == (width * 2, height * 2)
    assert timecode.read(plane(frame, 0)[:, : width * 2]) == round(due_s * 30) == at


def test_consecutive_pictures_differ_where_a_person_looks_too() -> None:
    reel = PatternReel(640, 480, 30)
    first, second = (plane(reel.read()[1], 0)[32:, :640].astype(int) for _ in range(2))
    assert np.abs(first - second).max() > 100


@pytest.mark.parametrize(
    ("wish", "size"),
    [
        (VideoWish(), (1280, 720)),
        (VideoWish(640, 480), (640, 480)),
        (VideoWish(1920, 1080), (1280, 720)),
        (VideoWish(720, 1280), (404, 720)),
        (VideoWish(16, 16), (160, 120)),
    ],
)
async def test_it_follows_the_wish_up_to_720p(wish: VideoWish, size: tuple[int, int]) -> None:
    seen = Collector()
    source = video_source(PATTERN, wish, seen.on_picture, seen.on_lost)
    await source.open()
    try:
        first = (await seen.wait_for(1))[0]
    finally:
        await source.close()
    assert (source.info.width_px, source.info.height_px, source.info.fps) == (*size, 30)
    assert (first.frame.width, first.frame.height, first.frame.format.name) == (*size, "yuv420p")
    assert not seen.lost.done()


async def test_a_mandatory_size_beyond_it_is_overconstrained() -> None:
    seen = Collector()
    source = video_source(PATTERN, VideoWish(1920, 1080, mandatory=True), seen.on_picture, seen.on_lost)
    with pytest.raises(MediaError) as caught:
        await source.open()
    assert caught.value.code is ErrorCode.OVERCONSTRAINED
    assert "1280x720 is smaller than 1920x1080" in caught.value.detail
    await source.close()


async def test_numbers_advance_and_tell_the_time_and_it_opens_again() -> None:
    seen = Collector()
    source = video_source(PATTERN, VideoWish(320, 240, 60), seen.on_picture, seen.on_lost)
    for _ in range(2):
        seen.pictures.clear()
        await source.open()
        pictures = await seen.wait_for(12)
        await source.close()
        count = len(seen.pictures)
        await asyncio.sleep(0)
        assert len(seen.pictures) == count
        numbers = [timecode.read(luma(picture)) or 0 for picture in pictures]
        times = [picture.captured_at or 0.0 for picture in pictures]
        assert numbers[0] == 0
        assert all(before < after for before, after in pairwise(numbers))
        for number, at in zip(numbers, times, strict=True):
            assert at - times[0] == pytest.approx(number / 60, abs=0.005)
