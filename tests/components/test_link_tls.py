"""The link over TLS: the server's key is the one that the link names, or the server is told nothing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import truststore
from rig.links import PATIENCE_S, ROOM, SECRET, linked

from callapp.errors import ErrorCode
from callapp.main import hosting
from callapp.main.hosting import RoomSource
from callapp.session.view import Reach
from callapp.signaling.events import Joined, Lost, PeerJoined, Received, Restored
from callapp.signaling.invite import Invite, ServerAddress, parse_invite, parse_server
from signaling_server.server import SignalingServer
from signaling_server.tls import Identity, self_signed

OTHER_PIN = "A" * 43


@asynccontextmanager
async def secure(identity: Identity, port: int = 0) -> AsyncIterator[SignalingServer]:
    server = SignalingServer()
    await server.start("127.0.0.1", port, identity)
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield server
    finally:
        await server.close()


class Listener:
    """A TLS server that keeps what it is told after the handshake."""

    def __init__(self) -> None:
        self.heard = b""
        self.closed = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heard += await reader.read()
        except OSError:
            pass
        finally:
            writer.close()
            self.closed.set()


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    return self_signed(tmp_path / "server")


def at(port: int, pin: str, host: str = "127.0.0.1") -> Invite:
    return Invite(ServerAddress(host, port, pin), ROOM, SECRET)


async def test_two_meet_over_tls_with_the_pin_of_the_link(identity: Identity) -> None:
    async with secure(identity) as server, linked(at(server.port, identity.pin)) as alice:
        assert await alice.next() == Joined(peer_present=False)
        async with linked(at(server.port, identity.pin, "localhost")) as bob:
            assert await bob.next() == Joined(peer_present=True)
            assert await alice.next() == PeerJoined()
            bob.link.send(b"hello")
            assert await alice.next() == Received(b"hello")


async def test_a_server_with_another_key_is_told_nothing_and_refused(identity: Identity) -> None:
    listener = Listener()
    server = await asyncio.start_server(listener.handle, "127.0.0.1", 0, ssl=identity.context)
    async with server, linked(at(server.sockets[0].getsockname()[1], OTHER_PIN)) as alice:
        assert (await alice.failed()).code is ErrorCode.PIN_MISMATCH
        async with asyncio.timeout(PATIENCE_S):
            await listener.closed.wait()
    assert listener.heard == b""


async def test_without_a_pin_the_systems_roots_decide_and_nothing_is_said(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a name elsewhere: 127.0.0.1 itself needs no TLS."""
    monkeypatch.setattr(ServerAddress, "tls", True)
    listener = Listener()
    server = await asyncio.start_server(listener.handle, "127.0.0.1", 0, ssl=identity.context)
    port = server.sockets[0].getsockname()[1]
    async with server, linked(at(port, "")) as alice:
        error = await alice.failed()
        assert (error.code, error.subject) == (ErrorCode.CERTIFICATE_INVALID, "127.0.0.1")
    assert listener.heard == b""


async def test_a_server_that_the_systems_roots_know_needs_no_pin(
    identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ServerAddress, "tls", True)

    def trusting(protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.load_verify_locations(tmp_path / "server" / "server-certificate.pem")
        return context

    monkeypatch.setattr(truststore, "SSLContext", trusting)
    async with secure(identity) as server, linked(at(server.port, "")) as alice:
        assert await alice.next() == Joined(peer_present=False)


async def test_what_answers_meanwhile_at_the_servers_address_is_told_nothing_and_outwaited(
    identity: Identity, tmp_path: Path
) -> None:
    """A hotel's log-in page that answers for everybody: no reason to give up the room, nor to accuse anybody."""
    hotel = self_signed(tmp_path / "hotel")
    async with secure(identity) as server:
        port = server.port
        async with linked(at(port, identity.pin)) as alice:
            await alice.next()
            await server.close()
            async with secure(hotel, port):
                await alice.until(Lost(refused=False, untrusted=True))
            async with secure(identity, port):
                await alice.until(Restored(peer_present=False))


async def test_a_server_without_tls_is_not_spoken_to(identity: Identity) -> None:
    server = SignalingServer()
    await server.start("127.0.0.1", 0)
    async with linked(at(server.port, identity.pin)) as alice:
        event = await alice.next()
        assert not isinstance(event, Joined)
    await server.close()


async def test_the_pin_stays_when_the_certificate_is_issued_anew(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    first = self_signed(folder)
    (folder / "server-certificate.pem").unlink()
    second = self_signed(folder, ["another.example"])
    assert first.pin == second.pin
    async with secure(second) as server, linked(at(server.port, first.pin)) as alice:
        assert await alice.next() == Joined(peer_present=False)


# ---- the server in the app, when the network may reach it


async def test_on_the_network_the_links_carry_an_address_that_others_can_reach(tmp_path: Path) -> None:
    rooms = RoomSource(None, key_folder=tmp_path / "server")
    try:
        here = await rooms.new_room()
        assert here.callapp_link.startswith("callapp://127.0.0.1:")
        await rooms.choose_reach(Reach.NETWORK)
        invite = await rooms.new_room()
        assert invite.host == hosting.network_address()
        assert invite.browser_link.startswith("https://")
        assert rooms.is_own(invite)
        assert rooms.is_own(here)
        async with linked(parse_invite(invite.callapp_link)) as guest:
            assert await guest.next() == Joined(peer_present=False)
        assert (await rooms.new_room()).server == invite.server
    finally:
        await rooms.close()
    again = RoomSource(None, reach=Reach.NETWORK, key_folder=tmp_path / "server")
    try:
        assert (await again.new_room()).server.pin == invite.server.pin
    finally:
        await again.close()


@pytest.mark.logs_warnings
async def test_a_key_that_cannot_be_kept_is_good_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    rooms = RoomSource(None, reach=Reach.NETWORK, key_folder=tmp_path / "in the way" / "server")
    try:
        async with linked(await rooms.new_room()) as guest:
            assert await guest.next() == Joined(peer_present=False)
    finally:
        await rooms.close()


def test_a_servers_printed_address_brings_its_pin() -> None:
    assert parse_server(f"https://192.168.1.20:8443#.{OTHER_PIN}").pin == OTHER_PIN
