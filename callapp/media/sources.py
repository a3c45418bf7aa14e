"""The person's camera, microphone, screen and speaker: opened, switched and released once, for every call.

Peer connections bring their permanent tracks (`attach`) and get what the open sources deliver. Pictures and sound
blocks go from the source's thread to the tracks and the local view directly; only commands and losses run on the
engine's loop.

Commands are answered in the events of callapp.media.messages. One that a newer one for the same device overtakes is
answered by the newer one's event; SwitchSource and EnableSource wait for a Start in progress, CloseSources and another
OpenSources end it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from callapp.errors import CallAppError, Device, ErrorCode, MediaError
from callapp.media.devices import Devices, OnLost, Output, Samples, Source
from callapp.media.messages import (
    EnableSource,
    Event,
    OpenSources,
    Share,
    Sound,
    SourceChanged,
    SourceFailed,
    SourceInfo,
    SourcesFailed,
    SourcesOpened,
    SwitchSource,
)
from callapp.media.specs import NONE, MediaSpec, SpecKind, VideoWish
from callapp.media.tracks import AudioTrack, VideoTrack
from callapp.media.transport.task_owner import TaskOwner
from callapp.media.video.convert import copy_frame
from callapp.media.video.slot import FrameSlot, Picture

logger = logging.getLogger(__name__)

RELEASE_TIMEOUT_S = 1.5


class _Feed:
    """One source's way to its consumers: keeps the newest picture or block back until the source is in use."""

    def __init__(self, deliver: Callable[[Any], None]) -> None:
        self._deliver = deliver
        self._lock = threading.Lock()  # nothing is delivered any more once `stop` has returned
        self._newest: Any = None
        self._live = False

    def __call__(self, item: Any, captured_at: float | None = None) -> None:
        with self._lock:
            self._newest = item
            if self._live:
                self._deliver(item)

    def start(self) -> None:
        with self._lock:
            self._live = True
            if self._newest is not None:
                self._deliver(self._newest)

    def stop(self) -> None:
        with self._lock:
            self._live = False


