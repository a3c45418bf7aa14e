"""What is drawn over the pictures: words with progress, the name, the sharing chip and the frame."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from callapp.ui.icons import paint_icon
from callapp.ui.theme import OVER, STATE_PX, Theme
from callapp.ui.widgets import Button, Kind, ProgressLine

translate = QCoreApplication.translate

_FRAME_PX = 3


class Ground(QWidget):
    """What the stage, the panel and the bars lie on."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(OVER.stage))
        painter.end()


class _Floating(QWidget):
    """A dark translucent chip over the pictures."""

    radius = 12.0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(14, 17, 22, 205))
        painter.drawRoundedRect(QRectF(self.rect()), self.radius, self.radius)
        painter.end()


class Note(_Floating):
    """Words in the middle of the stage with a thin line of progress under them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.words = QLabel()
        self.words.setStyleSheet(f"font-size: {STATE_PX}px; font-weight: 600; color: {OVER.text}")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QVBoxLayout(self)
        box.setContentsMargins(28, 18, 28, 20)
        box.setSpacing(12)
        box.addWidget(self.words)
        line = ProgressLine()
        line.setMinimumWidth(200)
        box.addWidget(line)
        self.hide()


class NamePill(_Floating):
    """The other person's name, and whether they are muted."""

    radius = 10.0

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setStyleSheet(f"color: {OVER.text}; font-weight: 600")
        self.muted = False
        self.wanted = False
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._words)
        self.hide()

    def show_peer(self, name: str, *, muted: bool) -> None:
        self.muted = muted
        self.wanted = bool(name) or muted
        if muted:
            text = (
                translate("Stage", "{name} is muted").format(name=name)
                if name
                else translate("Stage", "The other side is muted")
            )
        else:
            text = name
        self._words.setText(self._words.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 260))
        self._row.setContentsMargins(34 if muted else 12, 7, 12, 7)
        self.setAccessibleName(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.muted:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_icon(painter, "mic-off", OVER.danger_text, QRectF(11, self.height() / 2 - 9, 18, 18))
            painter.end()


class SharingChip(_Floating):
    """Says that the own screen is being shared, and ends it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLabel()
        self.words.setStyleSheet(f"color: {OVER.text}; font-weight: 600")
        self.stop = Button(theme, Kind.HANG_UP, small=True)
        self.stop.setObjectName("stopSharingButton")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 6, 4)
        row.setSpacing(10)
        row.addWidget(self.words)
        row.addWidget(self.stop)
        self._retranslate()
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.words.setText(translate("Stage", "You are sharing your screen"))
        self.stop.setText(translate("Stage", "Stop"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()


class SharingFrame(QWidget):
    """The coloured frame around the stage while the own screen is shared."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(OVER.accent), 2 * _FRAME_PX))
        painter.drawRect(self.rect())
        painter.end()
