"""The app's own line icons, coloured when they are drawn."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from callapp.resources import resource_path


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    text = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", color).encode()))


def paint_icon(painter: QPainter, name: str, color: str, rect: QRectF) -> None:
    """Draws the icon `name` of resources/icons into the square `rect`, its `currentColor` being `color` (#RRGGBB).

    From a pixmap: what lies over a moving picture is painted with each of its frames.
    """
    painter.drawPixmap(
        rect.topLeft(), pixmap(name, color, round(rect.width()), painter.device().devicePixelRatioF())
    )


@lru_cache(maxsize=256)
def pixmap(name: str, color: str, size_px: int, ratio: float = 1.0) -> QPixmap:
    """A square pixmap of `size_px` logical px for a screen of the given device pixel ratio."""
    result = QPixmap(QSize(round(size_px * ratio), round(size_px * ratio)))
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    _renderer(name, color).render(painter, QRectF(result.rect()))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result


def icon(name: str, color: str, selected: str = "") -> QIcon:
    """An icon for menus and lists; `selected` is its colour in a selected line."""
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(pixmap(name, color, 20, ratio))
        if selected:
            result.addPixmap(pixmap(name, selected, 20, ratio), QIcon.Mode.Selected)
    return result


def app_icon() -> QIcon:
    """The app's icon in the sizes that window systems ask for."""
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(pixmap("callapp", "#FFFFFF", size))
    return result
