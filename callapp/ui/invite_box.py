"""The invite links: one for people with the app, one for people with a browser; as text, to copy, as QR code."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from callapp.session.view import CallView, Invite, Reach
from callapp.ui.qr import QrCode
from callapp.ui.segments import Segments
from callapp.ui.theme import Theme
from callapp.ui.trust_texts import reach_name, reach_words
from callapp.ui.widgets import Button, IconButton, IconLabel, Kind, label

translate = QCoreApplication.translate

_CODE_PX = 154  # 3 px a module for what most links need
_APP, _BROWSER = "app", "browser"
_CHOICES = (Reach.THIS_COMPUTER, Reach.NETWORK)


class InviteBox(QWidget):
    """Which link, the link, and who can use it. `copied` and `enlarged` carry the link that was meant."""

    copied = Signal(str)
    enlarged = Signal(str)
    reach_chosen = Signal(object)  # Reach
    changed = Signal()  # another height is wanted

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._view = CallView()
        self._kind = _APP
        self._compact = False
        self.kinds = Segments(theme, (_APP, _BROWSER))
        self.reaches = Segments(theme, _CHOICES)
        self.link = QLineEdit()
        self.link.setReadOnly(True)
        self.link.setObjectName("inviteLink")
        self.copy = Button(theme, Kind.PRIMARY, "copy", small=True)
        self.copy.setObjectName("copyLinkButton")
        self.code = QrCode(theme, _CODE_PX)
        self.code.setObjectName("inviteCode")
        self.code_button = IconButton(theme, "qr", 38)
        self._who = label("secondary", wrap=True)
        self._warning = QWidget()
        self._warning_icon = IconLabel(theme, "warning", 20)
        self._warning_words = label(wrap=True)

        link_row = QHBoxLayout()
        link_row.setSpacing(4)
        link_row.addWidget(self.link, 1)
        link_row.addWidget(self.code_button)
        link_row.addWidget(self.copy)
        self._who_box = QHBoxLayout()
        self._who_box.addWidget(self.reaches, 0, Qt.AlignmentFlag.AlignLeft)
        self._who_box.addWidget(self._who, 1)
        warning = QHBoxLayout(self._warning)
        warning.setContentsMargins(0, 0, 0, 0)
        warning.setSpacing(8)
        warning.addWidget(self._warning_icon, 0, Qt.AlignmentFlag.AlignTop)
        warning.addWidget(self._warning_words, 1)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self.kinds, 0, Qt.AlignmentFlag.AlignLeft)
        words.addLayout(link_row)
        words.addLayout(self._who_box)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(self.code, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(top)
        box.addWidget(self._warning)

        self.kinds.chosen.connect(self._choose)
        self.reaches.chosen.connect(self._choose_reach)
        self.copy.clicked.connect(lambda: self.copied.emit(self.link.text()))
        for button in (self.code, self.code_button):
            button.clicked.connect(lambda: self.enlarged.emit(self.link.text()))
        theme.changed.connect(self._recolor)
        self._recolor()
        self.set_compact(False)
        self.retranslate()

    def set_compact(self, compact: bool) -> None:
        """Without the code, which then has a button: where the card would hide too much of the picture."""
        self._compact = compact
        self.code.setVisible(not compact)
        self.code_button.setVisible(compact)
        direction = QBoxLayout.Direction
        self._who_box.setDirection(direction.LeftToRight if compact else direction.TopToBottom)
        self._who_box.setSpacing(10 if compact else 6)

    def render_view(self, view: CallView) -> None:
        """Shows the links of the view's invite."""
        self._view = view
        invite = view.invite
        if invite is None:
            self._show_link("")
            return
        kind = self._present(invite)
        self.kinds.choose(kind)
        self.kinds.setVisible(bool(invite.link and invite.browser_link))
        self._show_link(invite.browser_link if kind == _BROWSER else invite.link)
        self.reaches.setVisible(view.reach is not None)
        if view.reach is not None:
            self.reaches.choose(view.reach)
        self._who.setText(reach_words(Reach(invite.reach)))
        self._warning.setVisible(kind == _BROWSER and invite.browser_warns)

    def _present(self, invite: Invite) -> str:
        """The chosen kind of link, or the only one there is."""
        if not invite.browser_link:
            return _APP
        return self._kind if invite.link else _BROWSER

    def _show_link(self, link: str) -> None:
        if link != self.link.text():
            self.link.setText(link)
            self.link.setCursorPosition(0)
            self.code.show_text(link)

    def _choose(self, kind: str) -> None:
        self._kind = kind
        self.render_view(self._view)
        self.changed.emit()

    def _choose_reach(self, reach: Reach) -> None:
        if reach != self._view.reach:
            self.reach_chosen.emit(reach)

    def _recolor(self) -> None:
        self._warning_icon.show_icon("warning", self._theme.colors.warning)

    def retranslate(self) -> None:
        """Says everything (again) in the language in force."""
        self.kinds.name(
            {
                _APP: translate("Cards", "They have CallApp"),
                _BROWSER: translate("Cards", "They use a browser"),
            }
        )
        self.reaches.name(
            {choice: reach_name(choice) for choice in _CHOICES},
            translate("Cards", "Who can join. Another choice makes a new link."),
        )
        self.copy.setText(translate("Cards", "Copy"))
        self.copy.setAccessibleName(translate("Cards", "Copy invite link"))
        self.link.setAccessibleName(translate("Cards", "Invite link"))
        for button in (self.code, self.code_button):
            words = translate("Cards", "Show the QR code large")
            button.setAccessibleName(words)
            button.setToolTip(words)
        self._warning_words.setText(
            translate(
                "Cards",
                "Tell them beforehand: their browser will warn that the connection is not private, because it does "
                "not know this server's certificate. They choose “Advanced”, then “Proceed” or “Accept the Risk”.",
            )
        )
        self.render_view(self._view)
