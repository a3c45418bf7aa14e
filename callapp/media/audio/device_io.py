"""A microphone and a speaker through miniaudio.

The callbacks run on native threads that the sound system waits for: they copy between rings and wake the
loop, nothing else. Python lets a waiting thread have the interpreter after `sys.getswitchinterval()`; with
the default 5 ms the callbacks are late under load, so the app sets 0.5 ms at its start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Generator
from typing import Any

import miniaudio
import numpy as np

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.audio.blocks import BLOCK_S, BLOCK_SAMPLES, SAMPLE_RATE_HZ, OnBlock, Samples
from callapp.media.audio.devices import Endpoint, default_endpoint, endpoints, named_endpoint
from callapp.media.audio.pacing import in_thread
from callapp.media.audio.ring import Ring
from callapp.media.messages import SourceInfo

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
CAPTURE_RING_SAMPLES = SAMPLE_RATE_HZ // 5
CHECK_S = 0.5
SILENT_CALLBACK_S = 1.0
FIRST_CALLBACK_S = 5.0  # a Bluetooth headset changes its profile first
LIST_EVERY = 4  # checks, so every 2 s


class _ContextOwner(miniaudio.AbstractDevice):  # type: ignore[misc]  # miniaudio has no types
    """Gives back the device's context, too: the library itself leaks it with five file descriptors."""

    def __init__(self, **options: object) -> None:
        try:
            super().__init__(**options)
        except miniaudio.MiniaudioError:
            self.close()
            raise

    def close(self) -> None:
        super().close()
        context = getattr(self, "_context", None)  # missing if there was no sound system
        if context is not None:
            self._context = None
            miniaudio.lib.ma_context_uninit(context)


class _Capture(_ContextOwner, miniaudio.CaptureDevice):  # type: ignore[misc]  # miniaudio has no types
    pass


class _Playback(_ContextOwner, miniaudio.PlaybackDevice):  # type: ignore[misc]  # miniaudio has no types
    pass


def _start(
    kind: type[_ContextOwner], endpoint: Endpoint, default: bool, callback: Generator[object, Any, None]
) -> _ContextOwner:
    """Open and start; the default device without its id, so that the sound system may move it."""
    ffi = miniaudio.ffi
    device_id = None if default else ffi.from_buffer("ma_device_id*", endpoint.raw_id)
    device = kind(
        nchannels=1,
        sample_rate=SAMPLE_RATE_HZ,
        buffersize_msec=round(BLOCK_S * 1000),
        device_id=device_id,
        backends=[endpoint.backend],
        app_name="CallApp",
    )
    try:
        next(callback)
        device.start(callback)
    except miniaudio.MiniaudioError:
        device.close()
        raise
    return device


def media_error(error: miniaudio.MiniaudioError, device: Device, name: str) -> MediaError:
    """miniaudio's result code (ma_result) as a standard name."""
    lib = miniaudio.lib
    result = error.args[1] if len(error.args) > 1 else None
    if result in (lib.MA_NO_BACKEND, lib.MA_NO_DEVICE, lib.MA_DOES_NOT_EXIST):
        code = ErrorCode.NOT_FOUND
    elif result == lib.MA_ACCESS_DENIED:
        code = ErrorCode.NOT_ALLOWED
    else:
        code = ErrorCode.NOT_READABLE
    return MediaError(code, f"miniaudio: {' '.join(map(str, error.args))}", device=device, subject=name)


def _close_opened(opened: tuple[Endpoint, _ContextOwner]) -> None:
    opened[1].close()


