"""Seals what two say through a server, so that the server can neither read nor change nor invent any of it.

Every client has a random id of 16 bytes. Each direction of each pair has its own key:

    HKDF-SHA256 (RFC 5869): input = the link's secret, salt = ROOM, info = "callapp/1 seal" | sender | receiver

A box is base64url(sequence | nonce | ciphertext | tag): AES-256-GCM (NIST SP 800-38D) with a random nonce of 12
bytes, a sequence of 8 bytes (big-endian, from 0), and as associated data version (1 byte) | ROOM | sender |
sequence. The sequence goes on across reconnects as long as both ids stay.

Who made a room holds the secrets of both its links and cannot know which of them a peer has: the first box of the
peer that one of them opens proves it, and from then on only that one counts, in both directions.
"""

from __future__ import annotations

import base64
import binascii
import enum
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from callapp.signaling.invite import LinkKind, Secret
from signaling_server.wire import MAX_PAYLOAD_CHARS, VERSION

MAX_PEERS = 1024  # that one Sealer remembers
_SEQUENCE_BYTES = 8
_NONCE_BYTES = 12
_TAG_BYTES = 16
_OVERHEAD_BYTES = _SEQUENCE_BYTES + _NONCE_BYTES + _TAG_BYTES
MAX_PLAINTEXT_BYTES = MAX_PAYLOAD_CHARS * 3 // 4 - _OVERHEAD_BYTES


class Interference(enum.Enum):
    """What is wrong with what the server hands over."""

    AUTHENTICATION = "authentication"  # not sealed by this peer for us
    OTHER_LINK = "other_link"  # nor was any box of this peer before: it joined with another link
    REPEAT = "repeat"  # this box, or a later one, was opened already
    GAP = "gap"  # boxes before this one never came
    REFLECTION = "reflection"  # the server presents ourselves as the peer


class SealError(Exception):
    """A box that must not be used; `kind` is AUTHENTICATION, OTHER_LINK, REPEAT or REFLECTION."""

    def __init__(self, kind: Interference) -> None:
        super().__init__(kind.value)
        self.kind = kind


@dataclass(frozen=True)
class Opened:
    """What was in a box. `missing` boxes before it have not come; they will not be accepted any more."""

    plaintext: bytes = field(repr=False)
    missing: int
    proved: LinkKind  # the link whose secret the sender has


@dataclass
class _Pair:
    """The two directions between us and one peer, under one secret."""

    to_peer: AESGCM
    from_peer: AESGCM
    sealed: int = 0  # the sequence of the next box to the peer
    expected: int = 0  # the sequence of the next box from the peer


def new_id() -> str:
    """A random client id: 32 lower-case hexadecimal characters."""
    return secrets.token_hex(16)


class Sealer:
    """Seals and opens boxes as the client `own_id` in `room`. Ids are 32 hexadecimal characters."""

    def __init__(self, secrets: Mapping[LinkKind, Secret], room: str, own_id: str) -> None:
        self._secrets = dict(secrets)
        self._room = room.encode()
        self._own_id = own_id
        self._peers: dict[str, dict[LinkKind, _Pair]] = {}  # several pairs until the peer has proved its link

    def can_seal(self, receiver_id: str) -> bool:
        """Whether it is known which secret the peer has: we hold one only, or it has proved its own."""
        return len(self._peers.get(receiver_id, self._secrets)) == 1

    def seal(self, receiver_id: str, plaintext: bytes) -> str:
        """A box for the peer `receiver_id`.

        Raises SealError(REFLECTION) for our own id, and ValueError for more than MAX_PLAINTEXT_BYTES, or while
        `can_seal` does not hold.
        """
        if len(plaintext) > MAX_PLAINTEXT_BYTES:
            raise ValueError(f"{len(plaintext)} bytes do not fit into a box")
        pairs = self._pairs(receiver_id)
        if len(pairs) > 1:
            raise ValueError("which link the peer has is not known yet")
        (pair,) = pairs.values()
        sequence = pair.sealed.to_bytes(_SEQUENCE_BYTES)
        pair.sealed += 1
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = pair.to_peer.encrypt(nonce, plaintext, self._associated_data(self._own_id, sequence))
        return base64.urlsafe_b64encode(sequence + nonce + sealed).rstrip(b"=").decode()

    def open(self, sender_id: str, box: str) -> Opened:
        """What the peer `sender_id` put into `box`. Raises SealError."""
        pairs = self._pairs(sender_id)
        raw = _raw(box)
        sequence, sealed = raw[:_SEQUENCE_BYTES], raw[_SEQUENCE_BYTES:]
        associated = self._associated_data(sender_id, sequence)
        matches = (
            (kind, pair, plaintext)
            for kind, pair in pairs.items()
            if (plaintext := _opened(pair.from_peer, sealed, associated)) is not None
        )
        match = next(matches, None)
        if match is None:
            known = any(pair.expected for pair in pairs.values())
            raise SealError(Interference.AUTHENTICATION if known else Interference.OTHER_LINK)
        kind, pair, plaintext = match
        number = int.from_bytes(sequence)
        if number < pair.expected:
            raise SealError(Interference.REPEAT)
        missing = number - pair.expected
        pair.expected = number + 1
        self._peers[sender_id] = {kind: pair}
        return Opened(plaintext, missing, kind)

    def _associated_data(self, sender_id: str, sequence: bytes) -> bytes:
        return bytes([VERSION]) + self._room + bytes.fromhex(sender_id) + sequence

    def _pairs(self, peer_id: str) -> dict[LinkKind, _Pair]:
        if peer_id == self._own_id:
            raise SealError(Interference.REFLECTION)
        pairs = self._peers.get(peer_id)
        if pairs is None:
            if len(self._peers) >= MAX_PEERS:  # forgetting one would let its boxes be repeated
                raise SealError(Interference.AUTHENTICATION)
            pairs = self._peers[peer_id] = {
                kind: _Pair(
                    to_peer=self._key(secret, self._own_id, peer_id),
                    from_peer=self._key(secret, peer_id, self._own_id),
                )
                for kind, secret in self._secrets.items()
            }
        return pairs

    def _key(self, secret: Secret, sender_id: str, receiver_id: str) -> AESGCM:
        info = b"callapp/1 seal" + bytes.fromhex(sender_id) + bytes.fromhex(receiver_id)
        kdf = HKDF(algorithm=SHA256(), length=32, salt=self._room, info=info)
        return AESGCM(kdf.derive(secret.value))


def _opened(key: AESGCM, sealed: bytes, associated: bytes) -> bytes | None:
    """What `key` finds in nonce | ciphertext | tag; None if it does not fit."""
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], associated)
    except (InvalidTag, ValueError):
        return None


def _raw(box: str) -> bytes:
    """The bytes of a box; of something else that is none, bytes that authenticate as little."""
    try:
        return base64.urlsafe_b64decode(box + "=" * (-len(box) % 4))
    except (binascii.Error, ValueError):
        return b""
