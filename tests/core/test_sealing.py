import base64

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from callapp.signaling import sealing
from callapp.signaling.invite import LinkKind, Secret
from callapp.signaling.sealing import MAX_PLAINTEXT_BYTES, Interference, Sealer, SealError, new_id
from signaling_server import wire

ALICE, BOB, EVE = "a" * 32, "b" * 32, "e" * 32
SECRET = Secret(bytes(range(16)))
BROWSER_SECRET = Secret(bytes(range(16, 32)))
APP = {LinkKind.APP: SECRET}
BROWSER = {LinkKind.BROWSER: BROWSER_SECRET}


def _pair() -> tuple[Sealer, Sealer]:
    return Sealer(APP, "room", ALICE), Sealer(APP, "room", BOB)


def _kind(sealer: Sealer, sender_id: str, box: str) -> Interference:
    with pytest.raises(SealError) as caught:
        sealer.open(sender_id, box)
    return caught.value.kind


def _bytes(box: str) -> bytes:
    return base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))


def _box(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(st.lists(st.binary(max_size=2000), max_size=5))
def test_what_is_sealed_can_be_opened_in_order(messages: list[bytes]) -> None:
    alice, bob = _pair()
    for message in messages:
        opened = bob.open(ALICE, alice.seal(BOB, message))
        assert (opened.plaintext, opened.missing) == (message, 0)


def test_a_box_is_made_as_documented() -> None:
    alice, _ = _pair()
    alice.seal(BOB, b"first")
    raw = _bytes(alice.seal(BOB, b"second"))
    info = b"callapp/1 seal" + bytes.fromhex(ALICE) + bytes.fromhex(BOB)
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"room", info=info).derive(bytes(range(16)))
    associated = b"\x01room" + bytes.fromhex(ALICE) + bytes([0, 0, 0, 0, 0, 0, 0, 1])
    assert raw[:8] == bytes([0, 0, 0, 0, 0, 0, 0, 1])
    assert AESGCM(key).decrypt(raw[8:20], raw[20:], associated) == b"second"


def test_the_largest_box_is_a_payload_of_the_wire() -> None:
    alice, bob = _pair()
    box = alice.seal(BOB, bytes(MAX_PLAINTEXT_BYTES))
    assert wire.decode_client(wire.encode(wire.Relay(box))) == wire.Relay(box)
    assert bob.open(ALICE, box).plaintext == bytes(MAX_PLAINTEXT_BYTES)
    with pytest.raises(ValueError, match="do not fit"):
        alice.seal(BOB, bytes(MAX_PLAINTEXT_BYTES + 1))


def test_two_boxes_of_the_same_text_differ() -> None:
    alice, _ = _pair()
    assert _bytes(alice.seal(BOB, b"text"))[8:] != _bytes(alice.seal(BOB, b"text"))[8:]


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_is_found(place: int, change: int) -> None:
    alice, bob = _pair()
    bob.open(ALICE, alice.seal(BOB, b"before"))
    raw = bytearray(_bytes(alice.seal(BOB, b"a text of 25 characters..")))
    raw[place] ^= change
    assert _kind(bob, ALICE, _box(bytes(raw))) is Interference.AUTHENTICATION


@given(st.text() | st.binary().map(_box))
def test_what_is_no_box_is_refused(box: str) -> None:
    _, bob = _pair()
    assert _kind(bob, ALICE, box) is Interference.OTHER_LINK


def test_a_box_cannot_be_repeated_or_come_after_a_later_one() -> None:
    alice, bob = _pair()
    first, second = alice.seal(BOB, b"1"), alice.seal(BOB, b"2")
    bob.open(ALICE, first)
    bob.open(ALICE, second)
    assert _kind(bob, ALICE, first) is Interference.REPEAT
    assert _kind(bob, ALICE, second) is Interference.REPEAT


def test_boxes_that_never_came_are_counted_and_not_accepted_later() -> None:
    alice, bob = _pair()
    first, second, third, fourth = (alice.seal(BOB, text) for text in (b"1", b"2", b"3", b"4"))
    bob.open(ALICE, first)
    opened = bob.open(ALICE, fourth)
    assert (opened.plaintext, opened.missing) == (b"4", 2)
    assert _kind(bob, ALICE, second) is Interference.REPEAT
    assert _kind(bob, ALICE, third) is Interference.REPEAT


