"""The newest-frame slot."""

from __future__ import annotations

import threading

import av

from callapp.media.video.slot import FrameSlot, Picture


def picture() -> Picture:
    return Picture(av.VideoFrame(16, 16, "yuv420p"))


def test_only_the_newest_picture_is_kept_and_the_rest_counted() -> None:
    slot = FrameSlot()
    first, second = picture(), picture()
    slot.put(first)
    slot.put(second)
    assert slot.take() is second
    assert slot.take() is None
    assert (slot.dropped, slot.delivered) == (1, 1)


def test_the_consumer_is_woken_once_per_take() -> None:
    slot = FrameSlot()
    woken = 0

    def wake() -> None:
        nonlocal woken
        woken += 1

    slot.on_filled = wake
    slot.put(picture())
    slot.put(picture())
    assert woken == 1
    slot.take()
    slot.put(picture())
    assert woken == 2


def test_a_cleared_slot_is_empty_and_wakes_again() -> None:
    slot = FrameSlot()
    slot.put(picture())
    slot.clear()
    assert slot.take() is None
    woken = threading.Event()
    slot.on_filled = woken.set
    slot.put(picture())
    assert woken.is_set()


def test_putting_and_taking_from_two_threads_loses_no_count() -> None:
    slot, total = FrameSlot(), 2000
    taken = 0
    item = picture()

    def put_all() -> None:
        for _ in range(total):
            slot.put(item)

    putting = threading.Thread(target=put_all)
    putting.start()
    while putting.is_alive():
        taken += slot.take() is not None
    taken += slot.take() is not None
    putting.join()
    assert (taken, slot.delivered + slot.dropped) == (slot.delivered, total)
