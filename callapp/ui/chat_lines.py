"""The messages of a call, as bubbles. What the peer writes is only ever drawn: no markup, nothing loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QToolTip

from callapp.session.view import ChatMessage, ChatState
from callapp.ui.theme import Theme
from callapp.ui.trust_texts import chat_state_words

translate = QCoreApplication.translate

_PAD_PX = 10  # from a bubble's edge to its words
_PAD_Y_PX = 6
_GAP_PX = 8  # between two bubbles
_INDENT_PX = 28  # own messages keep this far from the left, the peer's from the right
_NEAR_END_PX = 8
_RADIUS_PX = 10

# no spaces, quotes, brackets, control characters, or marks that change the direction of what is shown
_LINK = re.compile(
    r"\bhttps?://[^\s<>\"'`\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffc]+",
    re.IGNORECASE,
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_PLAIN = str.maketrans(
    # a line feed within the block; what Qt's documents take for structure becomes a visible mark
    {
        "\n": "\u2028",
        "\u2029": "\u2028",
        "\r": " ",
        "\ufdd0": "\ufffd",
        "\ufdd1": "\ufffd",
        "\ufffc": "\ufffd",
    }
)


def links(text: str) -> Iterator[tuple[int, int, QUrl]]:
    """(begin, end, address) of each http(s) address in `text` that may be clicked."""
    for match in _LINK.finditer(text):
        address = match.group()
        while address[-1] in ".,;:!?*_~" or (
            address[-1] in _CLOSING and address.count(address[-1]) > address.count(_CLOSING[address[-1]])
        ):
            address = address[:-1]
        url = web_address(address)
        if url is not None:
            yield match.start(), match.start() + len(address), url


def web_address(text: str) -> QUrl | None:
    """The address if it is one of the web; one with a user name, which hides the host's, is none."""
    url = QUrl(text, QUrl.ParsingMode.StrictMode)
    if not url.isValid() or url.scheme() not in ("http", "https") or not url.host() or url.userInfo():
        return None
    return url


