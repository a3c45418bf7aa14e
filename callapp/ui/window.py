"""The window: renders CallViews, posts intents, decides nothing about a call."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow

from callapp.call.states import State
from callapp.errors import CallAppError, Device
from callapp.media.video.slot import Picture
from callapp.session.intents import (
    Accept,
    ChooseReach,
    Decline,
    DismissNotice,
    HangUp,
    Intent,
    MarkChatRead,
    NewRoom,
    OpenLink,
    PlaceCall,
    SendChat,
    ShareScreen,
    Start,
)
from callapp.session.view import CallView, Preview, Room
from callapp.settings import Settings
from callapp.ui.bars import BOTTOM_PX, TOP_PX, BottomBar, TopBar
from callapp.ui.card_column import CardColumn, Spot
from callapp.ui.cards import IncomingCard, RoomCard
from callapp.ui.chat import ChatPanel
from callapp.ui.commands import Commands
from callapp.ui.devices import DeviceCatalog
from callapp.ui.fading import Fader
from callapp.ui.i18n import Language
from callapp.ui.icons import app_icon
from callapp.ui.lock import LockPopup
from callapp.ui.notices import Notices, Toast, joined_words, message_words
from callapp.ui.overlays import HelpOverlay
from callapp.ui.panel import PANEL_PX, LogPanel, Panel
from callapp.ui.qr import QrOverlay
from callapp.ui.stage import Slots, Stage
from callapp.ui.stage_layers import Ground, SharingFrame
from callapp.ui.theme import Theme, style_sheet

translate = QCoreApplication.translate

_DOCK_FROM_PX = 800
_IN_CALL = (State.CONNECTED, State.RECONNECTING)


class MainWindow(QMainWindow):
    """The one window.

    Args:
        post: takes the intents of the person; called on the GUI thread.
        slots: where the pictures come from; the window is their only consumer.
        devices: lists devices at once (from a cache).
        settings: as loaded; every change is given to `save_settings` whole.
        on_shown: called on the GUI thread after each paint of a new picture, with "local", "remote" or "screen",
            the picture and when it was painted (Unix s).
        video_size: size of the video area in px, instead of the remembered window size.
    """

    close_requested = Signal()

    def __init__(
        self,
        *,
        post: Callable[[Intent], None],
        slots: Slots,
        devices: DeviceCatalog,
        settings: Settings,
        save_settings: Callable[[Settings], None],
        on_shown: Callable[[str, Picture, float], None],
        video_size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        self.commands = Commands(self, post, devices, settings, save_settings)
        self._view = CallView()
        self._finished = False
        self._close_asked = False
        self._keep_geometry = video_size is None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._lay_out)
        self.theme = Theme(settings.theme, self)
        self.language = Language()
        self.language.use(settings.language)

        self.setWindowTitle("CallApp")
        self.setWindowIcon(app_icon())
        self._root = Ground()
        self._root.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no control has the focus at first
        self.setCentralWidget(self._root)
        self.top = TopBar(self.theme, self._root)
        self.stage = Stage(self.theme, slots, self._root)
        self.stage.lower()
        self.notices = Notices(self.theme)
        self.room_card = RoomCard(self.theme)
        self.incoming = IncomingCard(self.theme)
        self._column = CardColumn((self.notices, self.incoming), self.room_card, self._root)
        self.bottom = BottomBar(self.theme, self._root)
        self._frame = SharingFrame(self._root)
        self.log = LogPanel(self.theme, self._root)
        self.chat = ChatPanel(self.theme, self._root)
        self.panels = (self.chat, self.log)
        self.toast = Toast(self._root)
        self.help = HelpOverlay(self.theme, self._root)
        self.lock = LockPopup(self.theme, self.language, self._root)
        self.qr = QrOverlay(self.theme, self._root)
        self.overlays = (self.qr, self.lock, self.help)
        self.fader = Fader(self._bars_are_needed, self)
        self.fader.turned.connect(self._show_bars)

        self._connect(on_shown)
        self.theme.changed.connect(self._restyle)
        self._restyle()
        self._restore_geometry(settings, video_size)
        self.render(self._view)

    def _connect(self, on_shown: Callable[[str, Picture, float], None]) -> None:
        commands, post = self.commands, self.commands.post
        bottom, card, stage = self.bottom, self.room_card, self.stage
        bottom.start.clicked.connect(lambda: post(Start()))
        bottom.call.clicked.connect(lambda: post(PlaceCall()))
        bottom.hang_up.clicked.connect(lambda: post(HangUp()))
        bottom.microphone.clicked.connect(commands.toggle_microphone)
        bottom.camera.clicked.connect(commands.toggle_camera)
        bottom.share.clicked.connect(commands.toggle_share)
        bottom.microphone_menu.clicked.connect(
            lambda: commands.pop_devices(bottom.microphone_menu, Device.MICROPHONE, Device.SPEAKER)
        )
        bottom.camera_menu.clicked.connect(lambda: commands.pop_devices(bottom.camera_menu, Device.CAMERA))
        self.top.menu_button.clicked.connect(lambda: commands.pop_menu(self.top.menu_button))
        bottom.chat.clicked.connect(self.toggle_chat)
        self.top.lock.clicked.connect(self.lock.open)
        card.invite.copied.connect(commands.copy_link)
        card.invite.enlarged.connect(self.qr.open_text)
        card.invite.reach_chosen.connect(lambda reach: post(ChooseReach(reach)))
        card.link_entered.connect(lambda text: post(OpenLink(text)))
        card.new_room.connect(lambda: post(NewRoom()))
        self.incoming.answered.connect(lambda video: post(Accept(video=video)))
        self.incoming.declined.connect(lambda: post(Decline()))
        self.notices.acted.connect(lambda action: commands.act(action, bottom.camera_menu))
        self.notices.dismissed.connect(lambda: post(DismissNotice()))
        self.notices.changed.connect(self._lay_out)
        card.unfolded.connect(self._lay_out)
        stage.stop_sharing.connect(lambda: post(ShareScreen(None)))
        self.log.closed.connect(lambda: self.show_log(False))
        self.chat.closed.connect(lambda: self.show_chat(False))
        self.chat.said.connect(lambda text: post(SendChat(text)))
        self.chat.seen.connect(lambda: post(MarkChatRead()))
        self.log.copied.connect(lambda: self.toast_words(translate("Window", "Log copied")))
        queued = Qt.ConnectionType.QueuedConnection  # after the paint event has ended
        for kind, view in (("local", stage.own), ("remote", stage.remote), ("screen", stage.screen_view)):
            view.shown.connect(lambda picture, at, kind=kind: on_shown(kind, picture, at), queued)
        stage.own.shown.connect(commands.preview)

    # ---- what main calls

    def render(self, view: CallView) -> None:  # type: ignore[override]
        """Shows a view. The only way the state of the call gets in; the same view again is harmless."""
        before, self._view = self._view, view
        self.commands.view = view
        over = view.call in _IN_CALL
        for bar in (self.top, self.bottom):
            bar.set_over(over)
            bar.render_view(view)
        self.stage.render_view(view)
        self._frame.setVisible(view.me.sharing)
        self.room_card.render_view(view)
        self.incoming.render_view(view)
        self.notices.show_notice(view.notice)
        self.chat.render_view(view)
        self.lock.render_view(view)
        if self.commands.dialog is not None:
            self.commands.dialog.render_view(view)
        self.fader.allow(view.call is State.CONNECTED)
        self._announce(before, view)
        self._lay_out()

    def add_trace(self, line: str) -> None:
        """Adds a line to the log panel."""
        self.log.add(line)

    def show_notice(self, error: CallAppError) -> None:
        """A notice of the app itself, beside the view's own."""
        self.notices.add_error(error)

    def apply_settings(self, settings: Settings) -> None:
        """Settings that were changed elsewhere."""
        self.commands.settings = settings
        self.theme.choose(settings.theme)
        self.language.use(settings.language)

    def finish(self) -> None:
        """The app has shut down: remember the place of the window and close it for good."""
        if self._finished:
            return
        self._finished = True
        self.fader.timer.stop()
        self.stage.release()
        if self._keep_geometry and not self.isFullScreen() and not self.isMaximized():
            place = self.geometry()
            self.commands.change(window=(place.x(), place.y(), place.width(), place.height()))
        if self.commands.dialog is not None:
            self.commands.dialog.close()
        self.language.remove()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._finished:
            event.accept()
            return
        event.ignore()
        if not self._close_asked:
            self._close_asked = True
            self.close_requested.emit()

    # ---- layout

    def _restore_geometry(self, settings: Settings, video_size: tuple[int, int] | None) -> None:
        if video_size is not None:
            self.setMinimumSize(min(640, video_size[0]), min(480, video_size[1]))
            self.resize(*video_size)
            return
        self.setMinimumSize(640, 480)
        self.resize(960, 640)
        if settings.window is not None:
            x, y, width, height = settings.window
            if QGuiApplication.screenAt(QPoint(x + width // 2, y + 20)) is not None:
                self.setGeometry(x, y, max(640, width), max(480, height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        width, height = self._root.width(), self._root.height()
        docked = width >= _DOCK_FROM_PX
        open_px = 0 if all(panel.isHidden() for panel in self.panels) else PANEL_PX
        stage_width = width - open_px if docked else width
        self.stage.setGeometry(0, 0, stage_width, height)
        self.top.setGeometry(0, 0, width, TOP_PX)
        self.bottom.setGeometry(0, height - BOTTOM_PX, width, BOTTOM_PX)
        for panel in self.panels:  # between the bars: the three buttons never move, and nothing hides them
            panel.setGeometry(width - PANEL_PX, TOP_PX, PANEL_PX, height - TOP_PX - BOTTOM_PX)
        self._frame.setGeometry(self.stage.geometry())
        for overlay in self.overlays:
            overlay.setGeometry(0, 0, width, height)
        self.stage.set_solid(TOP_PX, BOTTOM_PX)
        over_px = 0 if docked else open_px
        between = QRect(0, TOP_PX, stage_width, height - TOP_PX - BOTTOM_PX)
        low = Spot.LOW if self._view.preview is Preview.ON else Spot.MIDDLE
        covered = BOTTOM_PX + self._column.place(between, Spot.HIGH if over_px else low)
        bars = self.top.shown
        bottom = covered if bars or covered > BOTTOM_PX else 0
        self.stage.set_covered(TOP_PX if bars else 0, bottom, over_px)
        for layer in (
            self._frame,
            *self.panels,
            self._column,
            self.top,
            self.bottom,
            self.toast,
            *self.overlays,
        ):
            layer.raise_()
        self.toast.move((stage_width - self.toast.width()) // 2, TOP_PX + 12)

    def _restyle(self) -> None:
        self.setStyleSheet(style_sheet(self.theme.colors))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.StyleChange):
            self._later.start()  # the parts get the event after the window
        elif event.type() == QEvent.Type.ActivationChange:
            self.chat.look()

    # ---- bars that fade

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None and self.fader.watch(handle):
            self._root.setFocus()
        self._lay_out()

    def _bars_are_needed(self) -> bool:
        return (
            QApplication.activePopupWidget() is not None
            or not self.notices.isHidden()
            or any(not overlay.isHidden() for overlay in self.overlays)
            or self.top.underMouse()
            or self.bottom.underMouse()
        )

    def _show_bars(self, shown: bool) -> None:
        self.top.fade(shown)
        self.bottom.fade(shown)
        self.stage.set_quiet(not shown)
        self.stage.setCursor(Qt.CursorShape.ArrowCursor if shown else Qt.CursorShape.BlankCursor)
        self._lay_out()

    # ---- what the window does by itself

    def _announce(self, before: CallView, view: CallView) -> None:
        if view.room is Room.PEER and before.room is Room.WAITING and not view.loopback:
            QApplication.alert(self)
            self.toast_words(joined_words(view))
        if view.unread > before.unread and not self.chat.isVisible():
            QApplication.alert(self)
            self.fader.wake()
            self.toast_words(message_words(view))

    def toast_words(self, text: str) -> None:
        """Says something that went well."""
        self.toast.say(text, self.stage.width() - 32)
        self._lay_out()

    def show_log(self, shown: bool) -> None:
        """Opens or closes the log panel."""
        self._show_panel(self.log, shown)

    def show_chat(self, shown: bool) -> None:
        """Opens or closes the chat, ready to write."""
        self._show_panel(self.chat, shown)
        if shown:
            self.toast.hide()
            self.chat.focus()

    def toggle_chat(self) -> None:
        self.show_chat(self.chat.isHidden())

    def _show_panel(self, panel: Panel, shown: bool) -> None:
        """One at a time."""
        for each in self.panels:
            each.setVisible(shown and each is panel)
        if not shown:
            self._root.setFocus()  # so that the letter keys work again
        self.bottom.set_chat_open(not self.chat.isHidden())
        self._lay_out()

    def toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.commands.key(event):
            super().keyPressEvent(event)

    def step_back(self) -> None:
        """Esc: close what lies over the window, or leave full screen, or close the panel."""
        for overlay in reversed(self.overlays):
            if not overlay.isHidden():
                overlay.hide()
                return
        if self.isFullScreen():
            self.showNormal()
        else:
            self._show_panel(self.log, False)
