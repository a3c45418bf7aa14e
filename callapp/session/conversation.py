"""What the two sides say to each other: out through the server or the data channel, in to whoever it concerns.

Offers, answers and candidates travel sealed, through the server, and nowhere else; chat travels over the data channel,
and nowhere else. What comes the other way is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from callapp.errors import CallAppError, ErrorCode
from callapp.media import messages as media
from callapp.session import messages as wire
from callapp.session.audience import Audience
from callapp.session.banner import Banner
from callapp.session.chat import Chat
from callapp.session.companion import Companion
from callapp.session.trust import Trust
from callapp.session.view import Notice, NoticeCode

_log = logging.getLogger(__name__)


class Conversation:
    """`relay` sends a payload through the server; `about_call` gets every message that may concern the call."""

    def __init__(
        self,
        *,
        relay: Callable[[bytes], None],
        about_call: Callable[[wire.Message], None],
        companion: Companion,
        trust: Trust,
        chat: Chat,
        audience: Audience,
        banner: Banner,
    ) -> None:
        self._relay = relay
        self._about_call = about_call
        self._companion = companion
        self._trust = trust
        self._chat = chat
        self._audience = audience
        self._banner = banner

    def greet(self) -> None:
        """The first word to a peer: it proves our link."""
        self.send(wire.Hello(wire.Agent.APP))

    def send(self, message: wire.Message) -> None:
        """Say it through the server."""
        self._relay(wire.encode(self._trust.outgoing(message)))

    def on_sealed(self, payload: bytes) -> wire.Message | None:
        """The peer said something through the server. Returns what it was."""
        message = self._decoded(payload)
        if message is None or isinstance(message, wire.Chat | wire.ChatAck):
            return None
        reveal = self._trust.incoming(message)
        if isinstance(message, wire.Offer | wire.Answer):
            _log.info("received %r", message)
            self._companion.tells(message.status)
        elif isinstance(message, wire.Status):
            self._companion.tells(message)
        self._about_call(message)
        if reveal is not None:
            self.send(reveal)
        return message

    def on_channel(self, said: media.MessageReceived, call_id: str) -> None:
        """The peer of the call `call_id` said something over a data channel."""
        if said.call_id != call_id:
            return
        self._chat.channel_heard()
        message = self._decoded(said.text)
        match message:
            case None:
                return
            case wire.Chat():
                self._chat.received(message)
            case wire.ChatAck():
                self._chat.acknowledged(message)
            case wire.Status():
                self._companion.tells(message)
            case wire.Bye():
                self._about_call(message)
            case _:
                self._audience.trace("dropped: a message that has to be sealed came over the data channel")

    def _decoded(self, payload: bytes | str) -> wire.Message | None:
        try:
            return wire.decode(payload)
        except CallAppError as error:
            self._audience.trace(f"dropped: {error}")
            if error.code is ErrorCode.UNSUPPORTED_VERSION:
                self._banner.show(Notice(NoticeCode.ERROR, (), error))
            return None
