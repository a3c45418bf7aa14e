"""The short authentication string: the same for both ends of one connection, and for nobody else."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from callapp.session.sas import Side, authentication_string, commitment, emoji_table, fingerprints_in

OFFERER = Side(bytes(range(16)), bytes(range(100, 132)))
ANSWERER = Side(bytes(range(16, 32)), bytes(range(200, 232)))
FINGERPRINT = ":".join(f"{byte:02X}" for byte in OFFERER.fingerprint)

nonces = st.binary(min_size=16, max_size=16)
sides = st.builds(Side, nonces, st.binary(min_size=32, max_size=32))


def test_it_is_made_as_documented() -> None:
    kdf = HKDF(
        algorithm=SHA256(),
        length=8,
        salt=OFFERER.fingerprint + ANSWERER.fingerprint,
        info=b"callapp/1 sas",
    )
    derived = kdf.derive(OFFERER.nonce + ANSWERER.nonce)
    string = authentication_string(OFFERER, ANSWERER)
    assert int(string.digits) == int.from_bytes(derived[:4]) % 1_000_000
    assert string.emoji == tuple(byte % 64 for byte in derived[4:])
    assert commitment(OFFERER) == hashlib.sha256(OFFERER.nonce + OFFERER.fingerprint).hexdigest()


def test_it_stays_what_other_programs_compute() -> None:
    """A fixed example: the guest page must come to the same."""
    string = authentication_string(OFFERER, ANSWERER)
    assert (string.digits, string.emoji) == ("171582", (27, 14, 20, 9))


@given(sides, sides)
def test_it_has_six_digits_and_four_emoji(offerer: Side, answerer: Side) -> None:
    string = authentication_string(offerer, answerer)
    assert len(string.digits) == 6
    assert string.digits.isdecimal()
    assert len(string.emoji) == 4
    assert all(0 <= place < 64 for place in string.emoji)


@given(sides, sides, sides)
def test_another_certificate_or_nonce_makes_another_string(
    offerer: Side, answerer: Side, other: Side
) -> None:
    """24 bits of emoji and 20 of digits: hypothesis will not meet a collision."""
    if other not in (offerer, answerer):
        assert authentication_string(offerer, answerer) != authentication_string(offerer, other)
        assert authentication_string(offerer, answerer) != authentication_string(other, answerer)


def test_the_table_has_64_different_emoji_with_names_in_both_languages() -> None:
    table = emoji_table()
    assert len(table) == len({entry.emoji for entry in table}) == 64
    assert len({entry.en for entry in table}) == len({entry.ko for entry in table}) == 64
    assert all(entry.en and entry.ko for entry in table)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["v=0"], set()),
        ([f"a=fingerprint:sha-256 {FINGERPRINT}"], {OFFERER.fingerprint}),
        ([f"a=fingerprint:SHA-256 {FINGERPRINT.lower()}"] * 3, {OFFERER.fingerprint}),
        ([f"a=fingerprint:sha-256 {FINGERPRINT}", "a=fingerprint:sha-512 AB:CD"], {OFFERER.fingerprint}),
        ([f"a=fingerprint:sha-256 {FINGERPRINT}", "a=fingerprint:sha-256 AB:CD"], {OFFERER.fingerprint, b""}),
        (["a=candidate:1 1 udp 1 192.0.2.1 5 typ host"], set()),
    ],
)
def test_fingerprints_are_found_wherever_they_stand(lines: list[str], found: set[bytes]) -> None:
    assert fingerprints_in("\r\n".join(lines)) == found


@given(st.text())
def test_any_text_has_some_fingerprints_or_none(text: str) -> None:
    assert all(len(value) in (0, 32) for value in fingerprints_in(text))
