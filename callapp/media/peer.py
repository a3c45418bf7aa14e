"""One peer connection of one attempt of a call: tracks, negotiation, trickling, liveness, the data channel."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from aiortc import RTCDataChannel, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from callapp.call.description import Candidate, Description
from callapp.errors import ErrorCode, MediaError
from callapp.media.messages import (
    AnswerReady,
    Event,
    LocalCandidate,
    MessageReceived,
    NegotiationFailed,
    OfferReady,
    PeerConnected,
    PeerFailed,
    RemoteVideo,
    Trace,
    VideoRole,
)
from callapp.media.tracks import AudioTrack, VideoTrack
from callapp.media.transport import aiortc_seam as seam
from callapp.media.transport import sdp_check, sinks
from callapp.media.transport.task_owner import TaskOwner
from callapp.media.video.slot import FrameSlot
from callapp.media.video.vp8_encoder import CallVp8Encoder

logger = logging.getLogger(__name__)

SCREEN_REPEAT_S = 1.0
LIVENESS_S = 2.0
LATE_TIMER_S = 0.5  # a watch that fires this late says that this process stood still, not the peer
CLOSED_GRACE_S = 1.0  # the peer closed its connection: its bye through the server is about to say why
STEP_TIMEOUT_S = 0.5
CLOSE_TIMEOUT_S = 1.25
CANCEL_TIMEOUT_S = 0.5
MAX_CANDIDATES = 64
MAX_MESSAGE_BYTES = 16 * 1024
MAX_BUFFERED_BYTES = 1024 * 1024
MAX_EARLY_MESSAGES = 16  # said before the channel is open; then they go first


@dataclass(frozen=True)
class Outlets:
    """Where the peer's pictures and sound go; `play` None: the sound is decoded and dropped."""

    camera: FrameSlot
    screen: FrameSlot
    play: Callable[[npt.NDArray[np.int16]], None] | None


class Feeder(Protocol):
    """What feeds a peer's tracks: the sources."""

    def attach(self, audio: AudioTrack, camera: VideoTrack, screen: VideoTrack) -> None: ...
    def detach(self, audio: AudioTrack, camera: VideoTrack, screen: VideoTrack) -> None: ...