class _Lane:
    """One device: what is chosen, what is open, and whose turn it is."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.spec = NONE  # wanted
        self.enabled = True  # wanted
        self.open_spec = NONE  # of `source`
        self.source: Source | None = None
        self.feed: _Feed | None = None
        self.turn = asyncio.Lock()
        self.change: asyncio.Task[None] | None = None
        self.releases: set[asyncio.Task[None]] = set()

    @property
    def info(self) -> SourceInfo | None:
        return self.source.info if self.source is not None else None


class Sources:
    """Owns every device. All methods but `play` run on the engine's loop; `post` gets the events."""

    def __init__(
        self, devices: Devices, local: FrameSlot, post: Callable[[Event], None], owner: TaskOwner
    ) -> None:
        self._devices = devices
        self._local = local
        self._post = post
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._lanes = {device: _Lane(device) for device in Device}
        self._wish = VideoWish()
        self._started = False
        self._opening: asyncio.Task[None] | None = None
        self._speaker: Output | None = None
        # read on the sources' threads: replaced, never changed
        self._tracks: dict[Device, tuple[Any, ...]] = dict.fromkeys(Device, ())
        self._newest: dict[Device, Picture] = {}

    # ---- consumers

    def attach(self, audio: AudioTrack, camera: VideoTrack, screen: VideoTrack) -> None:
        """Feed these tracks from now on; a running camera's newest picture goes out at once."""
        audio.set_live(self._lanes[Device.MICROPHONE].source is not None)
        for device, track in ((Device.CAMERA, camera), (Device.SCREEN, screen)):
            if newest := self._newest.get(device):
                track.put(_own_copy(newest))
        for device, any_track in self._by_device(audio, camera, screen):
            self._tracks[device] = (*self._tracks[device], any_track)

    def detach(self, audio: AudioTrack, camera: VideoTrack, screen: VideoTrack) -> None:
        for device, track in self._by_device(audio, camera, screen):
            self._tracks[device] = tuple(t for t in self._tracks[device] if t is not track)

    def play(self, samples: Samples) -> None:
        """The peer's sound, 48 kHz mono, from any thread."""
        if (speaker := self._speaker) is not None:
            speaker.write(samples)

    async def play_sound(self, sound: Sound) -> None:
        """Mix one of the app's sounds into the speaker."""
        try:
            samples = await self._loop.run_in_executor(None, self._devices.load_sound, sound)
        except (CallAppError, OSError) as error:
            logger.warning("the sound %s cannot be played: %s", sound.value, error)
            return
        if self._speaker is not None:
            self._speaker.play_effect(samples)

    # ---- commands

    def open(self, command: OpenSources) -> None:
        """Start. Whatever was open before is closed first."""
        self._overtake_all()
        self._wish = command.wish
        self._started = True
        lanes = [self._lanes[device] for device in (Device.CAMERA, Device.MICROPHONE, Device.SPEAKER)]
        for lane, spec in zip(lanes, (command.camera, command.microphone, command.speaker), strict=True):
            lane.spec, lane.enabled = spec, True
        self._opening = self._owner.spawn(self._open_all(lanes, self._opening))

    def close_sources(self) -> None:
        """Release camera, microphone and screen; a Start in progress ends with an AbortError."""
        if self._opening is not None and not self._opening.done():
            self._post(
                SourcesFailed(MediaError(ErrorCode.ABORT, "closed while the devices were being opened"))
            )
        self._overtake_all()
        self._started = False
        self._lanes[Device.SCREEN].spec = NONE
        for device in (Device.CAMERA, Device.MICROPHONE, Device.SCREEN):
            self._begin_release(self._lanes[device])

    def switch(self, command: SwitchSource) -> None:
        lane = self._lanes[command.device]
        lane.spec = command.spec
        self._change(lane)

    def enable(self, command: EnableSource) -> None:
        lane = self._lanes[command.device]
        lane.enabled = command.enabled
        self._change(lane)

    def share(self, command: Share) -> None:
        lane = self._lanes[Device.SCREEN]
        lane.spec = NONE if command.screen is None else MediaSpec(SpecKind.SCREEN, command.screen)
        self._change(lane)

    async def close(self) -> None:
        """Release everything, the speaker too."""
        self._overtake_all()
        for lane in self._lanes.values():
            self._begin_release(lane)
        releases = [release for lane in self._lanes.values() for release in lane.releases]
        if releases:
            await asyncio.wait(releases, timeout=RELEASE_TIMEOUT_S)

    # ---- Start

    async def _open_all(self, lanes: list[_Lane], before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            await asyncio.wait({before})
        async with contextlib.AsyncExitStack() as turns:
            for lane in lanes:
                await turns.enter_async_context(lane.turn)
            try:
                await asyncio.gather(*(self._release(lane) for lane in lanes))
                results = await asyncio.gather(*(self._try_open(lane) for lane in lanes))
            except asyncio.CancelledError:
                for lane in lanes:
                    self._begin_release(lane)
                raise
            errors = [error for error in results[:2] if error is not None]
            if errors:
                await asyncio.gather(*(self._release(lane) for lane in lanes))
                self._started = False
                self._post(SourcesFailed(errors[0]))
                return
        camera, microphone, speaker = (lane.info for lane in lanes)
        self._post(SourcesOpened(camera, microphone, speaker))
        if results[2] is not None:  # no sound output is no reason not to start
            self._post(SourceFailed(Device.SPEAKER, results[2]))

    async def _try_open(self, lane: _Lane) -> MediaError | None:
        if not lane.enabled:
            return None
        spec = lane.spec
        try:
            opened = await self._open(lane, spec)
        except MediaError as error:
            return error
        self._use(lane, spec, opened)
        return None

    # ---- one device

    def _overtake_all(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        for lane in self._lanes.values():
            if lane.change is not None:
                lane.change.cancel()

    def _change(self, lane: _Lane) -> None:
        """Bring the device to what is wanted of it now; a change still under way is overtaken."""
        if lane.change is not None:
            lane.change.cancel()
        lane.change = self._owner.spawn(self._reconcile(lane))

    async def _reconcile(self, lane: _Lane) -> None:
        async with lane.turn:
            await self._released(lane)
            wanted = lane.enabled and (self._started or lane.device is Device.SCREEN)
            if not wanted:
                await self._release(lane)
            elif lane.source is None or lane.open_spec != lane.spec:
                # the new source first, so that a failure leaves the old one in use
                spec = lane.spec
                try:
                    opened = await self._open(lane, spec)
                except MediaError as error:
                    if lane.source is not None:
                        lane.spec = lane.open_spec
                    elif lane.device is Device.SCREEN:
                        lane.spec = NONE
                    else:
                        lane.enabled = False
                    self._post(SourceFailed(lane.device, error))
                    return
                self._begin_release(lane)
                self._use(lane, spec, opened)
                await self._released(lane)
            self._post(SourceChanged(lane.device, lane.info))

    async def _open(self, lane: _Lane, spec: MediaSpec) -> tuple[Source, _Feed] | None:
        """An open source and its feed; None for the SPEC `none`. Raises MediaError."""
        if spec.kind is SpecKind.NONE and lane.device is not Device.SPEAKER:
            return None
        feed = _Feed(lambda item: self._deliver(lane.device, item))
        source: Source | None = None

        def lost(error: MediaError) -> None:
            self._loop.call_soon_threadsafe(self._lost, lane, feed, error)

        try:
            source = self._make(lane.device, spec, feed, lost)
            await source.open()
        except BaseException as error:
            if source is not None:
                await asyncio.shield(self._owner.spawn(_close_quietly(source)))
            if isinstance(error, (MediaError, asyncio.CancelledError)):
                raise
            logger.exception("opening the %s failed", lane.device.value)
            raise MediaError(ErrorCode.NOT_READABLE, type(error).__name__, device=lane.device) from error
        return source, feed

    def _make(self, device: Device, spec: MediaSpec, feed: _Feed, lost: OnLost) -> Source:
        if device is Device.CAMERA:
            return self._devices.video_source(spec, self._wish, feed, lost)
        if device is Device.SCREEN:
            return self._devices.screen_source(spec.name, feed, lost)
        if device is Device.MICROPHONE:
            return self._devices.audio_input(spec, feed, lost)
        return self._devices.audio_output(spec, lost)

    def _use(self, lane: _Lane, spec: MediaSpec, opened: tuple[Source, _Feed] | None) -> None:
        lane.open_spec = spec
        if opened is None:
            return
        lane.source, lane.feed = opened
        if lane.device is Device.SPEAKER:
            self._speaker = lane.source  # type: ignore[assignment]
        elif lane.device is Device.MICROPHONE:
            self._set_audio_live(True)
        lane.feed.start()

    def _begin_release(self, lane: _Lane) -> None:
        """Nothing of the lane's source is delivered from here on; closing it goes on in the background."""
        source, feed = lane.source, lane.feed
        lane.source = lane.feed = None
        if source is None or feed is None:
            return
        feed.stop()
        self._newest.pop(lane.device, None)
        if lane.device is Device.CAMERA:
            self._local.clear()
        if lane.device is Device.SPEAKER:
            self._speaker = None
        elif lane.device is Device.MICROPHONE:
            self._set_audio_live(False)
        else:
            for track in self._tracks[lane.device]:
                track.clear()
        release = self._owner.spawn(_close_quietly(source))
        lane.releases.add(release)
        release.add_done_callback(lane.releases.discard)

    async def _release(self, lane: _Lane) -> None:
        self._begin_release(lane)
        await self._released(lane)

    async def _released(self, lane: _Lane) -> None:
        """Until the device is free for another source."""
        if lane.releases:
            await asyncio.wait(lane.releases)

    def _lost(self, lane: _Lane, feed: _Feed, error: MediaError) -> None:
        if lane.feed is feed:
            self._begin_release(lane)
            self._post(SourceFailed(lane.device, error, lost=True))

    # ---- the sources' threads

    def _deliver(self, device: Device, item: Any) -> None:
        if device is Device.MICROPHONE:
            for track in self._tracks[device]:
                track.put(item)
            return
        self._newest[device] = item
        if device is Device.CAMERA:
            self._local.put(item)
        for index, track in enumerate(self._tracks[device]):
            track.put(item if index == 0 else _own_copy(item))

    def _set_audio_live(self, live: bool) -> None:
        for track in self._tracks[Device.MICROPHONE]:
            track.set_live(live)

    @staticmethod
    def _by_device(
        audio: AudioTrack, camera: VideoTrack, screen: VideoTrack
    ) -> tuple[tuple[Device, Any], ...]:
        return (Device.MICROPHONE, audio), (Device.CAMERA, camera), (Device.SCREEN, screen)


def _own_copy(picture: Picture) -> Picture:
    """For a second encoder: an encoder writes times into the frame it is given."""
    return Picture(copy_frame(picture.frame), picture.captured_at)


async def _close_quietly(source: Source) -> None:
    """Close a source, whatever it does: a device that hangs must not hold a call or the app's end."""
    try:
        async with asyncio.timeout(RELEASE_TIMEOUT_S):
            await source.close()
    except TimeoutError:
        logger.warning("%s did not close in time", type(source).__name__)
    except Exception:
        logger.exception("closing %s failed", type(source).__name__)
