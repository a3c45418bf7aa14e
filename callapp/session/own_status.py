"""What the own side tells the peer of itself: its name, and what is switched off."""

from __future__ import annotations

from collections.abc import Callable

from callapp.call.machine import Call
from callapp.media.messages import Command, SendMessage
from callapp.session import messages as wire
from callapp.session.view import LIVE_STATES, Me


class OwnStatus:
    """Tells each change once, over the data channel and, in case that is not open yet, through the server."""

    def __init__(
        self,
        me: Callable[[], Me],
        *,
        send: Callable[[wire.Message], None],
        command: Callable[[Command], None],
    ) -> None:
        self._me = me
        self._send = send
        self._command = command
        self._told: wire.Status | None = None

    def message(self) -> wire.Status:
        me = self._me()
        return wire.Status(
            name=me.name,
            muted=me.muted or me.microphone is None,
            camera_off=me.camera_off or me.camera is None,
            sharing=me.sharing,
        )

    def tell(self, call: Call, *, again: bool = False) -> None:
        """`again`: also if nothing has changed, since the peer may not have it."""
        status = self.message()
        if call.state not in LIVE_STATES or (status == self._told and not again):
            return
        self._told = status
        self._send(status)
        self._command(SendMessage(call.call_id, wire.encode(status).decode()))
