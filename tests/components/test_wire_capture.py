"""What a signaling server sees of a whole call with real media: who is there, and sealed boxes."""

from __future__ import annotations

import re

from rig.links import serving
from rig.people import Watched
from rig.recorder import recorded

from callapp.call.states import State
from callapp.main.hosting import RoomSource
from callapp.media.engine import Engine
from callapp.media.specs import NONE, PATTERN, MediaSpec, SpecKind, VideoWish
from callapp.session.intents import HangUp, Mute, OpenLink, PlaceCall, SendChat, Start
from callapp.session.ports import Preferences
from callapp.session.session import Session
from callapp.session.view import Room
from callapp.signaling.invite import ServerAddress
from signaling_server import wire

CHAT = "우리만의 비밀 이야기"


class Caller:
    """A session with a real engine."""

    def __init__(self, name: str, server: ServerAddress | None) -> None:
        self.engine = Engine()
        self.engine.start()
        self.rooms = RoomSource(server)
        self.watched = Watched()
        preferences = Preferences(
            name=name,
            camera=PATTERN,
            microphone=MediaSpec(SpecKind.TONE),
            speaker=NONE,
            wish=VideoWish(320, 240, 15),
        )
        self.session = Session(engine=self.engine, rooms=self.rooms, preferences=preferences)
        self.session.watch(self.watched)

    async def close(self) -> None:
        await self.session.close()
        await self.engine.close()
        await self.rooms.close()


async def test_a_capture_of_a_call_shows_no_description_candidate_name_or_text() -> None:
    async with serving() as server, recorded(server.port) as (port, recording):
        host, guest = Caller("Mina Kim", ServerAddress("127.0.0.1", port)), Caller("Jonas Weber", None)
        try:
            await host.session.perform(Start())
            await host.session.perform(PlaceCall())
            view = await host.watched.until(lambda view: view.room is Room.WAITING)
            assert view.invite is not None
            link = view.invite.link
            await guest.session.perform(OpenLink(link))
            await guest.session.perform(Start())
            await guest.session.perform(PlaceCall())
            for caller in (host, guest):
                view = await caller.watched.until(lambda v: v.call is State.CONNECTED and v.sas is not None)
            digits = view.sas.digits if view.sas is not None else ""
            await guest.session.perform(SendChat(CHAT))
            await host.watched.until(lambda view: view.chat)
            await host.session.perform(Mute(True))
            await guest.watched.until(lambda view: view.peer is not None and view.peer.muted)
            await guest.session.perform(HangUp())
            await host.watched.until(lambda view: view.call is State.ENDED)
        finally:
            await guest.close()
            await host.close()
    secret = link.partition("#")[2]
    seen = recording.text
    assert len(recording.frames) > 20, "the call went through the recorder"
    for hidden in (  # nothing so short that chance could put it into a box
        *(
            "v=0\r\n",
            "candidate",
            "fingerprint",
            "ice-ufrag",
            "typ host",
            "webrtc",
            "offer",
            "answer",
            "hello",
        ),
        *("Mina Kim", "Jonas Weber", CHAT, "muted", digits, secret, "callapp:"),
    ):
        assert hidden not in seen, f"{hidden!r} can be seen"
    assert not re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b", "\n".join(recording.frames)), "an address can be seen"
    kinds = {type(_decoded(frame)) for frame in recording.frames}
    assert kinds <= {
        *(
            wire.Join,
            wire.Relay,
            wire.Leave,
            wire.Joined,
            wire.PeerJoined,
            wire.PeerLeft,
            wire.Relayed,
            wire.Error,
        )
    }


def _decoded(frame: str) -> wire.ClientMessage | wire.ServerMessage:
    try:
        return wire.decode_client(frame)
    except wire.WireError:
        return wire.decode_server(frame)
