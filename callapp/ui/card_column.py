"""The cards over the stage, one above the other, and how much room they may take."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QVBoxLayout, QWidget

from callapp.ui.cards import RoomCard

CARD_PX = 560
_GAP_PX = 8
_MOST_COVERED = 0.55  # of the height, by cards that could be smaller: the own picture should be seen, too


class Spot(enum.Enum):
    """Where the cards lie."""

    MIDDLE = "middle"
    LOW = "low"
    HIGH = "high"  # beside a panel that lies over the stage: only what is urgent, and not where one writes


class CardColumn(QWidget):
    """Holds notices and the incoming call (`urgent`) above the room card, which gives way to them."""

    def __init__(self, urgent: Sequence[QWidget], room_card: RoomCard, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts = (*urgent, room_card)
        self._room_card = room_card
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(10)
        for part in self._parts:
            self._box.addWidget(part)

    def place(self, area: QRect, spot: Spot) -> int:
        """Lays the cards out in `area`; returns how many px at its bottom they cover."""
        card = self._room_card
        card.set_withheld(spot is Spot.HIGH)
        card.set_compact(False)
        width = min(CARD_PX, area.width() - 32)
        most = area.height() - _GAP_PX
        wanted = self._height_for(width)
        if wanted > area.height() * _MOST_COVERED:
            card.set_compact(True)
            wanted = self._height_for(width)
        if wanted > most and any(not part.isHidden() for part in self._parts[:-1]):
            card.set_withheld(True)
            wanted = self._height_for(width)
        empty = all(part.isHidden() for part in self._parts)
        self.setVisible(not empty)
        if empty:
            return 0
        wanted = min(wanted, most)
        rest = area.height() - wanted
        top = {Spot.MIDDLE: rest // 2, Spot.LOW: rest - min(16, rest // 2), Spot.HIGH: _GAP_PX}[spot]
        self.setGeometry(area.left() + (area.width() - width) // 2, area.top() + top, width, wanted)
        self._settle()
        return rest - top + wanted if spot is Spot.LOW else 0

    def _height_for(self, width_px: int) -> int:
        """The height in px that the cards need at this width."""
        for part in reversed(self.findChildren(QWidget)):  # from the inside out: each forgets the size it had
            part.updateGeometry()
        return self._box.totalHeightForWidth(width_px)

    def _settle(self) -> None:
        """Lays everything inside out now instead of over several rounds of events."""
        for part in (self, *self.findChildren(QWidget)):
            layout = part.layout()
            if layout is not None:
                layout.activate()
