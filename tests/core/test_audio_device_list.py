"""What a person is shown of the devices that a sound system lists, and how its failures are named."""

from __future__ import annotations

import miniaudio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from miniaudio import Backend

from callapp.errors import Device, ErrorCode
from callapp.media.audio.device_io import media_error
from callapp.media.audio.devices import Endpoint, stable_id, without_plugins
from callapp.media.specs import DeviceInfo


def alsa(name: str) -> Endpoint:
    return Endpoint(DeviceInfo(name, name), False, False, Backend.ALSA, b"")


def test_alsas_plugins_are_no_devices() -> None:
    plugins = [alsa(name) for name in ("null", "jack", "oss", "pulse", "speexrate", "upmix", "default")]
    assert without_plugins(plugins) == []
    card = alsa("sysdefault:CARD=PCH")
    assert without_plugins([card, *plugins]) == [alsa("default"), card]


@pytest.mark.parametrize(
    ("backend", "raw", "expected"),
    [
        (Backend.PULSEAUDIO, b"alsa_input.usb-Mic-00.mono\0rest", "alsa_input.usb-Mic-00.mono"),
        (Backend.ALSA, b"hw:CARD=PCH,DEV=0\0", "hw:CARD=PCH,DEV=0"),
        (Backend.WASAPI, "{0.0.1.0}.{ab}\0".encode("utf-16-le"), "{0.0.1.0}.{ab}"),
        (Backend.DSOUND, bytes([0xDE, 0xF0, 0x00, 0x12]), "def00012"),
        (Backend.SNDIO, "é".encode(), "c3a9"),
    ],
)
def test_the_id_of_a_device_is_the_systems_own_name(backend: Backend, raw: bytes, expected: str) -> None:
    assert stable_id(backend, raw.ljust(256, b"\0")) == expected


@given(st.sampled_from(list(Backend)), st.binary(min_size=256, max_size=256))
def test_any_id_becomes_text(backend: Backend, raw: bytes) -> None:
    assert isinstance(stable_id(backend, raw), str)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (miniaudio.lib.MA_NO_DEVICE, ErrorCode.NOT_FOUND),
        (miniaudio.lib.MA_DOES_NOT_EXIST, ErrorCode.NOT_FOUND),
        (miniaudio.lib.MA_ACCESS_DENIED, ErrorCode.NOT_ALLOWED),
        (miniaudio.lib.MA_BUSY, ErrorCode.NOT_READABLE),
        (-401, ErrorCode.NOT_READABLE),
    ],
)
def test_results_of_the_audio_library_get_their_standard_names(result: int, code: ErrorCode) -> None:
    error = media_error(miniaudio.MiniaudioError("cannot open", result), Device.MICROPHONE, "Headset")
    assert (error.code, error.device, error.subject) == (code, Device.MICROPHONE, "Headset")
    assert str(result) in error.detail


def test_a_failure_without_a_result_is_not_readable() -> None:
    error = media_error(miniaudio.MiniaudioError("no suitable audio backend found"), Device.SPEAKER, "")
    assert error.code is ErrorCode.NOT_READABLE
