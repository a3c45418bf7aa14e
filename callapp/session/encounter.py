"""Who is in the room with us, and what that does to the call: the events of the signaling link.

Who joins a room second makes the offer, at once. Towards a browser the app always makes it: a browser says hello
when it comes, and again when its Call is pressed (docs/adr/0002-offerer.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from callapp.call import events as ev
from callapp.call.model import SETTING_UP
from callapp.call.states import Reason, State
from callapp.errors import CallAppError, ErrorCode
from callapp.media.messages import Sound
from callapp.session import messages as wire
from callapp.session.audience import Audience
from callapp.session.banner import Banner
from callapp.session.companion import Companion
from callapp.session.conversation import Conversation
from callapp.session.place import Place
from callapp.session.runner import CallRunner, new_call_id
from callapp.session.trust import Trust
from callapp.session.view import LIVE_STATES, Action, Notice, NoticeCode, Room
from callapp.signaling import events as signaling
from callapp.signaling.sealing import Interference


class Encounter:
    """`play` plays a sound of the app's own, `give_up` leaves the room."""

    def __init__(
        self,
        *,
        place: Place,
        runner: CallRunner,
        conversation: Conversation,
        trust: Trust,
        companion: Companion,
        banner: Banner,
        audience: Audience,
        play: Callable[[Sound], None],
        give_up: Callable[[], None],
    ) -> None:
        self._place = place
        self._runner = runner
        self._conversation = conversation
        self._trust = trust
        self._companion = companion
        self._banner = banner
        self._audience = audience
        self._play = play
        self._give_up = give_up
        self._may_call_again = False  # a set-up that breaks now broke with the way to the server

    def hear(self, event: signaling.LinkEvent) -> None:
        match event:
            case signaling.Joined(peer_present):
                self._entered(peer_present)
            case signaling.Restored(peer_present):
                self._runner.feed(ev.LinkRestored(peer_present))
                self._banner.drop(NoticeCode.SERVER_LOST)
                self._may_call_again = True
                self._entered(peer_present)
            case signaling.PeerJoined():
                self._conversation.greet()
                self._reveal_again()
                self._runner.feed(ev.PeerJoined())
                if not self._call_live:
                    self._companion.expected(time.time())
                    self._banner.drop(NoticeCode.PEER_LEFT, NoticeCode.PEER_LOST)
                    self._play(Sound.JOINED)
            case signaling.PeerLeft():
                self._runner.feed(ev.PeerLeft())
            case signaling.Proved(link):
                self._trust.proved(link)
            case signaling.Received(payload):
                self._received(payload)
            case signaling.Lost(refused, untrusted):
                self._lost(refused=refused, untrusted=untrusted)
            case signaling.Failed(error):
                self._runner.feed(ev.LinkLost())
                self._banner.show(Notice(NoticeCode.ERROR, (Action.TRY_AGAIN, Action.NEW_ROOM), error))
                self._give_up()
            case signaling.Tampered(kind):
                self._tampered(kind)
            case signaling.Missed():
                self._audience.trace("messages were lost with the connection to the server")
            case signaling.ServerNotice(text):
                self._audience.trace(f"server: {text}")
            case signaling.RoomFull():
                pass  # the join has failed with it

    @property
    def _call_live(self) -> bool:
        return self._runner.call.state in LIVE_STATES

    def _entered(self, peer_present: bool) -> None:
        if not peer_present:
            return
        self._conversation.greet()
        if self._call_live:
            self._reveal_again()
        else:
            self._place_call()

    def _place_call(self) -> None:
        self._may_call_again = False
        self._runner.feed(ev.Place(new_call_id()))

    def _reveal_again(self) -> None:
        """The peer may have missed it while a connection to the server was broken."""
        if self._trust.revealed is not None:
            self._conversation.send(self._trust.revealed)

    def call_ended(self, reason: Reason, before: State) -> bool:
        """Whether to call again: one of us gave the set-up up while it had no way to the other, who is there again."""
        again = (
            self._may_call_again
            and before in SETTING_UP
            and reason in (Reason.PEER_LEFT, Reason.PEER_LOST)
            and self._place.room is Room.PEER
        )
        if again:
            self._audience.trace("The set-up broke with the connection to the server: again.")
            self._companion.expected(time.time())
            self._place_call()
        return again

    def _received(self, payload: bytes) -> None:
        message = self._conversation.on_sealed(payload)
        if not isinstance(message, wire.Hello):
            return
        if self._call_live:
            self._reveal_again()
        elif message.agent is wire.Agent.BROWSER:
            self._place_call()

    def _lost(self, *, refused: bool, untrusted: bool) -> None:
        self._runner.feed(ev.LinkRefused() if refused else ev.LinkLost())
        if untrusted:
            self._audience.trace("what answers at the server's address is not the server")
        if not self._call_live and self._place.room is not Room.NONE:
            self._banner.show(Notice(NoticeCode.SERVER_LOST))

    def _tampered(self, kind: Interference) -> None:
        self._audience.trace(f"a message through the server was dropped: {kind.value}")
        if kind is Interference.OTHER_LINK:
            error = CallAppError(
                ErrorCode.OTHER_LINK, "no secret of this room opens the peer's first message"
            )
            self._banner.show(Notice(NoticeCode.ERROR, (Action.NEW_ROOM,), error))
        else:
            self._trust.interfered()
