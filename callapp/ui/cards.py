"""The cards on the stage before a call: welcome, invite, ready to join, incoming call."""

from __future__ import annotations

import enum

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from callapp.call.states import State
from callapp.session.view import CallView, NoticeCode, Preview, Room
from callapp.ui.invite_box import InviteBox
from callapp.ui.theme import Theme
from callapp.ui.widgets import Button, Card, IconLabel, Kind, label

translate = QCoreApplication.translate


class RoomMode(enum.Enum):
    """What the room card says."""

    HIDDEN = "hidden"
    WELCOME = "welcome"
    STARTING = "starting"
    INVITED = "invited"
    INVITE = "invite"
    WAITING_INVITED = "waiting_invited"
    LOOPBACK = "loopback"


def room_mode(view: CallView) -> RoomMode:
    """Which of them fits the view."""
    if view.live or view.room in (Room.PEER, Room.FULL):
        return RoomMode.HIDDEN
    if view.notice is not None and view.notice.code in (NoticeCode.YOU_LEFT, NoticeCode.ROOM_FULL):
        return RoomMode.HIDDEN
    if view.preview is Preview.OPENING:
        return RoomMode.STARTING
    if view.loopback:
        return RoomMode.LOOPBACK
    if view.invited:
        return RoomMode.WAITING_INVITED if view.room is Room.WAITING else RoomMode.INVITED
    if view.preview is not Preview.ON:
        return RoomMode.WELCOME
    return RoomMode.INVITE if view.invite is not None else RoomMode.HIDDEN


class RoomCard(Card):
    """The invite links, or the way into somebody else's room."""

    link_entered = Signal(str)
    unfolded = Signal()  # the card wants another height
    new_room = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._view = CallView()
        self._pasting = False
        self._compact = False
        self._withheld = False
        self._heading = label("heading")
        self._text = label("secondary", wrap=True)
        self.invite = InviteBox(theme)
        self.field = QLineEdit()
        self.field.setObjectName("joinField")
        self.field.setMaxLength(500)
        self.field.setClearButtonEnabled(False)
        self.join = Button(theme, Kind.PLAIN, small=True)
        self.join.setObjectName("joinButton")
        self._have_link = Button(theme, Kind.GHOST, "link", small=True)
        self._new_room = Button(theme, Kind.GHOST, "new-room", small=True)

        self._join_row = _row(self.field, self.join)
        self._mark = IconLabel(theme, "callapp", 56)
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self._have_link)
        head.addWidget(self._new_room)
        parts = QVBoxLayout()
        parts.setSpacing(6)
        parts.addLayout(head)
        parts.addWidget(self._text)
        parts.addSpacing(4)
        parts.addWidget(self.invite)
        parts.addWidget(self._join_row)
        box = QHBoxLayout(self)
        box.setContentsMargins(18, 12, 18, 14)
        box.setSpacing(18)
        box.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(parts, 1)

        self.invite.changed.connect(self.unfolded)
        self.field.returnPressed.connect(self._enter)
        self.field.textChanged.connect(lambda text: self.join.setEnabled(bool(text.strip())))
        self.join.clicked.connect(self._enter)
        self.join.setEnabled(False)
        self._have_link.clicked.connect(self._show_field)
        self._new_room.clicked.connect(self.new_room)
        self._retranslate()

    def _enter(self) -> None:
        text = self.field.text().strip()
        if text:
            self.link_entered.emit(text)

    def _show_field(self) -> None:
        self._pasting = True
        self.render_view(self._view)
        self.unfolded.emit()
        self.field.setFocus()

    def set_compact(self, compact: bool) -> None:
        """Smaller, where the card would hide too much of the picture."""
        self._compact = compact
        self.invite.set_compact(compact)
        self._show_text()

    def set_withheld(self, withheld: bool) -> None:
        """Away for a while: something else has its place."""
        self._withheld = withheld
        self.setVisible(room_mode(self._view) is not RoomMode.HIDDEN and not withheld)

    def _show_text(self) -> None:
        short = self._compact and room_mode(self._view) is RoomMode.INVITE
        self._text.setVisible(bool(self._text.text()) and not short)

    def render_view(self, view: CallView) -> None:
        """Shows what fits the view, or nothing."""
        if view.invited and not self._view.invited:
            self.field.clear()
            self._pasting = False
        self._view = view
        mode = room_mode(view)
        started = view.preview is Preview.ON
        heading, text = self._words(mode, started)
        self._heading.setText(heading)
        self._text.setText(text)
        self._show_text()
        self.invite.setVisible(mode is RoomMode.INVITE)
        self.invite.render_view(view)
        can_paste = mode in (RoomMode.WELCOME, RoomMode.INVITE) and view.room is Room.NONE
        show_field = can_paste and (mode is RoomMode.WELCOME or self._pasting)
        self._join_row.setVisible(show_field)
        self._have_link.setVisible(can_paste and not show_field)
        self._new_room.setVisible(mode in (RoomMode.INVITED, RoomMode.LOOPBACK))
        self._mark.setVisible(mode in (RoomMode.WELCOME, RoomMode.STARTING))
        self.set_withheld(self._withheld)

    def _words(self, mode: RoomMode, started: bool) -> tuple[str, str]:
        match mode:
            case RoomMode.WELCOME:
                return (
                    translate("Cards", "Talk face to face"),
                    translate("Cards", "Press Start to turn on your camera and microphone. "
                              "You then get a link to send to the other person."),
                )  # fmt: skip
            case RoomMode.STARTING:
                return (
                    translate("Cards", "Starting camera and microphone…"),
                    translate("Cards", "If your system asks for permission, allow it."),
                )
            case RoomMode.INVITED:
                if started:
                    return translate("Cards", "Ready to join"), translate(
                        "Cards", "Press Call to join the call."
                    )
                return (
                    translate("Cards", "Ready to join"),
                    translate("Cards", "Press Start to turn on your camera and microphone, then Call."),
                )
            case RoomMode.INVITE:
                text = (
                    translate("Cards", "Send this link. The call begins when the other person joins.")
                    if self._view.room is Room.WAITING
                    else translate("Cards", "Send this link, then press Call.")
                )
                return translate("Cards", "Invite someone"), text
            case RoomMode.WAITING_INVITED:
                return (
                    translate("Cards", "You are in the room"),
                    translate("Cards", "The call begins when the other person joins."),
                )
            case RoomMode.LOOPBACK:
                return translate("Cards", "A call with yourself"), (
                    translate(
                        "Cards", "Press Call to see yourself as others do. Nothing leaves this computer."
                    )
                    if started
                    else translate("Cards", "Press Start, then Call. Nothing leaves this computer.")
                )
            case RoomMode.HIDDEN:
                return "", ""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.invite.retranslate()
        self.field.setPlaceholderText(translate("Cards", "Have a link? Paste it here"))
        self.field.setAccessibleName(translate("Cards", "Invite link of someone else"))
        self.join.setText(translate("Cards", "Open"))
        self._have_link.setText(translate("Cards", "I have a link"))
        self._new_room.setText(translate("Cards", "New room instead"))
        self.render_view(self._view)


