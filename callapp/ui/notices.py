"""Banners with their next steps, and toasts for what went well."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from callapp.errors import CallAppError
from callapp.session.view import Action, CallView, Notice
from callapp.ui.texts import Tone, Words, action_words, error_words, notice_words
from callapp.ui.theme import OVER, Theme
from callapp.ui.widgets import Button, Card, IconButton, IconLabel, Kind, label

translate = QCoreApplication.translate

TOAST_MS = 3000
_MOST_NOTICES = 3


class Banner(Card):
    """One notice: a sentence, the next step, buttons, and the folded details."""

    acted = Signal(object)  # Action
    closed = Signal()
    unfolded = Signal()  # the banner wants another height

    def __init__(
        self,
        theme: Theme,
        words: Callable[[], Words],
        actions: tuple[Action, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._words = words
        self._icon = IconLabel(theme, "info", 22)
        self.title = label("title", wrap=True)
        self.step = label("secondary", wrap=True)
        self._details = label("secondary", wrap=True)
        self._details.setObjectName("details")
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = IconButton(theme, "close", 30)
        self._fold = Button(theme, Kind.GHOST, small=True)
        self._fold.setObjectName("detailsButton")
        self._copy = Button(theme, Kind.GHOST, "copy", small=True)
        self._actions = [
            (action, Button(theme, self._kind(i), small=True)) for i, action in enumerate(actions)
        ]

        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(4)
        for action, button in self._actions:
            button.setObjectName(f"action-{action}")
            button.clicked.connect(lambda _=False, action=action: self.acted.emit(action))
            row.addWidget(button)
        row.addWidget(self._fold)
        row.addStretch(1)
        self._folded = QWidget()
        self._folded.hide()
        details = QHBoxLayout(self._folded)
        details.setContentsMargins(0, 0, 0, 0)
        details.addWidget(self._details, 1)
        details.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        text = QVBoxLayout()
        text.setSpacing(3)
        text.addWidget(self.title)
        text.addWidget(self.step)
        text.addWidget(self._folded)
        text.addWidget(buttons)
        buttons.setVisible(bool(self._actions or words().details))
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 12, 8, 10)
        box.setSpacing(12)
        box.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(text, 1)
        box.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._close.clicked.connect(self.closed)
        self._fold.clicked.connect(self._toggle_details)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details.text()))
        theme.changed.connect(self.retranslate)
        self.retranslate()

    @staticmethod
    def _kind(index: int) -> Kind:
        return Kind.PRIMARY if index == 0 else Kind.PLAIN

    def _toggle_details(self) -> None:
        self._folded.setVisible(self._folded.isHidden())
        self.retranslate()
        self.unfolded.emit()

    def retranslate(self) -> None:
        """Says it (again) in the language in force."""
        words = self._words()
        colors = self.theme.colors
        icon, color = {
            Tone.INFO: ("info", colors.accent_text),
            Tone.WARNING: ("warning", colors.warning),
            Tone.ERROR: ("error", colors.danger_text),
        }[words.tone]
        self._icon.show_icon(icon, color)
        self.title.setText(words.title)
        self.step.setText(words.step)
        self.step.setVisible(bool(words.step))
        self._details.setText(words.details)
        self._fold.setVisible(bool(words.details))
        folded = self._folded.isHidden()
        self._fold.setText(translate("Banner", "Details") if folded else translate("Banner", "Less"))
        self._copy.setText(translate("Banner", "Copy"))
        self._close.set_words(translate("Banner", "Close this message"))
        for action, button in self._actions:
            button.setText(action_words(action))
        self.setAccessibleName(f"{words.title} {words.step}")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class Notices(QWidget):
    """The banners present: the view's one, and those of the app itself (at most three; the oldest goes first)."""

    acted = Signal(object)  # Action of the view's notice
    dismissed = Signal()  # the view's notice was closed
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Notice | None = None
        self._banner: Banner | None = None
        self._own: list[Banner] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        self.hide()

    @property
    def banners(self) -> list[Banner]:
        """Those shown, in order."""
        return [*reversed(self._own), *([self._banner] if self._banner is not None else [])]

    def show_notice(self, notice: Notice | None) -> None:
        """The notice of the view; the same one again changes nothing."""
        if notice == self._shown:
            return
        self._shown = notice
        if self._banner is not None:
            self._drop(self._banner)
            self._banner = None
        if notice is not None:
            banner = Banner(self._theme, lambda: notice_words(notice), notice.actions, self)
            banner.acted.connect(self.acted)
            banner.closed.connect(self.dismissed)
            banner.unfolded.connect(self.changed)
            self._banner = banner
            self._box.addWidget(banner)
            banner.show()  # now, not with the next events: the window lays it out at once
        self._update()

    def add_error(self, error: CallAppError) -> None:
        """A notice of the app itself; stays until it is closed."""
        banner = Banner(self._theme, lambda: error_words(error), (), self)
        banner.closed.connect(lambda: self._close_own(banner))
        banner.unfolded.connect(self.changed)
        self._own.append(banner)
        self._box.insertWidget(0, banner)
        banner.show()
        if len(self._own) > _MOST_NOTICES:
            self._drop(self._own.pop(0))
        self._update()

    def _close_own(self, banner: Banner) -> None:
        if banner in self._own:
            self._own.remove(banner)
            self._drop(banner)
            self._update()

    def _drop(self, banner: Banner) -> None:
        self._box.removeWidget(banner)
        banner.hide()
        banner.deleteLater()

    def _update(self) -> None:
        self.setVisible(self._banner is not None or bool(self._own))
        self.changed.emit()


def joined_words(view: CallView) -> str:
    """That the other one came into the room."""
    name = view.peer.name if view.peer is not None else ""
    return (
        translate("Window", "{name} joined").format(name=name)
        if name
        else translate("Window", "Someone joined")
    )


def message_words(view: CallView) -> str:
    """That the other one wrote something."""
    name = view.peer.name if view.peer is not None else ""
    if name:
        return translate("Window", "New message from {name}").format(name=name)
    return translate("Window", "New message")


class Toast(QWidget):
    """A line that goes away by itself: for what went well, never for an error."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("toast")
        self.setStyleSheet(
            f"#toast {{ background: {OVER.card}; border: 1px solid {OVER.line}; border-radius: 10px }}"
            f"QLabel {{ color: {OVER.text}; font-weight: 600 }}"
        )
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 9, 16, 9)
        row.addWidget(self.words)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOAST_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str, most_px: int) -> None:
        """Shows `text` for 3 s, shortened to a width of `most_px`."""
        fit = self.words.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, most_px - 40)
        self.words.setText(fit)
        self.adjustSize()
        self.show()
        self.raise_()
        self._timer.start()
