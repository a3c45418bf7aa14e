"""The link with the real server."""

import asyncio
import logging

import pytest
from rig.links import PATIENCE_S, PEER, ROOM, SECRET, invite_for, linked, serving, two_in_a_room
from websockets.asyncio.client import connect

from callapp.errors import ErrorCode
from callapp.signaling.events import (
    Failed,
    Joined,
    LinkEvent,
    Lost,
    PeerJoined,
    PeerLeft,
    Received,
    Restored,
    RoomFull,
    ServerNotice,
    Tampered,
)
from callapp.signaling.invite import Invite, LinkKind, Secret
from callapp.signaling.link import OUTBOX_PAYLOADS, Link
from callapp.signaling.sealing import MAX_PLAINTEXT_BYTES, Interference
from signaling_server import wire


async def test_two_links_find_each_other_and_talk() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        for number in range(50):
            assert alice.link.send(b"%d" % number)
        assert [await bob.next() for _ in range(50)] == [Received(b"%d" % number) for number in range(50)]
        assert bob.link.send(bytes(MAX_PLAINTEXT_BYTES))
        assert await alice.next() == Received(bytes(MAX_PLAINTEXT_BYTES))


async def test_closing_sends_what_waits_and_says_goodbye() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        bob.link.send(b"almost last")
        bob.link.send(b"last")
        await bob.link.close()
        assert await alice.next() == Received(b"almost last")
        assert await alice.next() == Received(b"last")
        assert await alice.next() == PeerLeft(crashed=False)
        assert not bob.link.send(b"too late")
        await bob.link.close()


async def test_a_peer_that_crashes_is_told_from_one_that_leaves() -> None:
    async with serving() as server, linked(invite_for(server.port)) as alice:
        await alice.next()
        socket = await connect(f"ws://127.0.0.1:{server.port}{wire.PATH}", proxy=None)
        await socket.send(wire.encode(wire.Join(1, ROOM, PEER)))
        assert await alice.next() == PeerJoined()
        socket.transport.abort()
        assert await alice.next() == PeerLeft(crashed=True)
        await socket.wait_closed()


async def test_a_third_comer_hears_that_the_room_is_full_and_its_link_ends() -> None:
    async with serving() as server, two_in_a_room(server.port), linked(invite_for(server.port)) as carol:
        assert await carol.next() == RoomFull()
        assert not carol.link.send(b"hello?")


async def test_a_server_without_a_place_for_the_room_fails_the_link() -> None:
    async with serving(max_rooms=0) as server, linked(invite_for(server.port)) as alice:
        notice = await alice.next()
        assert isinstance(notice, ServerNotice)
        assert notice.text.startswith("too_many_rooms: ")
        assert (await alice.failed()).code is ErrorCode.SERVER_REFUSED


async def test_nobody_there_means_nothing_is_kept() -> None:
    async with serving() as server, linked(invite_for(server.port)) as alice:
        assert not alice.link.send(b"too early")
        await alice.next()
        assert not alice.link.send(b"to nobody")


async def test_peers_find_each_other_again_after_a_restart_of_the_server() -> None:
    async with serving() as server:
        port = server.port
        async with two_in_a_room(port) as (alice, bob):
            assert alice.link.send(b"before")
            assert await bob.next() == Received(b"before")
            await server.close()
            assert await alice.next() == Lost(refused=False)
            assert await bob.next() == Lost(refused=False)
            assert await alice.next() == Lost(refused=True)
            assert await bob.next() == Lost(refused=True)
            assert alice.link.send(b"meanwhile 1")
            assert alice.link.send(b"meanwhile 2")
            async with serving(port):
                for ears in (alice, bob):
                    if await ears.next() == Restored(peer_present=False):
                        assert await ears.next() == PeerJoined()
                assert await bob.next() == Received(b"meanwhile 1")
                assert await bob.next() == Received(b"meanwhile 2")
                assert bob.link.send(b"after")
                assert await alice.next() == Received(b"after")


async def test_what_waits_for_a_peer_is_not_given_to_another_one() -> None:
    async with serving() as server:
        port = server.port
        async with two_in_a_room(port) as (alice, bob):
            await server.close()
            await alice.until(Lost(refused=True))
            alice.link.send(b"for bob only")
            await bob.link.close()
            async with serving(port):
                assert await alice.next() == Restored(peer_present=False)
                async with linked(invite_for(port)) as carol:
                    assert await carol.next() == Joined(peer_present=True)
                    assert await alice.next() == PeerJoined()
                    assert alice.link.send(b"for carol")
                    assert await carol.next() == Received(b"for carol")


