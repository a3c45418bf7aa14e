"""The panel on the right: chat or log, one at a time."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from callapp.ui.theme import RADIUS_PX, Theme
from callapp.ui.widgets import Button, IconButton, Kind, label

translate = QCoreApplication.translate

PANEL_PX = 320
LOG_LINES = 5000
_GAP_PX = 8  # between the panel and the edges of its place


class Panel(QWidget):
    """A rounded surface with a title and a close button. Subclasses fill `box` and say their words."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.title = label("title")
        self.close_button = IconButton(theme, "close", 34)
        self.close_button.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.close_button)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(14 + _GAP_PX, 6 + _GAP_PX, 10 + _GAP_PX, 12 + _GAP_PX)
        self.box.setSpacing(8)
        self.box.addLayout(head)
        theme.changed.connect(self.update)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.colors.line), 1))
        painter.setBrush(QColor(self.theme.colors.surface))
        gap = _GAP_PX + 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(gap, gap, -gap, -gap), RADIUS_PX, RADIUS_PX)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Says everything (again) in the language in force."""
        raise NotImplementedError


class LogPanel(Panel):
    """The trace of this run, newest line last, to be read and copied. Keeps the last 5000 lines."""

    copied = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.setMaximumBlockCount(LOG_LINES)
        self._text.setTabChangesFocus(True)
        self._text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setObjectName("logText")
        self.copy = Button(theme, Kind.PLAIN, "copy", small=True)
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        self.box.addWidget(self._text, 1)
        self.box.addLayout(foot)
        self.copy.clicked.connect(self._copy_all)
        self.retranslate()

    def add(self, line: str) -> None:
        """Appends a line; stays at the end if the end was in view."""
        self._text.appendPlainText(line)

    @property
    def text(self) -> str:
        return self._text.toPlainText()

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self.copied.emit()

    def retranslate(self) -> None:
        self.title.setText(translate("Panel", "Log"))
        self._text.setAccessibleName(translate("Panel", "Log"))
        self.close_button.set_words(translate("Panel", "Close the log"))
        self.copy.setText(translate("Panel", "Copy all"))
