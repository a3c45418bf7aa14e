"""A call with oneself: the other side of the room is a second peer inside this process, as in the WebRTC codelab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callapp.call import events as ev
from callapp.call.machine import Call
from callapp.media import messages as media
from callapp.session import messages as wire
from callapp.session.ports import Engine
from callapp.session.runner import CallRunner
from callapp.signaling.events import Joined, LinkEvent, Received


class LoopbackPartner:
    """A Link whose peer answers at once from a seat of the same engine, with the same camera and microphone.

    No server, no network: payloads go from one call machine to the other through the loop.
    """

    def __init__(self, engine: Engine, status: Callable[[], wire.Status]) -> None:
        self._loop = asyncio.get_running_loop()
        self._post: Callable[[LinkEvent], None] | None = None
        self._runner: CallRunner
        seat = engine.seat(self._on_media)
        self._command = seat.send
        self._runner = CallRunner(
            command=seat.send, send=self._deliver, status=status, on_change=lambda before, after: None
        )

    def attach(self, post: Callable[[LinkEvent], None]) -> LoopbackPartner:
        """Give the next call's listener; one call at a time."""
        self._post = post
        return self

    def open(self) -> None:
        self._loop.call_soon(self._say, Joined(peer_present=True))

    def send(self, payload: bytes) -> bool:
        self._loop.call_soon(self._receive, payload)
        return True

    async def close(self) -> None:
        self._post = None
        self._runner.feed(ev.HangUp())
        self._runner.close()

    @property
    def call(self) -> Call:
        """The partner's own call."""
        return self._runner.call

    def _on_media(self, event: media.Event) -> None:
        if isinstance(event, media.MessageReceived):
            message = wire.decode(event.text)
            if isinstance(message, wire.Chat):  # it has arrived; nobody is there to answer
                ack = wire.encode(wire.ChatAck(message.id)).decode()
                self._command(media.SendMessage(event.call_id, ack))
        self._runner.feed_media(event)

    def _receive(self, payload: bytes) -> None:
        if self._post is not None:
            self._runner.feed_message(wire.decode(payload))

    def _deliver(self, message: wire.Message) -> None:
        self._loop.call_soon(self._say, Received(wire.encode(message)))

    def _say(self, event: LinkEvent) -> None:
        if self._post is not None:
            self._post(event)
