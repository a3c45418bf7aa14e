"""What opens over the window for a moment: cards such as the list of keys, and the choice of a screen to share."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

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
        ("C", translate("Keys", "Open or close the chat")),
        ("F11", translate("Keys", "Full screen")),
        ("Esc", translate("Keys", "Leave full screen, close what is open")),
        ("Tab", translate("Keys", "Next control")),
        ("Enter", translate("Keys", "On the small picture: swap with the large one")),
        ("← → ↑ ↓", translate("Keys", "On the small picture: move it to another corner")),
        ("?", translate("Keys", "This list")),
    ]


class Overlay(QWidget):
    """A card over the window; a click beside it, its own button or Esc closes it. Subclasses fill `box`."""

    _WIDTH_PX = 460

    def __init__(self, theme: Theme, parent: QWidget, *, dims: bool = True) -> None:
        super().__init__(parent)
        self._dims = dims
        self._opener: QWidget | None = None
        self.card = Card(theme, self)
        self.title = label("heading", wrap=True)
        self.close_button = IconButton(theme, "close", 34)
        self.close_button.clicked.connect(self.hide)
        self.head = QHBoxLayout()
        self.head.setSpacing(10)
        self.head.addWidget(self.title, 1)
        self.head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.box = QVBoxLayout(self.card)
        self.box.setContentsMargins(22, 14, 16, 20)
        self.box.setSpacing(10)
        self.box.addLayout(self.head)
        self.hide()

    def card_size(self) -> QSize:
        """The card's size for the present size of the window."""
        width = min(self._WIDTH_PX, self.width() - 32)
        for part in reversed(self.card.findChildren(QWidget)):  # each forgets the size it had
            part.updateGeometry()
        return QSize(width, min(self.box.totalHeightForWidth(width), self.height() - 16))

    def card_spot(self, size: QSize) -> QPoint:
        """Where the card of this size lies: in the middle, unless a subclass knows better."""
        return QPoint((self.width() - size.width()) // 2, max(8, (self.height() - size.height()) // 2))

    def place(self) -> None:
        """Lays the card out."""
        size = self.card_size()
        self.card.resize(size)
        self.card.move(self.card_spot(size))

    def open(self) -> None:
        if self.isHidden():
            self._opener = QApplication.focusWidget()
        self.show()
        self.raise_()
        self.place()
        self.close_button.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        opener, self._opener = self._opener, None
        if opener is not None and isValid(opener) and opener.isVisible():
            opener.setFocus()

    def resizeEvent(self, event: object) -> None:
        self.place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._dims:
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(14, 17, 22, 150))
            painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Says everything (again) in the language in force; subclasses add their own words."""
        self.close_button.set_words(translate("Keys", "Close"))


class HelpOverlay(Overlay):
    """The keyboard shortcuts."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
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
        self.box.addLayout(self._grid)
        self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        self.title.setText(translate("Keys", "Keyboard shortcuts"))
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
