"""The engine's desk: takes the seats' commands on the engine's thread and hands them to sources and peers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from callapp.media.devices import Devices
from callapp.media.messages import (
    AddCandidate,
    ApplyAnswer,
    ClosePeer,
    CloseSources,
    Command,
    CreateAnswer,
    CreateOffer,
    EnableSource,
    Event,
    OpenSources,
    PlaySound,
    SendMessage,
    Share,
    SwitchSource,
)
from callapp.media.peer import Outlets, Peer
from callapp.media.seat import Seat
from callapp.media.sources import Sources
from callapp.media.transport.task_owner import TaskOwner
from callapp.media.video.slot import FrameSlot

logger = logging.getLogger(__name__)

PeerKey = tuple[Seat, str, int]
Negotiation = CreateOffer | CreateAnswer | ApplyAnswer | AddCandidate
SourceCommand = OpenSources | CloseSources | SwitchSource | EnableSource | Share | PlaySound


class Desk:
    """Owns the sources and all peer connections. Everything runs on the engine's loop."""

    def __init__(self, devices: Devices, local: FrameSlot, owner: TaskOwner) -> None:
        self._owner = owner
        self._person: Seat | None = None
        self._sources = Sources(devices, local, self._post_to_person, owner)
        self._peers: dict[PeerKey, Peer] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def handle(self, seat: Seat, command: Command) -> None:
        """Begin what a command asks for; its results are posted to the seat."""
        if isinstance(command, Negotiation):
            self._negotiate(seat, command)
        elif isinstance(command, ClosePeer):
            self._close_peers(seat, lambda key: key[1] == command.call_id)
        elif isinstance(command, SendMessage):
            for key, peer in self._peers.items():
                if key[:2] == (seat, command.call_id):
                    peer.send_message(command.text)
        elif seat.first:
            self._person = seat
            self._handle_sources(command)
        else:
            logger.warning("%s on a seat without devices", type(command).__name__)

    async def close(self) -> None:
        """End all calls, then release all devices."""
        self._close_peers(None, lambda key: True)
        closing = [self._owner.spawn(self._sources.close()), *self._closing]
        await asyncio.wait(closing)

    def _handle_sources(self, command: SourceCommand) -> None:
        match command:
            case OpenSources():
                self._sources.open(command)
            case CloseSources():
                self._sources.close_sources()
            case SwitchSource():
                self._sources.switch(command)
            case EnableSource():
                self._sources.enable(command)
            case Share():
                self._sources.share(command)
            case PlaySound(sound):
                self._owner.spawn(self._sources.play_sound(sound))

    def _negotiate(self, seat: Seat, command: Negotiation) -> None:
        key = (seat, command.call_id, command.attempt)
        if isinstance(command, CreateOffer | CreateAnswer) and key not in self._peers:
            self._close_peers(seat, lambda other: other[1] == command.call_id, keep_pictures=True)
            self._peers[key] = self._new_peer(key)
        peer = self._peers.get(key)
        if peer is None:
            logger.debug("%s for a connection that is closed", type(command).__name__)
            return
        match command:
            case CreateOffer():
                peer.create_offer()
            case CreateAnswer():
                peer.create_answer(command.offer)
            case ApplyAnswer():
                peer.apply_answer(command.answer)
            case AddCandidate():
                peer.add_candidate(command.candidate)

    def _new_peer(self, key: PeerKey) -> Peer:
        seat, call_id, attempt = key
        play = self._sources.play if seat.first else None
        outlets = Outlets(seat.remote, seat.remote_screen, play)
        name = "localPeerConnection" if seat.first else "remotePeerConnection"
        return Peer(call_id, attempt, name, self._sources, outlets, seat.deliver)

    def _close_peers(
        self, seat: Seat | None, chosen: Callable[[PeerKey], bool], *, keep_pictures: bool = False
    ) -> None:
        """Detach at once, close in the background. An attempt that replaces another takes over its pictures."""
        for key in [k for k in self._peers if seat in (None, k[0]) and chosen(k)]:
            peer = self._peers.pop(key)
            peer.detach(keep_pictures=keep_pictures)
            closing = self._owner.spawn(peer.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _post_to_person(self, event: Event) -> None:
        if self._person is not None:
            self._person.deliver(event)
