"""Pacing: what is handed out when, and that a source always ends."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import av
import pytest
from rig.capture import Collector

from callapp.errors import ErrorCode, MediaError
from callapp.media.capture.player import FAR_BEHIND_S, Player
from callapp.media.messages import SourceInfo
from callapp.media.video.slot import Picture

FPS = 50


class FakeReel:
    """Numbered pictures (in pts) at 50 fps; `delays` says how long reading picture k takes."""

    def __init__(self, can_skip: bool, delays: Callable[[int], float] = lambda _index: 0.0) -> None:
        self.info = SourceInfo("fake", 16, 16, FPS)
        self.closed = threading.Event()
        self._can_skip = can_skip
        self._delays = delays
        self._index = 0

    def read(self) -> tuple[float, av.VideoFrame]:
        index, self._index = self._index, self._index + 1
        time.sleep(self._delays(index))
        frame = av.VideoFrame(16, 16, "yuv420p")
        frame.pts = index
        return index / FPS, frame

    def skip_to(self, time_s: float) -> bool:
        if self._can_skip:
            self._index = max(self._index, int(time_s * FPS) + 1)
        return self._can_skip

    def close(self) -> None:
        self.closed.set()


async def _play(reel: FakeReel, count: int) -> tuple[list[int], list[float]]:
    seen = Collector()
    player = Player(lambda: reel, seen.on_picture, seen.on_lost)
    await player.open()
    pictures = await seen.wait_for(count)
    await player.close()
    assert reel.closed.is_set()
    return [picture.frame.pts or 0 for picture in pictures], [
        picture.captured_at or 0 for picture in pictures
    ]


async def test_captured_at_keeps_to_the_schedule() -> None:
    numbers, times = await _play(FakeReel(can_skip=True), 20)
    for number, at in zip(numbers, times, strict=True):
        assert at - times[0] == pytest.approx(number / FPS, abs=0.005)


@pytest.mark.parametrize("can_skip", [True, False])
async def test_late_pictures_are_skipped_and_the_schedule_stays(can_skip: bool) -> None:
    reel = FakeReel(can_skip, lambda index: 0.3 if index == 5 else 0.0)
    numbers, times = await _play(reel, 12)
    assert numbers[:5] == [0, 1, 2, 3, 4]
    after = [number for number in numbers if number > 5]
    assert (
        after[0] >= 10
    )  # those due during the delay never came, but for one if nothing had been shown for long
    assert numbers[-1] / FPS == pytest.approx(times[-1] - times[0], abs=0.005)


async def test_a_reel_slower_than_real_time_still_shows_pictures() -> None:
    numbers, times = await _play(FakeReel(False, lambda _index: 0.04), 8)
    assert numbers == sorted(numbers)
    assert max(now - then for then, now in pairwise(times)) < FAR_BEHIND_S


async def test_what_opening_raises_comes_out_of_open_and_close_follows() -> None:
    seen = Collector()

    def fail() -> FakeReel:
        raise MediaError(ErrorCode.FILE_UNREADABLE, "no")

    player = Player(fail, seen.on_picture, seen.on_lost)
    with pytest.raises(MediaError):
        await player.open()
    await player.close()
    assert not seen.lost.done()


async def test_a_reel_that_ends_is_reported_once_as_lost() -> None:
    class Ending(FakeReel):
        def read(self) -> tuple[float, av.VideoFrame]:
            if self._index == 3:
                raise MediaError(ErrorCode.FILE_UNREADABLE, "gone")
            return super().read()

    seen, reel = Collector(), Ending(can_skip=True)
    player = Player(lambda: reel, seen.on_picture, seen.on_lost)
    await player.open()
    assert (await seen.lost).code is ErrorCode.FILE_UNREADABLE
    assert reel.closed.is_set()
    await player.close()
    await player.close()


@pytest.mark.logs_warnings
async def test_an_unexpected_failure_is_reported_as_lost_not_swallowed() -> None:
    seen = Collector()

    def broken(picture: Picture) -> None:
        seen.on_picture(picture)
        if len(seen.pictures) == 3:
            raise ZeroDivisionError

    player = Player(lambda: FakeReel(can_skip=True), broken, seen.on_lost)
    await player.open()
    assert (await seen.lost).code is ErrorCode.NOT_READABLE
    await player.close()


async def test_open_can_be_cancelled_while_the_disk_hangs_and_the_reel_is_closed() -> None:
    seen, reel, answer = Collector(), FakeReel(can_skip=True), threading.Event()

    def slow() -> FakeReel:
        answer.wait(20)
        return reel

    player = Player(slow, seen.on_picture, seen.on_lost)
    opening = asyncio.ensure_future(player.open())
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await player.close()
    answer.set()
    assert await asyncio.to_thread(reel.closed.wait, 20)
    assert not seen.pictures


async def test_a_second_open_is_refused() -> None:
    seen = Collector()
    player = Player(lambda: FakeReel(can_skip=True), seen.on_picture, seen.on_lost)
    await player.open()
    with pytest.raises(RuntimeError):
        await player.open()
    await player.close()
