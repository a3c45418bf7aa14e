"""The settings: every change takes effect at once, so there is nothing to confirm."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

import callapp
from callapp.errors import Device
from callapp.media.specs import MediaSpec
from callapp.media.video.slot import Picture
from callapp.session.view import CallView
from callapp.settings import Settings
from callapp.ui.device_menu import choices, device_words
from callapp.ui.devices import DeviceCatalog
from callapp.ui.i18n import LANGUAGES
from callapp.ui.icons import icon, pixmap
from callapp.ui.theme import Theme
from callapp.ui.video_view import VideoView
from callapp.ui.widgets import Button, Choices, Kind, label

translate = QCoreApplication.translate

_NAME_LENGTH = 60
_PAGES = ("camera", "speaker", "appearance", "info")


class SettingsDialog(QDialog):
    """Camera (with a live preview) and name, sound, appearance and language, about."""

    device_chosen = Signal(Device, MediaSpec)
    name_chosen = Signal(str)
    setting_changed = Signal(dict)  # field -> value of callapp.settings.Settings

    def __init__(
        self, theme: Theme, devices: DeviceCatalog, settings: Callable[[], Settings], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._devices = devices
        self._settings = settings
        self.pages = QListWidget()
        self.pages.setFixedWidth(204)
        self.pages.setIconSize(QSize(20, 20))
        self.pages.setWordWrap(True)
        self._stack = QStackedWidget()
        self._close = Button(theme, Kind.PLAIN, small=True)
        self._labels: list[tuple[QLabel, Callable[[], str]]] = []

        self.preview = VideoView(mirrored=True)
        self.preview.setFixedHeight(180)
        self.name = QLineEdit()
        self.name.setMaxLength(_NAME_LENGTH)
        self.camera, self.microphone, self.speaker = Choices(theme), Choices(theme), Choices(theme)
        self.sounds = QCheckBox()
        self.theme_choice, self.language = Choices(theme), Choices(theme)
        for page in (self._camera_page(), self._sound_page(), self._appearance_page(), self._about_page()):
            self._stack.addWidget(page)
        for _ in _PAGES:
            self.pages.addItem(QListWidgetItem())

        body = QHBoxLayout()
        body.setSpacing(20)
        body.addWidget(self.pages, 0, Qt.AlignmentFlag.AlignTop)
        body.addWidget(self._stack, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._close)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 16, 16, 14)
        box.addLayout(body, 1)
        box.addLayout(foot)
        self.resize(620, 440)

        self.pages.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._close.clicked.connect(self.close)
        self.name.editingFinished.connect(lambda: self.name_chosen.emit(self.name.text().strip()))
        for box_, device in self._boxes():
            box_.activated.connect(lambda index, box=box_, device=device: self._choose(box, device, index))
        self.sounds.toggled.connect(lambda on: self.setting_changed.emit({"sounds": on}))
        self.theme_choice.activated.connect(
            lambda i: self.setting_changed.emit({"theme": self.theme_choice.itemData(i)})
        )
        self.language.activated.connect(
            lambda i: self.setting_changed.emit({"language": self.language.itemData(i)})
        )
        theme.changed.connect(self._refresh)
        self._refresh()
        self.pages.setCurrentRow(0)

    def _boxes(self) -> tuple[tuple[Choices, Device], ...]:
        return (
            (self.camera, Device.CAMERA),
            (self.microphone, Device.MICROPHONE),
            (self.speaker, Device.SPEAKER),
        )

    def open_page(self, index: int = 0) -> None:
        """Shows the dialog (it does not block the window)."""
        self._refresh()
        self.pages.setCurrentRow(index)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_picture(self, picture: Picture) -> None:
        """The own picture, for the preview."""
        if self.isVisible() and self._stack.currentIndex() == 0:
            self.preview.show_picture(picture)

    def render_view(self, view: CallView) -> None:
        if view.me.camera is None:
            self.preview.clear()

    # ---- pages

    def _field(self, form: QFormLayout, words: Callable[[], str], widget: QWidget) -> None:
        caption = label()
        caption.setBuddy(widget)
        caption.setMinimumHeight(36)
        self._labels.append((caption, words))
        form.addRow(caption, widget)

    def _form(self, holder: QVBoxLayout) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(16)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        holder.addLayout(form)
        return form

    def _page(self, heading: Callable[[], str]) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        title = label("heading")
        self._labels.append((title, heading))
        box.addWidget(title)
        return page, box

    def _camera_page(self) -> QWidget:
        page, box = self._page(lambda: translate("Settings", "Camera"))
        box.addWidget(self.preview)
        form = self._form(box)
        self._field(form, lambda: device_words(Device.CAMERA), self.camera)
        self._field(form, lambda: translate("Settings", "Your name"), self.name)
        hint = label("secondary", wrap=True)
        self._labels.append(
            (hint, lambda: translate("Settings", "The other side sees your name during a call."))
        )
        box.addWidget(hint)
        box.addStretch(1)
        return page

    def _sound_page(self) -> QWidget:
        page, box = self._page(lambda: translate("Settings", "Sound"))
        form = self._form(box)
        self._field(form, lambda: device_words(Device.MICROPHONE), self.microphone)
        self._field(form, lambda: device_words(Device.SPEAKER), self.speaker)
        box.addWidget(self.sounds)
        box.addStretch(1)
        return page

    def _appearance_page(self) -> QWidget:
        page, box = self._page(lambda: translate("Settings", "Appearance and language"))
        form = self._form(box)
        self._field(form, lambda: translate("Settings", "Appearance"), self.theme_choice)
        self._field(form, lambda: translate("Settings", "Language"), self.language)
        box.addStretch(1)
        return page

    def _about_page(self) -> QWidget:
        page, box = self._page(lambda: translate("Settings", "About"))
        mark = QLabel()
        mark.setPixmap(pixmap("callapp", "#FFFFFF", 72, 2.0))
        box.addWidget(mark)
        name = label("title")
        self._labels.append((name, lambda: f"CallApp {callapp.__version__}"))
        text = label("secondary", wrap=True)
        self._labels.append(
            (text, lambda: translate("Settings", "A private video call: no account, no cloud, no plug-in."))
        )
        licence = label("secondary", wrap=True)
        self._labels.append(
            (licence, lambda: translate("Settings", "The source code is under the MIT licence. It builds on Qt, "
                                        "aiortc, FFmpeg (PyAV), miniaudio and other free software."))
        )  # fmt: skip
        for widget in (name, text, licence):
            box.addWidget(widget)
        box.addStretch(1)
        return page

    # ---- contents

    def _choose(self, box: Choices, device: Device, index: int) -> None:
        spec = box.itemData(index)
        if isinstance(spec, MediaSpec):
            self.device_chosen.emit(device, spec)

    def _refresh(self) -> None:
        self.setWindowTitle(translate("Settings", "Settings"))
        for widget, words in self._labels:
            widget.setText(words())
        titles = (
            translate("Settings", "Camera"),
            translate("Settings", "Sound"),
            translate("Settings", "Appearance and language"),
            translate("Settings", "About"),
        )
        colors = self._theme.colors
        for row, (title, name) in enumerate(zip(titles, _PAGES, strict=True)):
            item = self.pages.item(row)
            item.setText(title)
            item.setIcon(icon(name, colors.secondary, colors.on_accent))
        rows = sum(self.pages.sizeHintForRow(row) for row in range(self.pages.count()))
        self.pages.setFixedHeight(rows + 2 * self.pages.frameWidth() + 8)
        self.pages.setAccessibleName(translate("Settings", "Settings"))
        self._close.setText(translate("Settings", "Close"))
        self.preview.set_placeholder(
            "camera-off", "", translate("Settings", "Press Start to see yourself here")
        )
        self.preview.setAccessibleName(translate("Settings", "Preview of your camera"))
        self.name.setPlaceholderText(translate("Settings", "How others see you"))
        self.sounds.setText(translate("Settings", "Play sounds when someone joins or leaves"))
        settings = self._settings()
        with QSignalBlocker(self.sounds):
            self.sounds.setChecked(settings.sounds)
        if not self.name.hasFocus():
            self.name.setText(settings.name)
        for box, device in self._boxes():
            box.clear()
            for choice in choices(device, self._devices, getattr(settings, device.value)):
                box.addItem(choice.words, choice.spec)
                if choice.chosen:
                    box.setCurrentIndex(box.count() - 1)
        _fill(self.theme_choice, settings.theme, (
            ("system", translate("Settings", "As the system")),
            ("light", translate("Settings", "Light")),
            ("dark", translate("Settings", "Dark")),
        ))  # fmt: skip
        system = ("system", translate("Settings", "As the system"))
        _fill(self.language, settings.language, (system, *LANGUAGES.items()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._refresh()


def _fill(box: Choices, chosen: str, lines: tuple[tuple[str, str], ...]) -> None:
    box.clear()
    for value, words in lines:
        box.addItem(words, value)
        if value == chosen:
            box.setCurrentIndex(box.count() - 1)
