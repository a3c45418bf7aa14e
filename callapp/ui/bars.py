"""The two bars: state and menu on top; toggles and the three words Start, Call, Hang Up below."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent, QPropertyAnimation, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsOpacityEffect, QHBoxLayout, QLabel, QWidget

from callapp.call.states import State
from callapp.session.view import CallView, Preview, Room
from callapp.ui.icons import paint_icon
from callapp.ui.lock import LockButton
from callapp.ui.texts import reason_words, state_words
from callapp.ui.theme import OVER, STATE_PX, Colors, Theme, tabular
from callapp.ui.trust_texts import lock_words
from callapp.ui.widgets import Button, ElidedLabel, IconButton, IconLabel, Kind, ThemedButton, Toggle

translate = QCoreApplication.translate

TOP_PX = 52
BOTTOM_PX = 72
FADE_MS = 150
_MOST_COUNTED = 99


class Bar(QWidget):
    """A bar that is solid, or translucent over a picture, and can fade away."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.over = False
        self._at_top = False
        self._effect = QGraphicsOpacityEffect(self)
        self._effect.setEnabled(False)  # costs nothing unless the bar is fading
        self.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setDuration(FADE_MS)
        self._fade.finished.connect(self._faded)
        self.shown = True
        theme.changed.connect(self.recolor)

    @property
    def colors(self) -> Colors:
        return OVER if self.over else self.theme.colors

    def set_over(self, over: bool) -> None:
        """Translucent over the picture, or solid beside it."""
        if over != self.over:
            self.over = over
            self.recolor()

    def recolor(self) -> None:
        for button in self.findChildren(QWidget):
            if isinstance(button, ThemedButton):
                button.set_over(self.over)
        self.update()

    def fade(self, shown: bool) -> None:
        """Fade in or out."""
        if shown == self.shown:
            return
        self.shown = shown
        self._fade.stop()
        self._effect.setEnabled(True)
        self._fade.setStartValue(self._effect.opacity() if self.isVisible() else 0.0)
        self._fade.setEndValue(1.0 if shown else 0.0)
        if shown:
            self._effect.setOpacity(0.0)
            self.show()
        self._fade.start()

    def _faded(self) -> None:
        self._effect.setEnabled(False)
        self._effect.setOpacity(1.0)
        self.setVisible(self.shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill = QColor(self.colors.surface)
        if self.over:
            fill.setAlpha(190)
        painter.fillRect(self.rect(), fill)
        if not self.over:
            edge = self.height() - 1 if self._at_top else 0
            painter.fillRect(0, edge, self.width(), 1, QColor(self.colors.line))
        painter.end()


class _DeviceDot(QWidget):
    """A green dot with a small icon: this device is open."""

    def __init__(self, bar: Bar, icon: str) -> None:
        super().__init__(bar)
        self._bar = bar
        self._icon = icon
        self.setFixedSize(34, 24)
        self.hide()

    def show_device(self, label: str | None, words: str) -> None:
        self.setVisible(label is not None)
        text = f"{words}: {label}" if label else words
        self.setToolTip(text)
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#22B573" if self._bar.over or self._bar.theme.dark else "#1F9D61"))
        painter.drawEllipse(QRectF(1, 8, 8, 8))
        paint_icon(painter, self._icon, self._bar.colors.secondary, QRectF(13, 3, 18, 18))
        painter.end()


class TopBar(Bar):
    """Who we are (or what is known of the other side), the state, the open devices, the menu."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._at_top = True
        self._view = CallView()
        self._mark = IconLabel(theme, "callapp", 22)
        self._name = QLabel("CallApp")
        self.lock = LockButton(theme)
        self.state = ElidedLabel(self)
        self.state.setObjectName("stateLabel")
        font = QFont(self.font())
        font.setPixelSize(STATE_PX)
        font.setWeight(QFont.Weight.DemiBold)
        self.state.setFont(tabular(font))
        self.state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.camera_dot = _DeviceDot(self, "camera")
        self.microphone_dot = _DeviceDot(self, "mic")
        self.menu_button = IconButton(theme, "more", 40)
        self.menu_button.setObjectName("menuButton")
        self._left = QWidget(self)
        left = QHBoxLayout(self._left)
        left.setContentsMargins(14, 0, 4, 0)
        left.setSpacing(8)
        left.addWidget(self._mark)
        left.addWidget(self._name)
        left.addWidget(self.lock)
        self._right = QWidget(self)
        right = QHBoxLayout(self._right)
        right.setContentsMargins(8, 0, 8, 0)
        right.setSpacing(4)
        right.addWidget(self.camera_dot)
        right.addWidget(self.microphone_dot)
        right.addWidget(self.menu_button)
        self._tick = QTimer(self)
        self._tick.setInterval(250)
        self._tick.timeout.connect(self._show_state)
        self._retranslate()
        self.recolor()

    def render_view(self, view: CallView) -> None:
        self._view = view
        words = lock_words(view)
        self.lock.show_words(words)
        for part in (self._mark, self._name):
            part.setVisible(words is None)
        me = view.me
        self.camera_dot.show_device(
            me.camera.label if me.camera else None, translate("Bars", "The camera is on")
        )
        self.microphone_dot.show_device(
            me.microphone.label if me.microphone else None, translate("Bars", "The microphone is on")
        )
        self._show_state()
        if view.call is State.CONNECTED:
            self._tick.start()
        else:
            self._tick.stop()
        self._place()

    def _show_state(self) -> None:
        text = state_words(self._view, time.time())
        if len(text) != len(self.state.accessibleName()):
            self.state.set_whole(text)
            self._place()
        self.state.set_whole(text)
        ended = self._view.call is State.ENDED and self._view.reason is not None
        if ended and self._view.reason is not None:
            self.state.setToolTip(reason_words(self._view.reason))

    def _place(self) -> None:
        self._right.adjustSize()
        right = self._right.sizeHint().width()
        self.lock.limit(max(120, self.width() - right - self.state.whole_width() - 24))
        self._left.adjustSize()
        left = self._left.sizeHint().width()
        self._left.setGeometry(0, 0, left, self.height() - 1)
        self._right.setGeometry(self.width() - right, 0, right, self.height() - 1)
        width = min(self.state.whole_width(), max(0, self.width() - left - right))
        x = max(left, min((self.width() - width) // 2, self.width() - right - width))
        self.state.setGeometry(x, 0, width, self.height() - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def recolor(self) -> None:
        super().recolor()
        self.state.setStyleSheet(f"color: {self.colors.text}; font-size: {STATE_PX}px; font-weight: 600")
        self._name.setStyleSheet(f"color: {self.colors.text}; font-weight: 600")
        self._mark.show_icon(self._mark.icon_name, self.colors.text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.menu_button.set_words(translate("Bars", "More"))
        self.render_view(self._view)


class ChatToggle(Toggle):
    """Opens and closes the chat; carries the number of unread messages."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "chat", "chat")
        self.unread = 0

    def set_unread(self, unread: int) -> None:
        if unread != self.unread:
            self.unread = unread
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.unread:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = str(self.unread) if self.unread <= _MOST_COUNTED else f"{_MOST_COUNTED}+"
        font = QFont(self.font())
        font.setPixelSize(11)
        font.setWeight(QFont.Weight.Bold)
        width = max(18, QFontMetrics(font).horizontalAdvance(text) + 10)
        badge = QRectF(self.width() - width - 1, 1, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colors.hang_up))
        painter.drawRoundedRect(badge, 9, 9)
        painter.setFont(font)
        painter.setPen(QColor(self.colors.on_hang_up))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


