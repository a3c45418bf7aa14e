import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling_server import wire
from signaling_server.limits import (
    SPARE_CONNECTIONS,
    SPARE_CONNECTIONS_PER_ADDRESS,
    Admission,
    Gate,
    Limits,
    TokenBucket,
    message_cost,
    visitor_of,
)

WELCOME, BUSY, CUT = Admission.WELCOME, Admission.BUSY, Admission.CUT


def test_a_token_bucket_refills_up_to_its_burst() -> None:
    bucket = TokenBucket(rate_per_s=2.0, burst=3, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.5), bucket.take(0.5)] == [True, False]
    assert [bucket.take(1000.0) for _ in range(4)] == [True, True, True, False]


def test_what_a_token_bucket_refuses_uses_nothing_up() -> None:
    bucket = TokenBucket(rate_per_s=1.0, burst=3, now=0.0)
    assert not bucket.take(0.0, tokens=4)
    assert bucket.take(0.0, tokens=3)
    assert not bucket.is_full(2.9)
    assert bucket.is_full(3.0)


@given(st.floats(0.1, 100), st.integers(1, 50), st.lists(st.floats(0, 5)))
def test_a_token_bucket_never_allows_more_than_its_burst_and_rate(
    rate_per_s: float, burst: int, pauses_s: list[float]
) -> None:
    bucket = TokenBucket(rate_per_s, burst, 0.0)
    now, allowed = 0.0, 0
    for pause_s in pauses_s:
        now += pause_s
        allowed += sum(bucket.take(now) for _ in range(10))
        assert allowed <= burst + rate_per_s * now + 1e-6


@pytest.mark.parametrize(
    ("size_bytes", "cost"), [(0, 1), (1, 1), (4096, 1), (4097, 2), (wire.MAX_MESSAGE_BYTES, 16)]
)
def test_large_messages_cost_more(size_bytes: int, cost: int) -> None:
    assert message_cost(size_bytes) == cost


def test_one_address_can_take_only_its_share() -> None:
    gate = Gate(Limits(max_connections_per_address=2))
    greedy = [gate.enter("192.0.2.1", 0.0) for _ in range(3 + SPARE_CONNECTIONS_PER_ADDRESS)]
    assert greedy == [WELCOME] * 2 + [BUSY] * SPARE_CONNECTIONS_PER_ADDRESS + [CUT]
    assert gate.enter("192.0.2.2", 0.0) is WELCOME
    for _ in greedy:
        gate.leave("192.0.2.1")
    assert gate.enter("192.0.2.1", 0.0) is WELCOME
    assert gate.connections == 2


def test_all_addresses_share_the_limit_in_all() -> None:
    gate = Gate(Limits(max_connections=2))
    crowd = [gate.enter(f"192.0.2.{number}", 0.0) for number in range(3 + SPARE_CONNECTIONS)]
    assert crowd == [WELCOME] * 2 + [BUSY] * SPARE_CONNECTIONS + [CUT]


def test_attempts_to_join_are_counted_by_address_and_remembered() -> None:
    gate = Gate(Limits(join_burst=2, join_rate_per_s=1.0))
    gate.enter("192.0.2.1", 0.0)
    gate.enter("192.0.2.2", 0.0)
    assert [gate.may_join("192.0.2.1", 0.0) for _ in range(3)] == [True, True, False]
    assert gate.may_join("192.0.2.2", 0.0)
    gate.leave("192.0.2.1")
    gate.forget(0.5)
    gate.enter("192.0.2.1", 0.5)
    assert not gate.may_join("192.0.2.1", 0.5), "coming back helps nobody"
    gate.leave("192.0.2.1")
    gate.forget(10.0)
    gate.enter("192.0.2.1", 10.0)
    assert [gate.may_join("192.0.2.1", 10.0) for _ in range(3)] == [True, True, False]


def test_a_flood_of_addresses_is_not_remembered_for_ever() -> None:
    gate = Gate(Limits())
    gate.enter("192.0.2.1", 0.0)
    for number in range(50_000):
        gate.enter(str(number), 0.0)
        gate.may_join(str(number), 0.0)
        gate.leave(str(number))
    assert len(gate._visitors) <= 20_000
    gate.leave("192.0.2.1")
    assert gate.connections == 0


@pytest.mark.parametrize(
    ("host", "visitor"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1:2:3", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_visitor_is_its_whole_network(host: str, visitor: str) -> None:
    assert visitor_of(host) == visitor


@pytest.mark.parametrize("wrong", [{"max_rooms": -1}, {"join_burst": 10**9}, {"max_message_bytes": 65_537}])
def test_a_limit_out_of_its_range_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)
