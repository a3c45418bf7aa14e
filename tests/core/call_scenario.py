"""Where a search of call machines begins, what may happen in it, and what it has found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from callapp.call.machine import Call
from callapp.call.states import State


class Chances(NamedTuple):
    """What may still happen that nobody can expect."""

    calls: tuple[str, ...] = ()
    hang_ups: int = 0
    failures: int = 0  # of a peer connection that could go on, seen by one side only
    errors: int = 0  # of an engine in making or applying a description
    losses: int = 0  # of links
    refusals: int = 0  # by the server
    kills: int = 0
    comebacks: int = 0  # of killed ones, who remember nothing
    retries: int = 1  # attempts that the clock gives up; deadlines that end something are not counted
    haste: int = 0  # of what takes seconds, while something else is under way


class Link(NamedTuple):
    """A side's connection to the server, and whether the server knows of its loss."""

    up: bool = True
    noticed: bool = False
    dead: bool = False  # with its whole app


UP: Final = Link()
DEAD: Final = Link(up=False, noticed=True, dead=True)


class World(NamedTuple):
    """Sides and messages are numbers of interned values, since worlds are compared very often."""

    sides: tuple[int, ...]
    queues: tuple[int, ...]  # what is under way, at [from * sides + to]
    outboxes: tuple[int, ...]  # what a side without a link has kept for later
    links: tuple[Link, ...]
    chances: Chances


class Step(NamedTuple):
    due: bool
    what: str
    after: World


@dataclass(frozen=True)
class Scenario:
    """Where a search begins, and what may happen."""

    chances: Chances
    sides: int = 2
    consent: bool = True  # Call is pressed on all sides: nobody rings
    trickle: bool = True  # candidates travel, and are needed
    connected: bool = False  # A has called B, and both are connected, before anything else happens


@dataclass(frozen=True)
class Found:
    """What a search has seen."""

    states: frozenset[tuple[State, ...]]  # of the sides, in all worlds
    rests: tuple[tuple[tuple[Call, ...], Chances], ...]  # where nothing is due any more
    taken: frozenset[tuple[State, type[object], State]]  # the machine's transitions