class _OpenDevice:
    """What a microphone and a speaker have in common: opening, watching that it lives, closing.

    `name` "" stands for the system's default. It may move to another device while it is open, and some sound
    systems do that by themselves when one is pulled out; so the default is lost only when no device is left,
    or when it falls silent.
    """

    def __init__(
        self,
        device: Device,
        name: str,
        start: Callable[[Endpoint, bool], _ContextOwner],
        on_lost: Callable[[MediaError], None],
    ) -> None:
        self.info = SourceInfo(name)
        self.called_at = 0.0  # monotonic s of the last callback, 0 before the first
        self._kind = device
        self._name = name
        self._start = start
        self._on_lost = on_lost
        self._device: _ContextOwner | None = None
        self._watching: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Find the device, open and start it off the loop, and watch it from then on."""
        opened_at = time.monotonic()
        try:
            endpoint, device = await in_thread(
                f"open-{self._kind.value}", self._find_and_start, _close_opened, OPEN_TIMEOUT_S
            )
        except TimeoutError as error:
            detail = "the sound system does not answer"
            raise MediaError(ErrorCode.NOT_READABLE, detail, device=self._kind, subject=self._name) from error
        self._device = device
        self.info = SourceInfo(endpoint.info.label)
        watch = self._watch(endpoint, opened_at)
        self._watching = asyncio.create_task(watch, name=f"watch-{self._kind.value}")

    async def close(self) -> None:
        """Release the device. Idempotent; 1 s at the most, even if the sound system hangs."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait([watching])
        device, self._device = self._device, None
        if device is None:
            return
        try:
            await in_thread(f"close-{self._kind.value}", device.close, lambda _: None, CLOSE_TIMEOUT_S)
        except TimeoutError:
            log.warning("%s: the sound system does not let go of it", self._kind.value)

    def _find_and_start(self) -> tuple[Endpoint, _ContextOwner]:
        endpoint = named_endpoint(self._kind, self._name) if self._name else default_endpoint(self._kind)
        try:
            return endpoint, self._start(endpoint, not self._name)
        except miniaudio.MiniaudioError as error:
            raise media_error(error, self._kind, endpoint.info.label) from error

    async def _watch(self, endpoint: Endpoint, opened_at: float) -> None:
        late = 0
        checks = 0
        while True:
            await asyncio.sleep(CHECK_S)
            checks += 1
            allowed_s = SILENT_CALLBACK_S if self.called_at else FIRST_CALLBACK_S
            is_late = time.monotonic() - max(self.called_at, opened_at) > allowed_s
            late = late + 1 if is_late else 0
            if (
                late == 2
            ):  # not at once: after a pause of the whole process we may come before the first callback
                detail = "it no longer delivers"
                break
            if checks % LIST_EVERY == 0 and await self._is_gone(endpoint):
                detail = "it was removed"
                break
        self._on_lost(
            MediaError(ErrorCode.DEVICE_LOST, detail, device=self._kind, subject=endpoint.info.label)
        )

    async def _is_gone(self, endpoint: Endpoint) -> bool:
        try:
            found = await in_thread(
                f"list-{self._kind.value}", lambda: endpoints(self._kind), lambda _: None, OPEN_TIMEOUT_S
            )
        except TimeoutError:
            return False  # then it will fall silent, too
        if not self._name:
            return all(other.monitor for other in found)
        return all(other.info.id != endpoint.info.id for other in found)


class DeviceInput:
    """A microphone, opened once. `on_block` and `on_lost` are called on the loop that opened it."""

    def __init__(self, name: str, on_block: OnBlock, on_lost: Callable[[MediaError], None]) -> None:
        self._device = _OpenDevice(Device.MICROPHONE, name, self._start, self._lost)
        self._on_block = on_block
        self._on_lost = on_lost
        self._ring = Ring(CAPTURE_RING_SAMPLES)
        self._mark = (0, 0.0)  # samples written so far, and the Unix time of the last of them
        self._waking = False
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def info(self) -> SourceInfo:
        return self._device.info

    async def open(self) -> None:
        """Raises MediaError: NOT_FOUND, NOT_ALLOWED, NOT_READABLE. Cancellable."""
        self._loop = asyncio.get_running_loop()
        await self._device.open()

    async def close(self) -> None:
        """Release the microphone. Idempotent; no block is delivered after it has begun."""
        self._closed = True
        await self._device.close()

    def _lost(self, error: MediaError) -> None:
        self._closed = True  # PulseAudio moves us to another microphone: nobody has chosen to speak into that
        self._on_lost(error)

    def _start(self, endpoint: Endpoint, default: bool) -> _ContextOwner:
        return _start(_Capture, endpoint, default, self._callback())

    def _callback(self) -> Generator[None, bytearray, None]:
        """Runs on the sound system's thread."""
        loop = self._loop
        while True:
            data = yield
            self._ring.write(np.frombuffer(data, np.int16))
            self._mark = (self._ring.written, time.time())
            self._device.called_at = time.monotonic()
            if not self._waking and not self._closed and loop is not None:
                self._waking = True
                with contextlib.suppress(RuntimeError):  # the loop was closed under us
                    loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._waking = False
        written, at = self._mark
        while self._ring.waiting >= BLOCK_SAMPLES and not self._closed:
            captured_at = at - (written - self._ring.position) / SAMPLE_RATE_HZ
            self._on_block(self._ring.read(BLOCK_SAMPLES), captured_at)


class DeviceDrain:
    """A speaker, opened once, playing what `pull` gives. `on_lost` is called on the loop that opened it."""

    def __init__(
        self, name: str, pull: Callable[[int], Samples], on_lost: Callable[[MediaError], None]
    ) -> None:
        self._device = _OpenDevice(Device.SPEAKER, name, self._start, on_lost)
        self._pull = pull

    @property
    def info(self) -> SourceInfo:
        return self._device.info

    async def open(self) -> None:
        """Raises MediaError: NOT_FOUND, NOT_ALLOWED, NOT_READABLE. Cancellable."""
        await self._device.open()

    async def close(self) -> None:
        """Release the speaker; what waits is not played. Idempotent."""
        await self._device.close()

    def _start(self, endpoint: Endpoint, default: bool) -> _ContextOwner:
        return _start(_Playback, endpoint, default, self._callback())

    def _callback(self) -> Generator[bytes, int, None]:
        """Runs on the sound system's thread."""
        count = yield b""
        while True:
            self._device.called_at = time.monotonic()
            count = yield self._pull(count).tobytes()
