"""Runs one call machine: inbox -> machine -> effects, with its deadline. No preview, no room, no words."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable

from callapp.call import effects as fx
from callapp.call import events as ev
from callapp.call.description import Description
from callapp.call.machine import Call, handle
from callapp.media import messages as media
from callapp.session import messages as wire

_log = logging.getLogger(__name__)


def new_call_id() -> str:
    """16 random lower-case hexadecimal characters."""
    return secrets.token_hex(8)


class CallRunner:
    """Feeds one call machine and carries out its effects.

    `command` reaches the media engine, `send` the peer; `on_change(before, after)` is called after every change of
    the call. Everything runs on one asyncio loop; an event that arrives while another is handled waits its turn.
    """

    def __init__(
        self,
        *,
        command: Callable[[media.Command], None],
        send: Callable[[wire.Message], None],
        status: Callable[[], wire.Status],
        on_change: Callable[[Call, Call], None],
    ) -> None:
        self.call = Call()
        self._command = command
        self._send = send
        self._status = status
        self._on_change = on_change
        self._inbox: deque[ev.Event] = deque()
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def feed(self, event: ev.Event) -> None:
        """Handle an event now, or after the one that is being handled."""
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                self._step(self._inbox.popleft())
        finally:
            self._busy = False

    def feed_media(self, event: media.Event) -> None:
        """Translate what the engine says of a connection; everything else is not about the call."""
        match event:
            case media.OfferReady(call_id, attempt, offer):
                self.feed(ev.OfferReady(call_id, attempt, offer))
            case media.AnswerReady(call_id, attempt, answer):
                self.feed(ev.AnswerReady(call_id, attempt, answer))
            case media.LocalCandidate(call_id, attempt, candidate):
                self.feed(ev.LocalCandidate(call_id, attempt, candidate))
            case media.PeerConnected(call_id, attempt):
                self.feed(ev.PeerConnected(call_id, attempt))
            case media.PeerFailed(call_id, attempt):
                self.feed(ev.PeerFailed(call_id, attempt))
            case media.NegotiationFailed(call_id, attempt):
                self.feed(ev.NegotiationFailed(call_id, attempt))
            case _:
                pass

    def feed_message(self, message: wire.Message) -> None:
        """Translate what the peer says of the call."""
        match message:
            case wire.Offer(call_id, attempt, sdp):
                self.feed(ev.OfferReceived(call_id, attempt, Description(sdp), consent=True))
            case wire.Answer(call_id, attempt, sdp):
                self.feed(ev.AnswerReceived(call_id, attempt, Description(sdp)))
            case wire.IceCandidate(call_id, attempt):
                self.feed(ev.CandidateReceived(call_id, attempt, message.value))
            case wire.Bye(call_id, reason):
                self.feed(ev.ByeReceived(call_id, reason))
            case wire.Restart(call_id, attempt):
                self.feed(ev.RestartReceived(call_id, attempt))
            case wire.Hello() | wire.Status() | wire.Reveal() | wire.Chat() | wire.ChatAck():
                pass  # not about the call's state

    def close(self) -> None:
        """Stop the clock. The call itself is ended by feeding HangUp."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _step(self, event: ev.Event) -> None:
        before = self.call
        self.call, effects = handle(before, event, self._loop.time())
        if self.call.state is not before.state:
            _log.info("call %s -> %s on %s", before.state.value, self.call.state.value, type(event).__name__)
        if self.call.deadline != before.deadline:
            self._set_timer()
        for effect in effects:
            if isinstance(effect, fx.SendBye) and effect.call_id == before.call_id:
                # also to a peer that the server does not reach; once the connection is closed it is too late
                bye = wire.Bye(effect.call_id, effect.reason)
                self._command(media.SendMessage(effect.call_id, wire.encode(bye).decode()))
        for effect in effects:
            self._run(effect)
        if self.call != before:
            self._on_change(before, self.call)

    def _set_timer(self) -> None:
        self.close()
        if self.call.deadline is not None:
            self._timer = self._loop.call_at(self.call.deadline, self._time_out)

    def _time_out(self) -> None:
        deadline = self.call.deadline
        if deadline is None:
            return
        if self._loop.time() < deadline:  # qasync's timers may fire up to a millisecond early
            self._set_timer()
            return
        self.feed(ev.Timeout())

    def _run(self, effect: fx.Effect) -> None:
        match effect:
            case fx.CreateOffer(call_id, attempt):
                self._command(media.CreateOffer(call_id, attempt))
            case fx.CreateAnswer(call_id, attempt, offer):
                self._command(media.CreateAnswer(call_id, attempt, offer))
            case fx.ApplyAnswer(call_id, attempt, answer):
                self._command(media.ApplyAnswer(call_id, attempt, answer))
            case fx.AddCandidate(call_id, attempt, candidate):
                self._command(media.AddCandidate(call_id, attempt, candidate))
            case fx.ClosePeer(call_id):
                self._command(media.ClosePeer(call_id))
            case fx.SendOffer(call_id, attempt, offer):
                self._send(wire.Offer(call_id, attempt, offer.sdp, self._status()))
            case fx.SendAnswer(call_id, attempt, answer):
                self._send(wire.Answer(call_id, attempt, answer.sdp, self._status()))
            case fx.SendCandidate(call_id, attempt, candidate):
                if candidate is None:
                    self._send(wire.IceCandidate(call_id, attempt, None))
                else:
                    self._send(
                        wire.IceCandidate(
                            call_id,
                            attempt,
                            candidate.candidate,
                            candidate.sdp_mid,
                            candidate.sdp_m_line_index,
                        )
                    )
            case fx.SendBye(call_id, reason):
                self._send(wire.Bye(call_id, reason))
            case fx.SendRestart(call_id, attempt):
                self._send(wire.Restart(call_id, attempt))
