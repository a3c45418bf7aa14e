"""The frame reader, with websockets' own parser as the oracle."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close
from websockets.frames import Frame as OracleFrame
from websockets.frames import Opcode as OracleOpcode
from websockets.protocol import SERVER, Protocol

from signaling_server import wire
from signaling_server.frames import (
    Frame,
    FrameError,
    FrameReader,
    Opcode,
    answer_to_close,
    close_frame,
    frame,
)

MAX_BYTES = 70_000


def masked(opcode: int, data: bytes, *, fin: bool = True) -> bytes:
    return OracleFrame(OracleOpcode(opcode), data, fin).serialize(mask=True)


def read(pieces: list[bytes]) -> Iterator[Frame]:
    reader = FrameReader(MAX_BYTES)
    for piece in pieces:
        reader.feed(piece)
        while (received := reader.next()) is not None:
            yield received


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, MAX_BYTES])
def test_frames_of_all_sizes_come_through_both_ways(size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    assert list(read([masked(Opcode.TEXT, data)])) == [Frame(Opcode.TEXT, True, data)]
    oracle = Protocol(side=SERVER)
    oracle.side = type(oracle.side)(1)  # a client reads unmasked frames
    oracle.receive_data(frame(Opcode.TEXT, data))
    (received,) = oracle.events_received()
    assert isinstance(received, OracleFrame)
    assert bytes(received.data) == data


frames = st.builds(
    lambda opcode, data, fin: masked(opcode, data, fin=fin or opcode >= Opcode.PING),
    st.sampled_from([0, 1, 1, 2, 9, 10]),
    st.binary(max_size=125),
    st.booleans() | st.just(True),
)
noise = st.binary(min_size=1, max_size=20)
streams = st.lists(frames | frames | frames | noise, max_size=8).map(b"".join)


@given(streams, st.lists(st.integers(0, 200), max_size=10))
def test_whatever_comes_is_read_as_websockets_reads_it(stream: bytes, cuts: list[int]) -> None:
    bounds = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    pieces = [stream[start:end] for start, end in itertools.pairwise(bounds)]
    oracle = Protocol(side=SERVER, max_size=MAX_BYTES)
    oracle.receive_data(stream)
    expected = [
        (int(event.opcode), event.fin, bytes(event.data))
        for event in oracle.events_received()
        if isinstance(event, OracleFrame) and event.opcode is not OracleOpcode.CLOSE
    ]
    seen: list[tuple[int, bool, bytes]] = []
    failed, said_goodbye = None, False
    try:
        for received in read(pieces):
            if said_goodbye := received.opcode is Opcode.CLOSE:
                break
            seen.append((int(received.opcode), received.fin, received.data))
    except FrameError as error:
        failed = error.code
    assert seen == expected
    if failed is not None and oracle.close_sent is None:
        oracle.receive_data(bytes(200))  # it says what is wrong only when the frame's head is complete
    if not said_goodbye:
        assert failed == (oracle.close_sent and oracle.close_sent.code)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(Opcode.CONTINUATION, b"x"), wire.CLOSE_PROTOCOL_ERROR),
        (masked(Opcode.TEXT, b"x", fin=False) + masked(Opcode.TEXT, b"x"), wire.CLOSE_PROTOCOL_ERROR),
        (frame(Opcode.TEXT, b"not masked"), wire.CLOSE_PROTOCOL_ERROR),
        (b"\xc1\x80\0\0\0\0", wire.CLOSE_PROTOCOL_ERROR),
        (b"\x83\x80\0\0\0\0", wire.CLOSE_PROTOCOL_ERROR),
        (b"\x09\x80\0\0\0\0", wire.CLOSE_PROTOCOL_ERROR),
        (b"\x89\xfe\x00\x7e", wire.CLOSE_PROTOCOL_ERROR),
        (b"\x81\xff" + b"\xff" * 8, wire.CLOSE_TOO_BIG),
        (masked(Opcode.TEXT, bytes(40_000), fin=False) + masked(0, bytes(40_000)), wire.CLOSE_TOO_BIG),
    ],
)
def test_what_breaks_the_protocol_has_its_close_code(data: bytes, code: int) -> None:
    with pytest.raises(FrameError) as caught:
        list(read([data]))
    assert caught.value.code == code


def test_a_message_that_trickles_in_is_read() -> None:
    stream = masked(Opcode.TEXT, b"slow" * 5000) + masked(Opcode.PING, b"?")
    received = list(read([stream[at : at + 7] for at in range(0, len(stream), 7)]))
    assert received == [Frame(Opcode.TEXT, True, b"slow" * 5000), Frame(Opcode.PING, True, b"?")]


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"", frame(Opcode.CLOSE)),
        (Close(1000, "bye").serialize(), close_frame(1000)),
        (b"\x03", close_frame(wire.CLOSE_PROTOCOL_ERROR)),
        (b"\x03\xed", close_frame(wire.CLOSE_PROTOCOL_ERROR)),
        (b"\x00\x01", close_frame(wire.CLOSE_PROTOCOL_ERROR)),
    ],
)
def test_a_goodbye_is_answered_with_its_own_code(data: bytes, answer: bytes) -> None:
    assert answer_to_close(data) == answer