class ChatLines(QTextBrowser):
    """Shows a history. Two blocks a message: who, when and how far it came; then its text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[ChatMessage, ...] = ()
        self.setObjectName("chatLines")
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(2)
        self.anchorClicked.connect(self._open)
        self.highlighted.connect(self._tell_address)
        theme.changed.connect(self.redraw)

    # ---- the history

    @property
    def at_end(self) -> bool:
        """The newest message is in view."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - _NEAR_END_PX

    def go_to_end(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def show_history(self, history: tuple[ChatMessage, ...]) -> None:
        """Shows these messages; changes only what differs. Stays at the end if the end was in view."""
        if history is self._shown:
            return
        at_end = self.at_end
        common = self._drop_front(history)
        if common is None:
            self._rebuild(history)
        else:
            for number, (old, new) in enumerate(zip(common, history, strict=False)):
                if old is not new and old != new:
                    self._write_head(self.document().findBlockByNumber(2 * number), new)
            for message in history[len(common) :]:
                self._append(message)
        self._shown = history
        if at_end:
            self.go_to_end()

    def redraw(self) -> None:
        """Everything again: other colours, another language."""
        at_end = self.at_end
        self._rebuild(self._shown)
        if at_end:
            self.go_to_end()

    def _drop_front(self, history: tuple[ChatMessage, ...]) -> tuple[ChatMessage, ...] | None:
        """Removes what has fallen out of the history; returns what remains, None if it is another history."""
        first = _key(history[0]) if history else None
        gone = next((n for n, old in enumerate(self._shown) if _key(old) == first), None)
        if gone is None:
            return None
        common = self._shown[gone:]
        if len(common) > len(history) or any(map(_differ, common, history)):
            return None
        if gone:
            cursor = QTextCursor(self.document())
            cursor.setPosition(
                self.document().findBlockByNumber(2 * gone).position(), QTextCursor.MoveMode.KeepAnchor
            )
            cursor.removeSelectedText()
        return common

    def _rebuild(self, history: Sequence[ChatMessage]) -> None:
        self.clear()
        frame = self.document().rootFrame().frameFormat()
        frame.setBottomMargin(_PAD_PX)
        self.document().rootFrame().setFrameFormat(frame)
        for message in history:
            self._append(message)

    def _append(self, message: ChatMessage) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.document().isEmpty():
            cursor.insertBlock()
        left = _PAD_PX + (_INDENT_PX if message.own else 0)
        right = _PAD_PX + (0 if message.own else _INDENT_PX)
        block = QTextBlockFormat()
        block.setLeftMargin(left)
        block.setRightMargin(right)
        block.setTopMargin(_GAP_PX + 2 * _PAD_Y_PX)
        cursor.setBlockFormat(block)
        cursor.block().setUserState(int(message.own))
        self._write_head(cursor.block(), message)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        block.setTopMargin(2)
        cursor.insertBlock(block)
        self._write_text(cursor, message.text)

    def _write_head(self, block: QTextBlock, message: ChatMessage) -> None:
        colors = self._theme.colors
        form = QTextCharFormat()
        font = QFont(self.font())
        font.setPixelSize(12)
        form.setFont(font)
        form.setForeground(QColor(colors.secondary))
        author = translate("Chat", "You") if message.own else message.author
        author = author or translate("Chat", "The other person")
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        time = datetime.fromtimestamp(message.at).strftime("%H:%M")
        # isolated, so that a name cannot turn around what follows it
        cursor.insertText(f"\u2068{author.translate(_PLAIN)}\u2069 · {time}", form)
        if message.own:
            failed = message.state is ChatState.FAILED
            if failed:
                form.setForeground(QColor(colors.danger_text))
                form.setFontWeight(QFont.Weight.DemiBold)
            cursor.insertText(f" · {chat_state_words(message.state)}", form)

    def _write_text(self, cursor: QTextCursor, text: str) -> None:
        plain = QTextCharFormat()
        plain.setForeground(QColor(self._theme.colors.text))
        link = QTextCharFormat()
        link.setForeground(QColor(self._theme.colors.accent_text))
        link.setFontUnderline(True)
        link.setAnchor(True)
        end = 0
        for begin, stop, url in links(text):
            cursor.insertText(text[end:begin].translate(_PLAIN), plain)
            link.setAnchorHref(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
            cursor.insertText(text[begin:stop], link)
            end = stop
        cursor.insertText(text[end:].translate(_PLAIN), plain)

    # ---- links

    def _open(self, url: QUrl) -> None:
        """In the system's browser; never here."""
        address = web_address(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        if address is not None:
            QDesktopServices.openUrl(address)

    def _tell_address(self, url: QUrl) -> None:
        """Where a link leads, letter by letter: a name in foreign letters shows as what it is."""
        words = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        if words:
            QToolTip.showText(self.cursor().pos(), words, self)
        else:
            QToolTip.hideText()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever loaded."""
        return None

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copies plain text only."""
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    # ---- drawing

    def resizeEvent(self, event: QResizeEvent) -> None:
        at_end = self.at_end
        super().resizeEvent(event)
        if at_end:
            self.go_to_end()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = self._theme.colors
        painter.translate(0, -self.verticalScrollBar().value())
        painter.setPen(QPen(QColor(colors.line), 1))
        for rect, own in self._bubbles(event.rect().bottom()):
            painter.setBrush(QColor(colors.hover if own else colors.card))
            painter.drawRoundedRect(rect, _RADIUS_PX, _RADIUS_PX)
        painter.end()
        super().paintEvent(event)

    def _bubbles(self, bottom_px: int) -> Iterator[tuple[QRectF, bool]]:
        """The bubbles in view, in the document's coordinates."""
        if not self._shown:
            return
        margin = self.document().documentMargin()
        bottom = self.verticalScrollBar().value() + bottom_px
        block = self.cursorForPosition(QPoint(0, 0)).block()
        if block.blockNumber() % 2:
            block = block.previous()
        while block.isValid() and block.next().isValid():
            text = block.next()
            top = block.layout().position().y() - _PAD_Y_PX + 0.5
            low = text.layout().position().y() + text.layout().boundingRect().height() + _PAD_Y_PX - 0.5
            if top > bottom:
                return
            own = block.userState() == 1
            left = margin + (_INDENT_PX if own else 0) + 0.5
            right = self.viewport().width() - margin - (0 if own else _INDENT_PX) - 0.5
            yield QRectF(left, top, right - left, low - top), own
            block = text.next()


def _key(message: ChatMessage) -> tuple[bool, str]:
    return message.own, message.id


def _differ(one: ChatMessage, other: ChatMessage) -> bool:
    return one is not other and _key(one) != _key(other)
