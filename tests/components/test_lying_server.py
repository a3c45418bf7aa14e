"""A server that lies prevents a call at worst: nobody is misled, and both are told that something is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from rig.lying_server import (
    Alter,
    Drop,
    Hide,
    Inject,
    Later,
    Lie,
    Mirror,
    MixUpRooms,
    PlantFingerprint,
    Reflect,
    Rename,
    Reorder,
    Replay,
    Swap,
    lying,
)
from rig.people import Pretender, two_people

from callapp.call import model
from callapp.call.states import Reason, State
from callapp.errors import ErrorCode
from callapp.session.intents import Mute, SendChat
from callapp.session.view import CallView, Lock, NoticeCode, Room
from callapp.signaling.invite import ServerAddress, parse_invite

pytestmark = pytest.mark.logs_warnings


def warned(view: CallView) -> bool:
    """The window says that somebody may be interfering."""
    return (
        view.lock is Lock.INTERFERENCE
        and view.notice is not None
        and view.notice.code is NoticeCode.INTERFERENCE
    )


def refused(view: CallView) -> bool:
    """The window says that the other one came with another link."""
    return (
        view.notice is not None
        and view.notice.error is not None
        and view.notice.error.code is ErrorCode.OTHER_LINK
    )


async def first(*people: Pretender, holds: Callable[[CallView], object]) -> CallView:
    """The view of whoever it holds for first."""
    waiting = [asyncio.ensure_future(person.watched.until(holds)) for person in people]
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return done.pop().result()


def nobody_is_misled(*people: Pretender) -> None:
    """Whatever was ever shown: a verified lock stood for the certificate of the other one, with the same string."""
    shown = [
        {
            view.sas
            for view in person.watched.views
            if view.sas is not None and view.lock is Lock.VERIFIED_BY_LINK
        }
        for person in people
    ]
    assert all(len(strings) <= 1 for strings in shown)
    if all(shown):
        assert shown[0] == shown[1]
    for person in people:
        for endpoint in person.seat.endpoints.values():
            if endpoint.connected:
                others = {other.seat.certificate for other in people if other is not person}
                assert endpoint.remote_fingerprint in others


@pytest.mark.parametrize(
    "lie",
    [Drop(), Replay(), Reorder(), Swap(), Reflect(), Alter(), Inject()],
    ids=lambda lie: type(lie).__name__,
)
async def test_whoever_plays_with_messages_is_noticed(lie: Lie) -> None:
    async with lying(lie) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        await first(host, guest, holds=warned)
        nobody_is_misled(host, guest)


@pytest.mark.parametrize("lie", [Rename(), MixUpRooms()], ids=lambda lie: type(lie).__name__)
async def test_whoever_mixes_people_up_brings_no_call_about(lie: Lie) -> None:
    async with lying(lie) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        link, _ = await host.make_room()
        if isinstance(lie, MixUpRooms):
            link = link.replace(f"/{parse_invite(link).room}#", "/another-room#")
        await host.wait_in_room()
        await guest.join(link)
        await first(host, guest, holds=refused)
        for person in (host, guest):
            assert all(view.call is not State.CONNECTED for view in person.watched.views)
            assert all(view.lock is Lock.NONE for view in person.watched.views)


async def test_a_mirror_is_not_taken_for_a_peer() -> None:
    async with lying(Mirror()) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        for person in (host, guest):
            await person.watched.until(warned)
            assert person.view.room is not Room.PEER
            assert all(view.call is State.IDLE for view in person.watched.views)


async def test_a_server_that_keeps_people_apart_brings_no_call_about() -> None:
    async with lying(Hide()) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        assert (host.view.room, guest.view.room) == (Room.WAITING, Room.WAITING)


async def test_a_server_that_drops_everything_brings_no_call_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model.LIMITS_S, State.CALLING, 0.2)
    everything = Drop(first=0, count=1000)
    async with lying(everything) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        await guest.watched.ended(Reason.TIMEOUT)
        assert guest.view.notice is not None
        assert guest.view.notice.code is NoticeCode.NO_ANSWER


@pytest.mark.parametrize("instead", [False, True], ids=["beside theirs", "in the place of theirs"])
async def test_a_certificate_planted_by_the_host_of_the_page_brings_no_call_about(instead: bool) -> None:
    """Who serves the page knows the secret of its link: the descriptions' own rules and DTLS stand in the way."""
    plant = PlantFingerprint(instead=instead)
    async with lying(plant) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        _, browser_link = await host.make_room()
        plant.learn(parse_invite(browser_link))
        await host.wait_in_room()
        await guest.join(browser_link)
        if instead:  # both go on, and DTLS finds another certificate than the description named
            await host.watched.until(lambda view: view.call is State.CONNECTING)
            await guest.watched.until(lambda view: view.call is State.CONNECTING)
        else:
            await first(host, guest, holds=warned)
        assert plant.opened > 0
        for person in (host, guest):
            assert all(view.call is not State.CONNECTED for view in person.watched.views)
            assert all(view.lock in (Lock.NONE, Lock.INTERFERENCE) for view in person.watched.views)


async def test_who_serves_the_page_gains_nothing_against_the_link_of_the_app() -> None:
    """It knows the browser's secret, but the guest came by the other link: its boxes stay closed."""
    plant = PlantFingerprint(instead=True)
    async with lying(plant) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        app_link, browser_link = await host.make_room()
        plant.learn(parse_invite(browser_link))
        await host.wait_in_room()
        await guest.join(app_link)
        for person in (host, guest):
            view = await person.watched.until(lambda view: view.sas is not None)
            assert view.lock is Lock.VERIFIED_BY_LINK
        assert plant.opened == 0


async def test_what_is_played_with_during_a_call_is_said_and_leaves_the_call_alone() -> None:
    lie = Later(Alter())
    async with lying(lie) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        for person in (host, guest):
            await person.watched.until(lambda view: view.sas is not None)
        lie.begun = True
        await host.session.perform(Mute(True))
        view = await guest.watched.until(warned)
        assert view.call is State.CONNECTED
        nobody_is_misled(host, guest)


async def test_an_honest_one_is_not_accused() -> None:
    async with lying(Lie()) as port, two_people(ServerAddress("127.0.0.1", port)) as (host, guest):
        link, _ = await host.make_room()
        await host.wait_in_room()
        await guest.join(link)
        for person in (host, guest):
            await person.watched.until(lambda view: view.sas is not None)
        await host.session.perform(SendChat("hello"))
        await guest.watched.until(lambda view: view.chat)
        for person in (host, guest):
            assert all(view.lock in (Lock.NONE, Lock.VERIFIED_BY_LINK) for view in person.watched.views)
            assert all(
                view.notice is None or view.notice.code is not NoticeCode.INTERFERENCE
                for view in person.watched.views
            )
        nobody_is_misled(host, guest)
