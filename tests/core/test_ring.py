"""The ring between an audio callback and the engine."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.media.audio.blocks import Samples
from callapp.media.audio.ring import Ring


def count(start: int, stop: int) -> Samples:
    return (np.arange(start, stop) % 32768).astype(np.int16)


def test_what_is_written_is_read_in_order() -> None:
    ring = Ring(10)
    ring.write(count(0, 4))
    ring.write(count(4, 7))
    assert ring.waiting == 7
    assert ring.read(5).tolist() == [0, 1, 2, 3, 4]
    assert ring.read(5).tolist() == [5, 6]
    assert ring.read(5).tolist() == []
    assert (ring.waiting, ring.dropped) == (0, 0)


def test_a_full_ring_keeps_the_newest_and_counts_what_it_dropped() -> None:
    ring = Ring(10)
    ring.write(count(0, 8))
    ring.write(count(8, 13))
    assert ring.waiting == 10
    assert ring.read(10).tolist() == list(range(3, 13))
    assert ring.dropped == 3


def test_more_than_the_memory_at_once_keeps_the_newest() -> None:
    ring = Ring(10)
    ring.write(count(0, 95))
    assert ring.position == 85
    assert ring.read(20).tolist() == list(range(85, 95))
    assert ring.dropped == 85


def test_skipped_samples_are_counted_as_dropped() -> None:
    ring = Ring(10)
    ring.write(count(0, 8))
    assert ring.skip(3) == 3
    assert ring.read(1).tolist() == [3]
    assert ring.skip(100) == 4
    assert (ring.waiting, ring.dropped) == (0, 7)


def test_what_was_read_does_not_change_with_later_writes() -> None:
    ring = Ring(4)
    ring.write(count(0, 4))
    first = ring.read(4)
    ring.write(count(10, 30))
    assert first.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_ring_has_room_for_something(capacity: int) -> None:
    with pytest.raises(ValueError):
        Ring(capacity)


@given(
    capacity=st.integers(1, 40),
    steps=st.lists(st.tuples(st.sampled_from(["write", "read", "skip"]), st.integers(0, 100))),
)
def test_it_behaves_like_a_list_that_forgets_its_beginning(
    capacity: int, steps: list[tuple[str, int]]
) -> None:
    ring = Ring(capacity)
    model: list[int] = []
    written = dropped = 0
    for step, number in steps:
        if step == "write":
            ring.write(count(written, written + number))
            model += range(written, written + number)
            written += number
            dropped += max(0, len(model) - capacity)
            model = model[-capacity:]
        elif step == "read":
            assert ring.read(number).tolist() == model[:number]
            model = model[number:]
        else:
            skipped = min(number, len(model))
            assert ring.skip(number) == skipped
            dropped += skipped
            model = model[number:]
        assert ring.waiting == len(model)
        assert ring.written == written
        assert ring.position == written - len(model)
    ring.skip(0)
    assert ring.dropped == dropped


def test_a_reader_on_another_thread_sees_every_sample_once_and_in_order() -> None:
    ring = Ring(5_000)
    total = 200_000
    turn = threading.Semaphore(3)  # the writer stays at most 3 writes ahead, so nothing may be dropped
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def write() -> None:
        for start in range(0, total, 1_000):
            assert turn.acquire(timeout=30)
            ring.write(count(start, start + 1_000))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        read = 0
        rest = 0
        while read < total:
            part = ring.read(777)
            assert np.array_equal(part, count(read, read + len(part)))
            read += len(part)
            rest += len(part)
            while rest >= 1_000:
                turn.release()
                rest -= 1_000
    finally:
        sys.setswitchinterval(interval)
        writer.join(30)
    assert ring.dropped == 0
