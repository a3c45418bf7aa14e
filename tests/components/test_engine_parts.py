"""The engine's parts by themselves: tracks, the encoder, conversion, task ownership."""

from __future__ import annotations

import asyncio

import av
import numpy as np
import pytest

from callapp.media.capture import timecode
from callapp.media.capture.planes import empty_yuv420p, split_yuv420p, wrap_yuv420p
from callapp.media.tracks import FRAME_SAMPLES, MAX_AUDIO_BACKLOG, AudioTrack, VideoTrack
from callapp.media.transport.task_owner import TaskOwner, owned_task_factory
from callapp.media.video.convert import Scaler, copy_frame, fit_within, luma
from callapp.media.video.slot import Picture
from callapp.media.video.vp8_encoder import MAX_BITRATE_BPS, MIN_BITRATE_BPS, CallVp8Encoder


def numbered(number: int, width: int = 320, height: int = 240) -> av.VideoFrame:
    memory = empty_yuv420p(width, height)
    memory[:] = 128
    timecode.burn(*split_yuv420p(memory), number)
    return wrap_yuv420p(memory)


# ---- tracks


async def test_audio_frames_are_20_ms_with_times_in_a_row_with_or_without_a_microphone() -> None:
    track = AudioTrack()
    track.set_live(True)
    times = []
    for live in (True, True, False, False, True):
        if live:
            track.put(np.full(480, 1000, np.int16))
            track.put(np.full(480, 1000, np.int16))
        frame = await track.recv()
        assert (frame.samples, frame.sample_rate, frame.format.name) == (FRAME_SAMPLES, 48_000, "s16")
        assert bool(frame.to_ndarray().any()) is live
        times.append(frame.pts)
    assert times == [n * FRAME_SAMPLES for n in range(5)]


async def test_audio_blocks_of_any_length_are_cut_without_losing_a_sample() -> None:
    track = AudioTrack()
    track.set_live(True)
    samples = np.arange(2 * FRAME_SAMPLES, dtype=np.int16)
    for part in np.split(samples, [7, 700, 1500]):
        track.put(part)
    got = [(await track.recv()).to_ndarray().reshape(-1) for _ in range(2)]
    assert np.array_equal(np.concatenate(got), samples)


async def test_sound_that_nobody_sends_does_not_pile_up() -> None:
    track = AudioTrack()
    track.set_live(True)
    for number in range(100):
        track.put(np.full(480, number + 1, np.int16))
    first = (await track.recv()).to_ndarray()
    assert first.min() > 100 - 2 * MAX_AUDIO_BACKLOG - 2
    track.set_live(False)
    assert not (await track.recv()).to_ndarray().any()


async def test_after_a_stall_time_jumps_instead_of_old_silence_rushing_out() -> None:
    track = AudioTrack()
    before = (await track.recv()).pts
    assert before is not None
    await asyncio.sleep(0.5)
    after = (await track.recv()).pts
    assert after is not None
    assert after - before >= 20 * FRAME_SAMPLES


async def test_a_video_track_sends_the_newest_picture_only_and_its_time_grows() -> None:
    track = VideoTrack()
    for number in (1, 2, 3):
        track.put(Picture(numbered(number)))
    frame = await track.recv()
    assert timecode.read(luma(frame)) == 3
    first = frame.pts
    track.put(Picture(numbered(4)))
    second = (await track.recv()).pts
    assert first is not None
    assert second is not None
    assert second > first


async def test_a_video_track_without_pictures_waits_and_a_cleared_one_too() -> None:
    track = VideoTrack(repeat_s=0.01)
    track.put(Picture(numbered(1)))
    await track.recv()
    assert timecode.read(luma(await track.recv())) == 1  # repeated
    track.clear()
    waiting = asyncio.create_task(track.recv())
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert not done
    track.put(Picture(numbered(2)))
    assert timecode.read(luma(await waiting)) == 2


# ---- the encoder


