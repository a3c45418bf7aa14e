"""The STUN responder, with aioice's codec as the judge of its messages."""

import ipaddress
import struct
import zlib

import pytest
from aioice import stun as judge
from hypothesis import example, given
from hypothesis import strategies as st

from signaling_server.stun import (
    ANSWERS,
    ANSWERS_PER_ADDRESS,
    MAX_REQUEST_BYTES,
    WINDOW_S,
    Allowance,
    answer_to,
)

TRANSACTION = bytes(range(12))
# RFC 5769, section 2.1: with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT
RFC_REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
)


def request(body: bytes = b"", kind: int = 1) -> bytes:
    return struct.pack("!HHI12s", kind, len(body), 0x2112A442, TRANSACTION) + body


def attribute(type_: int, value: bytes = b"") -> bytes:
    return struct.pack("!HH", type_, len(value)) + value + bytes(-len(value) % 4)


def answer(data: bytes, host: str = "192.0.2.1", port: int = 32853) -> bytes:
    answered = answer_to(data, host, port)
    assert answered is not None
    return answered


@pytest.mark.parametrize(
    ("host", "seen"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1234:5678:11:2233:4455:6677", "2001:db8:1234:5678:11:2233:4455:6677"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_a_client_learns_the_address_it_is_seen_under(host: str, seen: str) -> None:
    message = judge.parse_message(answer(request(), host))
    assert message.message_class is judge.Class.RESPONSE
    assert message.message_method is judge.Method.BINDING
    assert message.transaction_id == TRANSACTION
    mapped, port = message.attributes["XOR-MAPPED-ADDRESS"]
    assert (ipaddress.ip_address(mapped), port) == (ipaddress.ip_address(seen), 32853)
    assert "FINGERPRINT" not in message.attributes, "nobody asked for it"


def test_the_answer_is_that_of_the_rfc() -> None:
    """RFC 5769, section 2.2, in its parts that need no password."""
    given_request = request()[:8] + bytes.fromhex("b7e7a701bc34d686fa87dfae")
    assert bytes.fromhex("002000080001a147e112a643") in answer(given_request)


def test_a_request_with_a_fingerprint_gets_one() -> None:
    message = judge.parse_message(answer(RFC_REQUEST))  # raises if the fingerprint is wrong
    assert "FINGERPRINT" in message.attributes


def test_a_request_with_a_wrong_fingerprint_is_ignored() -> None:
    broken = bytearray(RFC_REQUEST)
    broken[-1] ^= 1
    assert answer_to(bytes(broken), "192.0.2.1", 1) is None


def test_a_fingerprint_that_is_not_at_the_end_is_ignored() -> None:
    value = struct.pack("!I", zlib.crc32(b"") ^ 0x5354554E)
    assert answer_to(request(attribute(0x8028, value) + attribute(0x8022, b"name")), "192.0.2.1", 1) is None


def test_unknown_attributes_that_must_be_understood_are_named() -> None:
    body = attribute(0x0003, bytes(4)) + attribute(0x8022, b"name") + attribute(0x7777)
    answered = answer(request(body))
    message = judge.parse_message(answered)
    assert message.message_class is judge.Class.ERROR
    assert message.attributes["ERROR-CODE"] == (420, "")
    assert struct.pack("!HHHH", 0x000A, 4, 0x0003, 0x7777) in answered


@pytest.mark.parametrize(
    "data",
    [
        b"",
        request()[:-1],
        request() + b"\0\0\0\0",
        request(kind=0x0011),
        request(kind=0x0101),
        request(kind=0x0003),
        request()[:4] + bytes(4) + request()[8:],
        request(attribute(0x8022)[:3]),
        request(struct.pack("!HH", 0x8022, 8) + bytes(4)),
        request(attribute(0x8022, bytes(MAX_REQUEST_BYTES))),
    ],
    ids=["empty", "short", "long", "indication", "response", "allocate", "no cookie", "half", "too long", "huge"],
)  # fmt: skip
def test_what_is_no_binding_request_is_ignored(data: bytes) -> None:
    assert answer_to(data, "192.0.2.1", 1) is None


hosts = st.ip_addresses().map(str)
bodies = st.lists(st.builds(attribute, st.integers(0, 0xFFFF), st.binary(max_size=30)), max_size=12).map(
    b"".join
)


@given(
    st.binary(max_size=600) | bodies.map(request) | st.binary(max_size=40).map(request),
    hosts,
    st.integers(0, 65535),
)
@example(RFC_REQUEST, "192.0.2.1", 1)
def test_whatever_comes_gets_a_small_valid_answer_or_none(data: bytes, host: str, port: int) -> None:
    answered = answer_to(data, host, port)
    if answered is not None:
        assert judge.parse_message(answered).transaction_id == data[8:20]
        assert len(answered) <= len(data) + 24


def test_an_address_gets_only_so_many_answers() -> None:
    allowance = Allowance()
    assert sum(allowance.take("192.0.2.1", 0.1) for _ in range(1000)) == ANSWERS_PER_ADDRESS
    assert allowance.take("192.0.2.2", 0.1)
    assert allowance.take("192.0.2.1", 0.1 + WINDOW_S)


def test_all_addresses_together_get_only_so_many_answers() -> None:
    allowance = Allowance()
    assert sum(allowance.take(str(number), 0.1) for number in range(2 * ANSWERS)) == ANSWERS
