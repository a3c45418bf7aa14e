"""One app of the exhaustive search: a call machine with a media engine that does what it is told.

Descriptions and candidates carry the name of their attempt, so that one that gets into another attempt is seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Final, Generic, NamedTuple, TypeVar

from callapp.call import effects as fx
from callapp.call import events as ev
from callapp.call.description import Candidate, Description
from callapp.call.machine import Call, Negotiation, handle
from callapp.call.model import LIMITS_S, RETRY_S
from callapp.call.states import State

A, B, C = 0, 1, 2
CONNECTED_CALL: Final = "4"
CALLS: Final = {
    "1": (A, B),
    "2": (B, A),
    "3": (C, A),
    CONNECTED_CALL: (A, B),
    "5": (A, B),
    "6": (B, A),
    "7": (C, A),
}
"""call_id -> who calls whom; some before and some after CONNECTED_CALL in the order that decides a glare."""


T = TypeVar("T", bound=Hashable)


class Engine(NamedTuple):
    """An open peer connection."""

    call_id: str
    attempt: int
    described: bool  # it knows the peer's description
    heard: bool  # it knows a candidate of the peer
    connected: bool = False
    failed: bool = False


class Side(NamedTuple):
    """One app: its machine, its engine, and the engine's results that the machine has not seen yet."""

    call: Call = Call()
    engine: Engine | None = None
    results: tuple[ev.Event, ...] = ()


class WorldError(AssertionError):
    """A world that must not be."""


def require(truth: bool, otherwise: str) -> None:
    if not truth:
        raise WorldError(otherwise)


def about(call_id: str, attempt: int) -> str:
    return f"{call_id}/{attempt}"


def local_candidate(call_id: str, attempt: int) -> ev.LocalCandidate:
    return ev.LocalCandidate(call_id, attempt, Candidate(about(call_id, attempt)))


def perform(
    side: Side, effects: tuple[fx.Effect, ...], consent: bool, trickle: bool
) -> tuple[Side, tuple[ev.Event, ...]]:
    """What engine and link make of the effects: the side after them, and the messages to the peer.

    The engine posts its offer before the candidates, but a candidate before its answer: the harder order each time.
    """
    call, engine, results = side
    messages: list[ev.Event] = []
    for effect in effects:
        match effect:
            case fx.ClosePeer(call_id):
                require(engine is not None and engine.call_id == call_id, "what is closed is not open")
                engine, results = None, ()
            case fx.CreateOffer(call_id, attempt):
                require(engine is None, "an open peer connection is replaced, not closed")
                engine = Engine(call_id, attempt, described=False, heard=not trickle)
                candidates = (local_candidate(call_id, attempt),) if trickle else ()
                results = (ev.OfferReady(call_id, attempt, Description(about(call_id, attempt))), *candidates)
            case fx.CreateAnswer(call_id, attempt, offer):
                require(engine is None, "an open peer connection is replaced, not closed")
                require(offer.sdp == about(call_id, attempt), "the offer of another attempt is answered")
                engine = Engine(call_id, attempt, described=True, heard=not trickle)
                candidates = (local_candidate(call_id, attempt),) if trickle else ()
                results = (*candidates, ev.AnswerReady(call_id, attempt, offer))
            case fx.ApplyAnswer(call_id, attempt, answer):
                require(answer.sdp == about(call_id, attempt), "the answer of another attempt is applied")
                engine = known(engine, call_id, attempt, described=False)._replace(described=True)
            case fx.AddCandidate(call_id, attempt, candidate):
                require(candidate == Candidate(about(call_id, attempt)), "the candidate of another attempt")
                engine = known(engine, call_id, attempt, described=True)._replace(heard=True)
            case fx.SendOffer(call_id, attempt, offer):
                messages.append(ev.OfferReceived(call_id, attempt, offer, consent))
            case fx.SendAnswer(call_id, attempt, answer):
                messages.append(ev.AnswerReceived(call_id, attempt, answer))
            case fx.SendCandidate(call_id, attempt, candidate):
                messages.append(ev.CandidateReceived(call_id, attempt, candidate))
            case fx.SendBye(call_id, reason):
                messages.append(ev.ByeReceived(call_id, reason))
            case fx.SendRestart(call_id, attempt):
                messages.append(ev.RestartReceived(call_id, attempt))
    return Side(call, engine, results), tuple(messages)


def known(engine: Engine | None, call_id: str, attempt: int, *, described: bool) -> Engine:
    if engine is None or engine[:3] != (call_id, attempt, described):
        raise WorldError(f"{engine} cannot take what is for {about(call_id, attempt)}")
    return engine


def check_side(side: Side) -> None:
    """What holds in one app at any moment."""
    call, engine, _ = side
    require((engine is None) == (call.negotiation is Negotiation.NONE), "the machine mistakes what is open")
    require(
        engine is None or engine[:2] == (call.call_id, call.attempt), "a peer connection of the past is open"
    )
    if call.state in (State.IDLE, State.ENDED, State.RINGING):
        require(engine is None, f"a peer connection leaks in {call.state}")
    elif call.state is not State.RECONNECTING:
        require(engine is not None, f"no peer connection in {call.state}")
    if call.state is State.CONNECTED:
        require(engine is not None and engine.connected, "connected without a connection")
    waits = call.live and call.state is not State.CONNECTED
    require(waits == (call.deadline is not None), f"deadline of {call.state}: {call.deadline}")
    require((call.state is State.ENDED) == (call.reason is not None), "a reason belongs to the end")
    for late in late_results(call):
        require(handle(call, late, 0.0) == (call, ()), f"a late result is heard: {late}")


def late_results(call: Call) -> Iterator[ev.Event]:
    """What closed peer connections had still posted: it may arrive at any time, and must do nothing."""
    for call_id, attempt in itertools.product(CALLS, range(call.attempt + 1)):
        if (call_id, attempt) != (call.call_id, call.attempt) or call.negotiation is Negotiation.NONE:
            description = Description(about(call_id, attempt))
            yield ev.OfferReady(call_id, attempt, description)
            yield ev.AnswerReady(call_id, attempt, description)
            yield local_candidate(call_id, attempt)
            yield ev.PeerConnected(call_id, attempt)
            yield ev.PeerFailed(call_id, attempt)
            yield ev.NegotiationFailed(call_id, attempt)


def timeless(call: Call) -> Call:
    """The same call as if all its clocks had been started just now, at 0."""
    return replace(
        call,
        limit=None if call.limit is None else LIMITS_S[call.state],
        retry_at=None if call.retry_at is None else RETRY_S,
        gone_since=None if call.gone_since is None else 0.0,
    )


class Interned(Generic[T]):
    """Small numbers for equal values."""

    def __init__(self) -> None:
        self._values: list[T] = []
        self._numbers: dict[T, int] = {}

    def __getitem__(self, number: int) -> T:
        return self._values[number]

    def number(self, value: T) -> int:
        if (number := self._numbers.get(value)) is None:
            number = self._numbers[value] = len(self._values)
            self._values.append(value)
        return number


def changed(values: tuple[T, ...], at: int, value: T) -> tuple[T, ...]:
    return (*values[:at], value, *values[at + 1 :])
