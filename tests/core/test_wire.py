import contextlib
import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling_server import wire
from signaling_server.connection import MAX_REQUEST_BYTES
from signaling_server.ice import CREDENTIAL_LIFETIME_S
from signaling_server.limits import SPARE_CONNECTIONS, SPARE_CONNECTIONS_PER_ADDRESS, Limits
from signaling_server.server import CLOSE_S, QUIET_S
from signaling_server.stun import ANSWERS_PER_ADDRESS, WINDOW_S
from signaling_server.wire import ErrorCode

ID = "0123456789abcdef" * 2
DOCUMENT = (Path(__file__).parents[2] / "docs" / "signaling-protocol.md").read_text(encoding="utf-8")
TURN = wire.IceServer(
    ("turn:turn.example.org:3478?transport=tcp", "turns:[2001:db8::1]:443"), "1:a", "c2VjcmV0"
)
CLIENT_MESSAGES = [
    wire.Join(1, "abcdefgh234567ab", ID),
    wire.Join(1, "Our-room", ID, ID),
    wire.Relay("QUJD_-"),
    wire.Leave(),
]
SERVER_MESSAGES = [
    wire.Joined("room", (ID,), ID),
    wire.Joined("room", (), ID),
    wire.Joined("room", (), ID, (wire.IceServer(("stun:stun.example.org:3478",)), TURN)),
    wire.PeerJoined(ID),
    *(wire.PeerLeft(ID, reason) for reason in wire.LeaveReason),
    wire.Relayed(ID, "QUJD"),
    wire.Full("room"),
    *(wire.Error(code, "why") for code in ErrorCode),
]


@pytest.mark.parametrize("message", CLIENT_MESSAGES, ids=repr)
def test_a_client_message_survives_the_wire(message: wire.ClientMessage) -> None:
    assert wire.decode_client(wire.encode(message)) == message


@pytest.mark.parametrize("message", SERVER_MESSAGES, ids=repr)
def test_a_server_message_survives_the_wire(message: wire.ServerMessage) -> None:
    assert wire.decode_server(wire.encode(message)) == message


