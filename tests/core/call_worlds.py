"""Every world that two or three call machines can get into, in small numbers of calls, failures and losses.

A world is the sides (each a machine and its engine), the messages under way, the links, and what may still happen by
chance (`Chances`). From the first world all others are found, breadth first. A step is either *chance* (a person, a
failure, a lost link) or *due* (a delivery, a result, a deadline, a link that comes back). When no chance is taken any
more, what is due must bring every world to rest, and what is at rest must be right.

Messages take no time against deadlines: these strike when nothing else is due, or before that by chance (`haste`).
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from typing import Final

from core.call_scenario import DEAD, UP, Found, Link, Scenario, Step, World
from core.call_sides import (
    CALLS,
    CONNECTED_CALL,
    A,
    B,
    Engine,
    Interned,
    Side,
    WorldError,
    changed,
    check_side,
    perform,
    require,
    timeless,
)

from callapp.call import events as ev
from callapp.call.machine import Call, LinkHealth, handle
from callapp.call.states import State

MESSAGES: Final = (
    ev.OfferReceived,
    ev.AnswerReceived,
    ev.CandidateReceived,
    ev.ByeReceived,
    ev.RestartReceived,
)


def explore(scenario: Scenario) -> Found:
    """Find all worlds.

    Raises:
        WorldError: one of them must not be; the text tells how it came about.
    """
    search = Search(scenario)
    search.run()
    search.check_rest()
    states = frozenset(tuple(call.state for call in search.calls(world)) for world in search.worlds)
    rests = [search.worlds[number] for number in search.at_rest()]
    ends = tuple((search.calls(world), world.chances) for world in rests)
    return Found(states, ends, frozenset(search.taken))


def spend(world: World, chance: str) -> World:
    left = getattr(world.chances, chance) - 1
    return world._replace(chances=world.chances._replace(**{chance: left}))


class Search:
    """The worlds of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.worlds: list[World] = []
        self.taken: set[tuple[State, type[object], State]] = set()
        self._everyone = range(scenario.sides)
        self._lossless = scenario.chances.losses == scenario.chances.kills == 0
        self._parents: list[tuple[int, str] | None] = []
        self._due: list[list[int]] = []  # by world: where what is due leads
        self._sides: Interned[Side] = Interned()
        self._queues: Interned[tuple[ev.Event, ...]] = Interned()
        self._nothing = self._queues.number(())
        self._heard: dict[tuple[int, ev.Event, float], tuple[int, tuple[ev.Event, ...]]] = {}

    def run(self) -> None:
        start = self.start()
        numbers = {start: 0}
        self.worlds, self._parents = [start], [None]
        for at in itertools.count():
            if at == len(self.worlds):
                return
            followers: list[int] = []
            what = "nothing yet"
            try:
                for due, what, after in self.steps(self.worlds[at]):
                    number = numbers.setdefault(after, len(self.worlds))
                    if number == len(self.worlds):
                        self.worlds.append(after)
                        self._parents.append((at, what))
                        self.check(after)
                    if due and number != at:
                        followers.append(number)
            except WorldError as broken:
                raise WorldError(f"{broken}\n{self.story(at)}\n after {what}") from None
            self._due.append(followers)

    def start(self) -> World:
        n = self.scenario.sides
        calm, nothing = self._sides.number(Side()), self._nothing
        world = World((calm,) * n, (nothing,) * (n * n), (nothing,) * n, (UP,) * n, self.scenario.chances)
        if not self.scenario.connected:
            return world
        [placed] = self.happens(False, world, A, ev.Place(CONNECTED_CALL))
        world = self.settle(placed.after)
        if self.side(world, B).call.state is State.RINGING:
            [accepted] = self.happens(False, world, B, ev.Accept())
            world = self.settle(accepted.after)
        return world

    def settle(self, world: World) -> World:
        """Let everything go well, in one order out of many."""
        while due := [step for me in (A, B) for step in self.quick_steps(world, me) if step.due]:
            world = due[0].after
        return world

    def calls(self, world: World) -> tuple[Call, ...]:
        return tuple(self._sides[number].call for number in world.sides)

    def side(self, world: World, me: int) -> Side:
        return self._sides[world.sides[me]]

    def story(self, number: int) -> str:
        """How a world came about."""
        lines = [f" {self.side(self.worlds[number], me)}" for me in self._everyone]
        while (parent := self._parents[number]) is not None:
            number, what = parent
            lines.append(f" {what}")
        return "\n".join(reversed(lines))

    # ---- what may happen

    def steps(self, world: World) -> Iterator[Step]:
        quick = [step for me in self._everyone for step in self.quick_steps(world, me)]
        yield from quick
        silent = not any(step.due for step in quick)
        if silent and self._lossless:
            self.check_silence(world)
        for me in self._everyone:
            yield from self.user_steps(world, me)
            if silent:
                yield from self.slow_steps(True, world, me)
            elif world.chances.haste:
                yield from self.slow_steps(False, spend(world, "haste"), me)
            if self.scenario.sides == 2:
                yield from self.link_steps(world, me, 1 - me)

    def user_steps(self, world: World, me: int) -> Iterator[Step]:
        call, chances = self.side(world, me).call, world.chances
        for call_id in chances.calls:
            caller, callee = CALLS[call_id]
            free = not call.live or call.state is State.RINGING
            if caller == me and free and world.links[me].up and not world.links[callee].dead:
                rest = tuple(other for other in chances.calls if other != call_id)
                fewer = world._replace(chances=chances._replace(calls=rest))
                yield from self.happens(False, fewer, me, ev.Place(call_id))
        if call.state is State.RINGING:
            yield from self.happens(False, world, me, ev.Accept())
            yield from self.happens(False, world, me, ev.Decline())
        if call.live and chances.hang_ups:
            yield from self.happens(False, spend(world, "hang_ups"), me, ev.HangUp())

    def quick_steps(self, world: World, me: int) -> Iterator[Step]:
        """The engine's doings, and deliveries."""
        side, chances = self.side(world, me), world.chances
        if side.results:
            rest = self.put(world, me, side._replace(results=side.results[1:]))
            yield from self.happens(True, rest, me, side.results[0])
        if side.engine is not None and not side.engine.failed:
            call_id, attempt, *_ = engine = side.engine
            partner = self.partner(world, me, engine)
            if partner and partner.described and partner.heard and engine[2:5] == (True, True, False):
                up = self.put(world, me, side._replace(engine=engine._replace(connected=True)))
                yield from self.happens(True, up, me, ev.PeerConnected(call_id, attempt))
            if chances.failures:
                yield from self.fails(False, spend(world, "failures"), me, engine)
            if chances.errors and not engine.connected:
                error = ev.NegotiationFailed(call_id, attempt)
                yield from self.happens(False, spend(world, "errors"), me, error)
        for peer in self._everyone:
            route = peer * self.scenario.sides + me
            messages = self._queues[world.queues[route]]
            if messages and world.links[me].up:
                yield from self.happens(True, self.queue(world, route, messages[1:]), me, messages[0])

    def partner(self, world: World, me: int, engine: Engine) -> Engine | None:
        """The other end of this peer connection."""
        others = [self.side(world, peer).engine for peer in self._everyone if peer != me]
        return next((other for other in others if other and other[:2] == engine[:2]), None)

    def fails(self, due: bool, world: World, me: int, engine: Engine) -> Iterator[Step]:
        failed = self.side(world, me)._replace(engine=engine._replace(failed=True))
        down = ev.PeerFailed(engine.call_id, engine.attempt)
        yield from self.happens(due, self.put(world, me, failed), me, down)

    def slow_steps(self, due: bool, world: World, me: int) -> Iterator[Step]:
        """What takes seconds: deadlines, and finding out that there is nobody to talk to."""
        call, engine, _ = self.side(world, me)
        if engine and engine.described and not engine.failed and self.partner(world, me, engine) is None:
            yield from self.fails(due, world, me, engine)
        for at in (call.limit, call.gone_limit):
            if at is not None:
                yield from self.happens(due, world, me, ev.Timeout(), at)
        if call.retry_at is not None and world.chances.retries:
            yield from self.happens(due, spend(world, "retries"), me, ev.Timeout(), call.retry_at)

    def link_steps(self, world: World, me: int, peer: int) -> Iterator[Step]:
        link, chances = world.links[me], world.chances
        if link.up and chances.losses:
            for after in self.without_link(spend(world, "losses"), me, peer, Link(up=False)):
                yield from self.happens(False, after, me, ev.LinkLost())
        if link.up and chances.kills:
            for after in self.without_link(self.put(spend(world, "kills"), me, Side()), me, peer, DEAD):
                yield Step(False, f"{'AB'[me]}: is killed", self.tell(after, me, peer, ev.PeerLeft()))
        if link.dead and chances.comebacks:
            after = self.relink(spend(world, "comebacks"), me, UP)
            yield Step(False, f"{'AB'[me]}: comes back", self.tell(after, me, peer, ev.PeerJoined()))
        if link.up or link.dead:
            return
        if not link.noticed:
            after = self.tell(self.relink(world, me, link._replace(noticed=True)), me, peer, ev.PeerLeft())
            yield Step(True, f"{'AB'[me]}: is missed by the server", after)
        if chances.refusals and self.side(world, me).call.link is LinkHealth.LOST:
            yield from self.happens(False, spend(world, "refusals"), me, ev.LinkRefused())
        back = self.relink(world, me, UP)
        if link.noticed:
            back = self.tell(back, me, peer, ev.PeerJoined())
        back = self.send(back, me * 2 + peer, self._queues[world.outboxes[me]])
        back = back._replace(outboxes=changed(back.outboxes, me, self._nothing))
        yield from self.happens(True, back, me, ev.LinkRestored(not world.links[peer].noticed))

    def without_link(self, world: World, me: int, peer: int, link: Link) -> Iterator[World]:
        """What is under way arrives later or never, both ways. The server's own news to `me` never does."""
        there, here = me * 2 + peer, peer * 2 + me
        sent, coming = self._queues[world.queues[there]], self._queues[world.queues[here]]
        news = (ev.PeerLeft, ev.PeerJoined)
        spared = tuple(message for message in sent if isinstance(message, news))
        kept = () if link.dead else tuple(message for message in coming if not isinstance(message, news))
        world = self.relink(world, me, link)
        if link.dead:
            world = world._replace(outboxes=(self._nothing, self._nothing))
        for outward, inward in itertools.product({sent, spared}, {kept, ()}):
            yield self.queue(self.queue(world, there, outward), here, inward)

    # ---- how a world changes

    def happens(self, due: bool, world: World, me: int, event: ev.Event, now: float = 0.0) -> Iterator[Step]:
        """The machine hears of the event. What it sends while a link is down arrives later or never."""
        number, messages = self.hear(world.sides[me], event, now)
        world = world._replace(sides=changed(world.sides, me, number))
        what = f"{'ABC'[me]}: {event}"
        if not messages:
            yield Step(due, what, world)
            return
        if not all(link.up for link in world.links):
            yield Step(due, f"{what}, unheard", world)
            if any(link.dead for link in world.links):
                return
        if not world.links[me].up:
            kept = self._queues.number(self._queues[world.outboxes[me]] + messages)
            yield Step(due, what, world._replace(outboxes=changed(world.outboxes, me, kept)))
            return
        for message in messages:
            assert isinstance(message, MESSAGES)
            peer = sum(CALLS[message.call_id]) - me
            world = self.send(world, me * self.scenario.sides + peer, (message,))
        yield Step(due, what, world)

    def hear(self, number: int, event: ev.Event, now: float) -> tuple[int, tuple[ev.Event, ...]]:
        key = (number, event, now)
        if (known := self._heard.get(key)) is None:
            side = self._sides[number]
            call, effects = handle(side.call, event, now)
            self.taken.add((side.call.state, type(event), call.state))
            after, messages = perform(
                side._replace(call=timeless(call)), effects, self.scenario.consent, self.scenario.trickle
            )
            check_side(after)
            self.check_early_timeout(after.call)
            known = self._heard[key] = self._sides.number(after), messages
        return known

    def check_early_timeout(self, call: Call) -> None:
        if call.deadline is not None:
            too_early = handle(call, ev.Timeout(), call.deadline - 1)
            require(too_early == (call, ()), "a timer of the past is heard")
            self.taken.add((call.state, ev.Timeout, call.state))

    def put(self, world: World, me: int, side: Side) -> World:
        return world._replace(sides=changed(world.sides, me, self._sides.number(side)))

    def queue(self, world: World, route: int, messages: tuple[ev.Event, ...]) -> World:
        return world._replace(queues=changed(world.queues, route, self._queues.number(messages)))

    def send(self, world: World, route: int, messages: tuple[ev.Event, ...]) -> World:
        return self.queue(world, route, self._queues[world.queues[route]] + messages)

    def relink(self, world: World, me: int, link: Link) -> World:
        return world._replace(links=changed(world.links, me, link))

    def tell(self, world: World, me: int, peer: int, event: ev.Event) -> World:
        """The server's news of `me`; a peer without a link hears of it in LinkRestored instead."""
        return self.send(world, me * 2 + peer, (event,)) if world.links[peer].up else world

    # ---- what must hold

    def check(self, world: World) -> None:
        """At any moment: two sides are never connected in two calls or attempts."""
        connected = {
            (call.call_id, call.attempt) for call in self.calls(world) if call.state is State.CONNECTED
        }
        require(len(connected) < 2 or len(world.sides) > 2, "two different connections count as connected")

    def check_silence(self, world: World) -> None:
        """Where nothing was lost and all has been said, nobody waits in vain: only a person is waited for."""
        stages: dict[str, list[str]] = {}
        for call in self.calls(world):
            if call.live:
                stages.setdefault(call.call_id, []).append(call.state.name)
        for both in stages.values():
            require(sorted(both) in (["CALLING", "RINGING"], ["CONNECTED", "CONNECTED"]), f"silence: {both}")

    def check_rest(self) -> None:
        """Nothing goes on for ever, and where nothing is due any more, every call is a whole one."""
        for number in self.at_rest():
            live = [call for call in self.calls(self.worlds[number]) if call.live]
            try:
                require(all(call.state is State.CONNECTED for call in live), "a call waits for nothing")
                require(len(live) in (0, 2), "a call is half open")
                require(len({(call.call_id, call.attempt) for call in live}) < 2, "two calls are half open")
            except WorldError as broken:
                raise WorldError(f"{broken}\n{self.story(number)}") from None
        self.check_no_circle()

    def at_rest(self) -> list[int]:
        return [number for number, followers in enumerate(self._due) if not followers]

    def check_no_circle(self) -> None:
        """By what is due, no world leads back to itself: so each of them must come to rest."""
        before = [0] * len(self.worlds)
        for number in itertools.chain.from_iterable(self._due):
            before[number] += 1
        free = deque(number for number, count in enumerate(before) if count == 0)
        while free:
            for number in self._due[free.popleft()]:
                before[number] -= 1
                if before[number] == 0:
                    free.append(number)
        circle = next((number for number, count in enumerate(before) if count), None)
        require(
            circle is None, "it goes on for ever" if circle is None else f"for ever\n{self.story(circle)}"
        )
