"""The window: renders CallViews, posts intents, decides nothing about a call."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLayout, QMainWindow, QVBoxLayout, QWidget

from callapp.call.states import State
from callapp.errors import CallAppError, Device
from callapp.media.specs import MediaSpec
from callapp.media.video.slot import Picture
from callapp.session.intents import (
    Accept,
    CameraOff,
    ChooseDevice,
    Decline,
    DismissNotice,
    HangUp,
    Intent,
    Mute,
    NewRoom,
    OpenLink,
    PlaceCall,
    SetName,
    ShareScreen,
    Start,
)
from callapp.session.view import Action, CallView, Preview, Room
from callapp.settings import Settings
from callapp.ui.actions import intent_of
from callapp.ui.bars import BOTTOM_PX, TOP_PX, BottomBar, TopBar
from callapp.ui.cards import CARD_PX, IncomingCard, RoomCard
from callapp.ui.devices import DeviceCatalog
from callapp.ui.i18n import Language
from callapp.ui.icons import app_icon
from callapp.ui.menus import device_menu, main_menu
from callapp.ui.notices import Notices, Toast
from callapp.ui.overlays import HelpOverlay, ShareDialog
from callapp.ui.panel import PANEL_PX, LogPanel
from callapp.ui.settings_dialog import SettingsDialog
from callapp.ui.stage import Slots, Stage
from callapp.ui.theme import Theme, style_sheet

translate = QCoreApplication.translate

IDLE_MS = 5000
_DOCK_FROM_PX = 800
_IN_CALL = (State.CONNECTED, State.RECONNECTING)


class _Column(QWidget):
    """The cards over the stage, one above the other; `changed` tells that they want another height."""

    changed = Signal()

    def height_for(self, width_px: int) -> int:
        """The height in px that the cards need at this width."""
        layout = self.layout()
        for part in self.findChildren(QLayout):
            part.invalidate()
        return layout.totalHeightForWidth(width_px) if layout is not None else 0

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.changed.emit()
        return super().event(event)


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
        self._post = post
        self._devices = devices
        self._settings = settings
        self._save_settings = save_settings
        self._view = CallView()
        self._finished = False
        self._close_asked = False
        self._keep_geometry = video_size is None
        self._watched: QObject | None = None
        self.theme = Theme(settings.theme, self)
        self.language = Language()
        self.language.use(settings.language)

        self.setWindowTitle("CallApp")
        self.setWindowIcon(app_icon())
        self._root = QWidget()
        self._root.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no control has the focus at first
        self.setCentralWidget(self._root)
        self.top = TopBar(self.theme, self._root)
        self.stage = Stage(self.theme, slots, self._root)
        self.stage.lower()
        self._column = _Column(self._root)
        self.notices = Notices(self.theme)
        self.room_card = RoomCard(self.theme)
        self.incoming = IncomingCard(self.theme)
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for part in (self.notices, self.incoming, self.room_card):
            column.addWidget(part)
        self.bottom = BottomBar(self.theme, self._root)
        self.log = LogPanel(self.theme, self._root)
        self.toast = Toast(self._root)
        self.help = HelpOverlay(self.theme, self._root)
        self._dialog: SettingsDialog | None = None
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self._fall_idle)

        self._connect(on_shown)
        self.theme.changed.connect(self._restyle)
        self._restyle()
        self._restore_geometry(video_size)
        self.render(self._view)

    def _connect(self, on_shown: Callable[[str, Picture, float], None]) -> None:
        post = self._post
        bottom, card, stage = self.bottom, self.room_card, self.stage
        bottom.start.clicked.connect(lambda: post(Start()))
        bottom.call.clicked.connect(lambda: post(PlaceCall()))
        bottom.hang_up.clicked.connect(lambda: post(HangUp()))
        bottom.microphone.clicked.connect(self._toggle_microphone)
        bottom.camera.clicked.connect(self._toggle_camera)
        bottom.share.clicked.connect(self._toggle_share)
        bottom.microphone_menu.clicked.connect(
            lambda: self._pop_devices(bottom.microphone_menu, Device.MICROPHONE, Device.SPEAKER)
        )
        bottom.camera_menu.clicked.connect(lambda: self._pop_devices(bottom.camera_menu, Device.CAMERA))
        self.top.menu_button.clicked.connect(self._pop_menu)
        card.copied.connect(self._copy_link)
        card.link_entered.connect(lambda text: post(OpenLink(text)))
        card.new_room.connect(lambda: post(NewRoom()))
        self.incoming.answered.connect(lambda video: post(Accept(video=video)))
        self.incoming.declined.connect(lambda: post(Decline()))
        self.notices.acted.connect(self._act)
        self.notices.dismissed.connect(lambda: post(DismissNotice()))
        self._column.changed.connect(self._lay_out)
        stage.stop_sharing.connect(lambda: post(ShareScreen(None)))
        self.log.closed.connect(lambda: self.show_log(False))
        self.log.copied.connect(lambda: self.toast_words(translate("Window", "Log copied")))
        queued = Qt.ConnectionType.QueuedConnection  # after the paint event has ended
        for kind, view in (("local", stage.own), ("remote", stage.remote), ("screen", stage.screen_view)):
            view.shown.connect(lambda picture, at, kind=kind: on_shown(kind, picture, at), queued)
        stage.own.shown.connect(self._preview)

    # ---- what main calls

    def render(self, view: CallView) -> None:  # type: ignore[override]
        """Shows a view. The only way the state of the call gets in; the same view again is harmless."""
        before, self._view = self._view, view
        over = view.call in _IN_CALL
        for bar in (self.top, self.bottom):
            bar.set_over(over)
            bar.render_view(view)
        self.stage.render_view(view)
        self.room_card.render_view(view)
        self.incoming.render_view(view)
        self.notices.show_notice(view.notice)
        if self._dialog is not None:
            self._dialog.render_view(view)
        if over and before.call not in _IN_CALL:
            self._wake()
        elif not over:
            self._idle.stop()
            self._show_bars(True)
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
        self._settings = settings
        self.theme.choose(settings.theme)
        self.language.use(settings.language)

    def finish(self) -> None:
        """The app has shut down: remember the place of the window and close it for good."""
        if self._finished:
            return
        self._finished = True
        self._idle.stop()
        self.stage.release()
        if self._keep_geometry and not self.isFullScreen() and not self.isMaximized():
            place = self.geometry()
            self._change(window=(place.x(), place.y(), place.width(), place.height()))
        if self._dialog is not None:
            self._dialog.close()
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

    def _restore_geometry(self, video_size: tuple[int, int] | None) -> None:
        if video_size is not None:
            self.setMinimumSize(min(640, video_size[0]), min(480, video_size[1]))
            self.resize(*video_size)
            return
        self.setMinimumSize(640, 480)
        self.resize(960, 640)
        if self._settings.window is not None:
            x, y, width, height = self._settings.window
            if QGuiApplication.screenAt(QPoint(x + width // 2, y + 20)) is not None:
                self.setGeometry(x, y, max(640, width), max(480, height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        width, height = self._root.width(), self._root.height()
        docked = width >= _DOCK_FROM_PX
        panel = PANEL_PX if not self.log.isHidden() else 0
        stage_width = width - panel if docked else width
        self.stage.setGeometry(0, 0, stage_width, height)
        self.top.setGeometry(0, 0, stage_width, TOP_PX)
        self.bottom.setGeometry(0, height - BOTTOM_PX, stage_width, BOTTOM_PX)
        self.log.setGeometry(width - PANEL_PX, 0, PANEL_PX, height)
        self.help.setGeometry(0, 0, width, height)
        self.stage.set_solid(TOP_PX, BOTTOM_PX)
        covered = self._place_column(stage_width, height)
        bars = self.top.shown
        self.stage.set_covered(TOP_PX if bars else 0, max(covered, BOTTOM_PX if bars else 0))
        for layer in (self._column, self.top, self.bottom, self.log, self.toast, self.help):
            layer.raise_()
        self.toast.move((stage_width - self.toast.width()) // 2, TOP_PX + 12)

    def _place_column(self, width: int, height: int) -> int:
        """Lays the cards out; returns how many px of the stage's bottom they cover."""
        parts = (self.notices, self.incoming, self.room_card)
        empty = all(part.isHidden() for part in parts)
        self._column.setVisible(not empty)
        if empty:
            return 0
        column = min(CARD_PX, width - 32)
        room = height - TOP_PX - BOTTOM_PX
        wanted = min(self._column.height_for(column), room - 8)
        centred = self._view.preview is not Preview.ON
        bottom = (
            TOP_PX + (room + wanted) // 2 if centred else height - BOTTOM_PX - min(16, (room - wanted) // 2)
        )
        self._column.setGeometry((width - column) // 2, bottom - wanted, column, wanted)
        return 0 if centred else height - (bottom - wanted)

    def _restyle(self) -> None:
        self.setStyleSheet(style_sheet(self.theme.colors))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            QTimer.singleShot(0, self._lay_out)  # after the parts have their new words

    # ---- bars that fade

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None and handle is not self._watched:
            handle.installEventFilter(
                self
            )  # sees every mouse move of the window, whichever widget it is over
            self._watched = handle
            self._root.setFocus()
        self._lay_out()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (
            QEvent.Type.MouseMove,
            QEvent.Type.MouseButtonPress,
            QEvent.Type.TouchBegin,
            QEvent.Type.KeyPress,
        ):
            self._wake()
        return False

    def _wake(self) -> None:
        self._show_bars(True)
        if self._view.call in _IN_CALL:
            self._idle.start()

    def _fall_idle(self) -> None:
        busy = (
            QApplication.activePopupWidget() is not None
            or not self.notices.isHidden()
            or not self.help.isHidden()
            or self.top.underMouse()
            or self.bottom.underMouse()
        )
        if busy:
            self._idle.start()
        elif self._view.call in _IN_CALL:
            self._show_bars(False)

    def _show_bars(self, shown: bool) -> None:
        if shown == self.top.shown:
            return
        self.top.fade(shown)
        self.bottom.fade(shown)
        self.stage.setCursor(Qt.CursorShape.ArrowCursor if shown else Qt.CursorShape.BlankCursor)
        self._lay_out()

    # ---- what the person does

    def _toggle_microphone(self) -> None:
        if self._view.preview is Preview.ON:
            self._post(Mute(not self._view.me.muted))

    def _toggle_camera(self) -> None:
        if self._view.preview is Preview.ON:
            off = self._view.me.camera_off or self._view.me.camera is None
            self._post(CameraOff(not off))

    def _toggle_share(self) -> None:
        if self._view.me.sharing:
            self._post(ShareScreen(None))
            return
        if self._view.call not in _IN_CALL:
            return
        screens = self._devices.screens()
        if len(screens) < 2:
            self._post(ShareScreen(screens[0].id if screens else ""))
            return
        dialog = ShareDialog(self.theme, screens, self)
        dialog.chosen.connect(lambda screen: self._post(ShareScreen(screen)))
        dialog.open()

    def _choose_device(self, device: Device, spec: MediaSpec) -> None:
        self._change(**{device.value: str(spec)})
        self._post(ChooseDevice(device, spec))

    def _choose_name(self, name: str) -> None:
        if name != self._settings.name:
            self._change(name=name)
            self._post(SetName(name))

    def _act(self, action: Action) -> None:
        intent = intent_of(action, self._view)
        if intent is not None:
            self._post(intent)
        elif action is Action.OTHER_CAMERA:
            self._pop_devices(self.bottom.camera_menu, Device.CAMERA)
        else:
            self.open_settings()

    def _copy_link(self) -> None:
        if self._view.invite is not None:
            QGuiApplication.clipboard().setText(self._view.invite.link)
            self.toast_words(translate("Window", "Invite link copied"))

    def _pop_devices(self, button: QWidget, *kinds: Device) -> None:
        menu = device_menu(self, kinds, self._devices, self._settings, self._choose_device)
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _pop_menu(self) -> None:
        menu = main_menu(self, self._view, self._post)
        button = self.top.menu_button
        menu.popup(button.mapToGlobal(QPoint(button.width() - menu.sizeHint().width(), button.height())))

    # ---- what the window does by itself

    def _announce(self, before: CallView, view: CallView) -> None:
        if view.room is Room.PEER and before.room is Room.WAITING:
            QApplication.alert(self)
            name = view.peer.name if view.peer is not None else ""
            self.toast_words(
                translate("Window", "{name} joined").format(name=name)
                if name
                else translate("Window", "Someone joined")
            )

    def toast_words(self, text: str) -> None:
        """Says something that went well."""
        self.toast.say(text)
        self._lay_out()

    def _preview(self, picture: Picture, at: float) -> None:
        if self._dialog is not None:
            self._dialog.show_picture(picture)

    def _change(self, **fields: object) -> None:
        self._settings = msgspec.structs.replace(self._settings, **fields)
        try:
            self._save_settings(self._settings)
        except CallAppError as error:
            if not self._finished:
                self.show_notice(error)

    def _change_setting(self, fields: dict[str, object]) -> None:
        self._change(**fields)
        self.apply_settings(self._settings)

    def open_settings(self, page: int = 0) -> None:
        """Opens the settings at a page: 0 camera, 1 sound, 2 appearance and language, 3 about."""
        if self._dialog is None:
            self._dialog = SettingsDialog(self.theme, self._devices, lambda: self._settings, self)
            self._dialog.device_chosen.connect(self._choose_device)
            self._dialog.name_chosen.connect(self._choose_name)
            self._dialog.setting_changed.connect(self._change_setting)
        self._dialog.open_page(page)

    def show_log(self, shown: bool) -> None:
        """Opens or closes the log panel."""
        self.log.setVisible(shown)
        self._lay_out()

    def toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The one-letter keys. A text field takes letters itself, so they never act while somebody types."""
        key, text = event.key(), event.text().lower()
        plain = not event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if key == Qt.Key.Key_F11:
            self.toggle_full_screen()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif plain and text == "?":
            self.help.open()
        elif plain and text in ("m", "ㅡ"):  # the same key under a Korean layout
            self._toggle_microphone()
        elif plain and text in ("v", "ㅍ"):
            self._toggle_camera()
        elif plain and text in ("s", "ㄴ"):
            self._toggle_share()
        else:
            super().keyPressEvent(event)

    def _escape(self) -> None:
        if not self.help.isHidden():
            self.help.hide()
        elif self.isFullScreen():
            self.showNormal()
        elif not self.log.isHidden():
            self.show_log(False)
