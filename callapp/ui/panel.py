"""The panel on the right: the log."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from callapp.ui.theme import Theme
from callapp.ui.widgets import Button, IconButton, Kind, label

translate = QCoreApplication.translate

PANEL_PX = 320
LOG_LINES = 5000


class LogPanel(QWidget):
    """The trace of this run, newest line last, to be read and copied. Keeps the last 5000 lines."""

    closed = Signal()
    copied = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = label("title")
        self._close = IconButton(theme, "close", 34)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.setMaximumBlockCount(LOG_LINES)
        self._text.setTabChangesFocus(True)
        self._text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setObjectName("logText")
        self.copy = Button(theme, Kind.PLAIN, "copy", small=True)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._close)
        foot = QHBoxLayout()
        foot.addWidget(self.copy)
        foot.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 12, 12)
        box.setSpacing(8)
        box.addLayout(head)
        box.addWidget(self._text, 1)
        box.addLayout(foot)
        self._close.clicked.connect(self.closed)
        self.copy.clicked.connect(self._copy_all)
        theme.changed.connect(self.update)
        self._retranslate()
        self.hide()

    def add(self, line: str) -> None:
        """Appends a line; stays at the end if the end was in view."""
        self._text.appendPlainText(line)

    @property
    def text(self) -> str:
        return self._text.toPlainText()

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self.copied.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.colors.surface))
        painter.fillRect(0, 0, 1, self.height(), QColor(self._theme.colors.line))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._title.setText(translate("Panel", "Log"))
        self._text.setAccessibleName(translate("Panel", "Log"))
        self._close.set_words(translate("Panel", "Close the log"))
        self.copy.setText(translate("Panel", "Copy all"))
