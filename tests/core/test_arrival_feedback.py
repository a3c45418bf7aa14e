"""Transport-wide feedback: what was logged is what a sender reads; garbage is refused."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.media.transport.arrival_feedback import (
    INTERVAL_S,
    MAX_PACKETS,
    ArrivalLog,
    Feedback,
    is_remb,
    parse,
    sequence_number,
)

START_S = 1_000.0


def logged(arrivals: dict[int, float]) -> Feedback:
    log = ArrivalLog()
    for number, arrived_at in arrivals.items():
        log.add(number & 0xFFFF, 42, arrived_at)
    return parse(log.message(START_S))


def test_arrivals_and_losses_are_told_with_their_times() -> None:
    feedback = logged({5: START_S, 6: START_S + 0.01, 9: START_S + 0.2})
    assert (feedback.ssrc, feedback.base, feedback.count) == (42, 5, 0)
    assert [arrival is None for arrival in feedback.arrivals] == [False, False, True, True, False]
    first, second, *_, last = (arrival for arrival in feedback.arrivals if arrival is not None)
    assert second - first == pytest.approx(0.01, abs=0.0003)
    assert last - first == pytest.approx(0.2, abs=0.0003)


@given(
    start=st.integers(0, 0xFFFF),
    steps=st.lists(st.tuples(st.integers(1, 12), st.floats(0, 0.3)), min_size=1, max_size=80),
)
def test_any_arrivals_come_out_as_they_went_in(start: int, steps: list[tuple[int, float]]) -> None:
    arrivals: dict[int, float] = {}
    number, time_s = start, START_S
    for gap, pause in steps:
        number, time_s = number + gap, time_s + pause
        arrivals[number] = time_s
    feedback = logged(arrivals)
    told = {min(arrivals) + i: t for i, t in enumerate(feedback.arrivals) if t is not None}
    assert feedback.base == min(arrivals) & 0xFFFF
    assert told.keys() == arrivals.keys()
    origin = next(iter(told.values())) - next(iter(arrivals.values()))
    for key, arrived_at in arrivals.items():
        assert told[key] - arrived_at == pytest.approx(origin, abs=0.0006)


def test_the_next_message_goes_on_where_the_last_ended_and_tells_the_losses_between() -> None:
    log = ArrivalLog()
    log.add(0xFFFE, 1, START_S)
    assert log.due(START_S)
    assert parse(log.message(START_S)).base == 0xFFFE
    assert not log.due(START_S + 1)
    log.add(1, 1, START_S + 0.06)
    assert not log.due(START_S + INTERVAL_S / 2)
    feedback = parse(log.message(START_S + 0.06))
    assert (feedback.base, feedback.count) == (0xFFFF, 1)
    assert [arrival is None for arrival in feedback.arrivals] == [True, True, False]


def test_packets_out_of_order_are_told_in_order() -> None:
    feedback = logged({11: START_S + 0.02, 10: START_S + 0.05})
    assert feedback.base == 10
    assert feedback.arrivals[0] is not None
    assert feedback.arrivals[1] is not None
    assert feedback.arrivals[0] > feedback.arrivals[1]


def test_a_long_gap_is_told_only_in_part() -> None:
    feedback = logged({0: START_S, 30_000: START_S + 1})
    assert len(feedback.arrivals) <= MAX_PACKETS
    assert feedback.arrivals[-1] is not None


def rtp(*elements: bytes, csrcs: int = 0, profile: int = 0xBEDE) -> bytes:
    body = b"".join(elements)
    body += bytes(-len(body) % 4)
    header = bytes([0x90 | csrcs, 96]) + bytes(10) + bytes(4 * csrcs)
    return header + struct.pack("!HH", profile, len(body) // 4) + body + b"payload"


def test_the_number_is_read_from_among_other_extensions() -> None:
    packet = rtp(b"\x10a", b"\x00", b"\x32abc", b"\x41\x12\x34", csrcs=2)
    assert sequence_number(packet, 4) == 0x1234
    assert sequence_number(packet, 5) is None
    assert sequence_number(rtp(b"\x41\x12\x34", profile=0x1000), 4) is None
    assert sequence_number(b"\x80" + bytes(11), 4) is None


@given(st.binary(max_size=80), st.integers(1, 14))
def test_any_bytes_have_a_number_or_none(data: bytes, extension_id: int) -> None:
    number = sequence_number(data, extension_id)
    assert number is None or 0 <= number <= 0xFFFF


@given(st.binary(max_size=80))
def test_garbage_is_no_feedback(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert len(parse(data).arrivals) <= 0xFFFF


def test_remb_is_told_from_other_feedback() -> None:
    assert is_remb(b"\x8f\xce\x00\x05" + bytes(8) + b"REMB" + bytes(8))
    assert not is_remb(b"\x81\xce\x00\x02" + bytes(8))