def decoded(payload_lists: list[list[bytes]]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("libvpx", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    frames: list[av.VideoFrame] = []
    for payloads in payload_lists:
        # descriptor: X bit, I bit, 15 bits of picture id (RFC 7741)
        frames += decoder.decode(av.Packet(b"".join(payload[4:] for payload in payloads)))
    return frames


def encode(encoder: CallVp8Encoder, frame: av.VideoFrame, pts: int, *, key: bool = False) -> list[bytes]:
    frame.pts = pts
    payloads, timestamp = encoder.encode(frame, force_keyframe=key)
    assert timestamp == pts
    return payloads


def is_key(payloads: list[bytes]) -> bool:
    return not payloads[0][4] & 1


def test_encoded_pictures_can_be_read_and_only_the_first_is_a_key_frame() -> None:
    encoder = CallVp8Encoder()
    encoded = [encode(encoder, numbered(number), number * 3000) for number in range(5)]
    assert [timecode.read(luma(frame)) for frame in decoded(encoded)] == [0, 1, 2, 3, 4]
    assert [is_key(payloads) for payloads in encoded] == [True, False, False, False, False]


def test_a_key_frame_is_made_when_asked_for_and_only_then_even_of_the_same_frame() -> None:
    encoder, frame = CallVp8Encoder(), numbered(1)
    asked = [False, True, False, False]
    encoded = [encode(encoder, frame, n * 3000, key=key) for n, key in enumerate(asked)]
    assert [is_key(payloads) for payloads in encoded] == [True, True, False, False]


def test_another_size_or_format_goes_on_with_a_key_frame() -> None:
    encoder = CallVp8Encoder()
    encode(encoder, numbered(1), 0)
    larger = encode(encoder, numbered(2, 640, 480), 3000)
    nv12 = encode(encoder, Scaler("nv12").to_size(numbered(3, 640, 480), 640, 480), 6000)
    assert (is_key(larger), is_key(nv12)) == (True, False)
    assert timecode.read(luma(decoded([larger, nv12])[1])) == 3


def test_small_changes_of_the_rate_do_not_cost_a_key_frame_and_limits_hold() -> None:
    encoder = CallVp8Encoder()
    encode(encoder, numbered(1), 0)
    encoder.target_bitrate = int(encoder.target_bitrate * 1.05)
    assert not is_key(encode(encoder, numbered(2), 3000))
    encoder.target_bitrate = 10
    assert encoder.target_bitrate == MIN_BITRATE_BPS
    assert is_key(encode(encoder, numbered(3), 6000))
    encoder.target_bitrate = 10**9
    assert encoder.target_bitrate == MAX_BITRATE_BPS


def test_times_closer_than_a_frame_apart_are_fine() -> None:
    encoder = CallVp8Encoder()
    encoded = [encode(encoder, numbered(number), number) for number in range(5)]
    assert len(decoded(encoded)) == 5


# ---- conversion


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 480), (640, 480)),
        ((1920, 1080), (1920, 1080)),
        ((3840, 2160), (1920, 1080)),
        ((1080, 1920), (606, 1080)),
        ((5000, 100), (1920, 38)),
        ((7680, 1), (1920, 2)),
    ],
)
def test_pictures_fit_in_their_shape_and_are_never_enlarged(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fit_within(*size, 1920, 1080) == expected


@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "bgra", "rgb24"])
def test_luma_is_contiguous_at_the_frames_own_size_in_any_format(pixel_format: str) -> None:
    frame = Scaler(pixel_format).to_size(numbered(77, 322, 242), 322, 242)
    plane = luma(frame)
    assert (plane.shape, plane.flags.c_contiguous) == ((242, 322), True)
    assert plane.dtype == np.uint8
    assert timecode.read(plane) == 77


@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "bgra"])
def test_a_copy_has_the_same_pixels_in_memory_of_its_own(pixel_format: str) -> None:
    frame = Scaler(pixel_format).to_size(numbered(5, 330, 250), 330, 250)
    copy = copy_frame(frame)
    assert copy is not frame
    assert np.array_equal(copy.to_ndarray(), frame.to_ndarray())
    np.frombuffer(memoryview(copy.planes[0]), np.uint8)[:] = 0
    assert timecode.read(luma(frame)) == 5


# ---- task ownership


async def _fail() -> None:
    raise ZeroDivisionError


async def _lose_connection() -> None:
    raise ConnectionError


async def test_tasks_begun_by_others_belong_to_the_owner_on_whose_behalf_they_run() -> None:
    asyncio.get_running_loop().set_task_factory(owned_task_factory)
    failures: list[BaseException] = []
    owner = TaskOwner(failures.append)

    async def library() -> None:
        asyncio.ensure_future(asyncio.sleep(60))  # noqa: RUF006 - what aiortc does

    await owner.spawn(library())
    assert len(owner) == 1
    stranger = asyncio.create_task(asyncio.sleep(0))
    assert len(owner) == 1
    await stranger
    assert await owner.cancel(5)
    assert len(owner) == 0
    assert not failures


async def test_an_exception_nobody_awaits_is_reported_and_a_lost_connection_is_not() -> None:
    asyncio.get_running_loop().set_task_factory(owned_task_factory)
    failed = asyncio.Event()
    failures: list[BaseException] = []

    def on_failure(error: BaseException) -> None:
        failures.append(error)
        failed.set()

    owner = TaskOwner(on_failure)
    owner.run(asyncio.ensure_future, _lose_connection())
    owner.run(asyncio.ensure_future, _fail())
    async with asyncio.timeout(5):
        await failed.wait()
    assert [type(error) for error in failures] == [ZeroDivisionError]
