"""The lock in the top bar, and what it explains: how the call is protected, and the string to read to each other."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from callapp.session.sas import emoji_table
from callapp.session.view import CallView, Sas
from callapp.ui.i18n import Language
from callapp.ui.icons import paint_icon
from callapp.ui.overlays import Overlay
from callapp.ui.theme import TEXT_PX, Theme, tabular
from callapp.ui.trust_texts import LockWords, lock_words
from callapp.ui.widgets import IconLabel, ThemedButton, label

translate = QCoreApplication.translate

_ICON_PX = 20
_HEIGHT_PX = 36
_LINE = 16777215  # Qt's largest size: no bound
_EMOJI = 4


class LockButton(ThemedButton):
    """An icon and the lock's word; shortens itself to `most_px`."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setObjectName("lockButton")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._label_font = QFont(self.font())
        self._label_font.setPixelSize(TEXT_PX)
        self._label_font.setWeight(QFont.Weight.DemiBold)
        self._warns = False
        self._most_px = _LINE

    def show_words(self, words: LockWords | None) -> None:
        """Shows the lock, or nothing where nothing is claimed."""
        self.setVisible(words is not None)
        if words is None:
            return
        self._warns = words.warns
        self.setText(words.title)
        hint = translate("Lock", "What this means")
        self.setAccessibleName(words.title)
        self.setAccessibleDescription(hint)
        self.setToolTip(f"{words.title}\n{hint}")
        self.updateGeometry()
        self.update()

    def limit(self, most_px: int) -> None:
        """The widest that it may be."""
        if most_px != self._most_px:
            self._most_px = most_px
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._label_font).horizontalAdvance(self.text())
        return QSize(min(_ICON_PX + 8 + words + 18, self._most_px), _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = self.colors
        body = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.hover))
            painter.drawRoundedRect(body, 8, 8)
        ink = c.warning_text if self._warns else c.text
        icon = "warning" if self._warns else "lock"
        middle = self.height() / 2
        paint_icon(painter, icon, ink, QRectF(7, middle - _ICON_PX / 2, _ICON_PX, _ICON_PX))
        words = QRectF(7 + _ICON_PX + 8, 0, self.width() - 2 * 7 - _ICON_PX - 8 + 2, self.height())
        metrics = QFontMetrics(self._label_font)
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, int(words.width()))
        painter.setFont(self._label_font)
        painter.setPen(QColor(ink))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        self.paint_ring(painter, 9)
        painter.end()


class SecurityCode(QWidget):
    """Four emoji with their names, and six digits."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setSpacing(4)
        self._cells: list[tuple[QLabel, QLabel]] = []
        for _ in range(_EMOJI):
            picture, name = QLabel(), label(wrap=True)
            picture.setTextFormat(Qt.TextFormat.PlainText)
            picture.setStyleSheet("font-size: 30px")
            picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
            name.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            cell = QVBoxLayout()
            cell.setSpacing(2)
            cell.addWidget(picture)
            cell.addWidget(name)
            row.addLayout(cell, 1)
            self._cells.append((picture, name))
        self.digits = QLabel()
        self.digits.setTextFormat(Qt.TextFormat.PlainText)
        self.digits.setFont(tabular(self.digits.font()))
        self.digits.setStyleSheet("font-size: 24px; font-weight: 600")
        self.digits.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.digits.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(8)
        box.addLayout(row)
        box.addWidget(self.digits)

    @property
    def names(self) -> list[str]:
        """The emoji's names as they are shown."""
        return [name.text() for _, name in self._cells]

    def show_code(self, sas: Sas, language: str) -> None:
        """Shows a code; an emoji that no font on this computer has is shown by its name only."""
        table = emoji_table()
        for (picture, name), place in zip(self._cells, sas.emoji, strict=True):
            emoji = table[place]
            picture.setText(emoji.emoji)
            picture.setVisible(has_glyphs(emoji.emoji, picture.font()))
            name.setText(emoji.ko if language == "ko" else emoji.en)
        half = len(sas.digits) // 2
        self.digits.setText(f"{sas.digits[:half]} {sas.digits[half:]}")
        self.setAccessibleName(", ".join([*self.names, sas.digits]))


class LockPopup(Overlay):
    """The explanation, below the lock."""

    _WIDTH_PX = 400

    def __init__(self, theme: Theme, language: Language, parent: QWidget) -> None:
        super().__init__(theme, parent, dims=False)
        self._language = language
        self._view = CallView()
        self._icon = IconLabel(theme, "lock", 22)
        self.meaning = label("secondary", wrap=True)
        self.compare = label(wrap=True)
        self.code = SecurityCode()
        self.head.insertWidget(0, self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.box.addWidget(self.meaning)
        self.box.addWidget(self.compare)
        self.box.addWidget(self.code)
        theme.changed.connect(self.retranslate)
        self.retranslate()

    def card_spot(self, size: QSize) -> QPoint:
        return QPoint(8, min(52, self.height() - size.height() - 8))

    def render_view(self, view: CallView) -> None:
        """Says what is known now; goes away when that is nothing."""
        same = (view.lock, view.sas, view.invite) == (self._view.lock, self._view.sas, self._view.invite)
        self._view = view
        if not same:
            self.retranslate()

    def retranslate(self) -> None:
        super().retranslate()
        words = lock_words(self._view)
        if words is None:
            self.hide()
            return
        colors = self.card.theme.colors
        self._icon.show_icon("warning" if words.warns else "lock", colors.warning if words.warns else None)
        self.title.setText(words.title)
        self.meaning.setText(words.meaning)
        sas = self._view.sas
        shown = bool(words.compare) and sas is not None
        self.compare.setText(words.compare)
        self.compare.setVisible(shown)
        self.code.setVisible(shown)
        if shown and sas is not None:
            self.code.show_code(sas, self._language.current)
        if not self.isHidden():
            self.place()


def has_glyphs(text: str, font: QFont) -> bool:
    """Whether the fonts of this computer can draw the text."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()
    return bool(runs) and all(all(run.glyphIndexes()) for run in runs)
