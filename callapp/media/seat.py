"""A seat: one end of calls inside the engine, as the main thread sees it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from callapp.media.messages import Command, Event
from callapp.media.video.slot import FrameSlot

logger = logging.getLogger(__name__)


class Seat:
    """Commands in, events and pictures out. Made by `Engine.seat`.

    `remote` and `remote_screen` hold the newest pictures of the peer's camera and screen. Events are delivered on the
    loop that made the seat.
    """

    def __init__(
        self, submit: Callable[[Seat, Command], None], post: Callable[[Event], None], *, first: bool
    ) -> None:
        self.remote = FrameSlot()
        self.remote_screen = FrameSlot()
        self.first = first  # the person's: it has the devices, and its peer is heard
        self._submit = submit
        self._post = post
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def send(self, command: Command) -> None:
        """Hand a command over, in order, from any thread; it never blocks. Without effect once the engine is closed."""
        if not self._closed:
            self._submit(self, command)

    def deliver(self, event: Event) -> None:
        """Bring an event to the seat's listener; from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._arrive, event)
        except RuntimeError:  # the listener's loop has ended before the engine
            logger.debug("an event came after its listener's loop had ended")

    def close(self) -> None:
        """On the listener's loop: no event arrives from now on."""
        self._closed = True

    def _arrive(self, event: Event) -> None:
        if not self._closed:
            self._post(event)
