"""A session with a real engine and a real server, against a peer that misbehaves and a server that vanishes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from rig.people import Watched

from callapp.call.states import Reason, State
from callapp.errors import CallAppError, ErrorCode
from callapp.main.hosting import RoomSource
from callapp.media.engine import Engine
from callapp.media.specs import NONE, PATTERN, MediaSpec, SpecKind, VideoWish
from callapp.session import messages as wire
from callapp.session.intents import HangUp, NewRoom, OpenLink, PlaceCall, Start
from callapp.session.ports import Preferences
from callapp.session.session import Session
from callapp.session.view import NoticeCode, Preview, Room
from callapp.signaling.events import Joined, LinkEvent
from callapp.signaling.invite import parse_invite
from callapp.signaling.link import Link

CALL_ID = "00112233445566ff"
TONE = MediaSpec(SpecKind.TONE)
PATIENCE_S = 20


class Person:
    """A session with its engine, as main builds them."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.rooms = RoomSource(None)
        self.watched = Watched()
        self.engine.start()
        preferences = Preferences(
            name="지민", camera=PATTERN, microphone=TONE, speaker=NONE, wish=VideoWish(320, 240, 15)
        )
        self.session = Session(engine=self.engine, rooms=self.rooms, preferences=preferences)
        self.session.watch(self.watched)

    async def close(self) -> None:
        await self.session.close()
        await self.engine.close()
        await self.rooms.close()


@pytest.fixture
async def person() -> AsyncIterator[Person]:
    person = Person()
    yield person
    await person.close()


@pytest.fixture
async def other() -> AsyncIterator[Person]:
    person = Person()
    yield person
    await person.close()


class Stranger:
    """A peer that has the link and says whatever it wants."""

    def __init__(self, invite: str) -> None:
        self.events: list[LinkEvent] = []
        self._joined = asyncio.Event()
        self.link = Link(parse_invite(invite), self._hear)

    async def enter(self) -> None:
        self.link.open()
        async with asyncio.timeout(PATIENCE_S):
            await self._joined.wait()

    def say(self, payload: bytes | wire.Message) -> None:
        assert self.link.send(payload if isinstance(payload, bytes) else wire.encode(payload))

    def _hear(self, event: LinkEvent) -> None:
        self.events.append(event)
        if isinstance(event, Joined):
            self._joined.set()


async def waiting(person: Person) -> str:
    """The person has pressed Start and Call; returns the link to the room."""
    await person.session.perform(Start())
    await person.session.perform(PlaceCall())
    view = await person.watched.until(lambda view: view.room is Room.WAITING)
    assert view.invite is not None
    return view.invite.link


NONSENSE: list[bytes | wire.Message] = [
    b"",
    b"\x00\xff",
    b"[]",
    b'{"v":1,"type":"waltz"}',
    b'{"v":1,"type":"offer","call_id":"x","attempt":0,"sdp":"v=0","status":{}}',
    wire.Answer(CALL_ID, 0, "v=0", wire.Status()),
    wire.IceCandidate(CALL_ID, 3, "candidate:garbage"),
    wire.IceCandidate(CALL_ID, 0, None),
    wire.Bye(CALL_ID, Reason.PEER_LEFT),
    wire.Bye(CALL_ID, Reason.PEER_LEFT),
    wire.Restart(CALL_ID, 0),
]


async def test_nonsense_from_the_peer_changes_nothing(person: Person, other: Person) -> None:
    invite = await waiting(person)
    stranger = Stranger(invite)
    await stranger.enter()
    await person.watched.until(lambda view: view.room is Room.PEER)
    for payload in NONSENSE:
        stranger.say(payload)
    await stranger.link.close()
    await person.watched.until(lambda view: view.room is Room.WAITING)
    assert person.watched.view.call is State.IDLE
    await other.session.perform(OpenLink(invite))
    await other.session.perform(Start())
    await other.session.perform(PlaceCall())
    for watched in (person.watched, other.watched):
        await watched.until(lambda view: view.call is State.CONNECTED)
    await other.watched.until(lambda view: view.peer is not None and view.peer.name == "지민")
    await other.session.perform(HangUp())
    await person.watched.ended(Reason.PEER_LEFT)
    assert person.watched.view.notice is not None
    assert person.watched.view.notice.code is NoticeCode.PEER_LEFT


async def test_another_version_is_said(person: Person) -> None:
    stranger = Stranger(await waiting(person))
    await stranger.enter()
    stranger.say(b'{"v":2,"type":"offer"}')
    view = await person.watched.until(lambda view: view.notice is not None)
    assert view.notice is not None
    assert view.notice.error is not None
    assert view.notice.error.code is ErrorCode.UNSUPPORTED_VERSION
    await stranger.link.close()


async def test_an_offer_that_is_none_ends_the_call_with_a_word_and_the_room_stays(person: Person) -> None:
    stranger = Stranger(await waiting(person))
    await stranger.enter()
    stranger.say(wire.Offer(CALL_ID, 0, "v=0\r\nm=video 9 X 99\r\n", wire.Status()))
    await person.watched.ended(Reason.ERROR)
    view = person.watched.view
    assert view.notice is not None
    assert view.notice.code is NoticeCode.ERROR
    assert view.room is Room.PEER
    assert view.preview is Preview.ON
    await stranger.link.close()


async def test_intents_that_make_no_sense_now_are_invalid_and_change_nothing(person: Person) -> None:
    for intent in (PlaceCall(), HangUp()):
        with pytest.raises(CallAppError) as caught:
            await person.session.perform(intent)
        assert caught.value.code is ErrorCode.INVALID_STATE
    await waiting(person)
    for again in (Start(), PlaceCall()):
        with pytest.raises(CallAppError) as caught:
            await person.session.perform(again)
        assert caught.value.code is ErrorCode.INVALID_STATE
    assert person.watched.view.room is Room.WAITING


@pytest.mark.parametrize(
    "text", ["", "callapp://", "https://example.org", "callapp://127.0.0.1:1/r#short", "🙂" * 300]
)
async def test_a_mistyped_link_is_an_error_and_keeps_the_room(person: Person, text: str) -> None:
    await person.session.perform(Start())
    before = person.watched.view.invite
    with pytest.raises(CallAppError) as caught:
        await person.session.perform(OpenLink(text))
    assert caught.value.code is ErrorCode.INVALID_LINK
    assert person.watched.view.invite == before


async def test_own_hang_up_leaves_the_room_keeps_the_preview_and_offers_to_rejoin(person: Person) -> None:
    first = await waiting(person)
    await person.session.perform(HangUp())
    view = person.watched.view
    assert (view.room, view.preview, view.buttons.call) == (Room.NONE, Preview.ON, True)
    assert view.notice is not None
    assert view.notice.code is NoticeCode.YOU_LEFT
    await person.session.perform(PlaceCall())
    await person.watched.until(lambda view: view.room is Room.WAITING)
    await person.session.perform(NewRoom())
    assert person.watched.view.invite is not None
    assert person.watched.view.invite.link != first


async def test_the_server_vanishes_while_waiting_and_is_said(person: Person) -> None:
    await waiting(person)
    await person.rooms.close()
    view = await person.watched.until(lambda view: view.notice is not None)
    assert view.notice is not None
    assert view.notice.code is NoticeCode.SERVER_LOST
    await person.session.perform(HangUp())
    assert person.watched.view.room is Room.NONE