def test_fields_are_named_as_documented() -> None:
    assert wire.encode(wire.Relayed(ID, "QUJD")) == f'{{"type":"relay","from":"{ID}","payload":"QUJD"}}'
    assert wire.encode(wire.Join(1, "r", ID)) == f'{{"type":"join","v":1,"room":"r","id":"{ID}"}}'


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", ErrorCode.BAD_MESSAGE),
        ("hello", ErrorCode.BAD_MESSAGE),
        ("[]", ErrorCode.BAD_MESSAGE),
        ("{}", ErrorCode.BAD_MESSAGE),
        ('{"type":"dance"}', ErrorCode.BAD_MESSAGE),
        ('{"type":"leave","more":1}', ErrorCode.BAD_MESSAGE),
        ('{"type":"relay"}', ErrorCode.BAD_MESSAGE),
        ('{"type":"relay","payload":""}', ErrorCode.BAD_MESSAGE),
        ('{"type":"relay","payload":"a b"}', ErrorCode.BAD_MESSAGE),
        ('{"type":"relay","payload":"ab\\n"}', ErrorCode.BAD_MESSAGE),
        ('{"type":"relay","payload":7}', ErrorCode.BAD_MESSAGE),
        (f'{{"type":"relay","payload":"{"a" * (wire.MAX_PAYLOAD_CHARS + 1)}"}}', ErrorCode.BAD_MESSAGE),
        (f'{{"type":"join","v":1,"room":"{"a" * 65}","id":"{ID}"}}', ErrorCode.BAD_MESSAGE),
        (f'{{"type":"join","v":1,"room":"a/b","id":"{ID}"}}', ErrorCode.BAD_MESSAGE),
        (f'{{"type":"join","v":1,"room":"","id":"{ID}"}}', ErrorCode.BAD_MESSAGE),
        ('{"type":"join","v":1,"room":"room","id":"short"}', ErrorCode.BAD_MESSAGE),
        ('{"type":"join","v":true}', ErrorCode.BAD_MESSAGE),
        ("[" * 60_000, ErrorCode.BAD_MESSAGE),
        ('{"type":"leave","x":' + "[" * 60_000, ErrorCode.BAD_MESSAGE),
        ("\ud800", ErrorCode.BAD_MESSAGE),
        ('{"type":"join","v":2}', ErrorCode.UNSUPPORTED_VERSION),
        ('{"type":"join","v":0,"something":"else"}', ErrorCode.UNSUPPORTED_VERSION),
        (f'{{"type":"join","v":{"9" * 4000}}}', ErrorCode.UNSUPPORTED_VERSION),
        (b'{"type":"leave"}', ErrorCode.BINARY_MESSAGE),
        (" " * (wire.MAX_MESSAGE_BYTES + 1), ErrorCode.TOO_LARGE),
        ("é" * (wire.MAX_MESSAGE_BYTES // 2 + 1), ErrorCode.TOO_LARGE),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_bad_frames_have_a_documented_error(frame: str | bytes, code: ErrorCode) -> None:
    with pytest.raises(wire.WireError) as caught:
        wire.decode_client(frame)
    assert caught.value.code is code
    assert len(caught.value.detail) <= wire.MAX_TEXT_CHARS


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"secret"}',
        '{"type":"leave","secret":1}',
        '{"type":"relay","payload":"secret!"}',
        '{"type":"join","v":1,"room":"secret!"}',
        "secret",
    ],
)
def test_an_error_quotes_nothing_that_was_sent(frame: str) -> None:
    with pytest.raises(wire.WireError) as caught:
        wire.decode_client(frame)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "ice_servers",
    [
        "{}",
        '{"urls":[]}',
        '{"urls":["http://example.org"]}',
        '{"urls":["stun:example.org/x"]}',
        '{"urls":["stun:a"],"secret":"x"}',
        '{"urls":["turn:a"],"username":"a b"}',
        ",".join(['{"urls":["stun:a"]}'] * (wire.MAX_ICE_SERVERS + 1)),
    ],
)
def test_bad_ice_servers_have_a_documented_error(ice_servers: str) -> None:
    frame = f'{{"type":"joined","room":"r","peers":[],"resume":"{ID}","ice_servers":[{ice_servers}]}}'
    with pytest.raises(wire.WireError) as caught:
        wire.decode_server(frame)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


def test_the_largest_payload_fits_into_a_message_of_the_server() -> None:
    relayed = wire.Relayed(ID, "a" * wire.MAX_PAYLOAD_CHARS)
    assert wire.decode_server(wire.encode(relayed)) == relayed


def test_reprs_show_no_credentials_and_no_payloads() -> None:
    joined = wire.Joined("room", (), ID, (TURN,))
    shown = repr([wire.Join(1, "room", "f" * 32, ID), joined, TURN, wire.Relay("QUJD")])
    assert ID not in shown
    assert "c2VjcmV0" not in shown
    assert "QUJD" not in shown


frames = st.one_of(
    st.text(),
    st.binary(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: msgspec.json.encode(value).decode()),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["join", "relay", "leave", "joined", "peer_joined", "peer_left", "full", "error"])},
        optional={
            "v": st.integers(),
            "room": st.sampled_from(["room", "a b"]) | st.text(),
            "id": st.sampled_from([ID]) | st.text(),
            "from": st.sampled_from([ID]) | st.text(),
            "payload": st.text(),
            "resume": st.none() | st.sampled_from([ID]),
            "ice_servers": st.lists(st.fixed_dictionaries({"urls": st.lists(st.just("stun:a") | st.text())})),
            "peers": st.lists(st.sampled_from([ID, "x"])),
            "reason": st.sampled_from(["left", "bored"]),
            "code": st.sampled_from(["no_peer", "no_code"]),
            "message": st.text(),
        },
    ).map(lambda value: msgspec.json.encode(value).decode()),
)  # fmt: skip


