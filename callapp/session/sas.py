"""The short authentication string: what two read to each other to be sure that nobody is between them. Pure.

The offerer commits to its nonce first (`commitment` in the offer), the answerer shows its own (`nonce` in the answer),
then the offerer reveals its: so nobody in between can try nonces until two different calls look the same. Fingerprints
are the 32 raw bytes of the SHA-256 of the certificates that DTLS really uses.

    commitment = SHA-256(nonce_o | fingerprint_o)
    string     = HKDF-SHA256 (RFC 5869): input nonce_o | nonce_a, salt fingerprint_o | fingerprint_a,
                 info "callapp/1 sas", 8 bytes: 4 for the digits, 4 for the emoji
"""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callapp.session.view import Sas

NONCE_BYTES = 16
_DIGITS = 6
_EMOJI = 64
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}")


@dataclass(frozen=True)
class Side:
    """What one side brings in."""

    nonce: bytes
    fingerprint: bytes


class Emoji(msgspec.Struct, frozen=True):
    """A picture and its names."""

    emoji: str
    en: str
    ko: str


def commitment(offerer: Side) -> str:
    """Lower-case hexadecimal."""
    return hashlib.sha256(offerer.nonce + offerer.fingerprint).hexdigest()


def authentication_string(offerer: Side, answerer: Side) -> Sas:
    """The same for both, and another one for everybody who uses another certificate."""
    kdf = HKDF(
        algorithm=SHA256(),
        length=8,
        salt=offerer.fingerprint + answerer.fingerprint,
        info=b"callapp/1 sas",
    )
    derived = kdf.derive(offerer.nonce + answerer.nonce)
    number = int.from_bytes(derived[:4]) % 10**_DIGITS
    return Sas(f"{number:0{_DIGITS}}", tuple(byte % _EMOJI for byte in derived[4:]))


def fingerprints_in(sdp: str) -> frozenset[bytes]:
    """All SHA-256 fingerprints that a description names (RFC 8122); one that can be used names exactly one."""
    found = set()
    for line in sdp.splitlines():  # as the engine's parser takes it apart
        algorithm, _, value = line.removeprefix("a=fingerprint:").partition(" ")
        if line.startswith("a=fingerprint:") and algorithm.lower() == "sha-256":
            value = value.strip()
            found.add(bytes.fromhex(value.replace(":", "")) if _FINGERPRINT.fullmatch(value) else b"")
    return frozenset(found)


@lru_cache
def emoji_table() -> tuple[Emoji, ...]:
    """The 64 emoji, the same as on the guest page."""
    file = importlib.resources.files("signaling_server").joinpath("guest", "emoji.json")
    return msgspec.json.decode(file.read_bytes(), type=tuple[Emoji, ...])
