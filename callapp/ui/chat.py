"""The chat of this call."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from callapp.session.chat import MAX_CHARS, MAX_WAITING, tidy
from callapp.session.view import CallView, ChatState
from callapp.ui.chat_editor import ChatEditor, SendButton
from callapp.ui.chat_lines import ChatLines
from callapp.ui.panel import Panel
from callapp.ui.theme import Theme
from callapp.ui.widgets import Button, Kind, label

translate = QCoreApplication.translate

_COUNT_FROM = MAX_CHARS - 400


class ChatPanel(Panel):
    """Messages, and a place to write one. A text stays in its place until it shows as a message."""

    said = Signal(str)
    seen = Signal()  # the newest message was looked at

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._view = CallView()
        self._told_unread = 0
        self._sent = ""  # what was handed over and does not show yet
        self.lines = ChatLines(theme)
        self.empty = label("secondary", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.newer = Button(theme, Kind.PLAIN, "chevron", small=True)
        self.newer.setObjectName("newerButton")
        self.problem = label("secondary", wrap=True)
        self.editor = ChatEditor()
        self.counter = label("secondary")
        self.send = SendButton(theme)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.editor, 1)
        row.addWidget(self.send, 0, Qt.AlignmentFlag.AlignBottom)
        writing = QVBoxLayout()
        writing.setSpacing(4)
        writing.addWidget(self.problem)
        writing.addLayout(row)
        writing.addWidget(self.counter)
        self.box.addWidget(self.empty, 1)
        self.box.addWidget(self.lines, 1)
        self.box.addWidget(self.newer, 0, Qt.AlignmentFlag.AlignHCenter)
        self.box.addLayout(writing)
        self.editor.submitted.connect(self._submit)
        self.editor.textChanged.connect(self._show_rest)
        self.send.clicked.connect(self._submit)
        self.newer.clicked.connect(self.lines.go_to_end)
        self.lines.verticalScrollBar().valueChanged.connect(self._look)
        self.retranslate()

    def render_view(self, view: CallView) -> None:
        before, self._view = self._view, view
        self.lines.show_history(view.chat)
        self.lines.setVisible(bool(view.chat))
        self.empty.setVisible(not view.chat)
        self._take_over(before)
        self._show_rest()
        self._look()

    def look(self) -> None:
        """The window came to the front, or the panel opened."""
        self._look()

    def focus(self) -> None:
        """To where one can write, or at least read."""
        (self.editor if self.editor.isEnabled() else self.close_button).setFocus()

    # ---- writing

    def _refusal(self) -> str:
        """Why nothing can be sent now, "" if it can."""
        if not self._view.chat_open:
            return translate("Chat", "You can write once you are in a call.")
        waiting = sum(message.state is ChatState.SENDING for message in self._view.chat if message.own)
        if waiting >= MAX_WAITING:
            return translate(
                "Chat", "Too many messages have not arrived yet. Wait a moment; your text stays here."
            )
        return ""

    def _submit(self) -> None:
        text = tidy(self.editor.toPlainText())
        if text and len(text) <= MAX_CHARS and not self._refusal() and text != self._sent:
            self._sent = text
            self.said.emit(text)
            self.lines.go_to_end()

    def _take_over(self, before: CallView) -> None:
        """Empties the editor once its text shows as a message; keeps it if it was refused."""
        if not self._sent:
            return
        known = {message.id for message in before.chat}
        if any(m.own and m.id not in known and m.text == self._sent for m in self._view.chat):
            if tidy(self.editor.toPlainText()) == self._sent:
                self.editor.clear()
            self._sent = ""
            self.lines.go_to_end()
        elif not self._view.chat_open or self._view.notice != before.notice:
            self._sent = ""

    def _show_rest(self) -> None:
        """Everything that depends on the text and on whether it can be sent."""
        text = tidy(self.editor.toPlainText())
        if text != self._sent:
            self._sent = ""
        count = len(text)
        self.counter.setVisible(count >= _COUNT_FROM)
        self.counter.setText(f"{count:,} / {MAX_CHARS:,}")
        self._color(count > MAX_CHARS)
        self.editor.setEnabled(self._view.chat_open)
        refusal = self._refusal()
        if not refusal and count > MAX_CHARS:
            refusal = translate("Chat", "A message has at most 4,000 characters.")
        self.problem.setText(refusal)
        self.problem.setVisible(bool(refusal))
        can_send = not refusal and count > 0
        self.send.setEnabled(can_send)
        why = refusal or ("" if can_send else translate("Chat", "Write something first."))
        words = translate("Chat", "Send (Enter)")
        self.send.setAccessibleName(words)
        self.send.setToolTip(why or words)
        self.send.setAccessibleDescription(why)

    def _color(self, too_long: bool) -> None:
        role = "error" if too_long else "secondary"
        for words in (self.counter, self.problem):
            if words.property("role") != role:
                words.setProperty("role", role)
                words.style().unpolish(words)
                words.style().polish(words)

    # ---- reading

    def _look(self) -> None:
        unread = self._view.unread
        at_end = self.lines.at_end
        self.newer.setVisible(bool(unread) and not at_end)
        if not unread:
            self._told_unread = 0
        elif unread != self._told_unread and at_end and self.isVisible() and self.isActiveWindow():
            self._told_unread = unread
            self.seen.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.lines.go_to_end()
        self._look()

    def retranslate(self) -> None:
        self.title.setText(translate("Chat", "Chat"))
        self.close_button.set_words(translate("Chat", "Close the chat"))
        self.empty.setText(
            translate(
                "Chat", "What you write here goes straight to the other side and is gone after the call."
            )
        )
        self.lines.setAccessibleName(translate("Chat", "Messages"))
        self.lines.redraw()
        self.newer.setText(translate("Chat", "New messages"))
        self.editor.setAccessibleName(translate("Chat", "Your message"))
        self.editor.setPlaceholderText(translate("Chat", "Write a message"))
        self._show_rest()
