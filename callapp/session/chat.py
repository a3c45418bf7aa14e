"""Text chat of one call over its data channel.

The channel keeps order while it lives, but a connection may be lost with messages in it, so every message is
acknowledged. What is not goes out again, in order and under the same id; the other side shows it once.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from callapp.call.machine import Call
from callapp.call.states import State
from callapp.errors import CallAppError, ErrorCode
from callapp.media import messages as media
from callapp.session import messages as wire
from callapp.session.view import LIVE_STATES, ChatMessage, ChatState

MAX_CHARS = 4000
MAX_MESSAGES = 1000  # of one call; beyond that the oldest go
MAX_WAITING = 50  # own ones that have not arrived
IN_FLIGHT = 16  # sent and not acknowledged: at most 256 KiB, which the channel always takes
RESEND_MIN_S = 0.5
RESEND_MAX_S = 8.0

_OPEN = (State.CONNECTED, State.RECONNECTING)


class Chat:
    """The history of a call. `changed` is called after every change, `names` gives the own and the peer's name."""

    def __init__(
        self,
        *,
        command: Callable[[media.Command], None],
        changed: Callable[[], None],
        names: Callable[[], tuple[str, str]],
    ) -> None:
        self.history: tuple[ChatMessage, ...] = ()
        self.unread = 0
        self._command = command
        self._changed = changed
        self._names = names
        self._call_id = ""
        self._state = State.IDLE
        self._waiting: OrderedDict[str, wire.Chat] = OrderedDict()  # own, not acknowledged, oldest first
        self._sent: set[str] = set()  # those of them that went out over the present connection
        self._heard = False  # something came over the present connection: its channel is open
        self._resend_s = RESEND_MIN_S
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def open(self) -> bool:
        """A message can be written now; while reconnecting it waits."""
        return self._state in _OPEN

    # ---- the person

    def say(self, text: str) -> None:
        """Raises CallAppError: INVALID_STATE (no call), INVALID_ARGUMENT, CHAT_FULL (too much has not arrived)."""
        if not self.open:
            raise CallAppError(ErrorCode.INVALID_STATE, "there is no call to chat in")
        text = tidy(text)
        if not 1 <= len(text) <= MAX_CHARS:
            raise CallAppError(ErrorCode.INVALID_ARGUMENT, f"a message has 1 to {MAX_CHARS} characters")
        if len(self._waiting) >= MAX_WAITING:
            raise CallAppError(ErrorCode.CHAT_FULL, f"{MAX_WAITING} messages have not arrived yet")
        message = wire.Chat(secrets.token_hex(8), text, time.time())
        self._waiting[message.id] = message
        self._add(ChatMessage(message.id, True, self._names()[0], text, message.at, ChatState.SENDING))
        self._pump()
        self._changed()

    def read(self) -> None:
        if self.unread:
            self.unread = 0
            self._changed()

    # ---- the peer

    def received(self, message: wire.Chat) -> None:
        """A message of the peer, perhaps for the second time."""
        self._reply(wire.ChatAck(message.id))
        text = tidy(message.text)
        if not text or any(known.id == message.id and not known.own for known in self.history):
            return
        self.unread += 1
        author = self._names()[1]
        self._add(ChatMessage(message.id, False, author, text, time.time(), ChatState.DELIVERED))
        self._changed()

    def acknowledged(self, ack: wire.ChatAck) -> None:
        if self._waiting.pop(ack.id, None) is None:
            return
        self._sent.discard(ack.id)
        self._resend_s = RESEND_MIN_S
        self._mark({ack.id}, ChatState.DELIVERED)
        self._pump()
        self._changed()

    # ---- the call

    def call_changed(self, after: Call) -> None:
        """Of the call's events the connections and the end matter."""
        if after.call_id != self._call_id and after.state in LIVE_STATES:
            self._begin(after.call_id)
        connected = after.state is State.CONNECTED and self._state is not State.CONNECTED
        self._state = after.state
        if connected:
            self._sent.clear()
            self._heard = False
            self._resend_s = RESEND_MIN_S
            self._pump()
        elif after.state not in LIVE_STATES:
            self._fail()

    def channel_heard(self) -> None:
        """Something came over the channel: what was sent before it opened can go again at once."""
        if not self._heard:
            self._heard = True
            self._resend()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # ---- inside

    def _begin(self, call_id: str) -> None:
        """Another call: what could not be said in the last one is not for this peer."""
        self._fail()
        self._call_id = call_id
        if self._state not in LIVE_STATES:  # else the person has not noticed that it is another one
            self.history = ()
            self.unread = 0

    def _fail(self) -> None:
        self.close()
        self._mark(set(self._waiting), ChatState.FAILED)
        self._waiting.clear()
        self._sent.clear()

    def _pump(self) -> None:
        """Send what may be sent, in order, and look again later."""
        if self._state is not State.CONNECTED:
            return
        for message in self._waiting.values():
            if len(self._sent) >= IN_FLIGHT:
                break
            if message.id not in self._sent:
                self._sent.add(message.id)
                self._reply(message)
        self.close()
        if self._waiting:
            self._timer = self._loop.call_later(self._resend_s, self._give_again)

    def _give_again(self) -> None:
        self._timer = None
        self._resend_s = min(2 * self._resend_s, RESEND_MAX_S)
        self._resend()

    def _resend(self) -> None:
        self._sent.clear()
        self._pump()

    def _reply(self, message: wire.Chat | wire.ChatAck) -> None:
        self._command(media.SendMessage(self._call_id, wire.encode(message).decode()))

    def _add(self, message: ChatMessage) -> None:
        self.history = (*self.history, message)[-MAX_MESSAGES:]

    def _mark(self, ids: set[str], state: ChatState) -> None:
        if ids:
            self.history = tuple(
                replace(message, state=state) if message.own and message.id in ids else message
                for message in self.history
            )


def tidy(text: str) -> str:
    """Plain text: other control characters than line feeds become spaces, halves of characters question marks."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(" " if (c < " " and c != "\n") or c == "\x7f" else c for c in text).strip()
