"""The page's call machine does what the app's does: both are fed the same events, and must agree after each."""

from __future__ import annotations

import random
from typing import Any

import pytest
from guest.modules import Modules

from callapp.call import effects as fx
from callapp.call import events as ev
from callapp.call.description import Candidate, Description
from callapp.call.machine import Call, Negotiation, handle
from callapp.call.states import Reason, State

pytestmark = pytest.mark.asyncio(loop_scope="module")

IDS = ("1" * 16, "5" * 16, "9" * 16)
BATCHES = 4
SEQUENCES = 150
EVENTS = 60

Made = tuple[ev.Event, dict[str, Any]]


def about(call: Call, chance: random.Random) -> tuple[str, int]:
    """Mostly the present call and attempt, sometimes another one."""
    call_id = call.call_id if call.call_id and chance.random() < 0.85 else chance.choice(IDS)
    attempt = max(0, call.attempt + chance.choice((0, 0, 0, 0, 0, 1, -1, 2)))
    return call_id, attempt


def random_event(call: Call, chance: random.Random) -> Made:
    """An event for both machines. Nothing rings: a guest's room has no call without consent."""
    call_id, attempt = about(call, chance)
    both = {"callId": call_id, "attempt": attempt}
    present = chance.random() < 0.7
    reason = chance.choice(list(Reason))
    candidate = Candidate(f"candidate:{chance.randrange(9)}", "0", 0) if chance.random() < 0.9 else None
    text = candidate.candidate if candidate else None
    choices: list[tuple[int, Made]] = [
        (3, (ev.Place(placed := chance.choice(IDS)), {"type": "place", "callId": placed})),
        (1, (ev.HangUp(), {"type": "hangUp"})),
        (
            4,
            (
                ev.OfferReceived(call_id, attempt, Description("o"), consent=True),
                {"type": "offerReceived", "sdp": "o", **both},
            ),
        ),
        (
            4,
            (
                ev.AnswerReceived(call_id, attempt, Description("a")),
                {"type": "answerReceived", "sdp": "a", **both},
            ),
        ),
        (
            3,
            (
                ev.CandidateReceived(call_id, attempt, candidate),
                {"type": "candidateReceived", "candidate": text, **both},
            ),
        ),
        (
            1,
            (
                ev.ByeReceived(call_id, reason),
                {"type": "byeReceived", "callId": call_id, "reason": reason.value},
            ),
        ),
        (2, (ev.RestartReceived(call_id, attempt), {"type": "restartReceived", **both})),
        (
            5,
            (ev.OfferReady(call_id, attempt, Description("O")), {"type": "offerReady", "sdp": "O", **both}),
        ),
        (
            5,
            (ev.AnswerReady(call_id, attempt, Description("A")), {"type": "answerReady", "sdp": "A", **both}),
        ),
        (
            2,
            (
                ev.LocalCandidate(call_id, attempt, candidate),
                {"type": "localCandidate", "candidate": text, **both},
            ),
        ),
        (6, (ev.PeerConnected(call_id, attempt), {"type": "peerConnected", **both})),
        (2, (ev.PeerFailed(call_id, attempt), {"type": "peerFailed", **both})),
        (1, (ev.NegotiationFailed(call_id, attempt), {"type": "negotiationFailed", **both})),
        (1, (ev.PeerLeft(), {"type": "peerLeft"})),
        (2, (ev.PeerJoined(), {"type": "peerJoined"})),
        (1, (ev.LinkLost(), {"type": "linkLost"})),
        (1, (ev.LinkRefused(), {"type": "linkRefused"})),
        (2, (ev.LinkRestored(present), {"type": "linkRestored", "peerPresent": present})),
        (2, (ev.Timeout(), {"type": "timeout"})),
    ]
    return chance.choices([made for _, made in choices], [weight for weight, _ in choices])[0]


def told_effect(effect: fx.Effect) -> dict[str, Any]:
    """An effect as the page's machine tells it."""
    name = type(effect).__name__
    told: dict[str, Any] = {"type": name[0].lower() + name[1:], "callId": effect.call_id}
    match effect:
        case fx.ClosePeer():
            return told
        case fx.SendBye(_, reason):
            return {**told, "reason": reason.value}
        case fx.CreateAnswer(_, attempt, description):
            return {**told, "attempt": attempt, "sdp": description.sdp}
        case fx.ApplyAnswer(_, attempt, description):
            return {**told, "attempt": attempt, "sdp": description.sdp}
        case fx.SendOffer(_, attempt, description) | fx.SendAnswer(_, attempt, description):
            return {**told, "attempt": attempt, "sdp": description.sdp}
        case fx.AddCandidate(_, attempt, candidate) | fx.SendCandidate(_, attempt, candidate):
            return {**told, "attempt": attempt, "candidate": candidate.candidate if candidate else None}
        case fx.CreateOffer(_, attempt) | fx.SendRestart(_, attempt):
            return {**told, "attempt": attempt}


NEGOTIATIONS = {
    Negotiation.NONE: "none",
    Negotiation.OFFERED: "offered",
    Negotiation.DESCRIBED: "described",
}


def told_call(call: Call) -> list[Any]:
    reason = call.reason.value if call.reason else None
    negotiation = NEGOTIATIONS[call.negotiation]
    return [call.state.value, call.call_id, call.attempt, call.caller, reason, negotiation, call.deadline]


def played(seed: int) -> tuple[list[list[Any]], list[list[Any]], set[tuple[State, str]]]:
    """Events with their times, what the app's machine makes of each, and which events met which states."""
    chance = random.Random(seed)
    call, now = Call(), 0.0
    steps: list[list[Any]] = []
    told: list[list[Any]] = []
    met: set[tuple[State, str]] = set()
    for _ in range(EVENTS):
        event, same = random_event(call, chance)
        now += chance.choice((0.0, 0.125, 1.0, 3.0))
        if isinstance(event, ev.Timeout) and call.deadline is not None:
            now = max(now, call.deadline)
        met.add((call.state, same["type"]))
        call, effects = handle(call, event, now)
        steps.append([same, now])
        told.append([told_call(call), [told_effect(effect) for effect in effects]])
    return steps, told, met


REPLAY = """
    const short = (call) => [call.state, call.callId, call.attempt, call.caller, call.reason, call.negotiation,
        m.deadlineOf(call)];
    return v.games.map((steps) => {
        let call = m.newCall();
        return steps.map(([event, now]) => {
            const [after, effects] = m.handle(call, event, now);
            call = after;
            return [short(call), effects];
        });
    });
"""


async def test_both_machines_agree_after_every_event(guest: Modules) -> None:
    met: set[tuple[State, str]] = set()
    for batch in range(BATCHES):
        games = [played(batch * SEQUENCES + number) for number in range(SEQUENCES)]
        replayed = await guest.run("call", REPLAY, games=[steps for steps, _, _ in games])
        for (steps, told, seen), theirs in zip(games, replayed, strict=True):
            met |= seen
            for index, (ours, page) in enumerate(zip(told, theirs, strict=True)):
                assert page == ours, f"after {[step[0]['type'] for step in steps[: index + 1]]}"
    states = set(State) - {State.RINGING}
    assert {state for state, _ in met} == states
    missed = {(state, name) for state in states for name in {name for _, name in met}} - met
    assert not missed, "no game brought these together"
