"""The few controls of our own: buttons, toggles, cards, labels. They paint themselves from the theme.

Every control leaves a margin for its focus ring, so that the ring never touches the fill and is always visible.
"""

from __future__ import annotations

import enum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QSizePolicy, QWidget

from callapp.ui.icons import paint_icon
from callapp.ui.theme import BUTTON_PX, OVER, RADIUS_PX, TEXT_PX, Colors, Theme

_RING_PX = 2.0
_GAP_PX = 3  # from a control's edge to its fill: the ring and 1 px of air
_ICON_PX = 20


class Kind(enum.Enum):
    """What a button is for."""

    START = "start"
    CALL = "call"
    HANG_UP = "hang_up"
    PRIMARY = "primary"
    PLAIN = "plain"
    GHOST = "ghost"


class ThemedButton(QAbstractButton):
    """Base of all buttons: theme, the translucent variant `over` a picture, and the focus ring."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.over = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves no ring behind
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    @property
    def colors(self) -> Colors:
        return OVER if self.over else self.theme.colors

    def set_over(self, over: bool) -> None:
        if over != self.over:
            self.over = over
            self.update()

    def paint_ring(self, painter: QPainter, radius: float) -> None:
        if self.hasFocus():
            half = _RING_PX / 2
            painter.setPen(QPen(QColor(self.colors.accent_text), _RING_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.EnabledChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)


class Button(ThemedButton):
    """A button with words and, optionally, an icon."""

    def __init__(
        self, theme: Theme, kind: Kind, icon: str = "", *, small: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.kind = kind
        self.icon_name = icon
        self._small = small
        font = QFont(self.font())
        font.setPixelSize(TEXT_PX if small else BUTTON_PX)
        font.setWeight(QFont.Weight.DemiBold)
        self._label_font = font
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._label_font).horizontalAdvance(self.text())
        icon = (_ICON_PX + 8) if self.icon_name else 0
        side = 12 if self._small else 16
        if self.kind is Kind.GHOST:
            side = 10
        height = 32 if self._small else 42
        return QSize(words + icon + 2 * side + 2 * _GAP_PX, height + 2 * _GAP_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _scheme(self) -> tuple[str | None, str, str | None]:
        """(fill, words, border)"""
        c = self.colors
        if not self.isEnabled():
            return (None if self.kind is Kind.GHOST else c.disabled), c.secondary, None
        hover = c.hover if self.underMouse() else None
        match self.kind:
            case Kind.START | Kind.PRIMARY:
                return c.accent, c.on_accent, None
            case Kind.CALL:
                return c.call, c.on_call, None
            case Kind.HANG_UP:
                return c.hang_up, c.on_hang_up, None
            case Kind.PLAIN:
                return hover or c.card, c.text, c.line
            case Kind.GHOST:
                return hover, c.accent_text, None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, words, border = self._scheme()
        body = QRectF(self.rect()).adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        radius = 8.0 if self._small else 10.0
        if fill is not None:
            painter.setPen(QPen(QColor(border), 1) if border else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5) if border else body, radius, radius)
            if self.isEnabled() and (self.isDown() or self.underMouse()) and self.kind is not Kind.GHOST:
                painter.setPen(Qt.PenStyle.NoPen)
                shade = QColor(0, 0, 0, 40 if self.isDown() else 0)
                if not self.isDown() and self.kind is not Kind.PLAIN:
                    shade = QColor(0, 0, 0, 18)  # darker, so that white words keep their contrast
                if self.kind is Kind.CALL:
                    shade = QColor(255, 255, 255, 28)
                painter.setBrush(shade)
                painter.drawRoundedRect(body, radius, radius)
        metrics = QFontMetrics(self._label_font)
        width = metrics.horizontalAdvance(self.text()) + ((_ICON_PX + 8) if self.icon_name else 0)
        left = body.center().x() - width / 2
        if self.icon_name:
            top = body.center().y() - _ICON_PX / 2
            paint_icon(painter, self.icon_name, words, QRectF(left, top, _ICON_PX, _ICON_PX))
            left += _ICON_PX + 8
        painter.setFont(self._label_font)
        painter.setPen(QColor(words))
        painter.drawText(
            QRectF(left, body.top(), width + 2, body.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine,
            self.text(),
        )
        self.paint_ring(painter, radius + _GAP_PX)
        painter.end()


class IconButton(ThemedButton):
    """A small button with an icon only; its accessible name says what it does."""

    def __init__(self, theme: Theme, icon: str, size_px: int = 36, width_px: int | None = None) -> None:
        super().__init__(theme)
        self.icon_name = icon
        self.setFixedSize(width_px or size_px, size_px)

    def set_words(self, words: str) -> None:
        """The accessible name and the tooltip."""
        self.setAccessibleName(words)
        self.setToolTip(words)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = self.colors
        body = QRectF(self.rect()).adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        radius = 8.0
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(body, radius, radius)
        side = min(_ICON_PX, self.width() - 4)
        square = QRectF(0, 0, side, side)
        square.moveCenter(body.center())
        paint_icon(painter, self.icon_name, c.text if self.isEnabled() else c.secondary, square)
        self.paint_ring(painter, radius + _GAP_PX)
        painter.end()


class Toggle(ThemedButton):
    """A round toggle. Its unusual state (muted, camera off, sharing) changes icon, fill and shape together."""

    SIZE_PX = 50

    def __init__(self, theme: Theme, usual_icon: str, unusual_icon: str) -> None:
        super().__init__(theme)
        self._icons = (usual_icon, unusual_icon)
        self.setCheckable(True)
        self.setFixedSize(self.SIZE_PX, self.SIZE_PX)

    def nextCheckState(self) -> None:
        """A click changes nothing by itself: the next view does."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = self.colors
        body = QRectF(self.rect()).adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        unusual = self.isChecked()
        radius = 12.0 if unusual else body.height() / 2
        if not self.isEnabled():
            fill, ink = c.disabled, c.secondary
        elif unusual:
            fill, ink = c.text, c.surface
        else:
            fill, ink = (c.line if self.underMouse() else c.hover), c.text
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(body, radius, radius)
        square = QRectF(0, 0, 22, 22)
        square.moveCenter(body.center())
        paint_icon(painter, self._icons[unusual], ink, square)
        self.paint_ring(painter, radius + _GAP_PX)
        painter.end()