class BottomBar(Bar):
    """Microphone, camera, share and chat on the left; the three buttons on the right, never anywhere else."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._view = CallView()
        self.microphone = Toggle(theme, "mic", "mic-off")
        self.camera = Toggle(theme, "camera", "camera-off")
        self.share = Toggle(theme, "share", "share-off")
        self.chat = ChatToggle(theme)
        self.microphone_menu = IconButton(theme, "chevron-up", 36, 22)
        self.camera_menu = IconButton(theme, "chevron-up", 36, 22)
        self.start = Button(theme, Kind.START, "start")
        self.call = Button(theme, Kind.CALL, "call")
        self.hang_up = Button(theme, Kind.HANG_UP, "hang-up")
        for widget, name in (
            (self.microphone, "microphoneToggle"),
            (self.microphone_menu, "microphoneMenuButton"),
            (self.camera, "cameraToggle"),
            (self.camera_menu, "cameraMenuButton"),
            (self.share, "shareToggle"),
            (self.chat, "chatToggle"),
            (self.start, "startButton"),
            (self.call, "callButton"),
            (self.hang_up, "hangupButton"),
        ):
            widget.setObjectName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 13, 0)
        row.setSpacing(0)
        row.addWidget(self.microphone)
        row.addWidget(self.microphone_menu)
        row.addSpacing(4)
        row.addWidget(self.camera)
        row.addWidget(self.camera_menu)
        row.addSpacing(4)
        row.addWidget(self.share)
        row.addSpacing(4)
        row.addWidget(self.chat)
        row.addStretch(1)
        for button in (self.start, self.call, self.hang_up):
            row.addSpacing(4)
            row.addWidget(button)
        self._retranslate()

    def render_view(self, view: CallView) -> None:
        self._view = view
        buttons = view.buttons
        for button, enabled, why in (
            (self.start, buttons.start, _why_no_start(view)),
            (self.call, buttons.call, _why_no_call(view)),
            (self.hang_up, buttons.hang_up, translate("Bars", "You are not in a call.")),
        ):
            button.setEnabled(enabled)
            button.setToolTip("" if enabled else why)
            button.setAccessibleDescription("" if enabled else why)
        on = view.preview is Preview.ON
        me = view.me
        first = translate("Bars", "Press Start first.")
        self._toggle(
            self.microphone, me.muted, on, first,
            translate("Bars", "Unmute (M)") if me.muted else translate("Bars", "Mute (M)"),
        )  # fmt: skip
        self._toggle(
            self.camera, on and (me.camera_off or me.camera is None), on, first,
            translate("Bars", "Turn the camera on (V)") if me.camera_off or me.camera is None
            else translate("Bars", "Turn the camera off (V)"),
        )  # fmt: skip
        self._toggle(
            self.share, me.sharing, me.sharing or view.call in (State.CONNECTED, State.RECONNECTING),
            translate("Bars", "You can share your screen during a call."),
            translate("Bars", "Stop sharing (S)") if me.sharing else translate("Bars", "Share your screen (S)"),
        )  # fmt: skip
        self._show_chat()

    def set_chat_open(self, shown: bool) -> None:
        """Whether the chat is open."""
        self.chat.setChecked(shown)
        self._show_chat()

    def _show_chat(self) -> None:
        unread = self._view.unread
        self.chat.set_unread(unread)
        if unread:
            words = translate("Bars", "Chat, {count} unread (C)").format(count=unread)
        elif self.chat.isChecked():
            words = translate("Bars", "Close the chat (C)")
        else:
            words = translate("Bars", "Chat (C)")
        self._toggle(self.chat, self.chat.isChecked(), True, "", words)

    def _toggle(self, toggle: Toggle, unusual: bool, enabled: bool, why_not: str, words: str) -> None:
        toggle.setChecked(unusual)
        toggle.setEnabled(enabled)
        toggle.setAccessibleName(words)
        toggle.setToolTip(words if enabled else why_not)
        toggle.setAccessibleDescription("" if enabled else why_not)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.start.setText(translate("Bars", "Start"))
        self.call.setText(translate("Bars", "Call"))
        self.hang_up.setText(translate("Bars", "Hang Up"))
        for button in (self.start, self.call, self.hang_up):
            button.setAccessibleName(button.text())
        self.microphone_menu.set_words(translate("Bars", "Choose microphone and speaker"))
        self.camera_menu.set_words(translate("Bars", "Choose camera"))
        self.render_view(self._view)


def _why_no_start(view: CallView) -> str:
    if view.preview is Preview.OPENING:
        return translate("Bars", "Camera and microphone are being opened.")
    return translate("Bars", "Camera and microphone are already on.")


def _why_no_call(view: CallView) -> str:
    if view.live:
        return translate("Bars", "You are already in a call.")
    if view.preview is not Preview.ON:
        return translate("Bars", "Press Start first.")
    if view.room in (Room.WAITING, Room.PEER):
        return translate("Bars", "You are in the room; the call begins when someone joins.")
    return translate("Bars", "The room is not ready yet.")
