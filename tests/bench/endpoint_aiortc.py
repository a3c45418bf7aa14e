"""A bare aiortc endpoint: no window; a picture counts as shown when `track.recv()` delivers it decoded."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import json
import os
import time
from collections.abc import Coroutine

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from websockets.asyncio.client import ClientConnection, connect

from bench import adapter
from bench.adapter import Opened, Options
from bench.frames import UNREADABLE, Drained, Shown, counter_of
from bench.grabs import grab_path
from bench.source import FPS, Y4mPictures

_VIDEO_CLOCK_HZ = 90_000
_SAMPLE_RATE_HZ = 48_000
_BLOCK_SAMPLES = 960
_TONE_HZ, _TONE_LEVEL = 440, 2000


class _Camera:
    """One camera of the process: free-running, like a device, whoever reads it."""

    def __init__(self, options: Options) -> None:
        self._pictures = Y4mPictures(options.camera)
        self._started_s: float | None = None
        self.shown: list[Shown] = []

    async def next_picture(self, after: int | None) -> tuple[int, av.VideoFrame]:
        """The next picture that is due, and its number."""
        if self._started_s is None:
            self._started_s = time.time()
        number = int((time.time() - self._started_s) * FPS) + 1
        if after is not None:
            number = max(number, after + 1)
        due_s = self._started_s + number / FPS
        await asyncio.sleep(due_s - time.time())
        counter = number % len(self._pictures)
        frame = av.VideoFrame.from_ndarray(self._pictures.yuv420p(counter), "yuv420p")
        frame.pts = number * (_VIDEO_CLOCK_HZ // FPS)
        frame.time_base = fractions.Fraction(1, _VIDEO_CLOCK_HZ)
        self.shown.append(Shown(counter, time.time(), frame.width, frame.height, due_s))
        return number, frame


class _CameraTrack(MediaStreamTrack):
    kind = "video"

    def __init__(self, camera: _Camera) -> None:
        super().__init__()
        self._camera = camera
        self._number: int | None = None

    async def recv(self) -> av.VideoFrame:
        self._number, frame = await self._camera.next_picture(self._number)
        return frame


class _ToneTrack(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._started_s: float | None = None
        self._block = 0

    async def recv(self) -> av.AudioFrame:
        if self._started_s is None:
            self._started_s = time.time()
        self._block += 1
        first = self._block * _BLOCK_SAMPLES
        await asyncio.sleep(self._started_s + first / _SAMPLE_RATE_HZ - time.time())
        phase = 2 * np.pi * _TONE_HZ * (np.arange(_BLOCK_SAMPLES) + first) / _SAMPLE_RATE_HZ
        samples = (_TONE_LEVEL * np.sin(phase)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
        frame.sample_rate = _SAMPLE_RATE_HZ
        frame.pts = first
        frame.time_base = fractions.Fraction(1, _SAMPLE_RATE_HZ)
        return frame


class AiortcEndpoint:
    """aiortc as it comes, one peer connection a call."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._camera = _Camera(options)
        self._remote: list[Shown] = []
        self._peer: RTCPeerConnection | None = None
        self._link: ClientConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._grab_every_s = 0.0
        self._grabbed_s = 0.0

    async def open(self) -> Opened:
        return Opened(os.getpid())

    async def start(self) -> None:
        self._link = await connect(self._options.plain_url, proxy=None)
        self._spawn(self._read_link(self._link))

    async def wait(self) -> None:
        """It answers whenever it is started."""

    async def call(self) -> float:
        called_s = time.time()
        peer = self._new_peer()
        await peer.setLocalDescription(await peer.createOffer())
        await self._send({"type": "offer", "sdp": peer.localDescription.sdp})
        return called_s

    async def hang_up(self) -> None:
        await self._send({"type": "bye"})
        await self._close_peer()

    async def drain(self) -> Drained:
        drained = Drained(self._camera.shown, self._remote)
        self._camera.shown, self._remote = [], []
        return drained

    async def grab(self, every_s: float) -> None:
        self._grab_every_s = every_s

    async def close(self) -> None:
        await self._close_peer()
        if self._link:
            await self._link.close()
        for task in list(self._tasks):
            task.cancel()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, message: dict[str, str]) -> None:
        if self._link is None:
            raise RuntimeError("not started")
        await self._link.send(json.dumps(message))

    async def _read_link(self, link: ClientConnection) -> None:
        async for text in link:
            await self._handle(json.loads(text))

    async def _handle(self, message: dict[str, str]) -> None:
        match message["type"]:
            case "offer":
                peer = self._new_peer()
                await peer.setRemoteDescription(RTCSessionDescription(message["sdp"], "offer"))
                await peer.setLocalDescription(await peer.createAnswer())
                await self._send({"type": "answer", "sdp": peer.localDescription.sdp})
            case "answer" if self._peer:
                await self._peer.setRemoteDescription(RTCSessionDescription(message["sdp"], "answer"))
            case "bye":
                await self._close_peer()

    def _new_peer(self) -> RTCPeerConnection:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.on("track", self._receive)
        peer.addTrack(_ToneTrack())
        peer.addTrack(_CameraTrack(self._camera))
        self._peer = peer
        return peer

    def _receive(self, track: MediaStreamTrack) -> None:
        self._spawn(self._show(track) if track.kind == "video" else self._drop(track))

    async def _drop(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()

    async def _show(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                shown_s = time.time()
                assert isinstance(frame, av.VideoFrame)
                plane = frame.planes[0]
                rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
                luma = rows[: frame.height, : frame.width]
                counter = counter_of(luma)
                self._remote.append(Shown(counter, shown_s, frame.width, frame.height, 0))
                due = self._grab_every_s and shown_s - self._grabbed_s >= self._grab_every_s
                if due and counter != UNREADABLE:
                    self._grabbed_s = shown_s
                    path = grab_path(
                        self._options.grab_directory, counter, frame.width, frame.height, shown_s
                    )
                    np.ascontiguousarray(luma).tofile(path)

    async def _close_peer(self) -> None:
        peer, self._peer = self._peer, None
        if peer:
            await peer.close()


if __name__ == "__main__":
    asyncio.run(adapter.run(AiortcEndpoint(adapter.parse_options())))
