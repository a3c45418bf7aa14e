"""What happens to pictures besides being painted: the frame tap, and the headless consumer of the slots."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from callapp.main.arguments import FrameTap
from callapp.media.messages import VideoRole
from callapp.media.video.convert import luma
from callapp.media.video.slot import FrameSlot, Picture

_log = logging.getLogger(__name__)

RemoteShown = Callable[[VideoRole, int, int, float], None]


class Shown:
    """Told of every picture that was shown: passes it to the frame tap, and remote ones to the session."""

    def __init__(self, tap: FrameTap | None, remote_shown: RemoteShown) -> None:
        self._tap = tap
        self._remote_shown = remote_shown

    def __call__(self, kind: str, picture: Picture, shown_at: float) -> None:
        """kind: "local", "remote" or "screen"; `shown_at` in Unix s."""
        frame = picture.frame
        if kind != "local":
            role = VideoRole.SCREEN if kind == "screen" else VideoRole.CAMERA
            self._remote_shown(role, frame.width, frame.height, shown_at)
        if self._tap is not None:
            try:
                self._tap(kind, luma(frame), shown_at, picture.captured_at)
            except Exception:  # the tap is somebody else's code: it must not end the call
                _log.exception("the frame tap failed and is switched off")
                self._tap = None


class HeadlessScreen:
    """Takes pictures out of the slots on the loop's thread, as a window would."""

    def __init__(self, slots: dict[str, FrameSlot], shown: Shown) -> None:
        loop = asyncio.get_running_loop()
        self._slots = slots
        self._shown = shown
        for kind, slot in slots.items():
            slot.on_filled = self._waker(loop, kind, slot)

    def _waker(self, loop: asyncio.AbstractEventLoop, kind: str, slot: FrameSlot) -> Callable[[], None]:
        def wake() -> None:
            try:
                loop.call_soon_threadsafe(self._take, kind, slot)
            except RuntimeError:
                _log.debug("the loop has ended before the last picture")

        return wake

    def _take(self, kind: str, slot: FrameSlot) -> None:
        picture = slot.take()
        if picture is not None:
            self._shown(kind, picture, time.time())

    def close(self) -> None:
        for slot in self._slots.values():
            slot.on_filled = None
