"""The lock and the string behind it: what two who talk to each other come to know, and what a liar makes of it."""

from __future__ import annotations

import pytest

from callapp.call.machine import Call
from callapp.call.states import State
from callapp.session import messages as wire
from callapp.session.trust import Trust
from callapp.session.view import Lock
from callapp.signaling.invite import LinkKind

CALL = "0123456789abcdef"
OTHER_CALL = "fedcba9876543210"


def sdp(*certificates: int) -> str:
    """A description with these certificates' fingerprints."""
    lines = [f"a=fingerprint:sha-256 {':'.join([f'{number:02X}'] * 32)}" for number in certificates]
    return "\r\n".join(["v=0", *lines, ""])


class Person:
    """One end, with its certificate."""

    def __init__(self, certificate: int, proved: LinkKind | None = LinkKind.APP) -> None:
        self.certificate = certificate
        self.trace: list[str] = []
        self.warnings = 0
        self.trust = Trust(self.trace.append, self._warned)
        if proved is not None:
            self.trust.proved(proved)

    def _warned(self) -> None:
        self.warnings += 1

    def lock(self) -> Lock:
        return self.trust.lock

    def offer(self, attempt: int = 0, call_id: str = CALL) -> wire.Message:
        return self.trust.outgoing(wire.Offer(call_id, attempt, sdp(self.certificate), wire.Status()))

    def answer(self, attempt: int = 0, call_id: str = CALL) -> wire.Message:
        return self.trust.outgoing(wire.Answer(call_id, attempt, sdp(self.certificate), wire.Status()))

    def hear(self, *messages: wire.Message | None) -> wire.Reveal | None:
        reply = None
        for message in messages:
            assert message is not None
            reply = self.trust.incoming(message)
        return reply

    def connect(self, attempt: int = 0, call_id: str = CALL) -> None:
        self.trust.call_changed(Call(State.CONNECTED, call_id, attempt))

    def end(self) -> None:
        self.trust.call_changed(Call(State.ENDED, CALL))


def meet(caller: Person, callee: Person, attempt: int = 0, call_id: str = CALL) -> None:
    """A whole set-up."""
    callee.hear(caller.offer(attempt, call_id))
    callee.hear(caller.hear(callee.answer(attempt, call_id)))
    for person in (caller, callee):
        person.connect(attempt, call_id)


@pytest.mark.parametrize(
    ("link", "lock"), [(LinkKind.APP, Lock.VERIFIED_BY_LINK), (LinkKind.BROWSER, Lock.TRUSTS_HOST)]
)
def test_both_come_to_the_same_string_and_the_lock_tells_of_the_link(link: LinkKind, lock: Lock) -> None:
    caller, callee = Person(1, link), Person(2, link)
    meet(caller, callee)
    assert caller.trust.sas is not None
    assert caller.trust.sas == callee.trust.sas
    assert caller.lock() is callee.lock() is lock
    assert f"Lock: {lock.value}." in caller.trace
    assert f"Security code: {caller.trust.sas.digits}." in callee.trace


def test_somebody_in_between_has_another_string_on_each_side() -> None:
    """Who serves the page knows its secret, and can put itself in between with two certificates of its own."""
    caller, callee = Person(1, LinkKind.BROWSER), Person(2, LinkKind.BROWSER)
    towards_caller, towards_callee = Person(3, LinkKind.BROWSER), Person(4, LinkKind.BROWSER)
    meet(caller, towards_caller)
    meet(towards_callee, callee)
    assert caller.lock() is Lock.TRUSTS_HOST
    assert caller.trust.sas is not None
    assert caller.trust.sas != callee.trust.sas


def test_there_is_no_lock_before_the_connection_nor_without_a_proof_nor_after_the_end() -> None:
    caller, callee = Person(1), Person(2)
    callee.hear(caller.offer())
    callee.hear(caller.hear(callee.answer()))
    assert caller.lock() is Lock.NONE
    assert caller.trust.sas is None
    caller.connect()
    assert caller.lock() is Lock.VERIFIED_BY_LINK
    caller.end()
    assert caller.lock() is Lock.NONE
    unproved, other = Person(1, None), Person(2)
    meet(unproved, other)
    assert unproved.lock() is Lock.NONE


@pytest.mark.logs_warnings
def test_a_nonce_that_was_not_promised_is_interference() -> None:
    caller, callee = Person(1), Person(2)
    callee.hear(caller.offer())
    reveal = caller.hear(callee.answer())
    assert reveal is not None
    callee.hear(wire.Reveal(CALL, 0, "00" * 16))
    callee.connect()
    assert callee.lock() is Lock.INTERFERENCE
    assert callee.trust.sas is None
    assert callee.warnings == 1
    callee.hear(reveal)
    assert callee.trust.sas is None, "it counts once"


