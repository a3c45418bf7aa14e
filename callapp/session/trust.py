"""Who is at the other end: the lock that the window shows, and the string behind it."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from callapp.call.machine import Call
from callapp.call.states import State
from callapp.session import messages as wire
from callapp.session.sas import NONCE_BYTES, Side, authentication_string, commitment, fingerprints_in
from callapp.session.view import LIVE_STATES, Lock, Sas
from callapp.signaling.invite import LinkKind

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Offered:
    """Our offer."""

    call_id: str
    attempt: int
    own: Side


@dataclass(frozen=True)
class _Heard:
    """The peer's offer."""

    call_id: str
    attempt: int
    fingerprint: bytes
    commitment: str | None


@dataclass(frozen=True)
class _Answered:
    """Our answer to it."""

    heard: _Heard
    own: Side


class Trust:
    """Looks at the offers and answers that pass, and adds the exchange of sas.py to them.

    The lock tells of the certificate that the call really uses: DTLS refuses every other than that of the peer's
    description, which came sealed. It is remembered from connection to connection as long as the call lives.
    """

    def __init__(self, trace: Callable[[str], None], warn: Callable[[], None]) -> None:
        self._trace = trace
        self._warn = warn  # somebody interferes: said once while we stay in the room
        self._proof: LinkKind | None = None  # the link that the present peer has proved
        self._interference = False
        self._known: bytes | None = None  # the certificate of this call's peer
        self._changed = False
        self._connected = False
        self._offered: _Offered | None = None
        self._heard: _Heard | None = None
        self._answered: _Answered | None = None
        self._revealed: wire.Reveal | None = None  # our last one
        self._sas: Sas | None = None
        self._told = Lock.NONE

    @property
    def lock(self) -> Lock:
        if self._interference:
            return Lock.INTERFERENCE
        if not self._connected or self._known is None or self._proof is None:
            return Lock.NONE
        if self._changed:
            return Lock.CHANGED
        return Lock.VERIFIED_BY_LINK if self._proof is LinkKind.APP else Lock.TRUSTS_HOST

    @property
    def revealed(self) -> wire.Reveal | None:
        """What we have revealed in this call; to be said again to a peer that may not have got it."""
        return self._revealed

    @property
    def sas(self) -> Sas | None:
        return None if self.lock in (Lock.NONE, Lock.INTERFERENCE) else self._sas

    # ---- what happens

    def proved(self, link: LinkKind) -> None:
        """The peer has the secret of `link`."""
        self._proof = link
        self._tell()

    def interfered(self) -> None:
        """Somebody plays with the messages; remembered as long as we stay in the room."""
        if not self._interference:
            self._interference = True
            self._tell()
            self._warn()

    def left(self) -> None:
        """We are in no room any more."""
        self._proof = None
        self._interference = False
        self._forget_call()
        self._tell()

    def call_changed(self, after: Call) -> None:
        if after.state is State.CONNECTED:
            self._connected = True
        elif after.state not in LIVE_STATES:
            self._forget_call()
        self._tell()

    # ---- the messages

    def outgoing(self, message: wire.Message) -> wire.Message:
        """The message as it is to be sent: an offer with our commitment, an answer with our nonce."""
        match message:
            case wire.Offer(call_id, attempt, sdp):
                own = _side(sdp)
                if own is None:
                    return message
                self._offered = _Offered(call_id, attempt, own)
                return msgspec.structs.replace(message, commitment=commitment(own))
            case wire.Answer(call_id, attempt, sdp):
                own, heard = _side(sdp), self._heard
                if own is None or heard is None or (call_id, attempt) != (heard.call_id, heard.attempt):
                    return message
                self._answered = _Answered(heard, own)
                self._sas = None
                self._meet(heard.fingerprint)
                return msgspec.structs.replace(message, nonce=own.nonce.hex())
            case _:
                return message

    def incoming(self, message: wire.Message) -> wire.Reveal | None:
        """Look at what the peer says; returns what it gets in reply."""
        match message:
            case wire.Offer(call_id, attempt, sdp):
                fingerprint = self._fingerprint(sdp)
                self._heard = (
                    _Heard(call_id, attempt, fingerprint, message.commitment)
                    if fingerprint is not None
                    else None
                )
            case wire.Answer(call_id, attempt, sdp):
                return self._on_answer(message)
            case wire.Reveal(call_id, attempt, nonce):
                answered = self._answered
                if answered is not None and (call_id, attempt) == (
                    answered.heard.call_id,
                    answered.heard.attempt,
                ):
                    self._answered = None  # it counts once
                    self._on_reveal(answered, bytes.fromhex(nonce))
            case _:
                pass
        return None

    def _on_answer(self, answer: wire.Answer) -> wire.Reveal | None:
        offered = self._offered
        if offered is None or (answer.call_id, answer.attempt) != (offered.call_id, offered.attempt):
            return None
        self._offered = None  # the first answer counts, as in the call machine
        fingerprint = self._fingerprint(answer.sdp)
        if fingerprint is None:
            return None
        self._sas = None
        self._meet(fingerprint)
        if answer.nonce is None:
            return None
        peer = Side(bytes.fromhex(answer.nonce), fingerprint)
        self._know(authentication_string(offered.own, peer))
        self._revealed = wire.Reveal(offered.call_id, offered.attempt, offered.own.nonce.hex())
        return self._revealed

    def _on_reveal(self, answered: _Answered, nonce: bytes) -> None:
        promised = answered.heard.commitment
        peer = Side(nonce, answered.heard.fingerprint)
        if promised is None:
            return
        if not hmac.compare_digest(commitment(peer), promised):
            _log.warning("the offerer's nonce is not the one that it promised")
            self.interfered()
            return
        self._know(authentication_string(peer, answered.own))

    # ---- inside

    def _fingerprint(self, sdp: str) -> bytes | None:
        """The peer's certificate. The engine refuses a description with several, or none."""
        found = fingerprints_in(sdp)
        if len(found) > 1:
            _log.warning("a description with %d fingerprints", len(found))
            self.interfered()
        return next(iter(found)) if len(found) == 1 else None

    def _meet(self, fingerprint: bytes) -> None:
        """The next connection of this call is with the owner of this certificate, or does not come about."""
        if self._known is not None and self._known != fingerprint:
            self._trace("The other side has another certificate than before.")
            self._changed = True
        self._known = fingerprint
        self._tell()

    def _know(self, string: Sas) -> None:
        self._sas = string
        self._trace(f"Security code: {string.digits}.")

    def _forget_call(self) -> None:
        self._known = None
        self._changed = self._connected = False
        self._offered = self._heard = self._answered = self._revealed = self._sas = None

    def _tell(self) -> None:
        if self.lock is not self._told:
            self._told = self.lock
            self._trace(f"Lock: {self._told.value}.")


def _side(sdp: str) -> Side | None:
    """Our side of an attempt, from our own description."""
    found = fingerprints_in(sdp)
    if len(found) != 1:
        return None
    return Side(secrets.token_bytes(NONCE_BYTES), next(iter(found)))
