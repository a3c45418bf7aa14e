"""A few choices side by side, one of them chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from callapp.ui.theme import TEXT_PX, Theme
from callapp.ui.widgets import ThemedButton

_HEIGHT_PX = 34
_RADIUS_PX = 8.0
_GAP_PX = 3


class Segment(ThemedButton):
    """One of them: filled and bold when chosen."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._label_font = QFont(self.font())
        self._label_font.setPixelSize(TEXT_PX)
        self._label_font.setWeight(QFont.Weight.DemiBold)

    def nextCheckState(self) -> None:
        """A click changes nothing by itself: whoever listens shows what is chosen now."""

    def setText(self, text: str) -> None:
        super().setText(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self._label_font).horizontalAdvance(self.text()) + 28, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = self.colors
        body = QRectF(self.rect()).adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        if self.isChecked():
            painter.setPen(QPen(QColor(c.line), 1))
            painter.setBrush(QColor(c.card))
            painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS_PX - 2, _RADIUS_PX - 2)
        painter.setFont(self._label_font)
        painter.setPen(QColor(c.text if self.isChecked() or self.underMouse() else c.secondary))
        painter.drawText(body, Qt.AlignmentFlag.AlignCenter, self.text())
        self.paint_ring(painter, _RADIUS_PX)
        painter.end()


class Segments(QWidget):
    """Segments in a row. `chosen` says which one was clicked; `choose` shows one as chosen."""

    chosen = Signal(object)  # the key of a segment

    def __init__(self, theme: Theme, keys: tuple[str, ...]) -> None:
        super().__init__()
        self._theme = theme
        self.buttons = {key: Segment(theme) for key in keys}
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for key, button in self.buttons.items():
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            row.addWidget(button)
        theme.changed.connect(self.update)

    def choose(self, key: str) -> None:
        for each, button in self.buttons.items():
            button.setChecked(each == key)

    def name(self, words: dict[str, str], hint: str = "") -> None:
        """What the segments say, and what a click on one that is not chosen does."""
        for key, button in self.buttons.items():
            button.setText(words[key])
            button.setToolTip(hint)
            button.setAccessibleDescription(hint)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.colors.hover))
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS_PX, _RADIUS_PX)
        painter.end()