async def test_while_the_server_is_away_a_bounded_number_of_payloads_waits() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, _):
        await server.close()
        await alice.until(Lost(refused=True))
        sent = [alice.link.send(b"x") for _ in range(OUTBOX_PAYLOADS + 1)]
        assert sent == [True] * OUTBOX_PAYLOADS + [False]


async def test_a_payload_that_fits_into_no_message_is_refused() -> None:
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        assert not alice.link.send(bytes(MAX_PLAINTEXT_BYTES + 1))
        assert alice.link.send(b"next")
        assert await bob.next() == Received(b"next")


async def test_a_server_that_does_not_run_yet_is_said_once_and_found_later() -> None:
    async with serving() as server:
        port = server.port
    async with linked(invite_for(port)) as alice:
        assert await alice.next() == Lost(refused=True)
        async with serving(port):
            assert await alice.next() == Joined(peer_present=False)


async def test_closing_ends_a_link_in_any_state() -> None:
    async with serving() as server:
        port = server.port
    unopened = Link(invite_for(port), lambda event: None)
    await unopened.close()
    async with linked(invite_for(port)) as starting:
        await starting.link.close()
        assert starting.silent
    async with linked(invite_for(port)) as waiting:
        await waiting.until(Lost(refused=True))
        await waiting.link.close()
        assert not waiting.link.send(b"x")


@pytest.mark.logs_warnings
async def test_a_peer_with_another_secret_is_noticed_on_both_sides() -> None:
    async with (
        serving() as server,
        linked(invite_for(server.port)) as alice,
        linked(invite_for(server.port, Secret(bytes(16)))) as bob,
    ):
        await asyncio.gather(*(ears.until(Joined(True), PeerJoined()) for ears in (alice, bob)))
        alice.link.send(b"hello")
        bob.link.send(b"hello")
        bob.link.send(b"hello again")
        for ears in (alice, bob):
            assert await ears.next() == Tampered(Interference.OTHER_LINK)


@pytest.mark.parametrize("link", LinkKind)
async def test_who_made_the_room_speaks_once_the_peer_has_proved_its_link(link: LinkKind) -> None:
    async with serving() as server:
        made = invite_for(server.port, SECRET, Secret(bytes(range(16, 32))))
        given = Invite(
            made.server,
            made.room,
            made.secret if link is LinkKind.APP else None,
            made.browser_secret if link is LinkKind.BROWSER else None,
        )
        async with linked(given) as guest:
            assert await guest.next() == Joined(peer_present=False)
            async with linked(made) as host:
                assert await host.next() == Joined(peer_present=True)
                assert await guest.next() == PeerJoined()
                assert host.link.send(b"waits for the proof")
                assert guest.link.send(b"hello")
                assert await host.next() == Received(b"hello")
                assert await guest.next() == Received(b"waits for the proof")
                assert (host.proved, guest.proved) == ([link], [link])


async def test_a_peer_that_comes_back_need_not_prove_its_link_again_to_be_spoken_to() -> None:
    async with serving() as server:
        port = server.port
        made = invite_for(port, SECRET, Secret(bytes(range(16, 32))))
        async with linked(made) as host, linked(invite_for(port)) as guest:
            await guest.until(Joined(True), PeerJoined())
            guest.link.send(b"hello")
            await host.until(Received(b"hello"))
            await server.close()
            await host.until(Lost(refused=True))
            await guest.until(Lost(refused=True))
            async with serving(port):
                came_back = Restored(peer_present=True)
                if await host.until(came_back, PeerJoined()) == PeerJoined():
                    assert await guest.until(came_back) == came_back
                assert host.link.send(b"again")
                assert await guest.until(Received(b"again"))
            assert host.proved == [LinkKind.APP]


@pytest.mark.logs_warnings
async def test_an_owner_that_fails_still_hears_the_end() -> None:
    events: list[LinkEvent] = []
    ended = asyncio.Event()

    def post(event: LinkEvent) -> None:
        events.append(event)
        if isinstance(event, Failed):
            ended.set()
        else:
            raise ZeroDivisionError

    async with serving() as server:
        alice = Link(invite_for(server.port), post)
        alice.open()
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()
        await alice.close()
    assert [type(event) for event in events] == [Joined, Failed]


async def test_neither_logs_nor_events_show_what_is_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as server, two_in_a_room(server.port) as (alice, bob):
        alice.link.send(b"v=0 fingerprint")
        received = await bob.next()
        assert received == Received(b"v=0 fingerprint")
        link_text = invite_for(server.port).callapp_link
    shown = caplog.text + repr(received)
    assert "fingerprint" not in shown
    assert link_text.partition("#")[2] not in shown
