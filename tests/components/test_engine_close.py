"""The engine ends within 3 s in every state, and nothing of it stays."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Awaitable, Callable

import pytest
from engine_rig import SPEAKER, TONE, FakeDevices, FakeSource, Party, call, numbers, wire

from callapp.call.description import Candidate
from callapp.errors import ErrorCode
from callapp.media.engine import Engine
from callapp.media.messages import (
    AddCandidate,
    AnswerReady,
    ClosePeer,
    CreateAnswer,
    CreateOffer,
    LocalCandidate,
    NegotiationFailed,
    OfferReady,
    OpenSources,
    Share,
    SourceChanged,
    SourcesFailed,
)
from callapp.media.specs import PATTERN, VideoWish
from callapp.media.transport.aiortc_seam import MeteredDtlsTransport

Phase = Callable[[Party, Party], Awaitable[None]]


async def at_once(person: Party, partner: Party) -> None:
    pass


async def opening(person: Party, partner: Party) -> None:
    person.send(OpenSources(PATTERN, TONE, SPEAKER, VideoWish()))


async def preview(person: Party, partner: Party) -> None:
    await person.open()


async def offering(person: Party, partner: Party) -> None:
    person.send(CreateOffer("call", 0))


async def offered(person: Party, partner: Party) -> None:
    person.send(CreateOffer("call", 0))
    await person.event(OfferReady)


async def answering(person: Party, partner: Party) -> None:
    await offered(person, partner)
    partner.send(CreateAnswer("call", 0, person.of(OfferReady)[0].offer))


async def answered(person: Party, partner: Party) -> None:
    wire(person, partner)
    person.send(CreateOffer("call", 0))
    await partner.event(AnswerReady)


async def nobody_answers_the_checks(person: Party, partner: Party) -> None:
    await answering(person, partner)
    await partner.event(LocalCandidate)
    silent = Candidate("candidate:1 1 udp 2130706431 127.0.0.1 9 typ host", "0", 0)
    partner.send(AddCandidate("call", 0, silent))
    partner.send(AddCandidate("call", 0, None))


async def connected(person: Party, partner: Party) -> None:
    await person.open()
    await call(person, partner)


async def in_a_call(person: Party, partner: Party) -> None:
    await connected(person, partner)
    person.send(Share(""))
    await person.event(SourceChanged)
    await numbers(partner.seat.remote_screen, 2)


async def hanging_up(person: Party, partner: Party) -> None:
    await connected(person, partner)
    person.send(ClosePeer("call"))


async def one_side_gone(person: Party, partner: Party) -> None:
    await connected(person, partner)
    partner.send(ClosePeer("call"))


PHASES = [
    at_once,
    opening,
    preview,
    offering,
    offered,
    answering,
    answered,
    nobody_answers_the_checks,
    connected,
    in_a_call,
    hanging_up,
    one_side_gone,
]


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.__name__)
async def test_close_ends_in_time_and_leaves_nothing(phase: Phase) -> None:
    threads = set(threading.enumerate())
    devices = FakeDevices()
    one = Engine(devices.factories())
    one.start()
    person, partner = Party(one), Party(one)
    try:
        await phase(person, partner)
    finally:
        begun = time.monotonic()
        await one.close()
    assert time.monotonic() - begun < 3
    assert not devices.any_open
    assert _engine_threads(threads) == []
    gc.collect()  # a task or socket that was forgotten complains now


async def test_close_ends_in_time_while_a_permission_question_is_open() -> None:
    def hang(source: FakeSource) -> None:
        source.hang = True

    devices = FakeDevices(hang)
    one = Engine(devices.factories())
    one.start()
    person = Party(one)
    person.send(OpenSources(PATTERN, TONE, SPEAKER, VideoWish()))
    person.send(CreateOffer("call", 0))
    await person.event(OfferReady)
    begun = time.monotonic()
    await one.close()
    assert time.monotonic() - begun < 3


@pytest.mark.logs_warnings
async def test_close_ends_in_time_when_a_device_and_a_connection_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    devices = FakeDevices()
    threads = set(threading.enumerate())
    one = Engine(devices.factories())
    one.start()
    person, partner = Party(one), Party(one)
    await connected(person, partner)
    monkeypatch.setattr(MeteredDtlsTransport, "stop", hang)
    close_camera = devices.cameras[0].close
    monkeypatch.setattr(devices.cameras[0], "close", hang)
    begun = time.monotonic()
    await one.close()
    assert time.monotonic() - begun < 3
    await close_camera()
    assert _engine_threads(threads) == []


async def test_close_is_idempotent_and_also_ends_an_engine_that_never_started() -> None:
    one = Engine(FakeDevices().factories())
    await one.close()
    await one.close()
    other = Engine(FakeDevices().factories())
    other.start()
    await asyncio.gather(other.close(), other.close())
    await other.close()


async def test_commands_after_close_are_without_effect() -> None:
    devices = FakeDevices()
    one = Engine(devices.factories())
    one.start()
    person = Party(one)
    await one.close()
    person.send(OpenSources(PATTERN, TONE, SPEAKER, VideoWish()))
    assert not devices.cameras
    assert not person.events


@pytest.mark.logs_warnings
async def test_an_engine_whose_libraries_are_missing_answers_with_failures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> None:
        raise ImportError("libpulse.so.0")

    monkeypatch.setattr("callapp.media.devices.system_devices", missing)
    one = Engine()
    one.start()
    person = Party(one)
    try:
        person.send(OpenSources(PATTERN, TONE, SPEAKER, VideoWish()))
        person.send(CreateOffer("call", 0))
        failed = await person.event(SourcesFailed)
        assert failed.error.code is ErrorCode.NOT_READABLE
        await person.event(NegotiationFailed)
    finally:
        await one.close()


def _engine_threads(before: set[threading.Thread]) -> list[str]:
    left = set(threading.enumerate()) - before
    return [thread.name for thread in left if not thread.name.startswith("asyncio_")]