class Peer:
    """A peer connection with its permanent tracks.

    Negotiation steps run one after the other, each as an owned task; everything that goes wrong becomes an event, of
    which `post` gets at most one NegotiationFailed and, per connection made, one PeerFailed. `name` is the W3C
    codelab's for the trace: localPeerConnection or remotePeerConnection.
    """

    def __init__(
        self,
        call_id: str,
        attempt: int,
        name: str,
        sources: Feeder,
        outlets: Outlets,
        post: Callable[[Event], None],
    ) -> None:
        self.call_id, self.attempt = call_id, attempt
        self._name = name
        self._sources = sources
        self._outlets = outlets
        self._post_event = post
        self._loop = asyncio.get_running_loop()
        self._owner = TaskOwner(self._task_failed)
        self._turn = asyncio.Lock()
        self._detached = False
        self._failed = False
        self._connected = False
        self._silent = False
        self._watch: asyncio.TimerHandle | None = None
        self._remote_known = False
        self._early_candidates: list[Candidate | None] = []
        self._candidates_seen = 0
        self._sinks: dict[VideoRole | None, sinks.RemoteVideo | sinks.RemoteAudio] = {}
        self._owner.run(self._build)

    def _build(self) -> None:
        seam.install(CallVp8Encoder)
        self._connection = seam.new_peer_connection()
        self._audio, self._camera, self._screen = AudioTrack(), VideoTrack(), VideoTrack(SCREEN_REPEAT_S)
        for track in (self._audio, self._camera, self._screen):
            self._connection.addTransceiver(track, direction="sendrecv")
        # after the tracks: a data channel made first never connects in a bundle
        self._channel: RTCDataChannel = self._connection.createDataChannel("callapp", negotiated=True, id=0)
        self._channel.on("message", self._message_received)
        self._channel.on("open", self._channel_opened)
        self._early_messages: deque[str] = deque(maxlen=MAX_EARLY_MESSAGES)
        self._connection.on("track", self._track_received)
        self._connection.on("iceconnectionstatechange", self._ice_state_changed)
        self._connection.on("connectionstatechange", self._state_changed)
        self._transport = seam.transport_of(self._connection)
        self._sources.attach(self._audio, self._camera, self._screen)
        side = self._name.removesuffix("PeerConnection")
        self._trace(f"Created {side} peer connection object {self._name}.")

    # ---- negotiation

    def create_offer(self) -> None:
        """Post OfferReady, then the candidates."""
        self._negotiate(self._create_offer())

    def create_answer(self, offer: Description) -> None:
        """Post AnswerReady, then the candidates."""
        self._negotiate(self._create_answer(offer))

    def apply_answer(self, answer: Description) -> None:
        self._negotiate(self._set_remote(answer, "answer"))

    def add_candidate(self, candidate: Candidate | None) -> None:
        """Also before the remote description is known; None is the end of candidates."""
        self._candidates_seen += 1
        if self._candidates_seen > MAX_CANDIDATES:
            if self._candidates_seen == MAX_CANDIDATES + 1:
                self._trace(f"{self._name} more than {MAX_CANDIDATES} candidates: the rest is ignored.")
            return
        self._negotiate(self._add_candidate(candidate))

    def _negotiate(self, step: Coroutine[Any, Any, None]) -> None:
        if self._detached or self._failed:
            step.close()
            return
        self._owner.spawn(self._in_turn(step))

    async def _in_turn(self, step: Coroutine[Any, Any, None]) -> None:
        try:
            async with self._turn:
                if not (self._detached or self._failed):
                    await step
        except MediaError as error:
            self._negotiation_failed(error)
        except Exception as error:
            # the text of aiortc's errors may quote the description
            logger.debug("%s: negotiation failed", self._name, exc_info=True)
            self._negotiation_failed(MediaError(ErrorCode.NEGOTIATION_FAILED, type(error).__name__))
        finally:
            step.close()

    async def _create_offer(self) -> None:
        self._trace(f"{self._name} createOffer start.")
        offer = await self._connection.createOffer()
        description = sdp_check.early(offer.sdp)
        self._post(OfferReady(self.call_id, self.attempt, description))
        self._trace(f"Offer from {self._name}: {description.summary}.")
        await self._set_local(offer)

    async def _create_answer(self, offer: Description) -> None:
        await self._set_remote(offer, "offer")
        seam.leave_unoffered_out(self._connection)
        self._trace(f"{self._name} createAnswer start.")
        answer = await self._connection.createAnswer()
        description = sdp_check.early(answer.sdp)
        self._post(AnswerReady(self.call_id, self.attempt, description))
        self._trace(f"Answer from {self._name}: {description.summary}.")
        await self._set_local(answer)

    async def _set_local(self, description: RTCSessionDescription) -> None:
        self._trace(f"{self._name} setLocalDescription start.")
        await self._connection.setLocalDescription(description)
        self._trace(f"{self._name} setLocalDescription complete.")
        mid = sdp_check.first_mid(Description(description.sdp))
        for local in self._transport.transport.iceGatherer.getLocalCandidates():
            candidate = sdp_check.to_candidate(local, mid)
            self._post(LocalCandidate(self.call_id, self.attempt, candidate))
            self._trace(f"{self._name} ICE candidate: {candidate.summary}.")
        self._post(LocalCandidate(self.call_id, self.attempt, None))

    async def _set_remote(self, description: Description, kind: str) -> None:
        sdp_check.check_description(description)
        self._trace(f"{self._name} setRemoteDescription start.")
        await self._connection.setRemoteDescription(RTCSessionDescription(description.sdp, kind))
        self._trace(f"{self._name} setRemoteDescription complete.")
        self._remote_known = True
        early, self._early_candidates = self._early_candidates, []
        for candidate in early:
            await self._add_candidate(candidate)

    async def _add_candidate(self, candidate: Candidate | None) -> None:
        if not self._remote_known:
            self._early_candidates.append(candidate)
            return
        if candidate is None:
            await self._connection.addIceCandidate(None)
            return
        parsed = sdp_check.from_candidate(candidate)
        if parsed is None:
            self._trace(f"{self._name} a candidate was ignored.")
            return
        await self._connection.addIceCandidate(parsed)
        self._trace(f"{self._name} addIceCandidate success.")

    def _negotiation_failed(self, error: MediaError) -> None:
        if not self._failed:
            self._failed = True
            self._stop_watch()
            self._post(NegotiationFailed(self.call_id, self.attempt, error))

    def _task_failed(self, error: BaseException) -> None:
        """A task that aiortc started and forgot has failed."""
        logger.debug("%s: a task failed", self._name, exc_info=error)
        if self._connected:
            self._connection_failed()
        else:
            self._negotiation_failed(MediaError(ErrorCode.NEGOTIATION_FAILED, type(error).__name__))

    # ---- the connection

    def _ice_state_changed(self) -> None:
        self._trace(f"{self._name} ICE state: {self._connection.iceConnectionState}.")

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected" and not self._connected:
            self._connected = True
            self._post(PeerConnected(self.call_id, self.attempt))
            self._watch_packets(time.monotonic() + LIVENESS_S)
        elif state == "failed":
            self._connection_failed()
        elif state == "closed" and not self._detached:
            self._stop_watch()
            self._watch = self._loop.call_later(CLOSED_GRACE_S, self._connection_failed)

    def _connection_failed(self) -> None:
        self._stop_watch()
        if not self._failed:
            self._failed = True
            if not self._silent:
                self._post(PeerFailed(self.call_id, self.attempt))

    def _watch_packets(self, due: float) -> None:
        """Look again at `due` (time.monotonic() s) whether packets still come."""
        self._watch = self._loop.call_later(max(0.0, due - time.monotonic()), self._check_packets, due)

    def _check_packets(self, due: float) -> None:
        now = time.monotonic()
        last = self._transport.last_packet_at
        if now - due > LATE_TIMER_S:
            self._watch_packets(now + LIVENESS_S)
        elif last is not None and now - last < LIVENESS_S:
            self._watch_packets(last + LIVENESS_S)
        else:
            self._silent = True
            self._transport.on_packet = self._packets_are_back
            self._post(PeerFailed(self.call_id, self.attempt, silent=True))

    def _packets_are_back(self) -> None:
        self._transport.on_packet = None
        if not self._failed:
            self._silent = False
            self._post(PeerConnected(self.call_id, self.attempt))
            self._watch_packets(time.monotonic() + LIVENESS_S)

    def _stop_watch(self) -> None:
        self._transport.on_packet = None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    # ---- what the peer sends

    def _track_received(self, track: MediaStreamTrack) -> None:
        transceivers = self._connection.getTransceivers()
        index = next(i for i, transceiver in enumerate(transceivers) if transceiver.receiver.track is track)
        if index == 0:
            if not self._sinks:
                self._trace("Remote peer connection received remote stream.")
            audio = sinks.RemoteAudio(self._outlets.play or _drop)
            self._sinks[None] = audio
            seam.attach_sink(track, audio)
        elif index <= 2:
            role, slot = (
                (VideoRole.CAMERA, self._outlets.camera)
                if index == 1
                else (VideoRole.SCREEN, self._outlets.screen)
            )
            video = sinks.RemoteVideo(slot, lambda width, height: self._size_changed(role, width, height))
            self._sinks[role] = video
            seam.attach_sink(track, video)
        else:
            seam.attach_sink(track, _drop)

    def _size_changed(self, role: VideoRole, width_px: int, height_px: int) -> None:
        """On the decoder's thread."""
        event = RemoteVideo(self.call_id, role, width_px, height_px)
        try:
            self._loop.call_soon_threadsafe(self._post, event)
        except RuntimeError:  # the engine's loop has ended
            return

    def _message_received(self, message: str | bytes) -> None:
        if not isinstance(message, str) or len(message.encode(errors="replace")) > MAX_MESSAGE_BYTES:
            self._trace(
                f"{self._name} a message was ignored: not a text of at most {MAX_MESSAGE_BYTES} bytes."
            )
            return
        self._post(MessageReceived(self.call_id, message))

    def send_message(self, text: str) -> None:
        """Best effort: dropped, and traced, if the channel is closed or congested or the text too long."""
        if self._channel.readyState == "connecting":
            self._early_messages.append(text)
            return
        if (
            self._channel.readyState != "open"
            or self._channel.bufferedAmount > MAX_BUFFERED_BYTES
            or len(text.encode(errors="replace")) > MAX_MESSAGE_BYTES
        ):
            self._trace(f"{self._name} a message could not be sent.")
            return
        self._owner.run(self._channel.send, text)

    def _channel_opened(self) -> None:
        while self._early_messages:
            self.send_message(self._early_messages.popleft())

    # ---- the end

    def detach(self, *, keep_pictures: bool = False) -> None:
        """From now on post nothing and deliver nothing; `keep_pictures`: another attempt takes over the slots."""
        if self._detached:
            return
        self._detached = True
        self._stop_watch()
        self._sources.detach(self._audio, self._camera, self._screen)
        for sink in self._sinks.values():
            sink.close()
        if not keep_pictures:
            self._outlets.camera.clear()
            self._outlets.screen.clear()

    async def close(self) -> None:
        """End the connection and everything that was begun for it, within 2.25 s whatever its state."""
        self.detach()
        # a step under way ends first: sockets that aioice is just opening could not be closed
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STEP_TIMEOUT_S):
                await self._turn.acquire()
        closing = self._owner.spawn(self._connection.close())
        _, pending = await asyncio.wait({closing}, timeout=CLOSE_TIMEOUT_S)
        if pending:
            logger.warning("%s did not close in time", self._name)
            seam.abort_sockets(self._connection)
        if not await self._owner.cancel(CANCEL_TIMEOUT_S):
            logger.warning("%s left %d tasks running", self._name, len(self._owner))

    def _post(self, event: Event) -> None:
        if not self._detached:
            self._post_event(event)

    def _trace(self, text: str) -> None:
        self._post(Trace(text))


def _drop(_: object) -> None:
    """Where nobody listens."""
