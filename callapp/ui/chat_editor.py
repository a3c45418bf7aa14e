"""Where a message is written."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QPlainTextEdit

from callapp.session.chat import MAX_CHARS
from callapp.ui.icons import paint_icon
from callapp.ui.theme import Theme
from callapp.ui.widgets import ThemedButton

_MOST_LINES = 5
_SEND_PX = 42
_FRAME_PX = 16  # border and padding of the style sheet, above and below
_MOST_PASTED = 5 * MAX_CHARS  # no message anyway, and the window stays quick


class SendButton(ThemedButton):
    """A filled square with an arrow."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setObjectName("sendButton")
        self.setFixedSize(_SEND_PX, _SEND_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = self.colors
        body = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.accent if self.isEnabled() else c.disabled))
        painter.drawRoundedRect(body, 8, 8)
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.setBrush(QColor(0, 0, 0, 40 if self.isDown() else 18))
            painter.drawRoundedRect(body, 8, 8)
        square = QRectF(0, 0, 20, 20)
        square.moveCenter(body.center())
        paint_icon(painter, "send", c.on_accent if self.isEnabled() else c.secondary, square)
        self.paint_ring(painter, 11)
        painter.end()


class ChatEditor(QPlainTextEdit):
    """Enter sends, Shift+Enter begins a new line. Grows with its text up to five lines."""

    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._composing = False
        self.setObjectName("chatEditor")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not plain:
            super().keyPressEvent(event)
        elif self._composing:  # ends the syllable, as Korean, Japanese and Chinese writers expect
            QGuiApplication.inputMethod().commit()
        elif not event.isAutoRepeat():
            self.submitted.emit()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text()
        if text:
            self.insertPlainText(text[:_MOST_PASTED])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: object) -> None:
        super().changeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        lines = max(
            1, min(_MOST_LINES, round(self.document().size().height()))
        )  # QPlainTextEdit counts lines
        height = (
            lines * self.fontMetrics().lineSpacing() + 2 * int(self.document().documentMargin()) + _FRAME_PX
        )
        if height != self.height():
            self.setFixedHeight(height)
        scrolls = self.document().size().height() > _MOST_LINES
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if scrolls else policy.ScrollBarAlwaysOff)