@given(frames)
def test_a_client_decoder_gives_a_message_or_a_documented_error(frame: str | bytes) -> None:
    with contextlib.suppress(wire.WireError):
        message = wire.decode_client(frame)
        assert wire.decode_client(wire.encode(message)) == message


@given(frames)
def test_a_server_decoder_gives_a_message_or_a_documented_error(frame: str | bytes) -> None:
    with contextlib.suppress(wire.WireError):
        message = wire.decode_server(frame)
        assert wire.decode_server(wire.encode(message)) == message


# ---- the document


def _section(heading: str) -> str:
    found = re.search(rf"^### {re.escape(heading)}$(.*?)(?=^##)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, f"docs/signaling-protocol.md has no section {heading}"
    return found[1]


@pytest.mark.parametrize(
    ("message", "side"),
    [
        *((message, "client") for message in get_args(wire.ClientMessage)),
        *((message, "server") for message in get_args(wire.ServerMessage)),
    ],
)
def test_the_document_has_every_message_with_every_field(message: type[msgspec.Struct], side: str) -> None:
    tag = str(message.__struct_config__.tag)
    section = _section(f"`relay` ({side})" if tag == "relay" else f"`{tag}`")
    documented = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    codes = {code.value for code in ErrorCode} | {reason.value for reason in wire.LeaveReason}
    assert documented - codes == set(message.__struct_encode_fields__)


def test_the_document_has_every_error_and_every_reason() -> None:
    assert {code.value for code in ErrorCode} <= set(
        re.findall(r"^\| `(\w+)` \|", _section("`error`"), re.MULTILINE)
    )
    assert {reason.value for reason in wire.LeaveReason} <= set(
        re.findall(r"^\| `(\w+)` \|", _section("`peer_left`"), re.MULTILINE)
    )


def test_the_document_has_the_version_and_the_limits() -> None:
    assert DOCUMENT.startswith(f"# The signaling protocol, version {wire.VERSION}\n")
    limits = Limits()
    for phrase in (
        f"`{wire.PATH}`",
        f"1 to {wire.MAX_PAYLOAD_CHARS} of",
        f"| {wire.MAX_MESSAGE_BYTES} bytes |",
        f"at most {wire.MAX_TEXT_CHARS} characters",
        f"| rooms | {limits.max_rooms} |",
        f"| {limits.max_connections} | `too_many_connections`, or HTTP 503; beyond {SPARE_CONNECTIONS} more",
        f"| {limits.max_connections_per_address} | the same; beyond {SPARE_CONNECTIONS_PER_ADDRESS} more",
        f"| {limits.join_burst} at once, then {limits.join_rate_per_s:g} a second |",
        f"| {limits.max_message_bytes} bytes | `too_large`; beyond {2 * wire.MAX_MESSAGE_BYTES} bytes",
        f"| {limits.message_burst} at once, then {limits.message_rate_per_s:g} a second; one for each 4096 bytes",
        f"| the TLS handshake and the HTTP request | within {limits.open_timeout_s:g} s |",
        f"| the HTTP request | {MAX_REQUEST_BYTES} bytes |",
        f"| to be taken within {limits.response_timeout_s:g} s |",
        f"| the first message | within {limits.join_timeout_s:g} s |",
        f"| after {limits.ping_interval_s:g} s of silence, to be answered within {limits.ping_timeout_s:g} s |",
        f"| {limits.outbox_bytes} bytes waiting, or more than 65536 for {limits.send_deadline_s:g} s |",
        f"| {limits.room_idle_s:g} s | `room_idle` |",
        f"within {CLOSE_S:g} s; before that",
        f"for {QUIET_S:g} s, at most {limits.drain_s:g} s",
        f"can be used for {CREDENTIAL_LIFETIME_S // 3600} hours",
        f"{ANSWERS_PER_ADDRESS} in {WINDOW_S:g} s",
        f"at most {wire.MAX_ICE_SERVERS},",
    ):
        assert phrase in DOCUMENT, phrase