class Choices(QComboBox):
    """A box of choices with a chevron of our own, as wide as there is room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        spot = QRectF(self.width() - 28, self.height() / 2 - 9, 18, 18)
        paint_icon(painter, "chevron", self._theme.colors.secondary, spot)
        painter.end()


class Card(QWidget):
    """A rounded surface that lies on the stage."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.colors.line), 1))
        painter.setBrush(QColor(self.theme.colors.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        painter.end()


class IconLabel(QWidget):
    """An icon that is no button."""

    def __init__(self, theme: Theme, icon: str, size_px: int = 20) -> None:
        super().__init__()
        self.theme = theme
        self.icon_name = icon
        self.color: str | None = None
        self.setFixedSize(size_px, size_px)
        theme.changed.connect(self.update)

    def show_icon(self, icon: str, color: str | None = None) -> None:
        self.icon_name, self.color = icon, color
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_icon(painter, self.icon_name, self.color or self.theme.colors.text, QRectF(self.rect()))
        painter.end()


class ElidedLabel(QLabel):
    """A line that shortens itself with an ellipsis; the whole text is its tooltip then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)

    def set_whole(self, text: str) -> None:
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._fit()

    def whole_width(self) -> int:
        """The width in px that shows the whole text."""
        return self.fontMetrics().horizontalAdvance(self._whole) + 2

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


class ProgressLine(QWidget):
    """A thin line with a light running along it: something is under way and nobody knows for how long."""

    _STEP_MS = 33
    _ROUND_STEPS = 45

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(3)
        self._step = 0
        self._timer = QTimer(self)
        self._timer.setInterval(self._STEP_MS)
        self._timer.timeout.connect(self._advance)

    def showEvent(self, event: object) -> None:
        self._timer.start()

    def hideEvent(self, event: object) -> None:
        self._timer.stop()

    def _advance(self) -> None:
        self._step = (self._step + 1) % self._ROUND_STEPS
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 60))
        painter.drawRoundedRect(self.rect(), 1.5, 1.5)
        length = self.width() * 0.3
        left = (self.width() + length) * self._step / self._ROUND_STEPS - length
        painter.setClipRect(self.rect())
        painter.setBrush(QColor(OVER.accent_text))
        painter.drawRoundedRect(QRectF(left, 0, length, self.height()), 1.5, 1.5)
        painter.end()


def label(role: str = "", *, wrap: bool = False) -> QLabel:
    """A plain-text label with a role of the style sheet: secondary, heading, title, error."""
    result = QLabel()
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setWordWrap(wrap)
    if role:
        result.setProperty("role", role)
    return result
