"""What opens over the window for a moment: the list of keys, and the choice of a screen to share."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from callapp.ui.devices import Screen
from callapp.ui.icons import icon
from callapp.ui.theme import Theme
from callapp.ui.widgets import Button, Card, IconButton, Kind, label

translate = QCoreApplication.translate


def key_list() -> list[tuple[str, str]]:
    """(key, what it does), in the order of the help."""
    return [
        ("M", translate("Keys", "Microphone off and on")),
        ("V", translate("Keys", "Camera off and on")),
        ("S", translate("Keys", "Share your screen, or stop sharing")),
        ("F11", translate("Keys", "Full screen")),
        ("Esc", translate("Keys", "Leave full screen, close what is open")),
        ("Tab", translate("Keys", "Next control")),
        ("Enter", translate("Keys", "On the small picture: swap with the large one")),
        ("← → ↑ ↓", translate("Keys", "On the small picture: move it to another corner")),
        ("?", translate("Keys", "This list")),
    ]


class HelpOverlay(QWidget):
    """The keyboard shortcuts on a card; a click beside it or Esc closes it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._card = Card(theme, self)
        self._title = label("heading")
        self._close = IconButton(theme, "close", 34)
        self._close.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._close)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        for index, _ in enumerate(key_list()):
            key, words = label("title"), label(wrap=True)
            self._grid.addWidget(key, index, 0)
            self._grid.addWidget(words, index, 1)
            self._rows.append((key, words))
        box = QVBoxLayout(self._card)
        box.setContentsMargins(22, 14, 16, 20)
        box.setSpacing(10)
        box.addLayout(head)
        box.addLayout(self._grid)
        self._retranslate()
        self.hide()

    def place(self) -> None:
        """Centres the card."""
        width = min(460, self.width() - 32)
        self._card.setFixedWidth(width)
        self._card.adjustSize()
        height = max(self._card.heightForWidth(width), self._card.sizeHint().height())
        self._card.resize(width, min(height, self.height() - 16))
        self._card.move((self.width() - width) // 2, max(8, (self.height() - self._card.height()) // 2))

    def open(self) -> None:
        self.show()
        self.raise_()
        self.place()
        self._close.setFocus()

    def resizeEvent(self, event: object) -> None:
        self.place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(14, 17, 22, 150))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._title.setText(translate("Keys", "Keyboard shortcuts"))
        self._close.set_words(translate("Keys", "Close"))
        for (key, words), (name, meaning) in zip(self._rows, key_list(), strict=True):
            key.setText(name)
            words.setText(meaning)


class ShareDialog(QDialog):
    """Which of several screens to share."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, screens: Sequence[Screen], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Share", "Share your screen"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.list = QListWidget()
        self.list.setAccessibleName(translate("Share", "Screens"))
        for screen in screens:
            line = f"{screen.label}   {screen.width_px} × {screen.height_px}"
            item = QListWidgetItem(icon("screen", theme.colors.secondary, theme.colors.on_accent), line)
            item.setData(Qt.ItemDataRole.UserRole, screen.id)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        heading = label("heading")
        heading.setText(translate("Share", "Which screen do you want to share?"))
        text = label("secondary", wrap=True)
        text.setText(translate("Share", "The other side sees everything on it until you stop."))
        cancel = Button(theme, Kind.PLAIN, small=True)
        cancel.setText(translate("Share", "Cancel"))
        share = Button(theme, Kind.PRIMARY, "share", small=True)
        share.setText(translate("Share", "Share"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(share)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(10)
        for widget in (heading, text, self.list):
            box.addWidget(widget)
        box.addLayout(row)
        self.resize(420, 300)
        cancel.clicked.connect(self.reject)
        share.clicked.connect(self._share)
        self.list.itemActivated.connect(lambda _: self._share())

    def _share(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
        self.accept()
