"""What a speaker plays: order, silence, dropping, effects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.media.audio.blocks import BLOCK_SAMPLES, Samples
from callapp.media.audio.playout import MAX_EFFECTS, RING_SAMPLES, STANDING_WINDOW, START_SAMPLES, Playout

BLOCKS_IN_RING = RING_SAMPLES // BLOCK_SAMPLES


def block(value: int, length: int = BLOCK_SAMPLES) -> Samples:
    return np.full(length, value, np.int16)


def fill(playout: Playout, values: range) -> None:
    for value in values:
        playout.write(block(value))


def heard(samples: Samples) -> int:
    """The one value of a block."""
    assert samples.dtype == np.int16
    assert np.all(samples == samples[0])
    return int(samples[0])


def test_nothing_written_is_silence_and_no_underrun() -> None:
    playout = Playout()
    assert heard(playout.pull(BLOCK_SAMPLES)) == 0
    assert playout.underruns == 0


def test_playing_starts_with_20_ms_in_hand() -> None:
    playout = Playout()
    playout.write(block(1))
    assert heard(playout.pull(BLOCK_SAMPLES)) == 0
    playout.write(block(2))
    assert playout.waiting == START_SAMPLES
    assert [heard(playout.pull(BLOCK_SAMPLES)) for _ in range(2)] == [1, 2]
    assert playout.underruns == 0


def test_running_dry_is_counted_once_and_played_as_silence() -> None:
    playout = Playout()
    fill(playout, range(1, 3))
    playout.write(block(3, 100))
    for _ in range(2):
        playout.pull(BLOCK_SAMPLES)
    last = playout.pull(BLOCK_SAMPLES)
    assert np.all(last[:100] == 3)
    assert np.all(last[100:] == 0)
    for _ in range(50):
        assert heard(playout.pull(BLOCK_SAMPLES)) == 0
    assert playout.underruns == 1
    fill(playout, range(4, 6))
    assert heard(playout.pull(BLOCK_SAMPLES)) == 4
    assert playout.underruns == 1


def test_the_oldest_are_dropped_and_counted_when_more_than_200_ms_wait() -> None:
    playout = Playout()
    fill(playout, range(1, BLOCKS_IN_RING + 6))
    assert heard(playout.pull(BLOCK_SAMPLES)) == 6
    assert playout.dropped == 5 * BLOCK_SAMPLES


def test_sound_that_waits_too_long_is_shortened_without_a_click() -> None:
    playout = Playout()
    fill(playout, range(1, 16))  # a burst: 150 ms wait from now on
    played = []
    for value in range(16, 16 + STANDING_WINDOW + 5):
        played.append(playout.pull(BLOCK_SAMPLES))
        playout.write(block(value))
    assert playout.waiting == START_SAMPLES + BLOCK_SAMPLES
    assert playout.dropped > 0
    signal = np.concatenate(played).astype(np.int32)
    assert np.diff(signal).max() <= 1  # each block is one higher than the one before
    assert playout.underruns == 0


def test_a_short_queue_is_left_alone() -> None:
    playout = Playout()
    fill(playout, range(5))
    for value in range(5, 5 + 3 * STANDING_WINDOW):
        assert heard(playout.pull(BLOCK_SAMPLES)) == value - 5
        playout.write(block(value))
    assert playout.dropped == 0


def test_an_effect_is_mixed_over_the_sound_and_then_ends() -> None:
    playout = Playout()
    fill(playout, range(10, 13))
    playout.play_effect(block(100, BLOCK_SAMPLES + 80))
    assert heard(playout.pull(BLOCK_SAMPLES)) == 110
    second = playout.pull(BLOCK_SAMPLES)
    assert np.all(second[:80] == 111)
    assert np.all(second[80:] == 11)
    assert heard(playout.pull(BLOCK_SAMPLES)) == 12


def test_effects_are_heard_without_other_sound_and_start_in_the_order_of_their_playing() -> None:
    playout = Playout()
    playout.play_effect(block(5, 2 * BLOCK_SAMPLES))
    assert heard(playout.pull(BLOCK_SAMPLES)) == 5
    playout.play_effect(block(7))
    assert heard(playout.pull(BLOCK_SAMPLES)) == 12
    assert heard(playout.pull(BLOCK_SAMPLES)) == 0
    assert playout.underruns == 0


@pytest.mark.parametrize(("value", "limit"), [(30_000, 32_767), (-30_000, -32_768)])
def test_what_is_too_loud_saturates_instead_of_wrapping_around(value: int, limit: int) -> None:
    playout = Playout()
    fill(playout, range(value, value + 2))
    playout.play_effect(block(value))
    assert heard(playout.pull(BLOCK_SAMPLES)) == limit


def test_of_many_effects_the_newest_are_heard() -> None:
    playout = Playout()
    for value in (1, 2, 4, 8, 16, 32):
        playout.play_effect(block(value, 3 * BLOCK_SAMPLES))
    assert MAX_EFFECTS == 4
    assert heard(playout.pull(BLOCK_SAMPLES)) == 4 + 8 + 16 + 32
    playout.play_effect(block(64, BLOCK_SAMPLES))
    assert heard(playout.pull(BLOCK_SAMPLES)) == 8 + 16 + 32 + 64


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3_000)), max_size=60))
def test_a_pull_is_always_as_long_as_asked_and_nothing_is_heard_twice(steps: list[tuple[bool, int]]) -> None:
    playout = Playout()
    written = 0
    pulled = []
    for write, length in steps:
        if write:
            playout.write(np.arange(written + 1, written + length + 1).astype(np.int16))
            written += length
        else:
            out = playout.pull(length)
            assert len(out) == length
            pulled.append(out)
    if pulled and written < 32_000:
        sound = np.concatenate(pulled)
        assert np.all(np.diff(sound[sound != 0]) > 0)
    assert playout.waiting <= RING_SAMPLES
