"""QR codes (ISO/IEC 18004) of the invite links: always dark on light, sharp on every screen."""

from __future__ import annotations

from functools import lru_cache

import segno
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from callapp.ui.overlays import Overlay
from callapp.ui.theme import Theme
from callapp.ui.widgets import ThemedButton

translate = QCoreApplication.translate

QUIET_MODULES = 4  # light modules around the code, as the standard asks
_GAP_PX = 3
_RADIUS_PX = 8.0


@lru_cache(maxsize=4)
def qr_image(text: str) -> QImage:
    """The code of `text` with its quiet zone, 1 px a module; a null image for "" or what no code can hold."""
    try:
        code = segno.make_qr(text, error="l") if text else None
    except segno.DataOverflowError:
        code = None
    if code is None:
        return QImage()
    rows = code.matrix
    side = len(rows) + 2 * QUIET_MODULES
    image = QImage(side, side, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    for y, row in enumerate(rows, QUIET_MODULES):
        for x, dark in enumerate(row, QUIET_MODULES):
            if dark:
                image.setPixelColor(x, y, QColor(Qt.GlobalColor.black))
    return image


def paint_qr(painter: QPainter, image: QImage, rect: QRectF, ratio: float) -> None:
    """Draws a code into the middle of `rect`: each module is the same whole number of device pixels."""
    scale = int(min(rect.width(), rect.height()) * ratio) // image.width()
    if scale < 1:
        return
    side = image.width() * scale
    sharp = image.scaled(side, side)
    sharp.setDevicePixelRatio(ratio)
    spot = rect.center() - QPointF(side, side) / (2 * ratio)
    painter.drawImage(QPointF(round(spot.x() * ratio) / ratio, round(spot.y() * ratio) / ratio), sharp)


class QrCode(ThemedButton):
    """A code on a light square; a click (or Enter) is a wish to see it larger."""

    def __init__(self, theme: Theme, size_px: int) -> None:
        super().__init__(theme)
        self._image = QImage()
        self.setFixedSize(size_px, size_px)

    @property
    def image(self) -> QImage:
        """The code that is shown, 1 px a module."""
        return self._image

    def show_text(self, text: str) -> None:
        """Shows the code of a text."""
        self._image = qr_image(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(_GAP_PX, _GAP_PX, -_GAP_PX, -_GAP_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawRoundedRect(body, _RADIUS_PX, _RADIUS_PX)
        if not self._image.isNull():
            paint_qr(painter, self._image, body, self.devicePixelRatioF())
        self.paint_ring(painter, _RADIUS_PX + _GAP_PX)
        painter.end()


class _LargeCode(QWidget):
    """As large as its place."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS_PX, _RADIUS_PX)
        if not self.image.isNull():
            paint_qr(painter, self.image, QRectF(self.rect()), self.devicePixelRatioF())
        painter.end()


class QrOverlay(Overlay):
    """One code, large, over the window."""

    _MOST_PX = 480

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.code = _LargeCode()  # first: the base hides itself
        super().__init__(theme, parent)
        self.box.setContentsMargins(16, 10, 16, 16)
        self.box.addWidget(self.code, 1)
        self.retranslate()

    def open_text(self, text: str) -> None:
        """Shows the code of a text."""
        self.code.image = qr_image(text)
        self.code.update()
        self.open()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.code.image = QImage()  # it holds a secret

    def card_size(self) -> QSize:
        head = 10 + max(self.title.sizeHint().height(), self.close_button.height()) + self.box.spacing() + 16
        side = min(self.width() - 32 - 32, self.height() - 16 - head, self._MOST_PX)
        return QSize(side + 32, side + head)

    def retranslate(self) -> None:
        super().retranslate()
        self.title.setText(translate("Cards", "Point the camera of a phone at this"))
        self.code.setAccessibleName(translate("Cards", "QR code of the invite link"))
