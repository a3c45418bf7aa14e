"""Two sessions over a real server: who offers, what the lock knows, what the chat carries. The media are pretended."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from rig.cable import cable
from rig.links import serving
from rig.people import PATIENCE_S, Pretender, two_people

from callapp.call.states import Reason, State
from callapp.errors import CallAppError, ErrorCode
from callapp.session import messages as wire
from callapp.session.intents import (
    ChooseReach,
    HangUp,
    MarkChatRead,
    Mute,
    OpenLink,
    PlaceCall,
    SendChat,
    Start,
)
from callapp.session.place import reach_of
from callapp.session.view import CallView, ChatState, LinkState, Lock, NoticeCode, Reach, Room
from callapp.signaling import events as signaling
from callapp.signaling.invite import ServerAddress, parse_invite
from callapp.signaling.link import Link


def secured(view: CallView) -> bool:
    return view.call is State.CONNECTED and view.sas is not None


@pytest.mark.parametrize(
    ("by_browser_link", "lock"), [(False, Lock.VERIFIED_BY_LINK), (True, Lock.TRUSTS_HOST)]
)
@pytest.mark.parametrize("host_first", [True, False], ids=["host first", "host second"])
async def test_whoever_comes_first_both_see_the_same_string_and_the_lock_of_the_link(
    by_browser_link: bool, lock: Lock, host_first: bool
) -> None:
    async with two_people() as (host, guest):
        link = (await host.make_room())[by_browser_link]
        if host_first:
            await host.wait_in_room()
            await guest.join(link)
        else:
            await guest.join(link)
            await host.wait_in_room()
        for person in (host, guest):
            await person.watched.until(secured)
            assert person.view.lock is lock
        assert host.view.sas == guest.view.sas
        assert (host.seat.offers, guest.seat.offers) == ((0, 1) if host_first else (1, 0))


async def test_the_two_links_are_shown_to_their_holders_only() -> None:
    async with two_people() as (host, guest):
        app_link, browser_link = await host.make_room()
        assert app_link.startswith("callapp://127.0.0.1:")
        assert browser_link.startswith("http://127.0.0.1:")
        for given in (app_link, browser_link):
            await guest.session.perform(OpenLink(given))
            invite = guest.view.invite
            assert invite is not None
            assert [invite.link, invite.browser_link].count("") == 1
            assert given in (invite.link, invite.browser_link)


class Page:
    """A browser in the room, as far as messages go: it never offers to an app."""

    def __init__(self, link: str) -> None:
        self.said: asyncio.Queue[wire.Message] = asyncio.Queue()
        self.present = asyncio.Event()
        self.link = Link(parse_invite(link), self._hear)

    def _hear(self, event: signaling.LinkEvent) -> None:
        match event:
            case signaling.Joined(present):
                self.present.set()
                if present:
                    self.hello()
            case signaling.PeerJoined():
                self.hello()
            case signaling.Received(payload):
                self.said.put_nowait(wire.decode(payload))
            case _:
                pass

    def hello(self) -> None:
        assert self.link.send(wire.encode(wire.Hello(wire.Agent.BROWSER)))

    async def enter(self) -> None:
        self.link.open()
        async with asyncio.timeout(PATIENCE_S):
            await self.present.wait()

    async def next(self, kind: type[wire.Message]) -> wire.Message:
        async with asyncio.timeout(PATIENCE_S):
            while not isinstance(message := await self.said.get(), kind):
                pass
        return message


@pytest.mark.parametrize("page_first", [True, False], ids=["page first", "page second"])
async def test_towards_a_browser_the_app_offers_whoever_came_first(page_first: bool) -> None:
    host = Pretender("Mina")
    page = Page((await host.make_room())[1])
    try:
        if page_first:
            await page.enter()
            await host.wait_in_room()
        else:
            await host.wait_in_room()
            await page.enter()
        assert await page.next(wire.Hello) == wire.Hello(wire.Agent.APP)
        offer = await page.next(wire.Offer)
        assert isinstance(offer, wire.Offer)
        assert offer.commitment is not None
        page.link.send(wire.encode(wire.Bye(offer.call_id, Reason.ERROR)))
        await host.watched.until(lambda view: view.call is State.ENDED)
        page.hello()  # Call is pressed again
        again = await page.next(wire.Offer)
        assert isinstance(again, wire.Offer)
        assert again.call_id != offer.call_id
    finally:
        await host.close()
        await page.link.close()


@pytest.mark.logs_warnings
async def test_a_guest_with_a_link_of_another_room_is_told_so() -> None:
    async with two_people() as (host, guest):
        link, _ = await host.make_room()
        foreign = f"{link.partition('#')[0]}#{'A' * 22}"
        await host.wait_in_room()
        await guest.join(foreign)
        view = await host.watched.until(lambda view: view.notice is not None)
        assert view.notice is not None
        assert view.notice.error is not None
        assert view.notice.error.code is ErrorCode.OTHER_LINK
        assert view.lock is Lock.NONE


async def test_chat_goes_both_ways_with_names_marks_and_a_count_of_what_is_unread() -> None:
    async with two_people() as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        with pytest.raises(CallAppError):
            await host.session.perform(SendChat("anybody?"))
        await guest.join(link)
        for person in (host, guest):
            await person.watched.until(lambda view: view.chat_open)
        await host.session.perform(SendChat("안녕, https://example.org?"))
        view = await guest.watched.until(lambda view: view.chat)
        assert [(m.own, m.author, m.text) for m in view.chat] == [
            (False, "미나", "안녕, https://example.org?")
        ]
        assert view.unread == 1
        await guest.session.perform(MarkChatRead())
        assert guest.view.unread == 0
        await guest.session.perform(SendChat("hi"))
        view = await host.watched.until(lambda view: len(view.chat) == 2)
        assert [(m.own, m.state) for m in view.chat] == [
            (True, ChatState.DELIVERED),
            (False, ChatState.DELIVERED),
        ]
        await guest.session.perform(HangUp())
        await host.watched.until(lambda view: view.call is State.ENDED)
        assert len(host.view.chat) == 2, "what was said can still be read"
        assert not host.view.chat_open
        await guest.session.perform(PlaceCall())
        await host.watched.until(lambda view: view.chat_open)
        assert not host.view.chat


async def test_what_was_written_while_the_connection_was_away_arrives_once_it_is_back() -> None:
    async with two_people() as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        await host.connected()
        await guest.connected()
        host.seat.channel_open = False  # what is said now gets lost with the connection
        for text in ("1", "2"):
            await host.session.perform(SendChat(text))
        host.seat.break_connections()
        await host.watched.until(lambda view: view.call is State.RECONNECTING)
        await host.session.perform(SendChat("3"))
        host.seat.channel_open = True
        view = await guest.watched.until(lambda view: len(view.chat) == 3)
        assert [message.text for message in view.chat] == ["1", "2", "3"]
        view = await host.watched.until(
            lambda view: all(message.state is ChatState.DELIVERED for message in view.chat)
        )
        assert view.lock is Lock.VERIFIED_BY_LINK


@pytest.mark.logs_warnings
async def test_a_stranger_in_the_place_of_the_peer_changes_the_lock() -> None:
    """Somebody else with the same link takes over the call while it reconnects."""
    async with two_people() as (host, guest):
        impostor = Pretender("Impostor")
        try:
            link, _ = await host.make_room()
            await host.wait_in_room()
            await guest.join(link)
            await host.connected()
            host.seat.break_connections()
            await guest.vanish()
            await host.watched.until(lambda view: view.room is Room.WAITING)
            await impostor.join(link)
            await host.watched.until(lambda view: view.lock is Lock.CHANGED)
            view = await host.watched.until(secured)
            assert view.lock is Lock.CHANGED
            assert impostor.view.lock is Lock.VERIFIED_BY_LINK, "it has met nobody else"
        finally:
            await impostor.close()


async def test_interference_is_not_suspected_when_the_server_restarts_in_a_call() -> None:
    async with two_people() as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        for person in (host, guest):
            await person.watched.until(secured)
        await host.rooms.close()
        await guest.watched.until(lambda view: view.link is LinkState.LOST)
        for person in (host, guest):
            assert person.view.call is State.CONNECTED
            assert person.view.lock is Lock.VERIFIED_BY_LINK
            assert person.view.notice is None or person.view.notice.code is not NoticeCode.INTERFERENCE


async def test_hanging_up_is_told_over_the_connection_when_there_is_no_server() -> None:
    async with two_people() as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        for person in (host, guest):
            await person.watched.until(secured)
        await host.rooms.close()
        await guest.watched.until(lambda view: view.link is LinkState.LOST)
        await guest.session.perform(HangUp())
        await host.watched.ended(Reason.PEER_LEFT)


def accused(person: Pretender) -> bool:
    """Whether the window ever said that somebody may be interfering."""
    return any(
        view.lock is Lock.INTERFERENCE
        or (view.notice is not None and view.notice.code is NoticeCode.INTERFERENCE)
        for view in person.watched.views
    )


@pytest.mark.logs_warnings
@pytest.mark.parametrize("who", ["both", "host", "guest"])
@pytest.mark.parametrize("pull_after", range(3, 36, 2))
async def test_a_connection_that_breaks_at_any_moment_accuses_nobody_and_the_call_comes_about(
    pull_after: int, who: str
) -> None:
    async with (
        serving() as server,
        cable(server.port, pull_after) as (port, line),
        two_people(ServerAddress("127.0.0.1", server.port if who == "guest" else port)) as (host, guest),
    ):
        link, _ = await host.make_room()
        near_end = server.port if who == "host" else port
        await guest.session.perform(OpenLink(link.replace(f":{parse_invite(link).port}/", f":{near_end}/")))
        await guest.session.perform(Start())
        for person in (host, guest):
            with suppress(CallAppError):  # the first attempt to join fails if it breaks just then
                await person.wait_in_room()
            if person.view.room is Room.NONE:
                await person.wait_in_room()
        for person in (host, guest):
            await person.watched.until(secured)
        while not line.pulled:  # the call came about before: break it off now
            await host.session.perform(Mute(not host.view.me.muted))
        for person in (host, guest):
            await person.watched.until(lambda view: view.link is LinkState.ONLINE)
            assert not accused(person)
            assert person.view.lock is Lock.VERIFIED_BY_LINK


async def test_who_can_use_a_room_is_chosen_and_said() -> None:
    host = Pretender("Mina")
    try:
        await host.session.perform(ChooseReach(Reach.NETWORK))
        assert (host.view.reach, host.view.invite) == (Reach.NETWORK, None)
        link, browser_link = await host.make_room()
        invite = host.view.invite
        assert invite is not None
        assert (invite.reach, invite.browser_warns) == (Reach.NETWORK, True)
        assert invite.host == parse_invite(link).host == parse_invite(browser_link).host
        assert browser_link.startswith(f"https://{invite.host}:")
        await host.session.perform(ChooseReach(Reach.THIS_COMPUTER))
        invite = host.view.invite
        assert invite is not None, "the room at hand is replaced by such a one"
        assert (invite.reach, invite.browser_warns, invite.host) == (Reach.THIS_COMPUTER, False, "127.0.0.1")
        with pytest.raises(CallAppError):
            await host.session.perform(ChooseReach(Reach.INTERNET))
    finally:
        await host.close()


async def test_on_a_configured_server_there_is_nothing_to_choose() -> None:
    host = Pretender("Mina", ServerAddress("127.0.0.1", 9))
    try:
        assert host.view.reach is None
        with pytest.raises(CallAppError) as caught:
            await host.session.perform(ChooseReach(Reach.NETWORK))
        assert caught.value.code is ErrorCode.INVALID_STATE
    finally:
        await host.close()


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("127.0.0.1", Reach.THIS_COMPUTER),
        ("localhost", Reach.THIS_COMPUTER),
        ("192.168.1.20", Reach.NETWORK),
        ("fd00::2", Reach.NETWORK),
        ("mina.local", Reach.NETWORK),
        ("1.2.3.4", Reach.INTERNET),
        ("call.example.org", Reach.INTERNET),
    ],
)
def test_an_address_tells_who_can_reach_it(host: str, reach: Reach) -> None:
    assert reach_of(host) is reach