@pytest.mark.logs_warnings
def test_a_promise_about_another_certificate_is_interference() -> None:
    caller, callee = Person(1), Person(2)
    offer = caller.offer()
    assert isinstance(offer, wire.Offer)
    callee.hear(wire.Offer(CALL, 0, sdp(3), wire.Status(), commitment=offer.commitment))
    callee.hear(caller.hear(callee.answer()))
    assert callee.lock() is Lock.INTERFERENCE


@pytest.mark.logs_warnings
def test_a_second_fingerprint_is_interference() -> None:
    callee = Person(2)
    callee.hear(wire.Offer(CALL, 0, sdp(1, 3), wire.Status()))
    assert callee.lock() is Lock.INTERFERENCE
    caller = Person(1)
    caller.offer()
    assert caller.hear(wire.Answer(CALL, 0, sdp(2, 3), wire.Status(), nonce="00" * 16)) is None
    assert caller.lock() is Lock.INTERFERENCE


def test_another_certificate_after_a_reconnect_is_said() -> None:
    caller, callee = Person(1), Person(2)
    meet(caller, callee)
    impostor = Person(3)
    meet(caller, impostor, attempt=1)
    assert caller.lock() is Lock.CHANGED
    assert "The other side has another certificate than before." in caller.trace
    meet(caller, callee, attempt=2)
    assert caller.lock() is Lock.CHANGED, "once doubtful, doubtful until the end of the call"
    caller.end()
    meet(caller, callee, call_id=OTHER_CALL)
    assert caller.lock() is Lock.VERIFIED_BY_LINK


def test_a_reconnect_with_the_same_certificate_changes_nothing_but_the_string() -> None:
    caller, callee = Person(1), Person(2)
    meet(caller, callee)
    meet(caller, callee, attempt=1)
    assert caller.lock() is callee.lock() is Lock.VERIFIED_BY_LINK
    assert caller.trust.sas == callee.trust.sas
    assert not caller.warnings + callee.warnings


def test_a_peer_who_comes_back_by_the_browsers_link_is_not_verified_any_more() -> None:
    caller, callee = Person(1), Person(2)
    meet(caller, callee)
    caller.trust.proved(LinkKind.BROWSER)
    assert caller.lock() is Lock.TRUSTS_HOST


def test_only_the_first_answer_counts_and_only_to_the_present_offer() -> None:
    caller, callee, impostor = Person(1), Person(2), Person(3)
    offer = caller.offer(attempt=1)
    for person in (callee, impostor):
        person.hear(offer)
    assert caller.hear(wire.Answer(CALL, 0, sdp(3), wire.Status(), nonce="00" * 16)) is None
    assert caller.hear(wire.Answer(OTHER_CALL, 1, sdp(3), wire.Status(), nonce="00" * 16)) is None
    assert caller.hear(callee.answer(attempt=1)) is not None
    assert caller.hear(impostor.answer(attempt=1)) is None
    caller.connect(attempt=1)
    assert caller.lock() is Lock.VERIFIED_BY_LINK


def test_a_peer_without_the_exchange_has_a_lock_and_no_string() -> None:
    caller, callee = Person(1), Person(2)
    assert caller.offer() is not None
    assert caller.hear(wire.Answer(CALL, 0, sdp(2), wire.Status())) is None
    caller.connect()
    assert (caller.lock(), caller.trust.sas) == (Lock.VERIFIED_BY_LINK, None)
    callee.hear(wire.Offer(CALL, 0, sdp(1), wire.Status()))
    callee.answer()
    callee.hear(wire.Reveal(CALL, 0, "00" * 16))
    callee.connect()
    assert (callee.lock(), callee.trust.sas, callee.warnings) == (Lock.VERIFIED_BY_LINK, None, 0)


def test_interference_is_remembered_in_the_room_and_said_once() -> None:
    person, peer = Person(1), Person(2)
    person.trust.interfered()
    person.trust.interfered()
    meet(person, peer)
    person.end()
    assert person.lock() is Lock.INTERFERENCE
    assert person.warnings == 1
    person.trust.left()
    assert person.lock() is Lock.NONE


def test_other_messages_pass_as_they_are() -> None:
    person = Person(1)
    for message in (
        wire.Hello(wire.Agent.APP),
        wire.Restart(CALL, 0),
        wire.Offer(CALL, 0, "v=0", wire.Status()),
    ):
        assert person.trust.outgoing(message) == message
        assert person.trust.incoming(message) is None
