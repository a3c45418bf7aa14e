"""One moving picture: taken from a slot, converted to the widget's size, painted. See docs/adr/0004-rendering.md."""

from __future__ import annotations

import time

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from callapp.media.video.display import DisplayScaler, Pixels
from callapp.media.video.slot import FrameSlot, Picture
from callapp.ui.icons import paint_icon
from callapp.ui.theme import OVER, RADIUS_PX

_DIM = QColor(14, 17, 22, 165)
_TILE = QColor("#1B1F26")
_AVATAR = QColor("#2F3947")


class VideoView(QWidget):
    """Shows the newest picture of a slot, letterboxed; without one, a calm card with the person's initials.

    `shown(picture, unix_s)` follows each paint of a new picture. While not `active`, pictures are thrown away.
    """

    shown = Signal(object, float)
    aspect_changed = Signal()
    activated = Signal()  # double click, Enter
    pressed = Signal(QPointF)
    dragged = Signal(QPointF)  # global position
    dropped = Signal()
    nudged = Signal(int)  # an arrow key (Qt.Key)
    _filled = Signal()

    def __init__(
        self, *, mirrored: bool = False, slot: FrameSlot | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._mirrored = mirrored
        self._scaler = DisplayScaler()
        self._slot = slot
        self._fresh = False
        self._active = slot is None
        self._picture: Picture | None = None
        self._image: tuple[QImage, Pixels] | None = None
        self._tile_image: QImage | None = None
        self._icon = "user"
        self._name = ""
        self._hint = ""
        self._dimmed = False
        self._tile = False
        self.badge = ""  # icon in the lower left corner of a tile
        self.safe_bottom_px = 0  # covered by cards: the placeholder keeps clear of it
        self._pressed_at: QPointF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(1, 1)
        if slot is not None:
            self._filled.connect(self._on_filled, Qt.ConnectionType.QueuedConnection)
            slot.on_filled = self._filled.emit

    # ---- what is shown

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    @property
    def aspect(self) -> float:
        """Width / height of the picture; 16:9 while there is none."""
        if self._picture is None:
            return 16 / 9
        return self._picture.frame.width / max(1, self._picture.frame.height)

    def set_active(self, active: bool) -> None:
        """Whether pictures are wanted. Going inactive forgets the picture, so none can show up later."""
        if active != self._active:
            self._active = active
            self.clear()
            if active:
                self._fresh = True
                self.update()

    def clear(self) -> None:
        """Forget the picture shown and the one waiting."""
        if self._slot is not None and not self._active:
            self._slot.clear()
        had = self._picture is not None
        self._picture = self._image = self._tile_image = None
        if had:
            self.aspect_changed.emit()
        self.update()

    def set_placeholder(self, icon: str, name: str, hint: str = "") -> None:
        """What stands in for a picture: the initials of `name` (or `icon`), the name and a line under it."""
        if (icon, name, hint) != (self._icon, self._name, self._hint):
            self._icon, self._name, self._hint = icon, name, hint
            self.update()

    def set_dimmed(self, dimmed: bool) -> None:
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.update()

    def set_badge(self, icon: str) -> None:
        if icon != self.badge:
            self.badge = icon
            self.update()

    def set_tile(self, tile: bool) -> None:
        """A tile is small, rounded and lies on another picture."""
        if tile != self._tile:
            self._tile = tile
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, not tile)
            self.setCursor(Qt.CursorShape.OpenHandCursor if tile else Qt.CursorShape.ArrowCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus if tile else Qt.FocusPolicy.NoFocus)
            self.update()

    def show_picture(self, picture: Picture) -> None:
        """For a view without a slot (the settings' preview)."""
        before = self.aspect
        self._picture, self._image, self._tile_image = picture, None, None
        if abs(before - self.aspect) > 0.001:
            self.aspect_changed.emit()
        self.update()

    def release(self) -> None:
        """Stop listening to the slot."""
        if self._slot is not None:
            self._slot.on_filled = None
            self._slot = None

    def _on_filled(self) -> None:
        if not self._active:
            if self._slot is not None:
                self._slot.clear()
            return
        self._fresh = True
        self.update()

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        taken = self._slot.take() if self._fresh and self._slot is not None else None
        self._fresh = False
        if taken is not None:
            before, had = self.aspect, self._picture is not None
            self._picture, self._image, self._tile_image = taken, None, None
            if not had or abs(before - self.aspect) > 0.001:
                self.aspect_changed.emit()
        painter = QPainter(self)
        if self._tile:
            self._paint_tile(painter)
        else:
            self._paint_whole(painter)
        painter.end()
        if taken is not None:
            self.shown.emit(taken, time.time())

    def _target(self) -> QRect:
        size = QSize(round(1000 * self.aspect), 1000).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(0, 0, max(1, size.width()), max(1, size.height()))
        target.moveCenter(self.rect().center())
        return target

    def _converted(self, size: QSize) -> QImage | None:
        if self._picture is None:
            return None
        if self._image is None:
            ratio = self.devicePixelRatioF()
            pixels = self._scaler.scale(
                self._picture.frame, round(size.width() * ratio), round(size.height() * ratio)
            )
            image = QImage(
                pixels.data, pixels.width_px, pixels.height_px, pixels.stride, QImage.Format.Format_RGB32
            )
            self._image = (image, pixels)  # the pixels own the image's memory
        return self._image[0]

    def _paint_whole(self, painter: QPainter) -> None:
        target = self._target()
        image = self._converted(target.size())
        stage = QColor(OVER.stage)
        if image is None:
            painter.fillRect(self.rect(), stage)
            self._paint_placeholder(painter, self.rect().adjusted(0, 0, 0, -self.safe_bottom_px))
        else:
            if target != self.rect():
                painter.setClipRegion(QRegion(self.rect()).subtracted(QRegion(target)))
                painter.fillRect(self.rect(), stage)
                painter.setClipping(False)
            exact = image.size() == target.size() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
            painter.save()
            if self._mirrored:
                painter.translate(2 * target.x() + target.width(), 0)
                painter.scale(-1, 1)
            painter.drawImage(target, image)
            painter.restore()
        if self._dimmed:
            painter.fillRect(self.rect(), _DIM)

    def _paint_tile(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        image = self._converted(self.size())
        painter.setPen(QPen(QColor(255, 255, 255, 46), 1))
        if image is None:
            painter.setBrush(_TILE)
            painter.drawRoundedRect(body, RADIUS_PX, RADIUS_PX)
            self._paint_placeholder(painter, self.rect())
        else:
            painter.drawImage(QPointF(0, 0), self._rounded_tile(image))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body, RADIUS_PX, RADIUS_PX)
        if self.badge:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(14, 17, 22, 190))
            spot = QRectF(8, self.height() - 36, 28, 28)
            painter.drawEllipse(spot)
            paint_icon(painter, self.badge, OVER.text, spot.adjusted(6, 6, -6, -6))
        if self.hasFocus():
            painter.setPen(QPen(QColor(OVER.accent_text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS_PX, RADIUS_PX)

    def _rounded_tile(self, image: QImage) -> QImage:
        """The picture with round corners, made once: the tile is painted again with every frame of the one below."""
        if self._tile_image is None:
            ratio = self.devicePixelRatioF()
            size = QSize(round(self.width() * ratio), round(self.height() * ratio))
            if image.size() != size:
                image = image.scaled(size, mode=Qt.TransformationMode.SmoothTransformation)
            if self._mirrored:
                image = image.flipped(Qt.Orientation.Horizontal)
            tile = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            tile.fill(Qt.GlobalColor.transparent)
            painter = QPainter(tile)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(image))
            painter.drawRoundedRect(QRectF(tile.rect()), RADIUS_PX * ratio, RADIUS_PX * ratio)
            painter.end()
            tile.setDevicePixelRatio(ratio)
            self._tile_image = tile
        return self._tile_image

    def _paint_placeholder(self, painter: QPainter, area: QRect) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        diameter = max(36.0, min(112.0, area.height() * 0.34))
        words = [] if self._tile else [text for text in (self._name, self._hint) if text]
        block = diameter + (14 + 24 * len(words) if words else 0)
        top = area.top() + (area.height() - block) / 2
        circle = QRectF(area.center().x() - diameter / 2, top, diameter, diameter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_AVATAR)
        painter.drawEllipse(circle)
        letters = initials(self._name)
        font = QFont(self.font())
        if letters and self._icon == "user":
            font.setPixelSize(round(diameter * 0.38))
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(QColor(OVER.text))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, letters)
        else:
            inset = diameter * 0.29
            paint_icon(painter, self._icon, OVER.text, circle.adjusted(inset, inset, -inset, -inset))
        y = circle.bottom() + 14
        for index, text in enumerate(words):
            main = index == 0 and bool(self._name)
            font.setPixelSize(17 if main else 13)
            font.setWeight(QFont.Weight.DemiBold if main else QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(QColor(OVER.text if main else OVER.secondary))
            painter.drawText(QRectF(area.left(), y, area.width(), 24), Qt.AlignmentFlag.AlignCenter, text)
            y += 24

    # ---- input

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._image = self._tile_image = None  # converted again from the picture kept

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = None
            self.activated.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._tile and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.globalPosition()
            self.pressed.emit(event.globalPosition())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None:
            self.dragged.emit(event.globalPosition())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is not None:
            self._pressed_at = None
            self.dropped.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._tile and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
        elif self._tile and event.key() in (
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
        ):
            self.nudged.emit(event.key())
        else:
            super().keyPressEvent(event)


def initials(name: str) -> str:
    """One or two letters that stand for a person."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper()
