"""Which microphones and speakers there are, through miniaudio (https://miniaud.io/docs/manual).

Everything here blocks for a few ms (longer if the sound server is slow): not for the GUI thread or an event
loop.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
from dataclasses import dataclass, field

import miniaudio

from callapp.errors import Device, ErrorCode, MediaError
from callapp.media.specs import DeviceInfo

log = logging.getLogger(__name__)

# All but NULL: with it a machine without any sound system would "work" in silence. miniaudio takes the first
# that runs; those of other platforms cost nothing.
BACKENDS = [
    miniaudio.Backend.WASAPI,
    miniaudio.Backend.DSOUND,
    miniaudio.Backend.COREAUDIO,
    miniaudio.Backend.SNDIO,
    miniaudio.Backend.AUDIO4,
    miniaudio.Backend.OSS,
    miniaudio.Backend.PULSEAUDIO,
    miniaudio.Backend.ALSA,
]

_ALSA_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)
_alsa_lock = threading.Lock()
_alsa_handler: object | None = None  # kept for good: ALSA calls it


@dataclass(frozen=True)
class Endpoint:
    """A device as the sound system lists it. `raw_id` is only good for the same `backend`."""

    info: DeviceInfo
    default: bool
    monitor: bool  # plays back what a speaker plays: no microphone
    backend: miniaudio.Backend = field(repr=False)
    raw_id: bytes = field(repr=False)


@dataclass(frozen=True)
class AudioDevices:
    """What a person can choose from at one moment."""

    microphones: tuple[DeviceInfo, ...] = ()
    speakers: tuple[DeviceInfo, ...] = ()


def list_microphones() -> list[DeviceInfo]:
    """The microphones there are now, none where there is no sound system. Blocks."""
    return [endpoint.info for endpoint in endpoints(Device.MICROPHONE) if not endpoint.monitor]


def list_speakers() -> list[DeviceInfo]:
    """The speakers there are now, none where there is no sound system. Blocks."""
    return [endpoint.info for endpoint in endpoints(Device.SPEAKER)]


def list_devices() -> AudioDevices:
    """Both lists. Blocks."""
    return AudioDevices(tuple(list_microphones()), tuple(list_speakers()))


def default_endpoint(device: Device) -> Endpoint:
    """The system's default. Blocks.

    Raises: MediaError NOT_FOUND where there is none, also where PulseAudio, for want of a microphone, offers
    what the speaker plays.
    """
    found = endpoints(device)
    if all(endpoint.monitor for endpoint in found):
        raise MediaError(ErrorCode.NOT_FOUND, f"no {device.value} on this system", device=device)
    real = [endpoint for endpoint in found if not endpoint.monitor]
    defaults = [endpoint for endpoint in found if endpoint.default]
    return (defaults or real)[0]


def named_endpoint(device: Device, name: str) -> Endpoint:
    """The device with this id or label; capitals do not matter in a label. Blocks.

    Raises: MediaError NOT_FOUND.
    """
    found = endpoints(device)
    wanted = name.strip().casefold()
    for endpoint in found:
        if endpoint.info.id == name:
            return endpoint
    for endpoint in found:
        if endpoint.info.label.strip().casefold() == wanted:
            return endpoint
    raise MediaError(ErrorCode.NOT_FOUND, f"no {device.value} of that name", device=device, subject=name)


def endpoints(device: Device) -> list[Endpoint]:
    """Every microphone or speaker with what is needed to open it. Blocks."""
    _quiet_alsa()
    try:
        context = miniaudio.Devices(BACKENDS)
    except miniaudio.MiniaudioError as error:
        log.debug("no sound system: %s", error)
        return []
    # get_playbacks() and get_captures() raise if a single device cannot be looked at (an ALSA plug-in without
    # its daemon), and they drop the default flag: so we ask the library underneath.
    ffi, lib = miniaudio.ffi, miniaudio.lib
    infos, count = ffi.new("ma_device_info**"), ffi.new("ma_uint32*")
    nothing = (ffi.NULL, ffi.NULL)
    capture = device is Device.MICROPHONE
    wanted = (*nothing, infos, count) if capture else (infos, count, *nothing)
    if lib.ma_context_get_devices(context._context, *wanted) != lib.MA_SUCCESS:
        return []
    backend = miniaudio.Backend(context._context[0].backend)
    found = []
    for index in range(count[0]):
        info = infos[0][index]
        raw_id = bytes(ffi.buffer(ffi.addressof(info.id)))
        device_id = stable_id(backend, raw_id)
        label = ffi.string(info.name).decode(errors="replace")
        monitor = backend is miniaudio.Backend.PULSEAUDIO and capture and device_id.endswith(".monitor")
        found.append(Endpoint(DeviceInfo(device_id, label), bool(info.isDefault), monitor, backend, raw_id))
    return without_plugins(found) if backend is miniaudio.Backend.ALSA else found


def stable_id(backend: miniaudio.Backend, raw_id: bytes) -> str:
    """ma_device_id, a union of 256 bytes: the system's own name where it is text, else hexadecimal."""
    if backend is miniaudio.Backend.WASAPI:
        return raw_id[:128].decode("utf-16-le", errors="replace").partition("\0")[0]
    text = raw_id.partition(b"\0")[0]
    if text and text.isascii() and text.decode().isprintable():
        return text.decode()
    return raw_id.rstrip(b"\0").hex()


def without_plugins(found: list[Endpoint]) -> list[Endpoint]:
    """ALSA lists converters, bridges to daemons and `null`, too: keep the cards, and `default` if there are
    any.

    The name of a PCM on a card has the card after a colon (`sysdefault:CARD=PCH`).
    """
    cards = [endpoint for endpoint in found if ":" in endpoint.info.id]
    if not cards:
        return []
    return [endpoint for endpoint in found if endpoint.info.id == "default"] + cards


def _quiet_alsa() -> None:
    """ALSA complains on stderr at every look at the list: give it a handler, once, that says nothing."""
    global _alsa_handler
    if not sys.platform.startswith("linux"):
        return
    with _alsa_lock:  # of two handlers made at once, the one that ALSA has would be collected
        if _alsa_handler is not None:
            return
        _alsa_handler = _ALSA_HANDLER(lambda *_: None)
        try:
            ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_alsa_handler)
        except (OSError, AttributeError):
            log.debug("no ALSA, nothing to silence")
