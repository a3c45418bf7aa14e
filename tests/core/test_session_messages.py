"""What the peer says: a message, or a documented error; never anything else."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.call.states import Reason
from callapp.errors import ErrorCode, SignalingError
from callapp.session import messages as wire

CALL_ID = "0123456789abcdef"
EXAMPLES: list[wire.Message] = [
    wire.Status(name="지민", muted=True),
    wire.Offer(CALL_ID, 0, "v=0\r\nm=audio 9 X 0\r\n", wire.Status()),
    wire.Answer(CALL_ID, 3, "v=0\r\n", wire.Status(camera_off=True)),
    wire.IceCandidate(CALL_ID, 0, "1 1 udp 1 192.0.2.1 5 typ host", "0", 0),
    wire.IceCandidate(CALL_ID, 0, None),
    wire.Bye(CALL_ID, Reason.BUSY),
    wire.Restart(CALL_ID, 7),
    wire.Hello(wire.Agent.BROWSER),
    wire.Offer(CALL_ID, 0, "v=0\r\n", wire.Status(), commitment="ab" * 32),
    wire.Answer(CALL_ID, 0, "v=0\r\n", wire.Status(), nonce="0f" * 16),
    wire.Reveal(CALL_ID, 0, "0f" * 16),
    wire.Chat(CALL_ID, "내일 봐요 😀", 1767225600.5),
    wire.ChatAck(CALL_ID),
]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_every_message_survives_the_way(message: wire.Message) -> None:
    assert wire.decode(wire.encode(message)) == message


@given(st.binary(max_size=300) | st.text(max_size=200))
def test_garbage_is_a_documented_error(data: bytes | str) -> None:
    with pytest.raises(SignalingError) as caught:
        wire.decode(data)
    assert caught.value.code in (ErrorCode.BAD_PEER_MESSAGE, ErrorCode.UNSUPPORTED_VERSION)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(EXAMPLES), st.data())
def test_a_message_with_a_foreign_value_is_a_message_or_a_documented_error(
    message: wire.Message, data: st.DataObject
) -> None:
    fields = msgspec.json.decode(wire.encode(message))
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(json_values)
    with contextlib.suppress(SignalingError):
        assert isinstance(wire.decode(msgspec.json.encode(fields)), wire.Message)


@pytest.mark.parametrize("call_id", [CALL_ID + "\n", CALL_ID.upper(), CALL_ID[1:], ""])
def test_a_call_id_is_exactly_16_lower_case_hexadecimal_digits(call_id: str) -> None:
    with pytest.raises(SignalingError):
        wire.decode(wire.encode(wire.Restart(call_id, 0)))


def test_another_version_is_said_to_be_one() -> None:
    with pytest.raises(SignalingError) as caught:
        wire.decode(b'{"v":2,"type":"waltz"}')
    assert caught.value.code is ErrorCode.UNSUPPORTED_VERSION


def test_a_later_version_of_the_same_protocol_may_add_fields() -> None:
    assert wire.decode(b'{"v":1,"type":"status","name":"Kim","shoe_size":43}') == wire.Status(name="Kim")


def test_an_oversized_message_is_refused() -> None:
    with pytest.raises(SignalingError) as caught:
        wire.decode(b" " * (wire.MAX_BYTES + 1))
    assert caught.value.code is ErrorCode.BAD_PEER_MESSAGE


@pytest.mark.parametrize("length", [0, 4001])
def test_a_chat_message_has_1_to_4000_characters(length: int) -> None:
    with pytest.raises(SignalingError):
        wire.decode(wire.encode(wire.Chat(CALL_ID, "😀" * length, 0.0)))


def test_the_longest_chat_message_fits_into_the_data_channel() -> None:
    encoded = wire.encode(wire.Chat(CALL_ID, "😀" * 4000, 1767225600.123456))
    assert len(encoded) <= 16 * 1024
    assert isinstance(wire.decode(encoded), wire.Chat)


def test_no_repr_shows_a_description_a_candidate_or_a_text() -> None:
    for message in EXAMPLES:
        assert "v=0" not in repr(message)
        assert "192.0.2.1" not in repr(message)
        assert "내일" not in repr(message)
