"""A throw-away call with oneself at the engine's start, so that the first real call is as fast as the next ones.

It loads codecs, starts worker threads, makes the certificate and fills caches: 20-30 ms of a first call's set-up.
"""

from __future__ import annotations

import asyncio
import logging

import av

from callapp.media.messages import AnswerReady, Event, LocalCandidate, OfferReady, RemoteVideo
from callapp.media.peer import Outlets, Peer
from callapp.media.tracks import AudioTrack, VideoTrack
from callapp.media.video.slot import FrameSlot, Picture

logger = logging.getLogger(__name__)

TIMEOUT_S = 3.0


class _StillPicture:
    """Feeds one grey picture, opens no device."""

    def attach(self, audio: AudioTrack, camera: VideoTrack, screen: VideoTrack) -> None:
        camera.put(Picture(av.VideoFrame(640, 480, "yuv420p")))

    def detach(self, audio: AudioTrack, camera: VideoTrack, screen: VideoTrack) -> None:
        pass


class WarmUp:
    """Two peers of one process, wired to each other."""

    def __init__(self) -> None:
        self._shown = asyncio.Event()
        outlets = Outlets(FrameSlot(), FrameSlot(), None)
        self._caller = Peer("warm-up", 0, "warm-up caller", _StillPicture(), outlets, self._from_caller)
        self._callee = Peer("warm-up", 0, "warm-up callee", _StillPicture(), outlets, self._from_callee)

    async def run(self) -> None:
        """Call, wait for the first picture, hang up. A failure only means that the first real call is slower."""
        try:
            self._caller.create_offer()
            async with asyncio.timeout(TIMEOUT_S):
                await self._shown.wait()
        except TimeoutError:
            logger.info("the warm-up call did not connect")
        finally:
            await asyncio.gather(self._caller.close(), self._callee.close())

    def _from_caller(self, event: Event) -> None:
        if isinstance(event, OfferReady):
            self._callee.create_answer(event.offer)
        elif isinstance(event, LocalCandidate):
            self._callee.add_candidate(event.candidate)

    def _from_callee(self, event: Event) -> None:
        if isinstance(event, AnswerReady):
            self._caller.apply_answer(event.answer)
        elif isinstance(event, LocalCandidate):
            self._caller.add_candidate(event.candidate)
        elif isinstance(event, RemoteVideo):
            self._shown.set()