def test_a_refused_box_does_not_disturb_the_next_one() -> None:
    alice, bob = _pair()
    bob.open(ALICE, alice.seal(BOB, b"1"))
    _kind(bob, ALICE, _box(bytes(60)))
    assert bob.open(ALICE, alice.seal(BOB, b"2")).missing == 0


def test_boxes_for_somebody_else_from_somebody_else_or_of_another_room_are_refused() -> None:
    alice, bob = _pair()
    assert _kind(bob, ALICE, alice.seal(EVE, b"to eve")) is Interference.OTHER_LINK
    assert _kind(bob, EVE, alice.seal(BOB, b"said to be of eve")) is Interference.OTHER_LINK
    assert _kind(bob, ALICE, Sealer(APP, "elsewhere", ALICE).seal(BOB, b"x")) is Interference.OTHER_LINK
    assert _kind(bob, ALICE, bob.seal(ALICE, b"sent back")) is Interference.OTHER_LINK


def test_a_peer_with_another_secret_is_told_from_interference() -> None:
    alice, bob = _pair()
    stranger = Sealer({LinkKind.APP: Secret(bytes(16))}, "room", ALICE)
    assert _kind(bob, ALICE, stranger.seal(BOB, b"1")) is Interference.OTHER_LINK
    bob.open(ALICE, alice.seal(BOB, b"1"))
    assert _kind(bob, ALICE, stranger.seal(BOB, b"2")) is Interference.AUTHENTICATION


def _host() -> Sealer:
    """Who made the room holds the secrets of both links."""
    return Sealer(APP | BROWSER, "room", BOB)


@pytest.mark.parametrize("held", [APP, BROWSER])
def test_who_made_the_room_learns_by_the_first_box_which_link_the_peer_has(
    held: dict[LinkKind, Secret],
) -> None:
    host, guest = _host(), Sealer(held, "room", ALICE)
    assert not host.can_seal(ALICE)
    with pytest.raises(ValueError, match="not known"):
        host.seal(ALICE, b"too early")
    assert guest.can_seal(BOB)
    assert host.open(ALICE, guest.seal(BOB, b"1")).proved in held
    assert host.can_seal(ALICE)
    assert guest.open(BOB, host.seal(ALICE, b"2")).plaintext == b"2"


def test_a_peer_that_has_proved_one_link_cannot_go_on_with_the_other() -> None:
    host = _host()
    host.open(ALICE, Sealer(APP, "room", ALICE).seal(BOB, b"1"))
    assert _kind(host, ALICE, Sealer(BROWSER, "room", ALICE).seal(BOB, b"2")) is Interference.AUTHENTICATION


def test_a_box_that_neither_link_opens_proves_nothing() -> None:
    host = _host()
    stranger = Sealer({LinkKind.APP: Secret(bytes(16))}, "room", ALICE)
    assert _kind(host, ALICE, stranger.seal(BOB, b"1")) is Interference.OTHER_LINK
    assert not host.can_seal(ALICE)
    assert host.open(ALICE, Sealer(APP, "room", ALICE).seal(BOB, b"1")).proved is LinkKind.APP


def test_a_browser_link_never_passes_for_an_app_link() -> None:
    _, bob = _pair()
    assert _kind(bob, ALICE, Sealer(BROWSER, "room", ALICE).seal(BOB, b"1")) is Interference.OTHER_LINK


def test_the_own_id_is_nobody_else() -> None:
    alice, _ = _pair()
    assert _kind(alice, ALICE, "AAAA") is Interference.REFLECTION
    with pytest.raises(SealError):
        alice.seal(ALICE, b"to myself")


def test_a_sealer_remembers_a_bounded_number_of_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MAX_PEERS", 2)
    alice, bob = _pair()
    alice.seal(EVE, b"1")
    box = alice.seal(BOB, b"2")
    with pytest.raises(SealError):
        alice.seal(new_id(), b"3")
    assert bob.open(ALICE, box).plaintext == b"2"


def test_an_opened_box_shows_nothing() -> None:
    alice, bob = _pair()
    assert "secret" not in repr(bob.open(ALICE, alice.seal(BOB, b"secret")))