class IncomingCard(Card):
    """Somebody calls: Accept, Accept without video, Decline."""

    answered = Signal(bool)  # with video
    declined = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._view = CallView()
        self._heading = label("heading")
        self._text = label("secondary", wrap=True)
        self.accept = Button(theme, Kind.CALL, "call", small=True)
        self.accept_sound = Button(theme, Kind.PLAIN, "camera-off", small=True)
        self.decline = Button(theme, Kind.HANG_UP, small=True)
        self.accept.setObjectName("acceptButton")
        self.decline.setObjectName("declineButton")
        box = QVBoxLayout(self)
        box.setContentsMargins(18, 14, 18, 12)
        box.setSpacing(8)
        box.addWidget(self._heading)
        box.addWidget(self._text)
        box.addWidget(_row(self.accept, self.accept_sound, self.decline, stretch_last=True))
        self.accept.clicked.connect(lambda: self.answered.emit(True))
        self.accept_sound.clicked.connect(lambda: self.answered.emit(False))
        self.decline.clicked.connect(self.declined)
        self._retranslate()

    def render_view(self, view: CallView) -> None:
        self._view = view
        ringing = view.call is State.RINGING
        name = view.peer.name if view.peer is not None else ""
        self._text.setText(
            translate("Cards", "{name} is calling you.").format(name=name)
            if name
            else translate("Cards", "Someone with your invite link is calling you.")
        )
        self.setVisible(ringing)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._heading.setText(translate("Cards", "Incoming call"))
        self.accept.setText(translate("Cards", "Accept"))
        self.accept_sound.setText(translate("Cards", "Accept without video"))
        self.decline.setText(translate("Cards", "Decline"))
        self.render_view(self._view)


def _row(*widgets: QWidget, stretch_last: bool = False) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
    if stretch_last:
        row.addStretch(1)
    else:
        row.setStretch(0, 1)
    return holder
