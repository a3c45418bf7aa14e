"""The choices of camera, microphone and speaker, as menus and the settings offer them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from callapp.errors import Device
from callapp.media.specs import AUTO, NONE, PATTERN, MediaSpec, SpecKind
from callapp.ui.devices import DeviceCatalog, NamedDevice, device_spec

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Choice:
    """One line of a device menu."""

    words: str
    spec: MediaSpec
    chosen: bool


def choices(device: Device, catalog: DeviceCatalog, chosen: str) -> list[Choice]:
    """Everything that can be chosen for a kind of device. `chosen` is the SPEC in the settings.

    A choice that is not there now (unplugged, or a file of the command line) stays in the list, so that it shows.
    """
    present: dict[Device, list[NamedDevice]] = {
        Device.CAMERA: list(catalog.cameras()) if device is Device.CAMERA else [],
        Device.MICROPHONE: list(catalog.microphones()) if device is Device.MICROPHONE else [],
        Device.SPEAKER: list(catalog.speakers()) if device is Device.SPEAKER else [],
    }
    devices = present.get(device, [])
    lines = [(translate("Devices", "Automatic"), AUTO)]
    lines += [(found.label, device_spec(found, devices)) for found in devices]
    if device is Device.CAMERA:
        lines.append((translate("Devices", "Test picture"), PATTERN))
        lines.append((translate("Devices", "No camera"), NONE))
    elif device is Device.MICROPHONE:
        lines.append((translate("Devices", "No microphone"), NONE))
    else:
        lines.append((translate("Devices", "No speaker"), NONE))
    known = {str(spec) for _, spec in lines} | {found.id for found in devices}
    result = [
        Choice(words, spec, chosen == str(spec) or any(f.id == chosen and f.label == words for f in devices))
        for words, spec in lines
    ]
    if chosen not in known:
        missing = MediaSpec(SpecKind.DEVICE, chosen)
        result.append(
            Choice(translate("Devices", "{name} (not connected)").format(name=chosen), missing, True)
        )
    return result


def device_words(device: Device) -> str:
    """The name of a kind of device."""
    return {
        Device.CAMERA: translate("Devices", "Camera"),
        Device.MICROPHONE: translate("Devices", "Microphone"),
        Device.SPEAKER: translate("Devices", "Speaker"),
        Device.SCREEN: translate("Devices", "Screen"),
    }[device]
