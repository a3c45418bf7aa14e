"""What a person can do in the window besides the three buttons: each thing ends in an intent or in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from callapp.call.states import State
from callapp.errors import CallAppError, Device
from callapp.media.specs import MediaSpec
from callapp.media.video.slot import Picture
from callapp.session.intents import CameraOff, ChooseDevice, Intent, Mute, SetName, ShareScreen
from callapp.session.view import Action, CallView, Preview
from callapp.settings import Settings
from callapp.ui.actions import intent_of
from callapp.ui.devices import DeviceCatalog
from callapp.ui.menus import device_menu, main_menu
from callapp.ui.overlays import ShareDialog
from callapp.ui.settings_dialog import SettingsDialog

if TYPE_CHECKING:
    from callapp.ui.window import MainWindow

translate = QCoreApplication.translate


class Commands:
    """Acts for the window. `view` is the one shown last; `settings` what is in force."""

    def __init__(
        self,
        window: MainWindow,
        post: Callable[[Intent], None],
        devices: DeviceCatalog,
        settings: Settings,
        save: Callable[[Settings], None],
    ) -> None:
        self._window = window
        self.post = post
        self._devices = devices
        self.settings = settings
        self._save = save
        self.view = CallView()
        self._dialog: SettingsDialog | None = None

    # ---- the toggles

    def toggle_microphone(self) -> None:
        if self.view.preview is Preview.ON:
            self.post(Mute(not self.view.me.muted))

    def toggle_camera(self) -> None:
        if self.view.preview is Preview.ON:
            off = self.view.me.camera_off or self.view.me.camera is None
            self.post(CameraOff(not off))

    def toggle_share(self) -> None:
        """Stops sharing; or shares the only screen, or asks which one."""
        if self.view.me.sharing:
            self.post(ShareScreen(None))
            return
        if self.view.call not in (State.CONNECTED, State.RECONNECTING):
            return
        screens = self._devices.screens()
        if len(screens) < 2:
            self.post(ShareScreen(screens[0].id if screens else ""))
            return
        dialog = ShareDialog(self._window.theme, screens, self._window)
        dialog.chosen.connect(lambda screen: self.post(ShareScreen(screen)))
        dialog.open()

    # ---- menus

    def pop_devices(self, button: QWidget, *kinds: Device) -> None:
        menu = device_menu(self._window, kinds, self._devices, self.settings, self._choose_device)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def pop_menu(self, button: QWidget) -> None:
        menu = main_menu(self._window, self, self.view, self.post)
        menu.popup(button.mapToGlobal(QPoint(button.width() - menu.sizeHint().width(), button.height())))

    def act(self, action: Action, camera_button: QWidget) -> None:
        """A button of the view's notice."""
        intent = intent_of(action, self.view)
        if intent is not None:
            self.post(intent)
        elif action is Action.OTHER_CAMERA:
            self.pop_devices(camera_button, Device.CAMERA)
        else:
            self.open_settings()

    def copy_link(self, link: str) -> None:
        QGuiApplication.clipboard().setText(link)
        self._window.toast_words(translate("Window", "Invite link copied"))

    # ---- settings

    def open_settings(self, page: int = 0) -> None:
        """Opens the settings at a page: 0 camera, 1 sound, 2 appearance and language, 3 about."""
        if self._dialog is None:
            self._dialog = SettingsDialog(
                self._window.theme, self._devices, lambda: self.settings, self._window
            )
            self._dialog.device_chosen.connect(self._choose_device)
            self._dialog.name_chosen.connect(self._choose_name)
            self._dialog.setting_changed.connect(self._change_setting)
        self._dialog.render_view(self.view)
        self._dialog.open_page(page)

    @property
    def dialog(self) -> SettingsDialog | None:
        """The settings, if they were opened before."""
        return self._dialog

    def preview(self, picture: Picture, _shown_at: float) -> None:
        """The own picture, for the settings' preview."""
        if self._dialog is not None:
            self._dialog.show_picture(picture)

    def change(self, **fields: object) -> CallAppError | None:
        """Changes settings and saves them; returns why they could not be saved."""
        self.settings = msgspec.structs.replace(self.settings, **fields)
        try:
            self._save(self.settings)
        except CallAppError as error:
            return error
        return None

    def _change_and_tell(self, **fields: object) -> None:
        error = self.change(**fields)
        if error is not None:
            self._window.show_notice(error)

    def _choose_device(self, device: Device, spec: MediaSpec) -> None:
        self._change_and_tell(**{device.value: str(spec)})
        self.post(ChooseDevice(device, spec))

    def _choose_name(self, name: str) -> None:
        if name != self.settings.name:
            self._change_and_tell(name=name)
            self.post(SetName(name))

    def _change_setting(self, fields: dict[str, object]) -> None:
        self._change_and_tell(**fields)
        self._window.apply_settings(self.settings)

    # ---- keys

    def key(self, event: QKeyEvent) -> bool:
        """Acts on a key that nobody else wanted. A text field takes its letters, so none acts while one types."""
        text = event.text().lower()
        usual = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_F11:
            self._window.toggle_full_screen()
        elif event.key() == Qt.Key.Key_Escape:
            self._window.step_back()
        elif event.modifiers() & ~usual or not text:
            return False
        elif text == "?":
            self._window.help.open()
        elif text in "mㅡ":  # the letter, and what the same key gives under a Korean layout
            self.toggle_microphone()
        elif text in "vㅍ":
            self.toggle_camera()
        elif text in "sㄴ":
            self.toggle_share()
        elif text in "cㅊ":
            self._window.toggle_chat()
        else:
            return False
        return True
