"""The window's menus, made each time they open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from callapp.errors import Device
from callapp.media.specs import MediaSpec
from callapp.session.intents import Intent, NewRoom, TryLoopback
from callapp.session.view import CallView, Room
from callapp.settings import Settings
from callapp.ui.device_menu import choices, device_words
from callapp.ui.devices import DeviceCatalog
from callapp.ui.icons import icon

if TYPE_CHECKING:
    from callapp.ui.commands import Commands
    from callapp.ui.window import MainWindow

translate = QCoreApplication.translate


def _menu(window: MainWindow) -> QMenu:
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)  # round corners
    menu.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
    return menu


def device_menu(
    window: MainWindow,
    kinds: Iterable[Device],
    catalog: DeviceCatalog,
    settings: Settings,
    choose: Callable[[Device, MediaSpec], None],
) -> QMenu:
    """The devices of these kinds, the chosen one ticked."""
    menu = _menu(window)
    colors = window.theme.colors
    for index, kind in enumerate(kinds):
        if index:
            menu.addSeparator()
        head = menu.addAction(device_words(kind))
        head.setEnabled(False)
        for choice in choices(kind, catalog, getattr(settings, kind.value)):
            action = menu.addAction(choice.words.replace("&", "&&"))
            if choice.chosen:
                action.setIcon(icon("check", colors.accent_text))
            action.triggered.connect(lambda _=False, kind=kind, spec=choice.spec: choose(kind, spec))
    return menu


def main_menu(
    window: MainWindow, commands: Commands, view: CallView, post: Callable[[Intent], None]
) -> QMenu:
    """Everything that is not one of the three buttons."""
    menu = _menu(window)
    color = window.theme.colors.secondary

    def add(name: str, words: str, act: Callable[[], object], key: str = "") -> QAction:
        action = menu.addAction(icon(name, color), f"{words}\t{key}" if key else words)
        action.triggered.connect(lambda _=False: act())
        return action

    idle = not view.live and view.room in (Room.NONE, Room.FULL)
    loop = add("loop", translate("Menu", "Try a call with yourself"), lambda: post(TryLoopback()))
    loop.setEnabled(idle and not view.loopback)
    add("new-room", translate("Menu", "New room"), lambda: post(NewRoom())).setEnabled(not view.live)
    menu.addSeparator()
    add("settings", translate("Menu", "Settings"), commands.open_settings)
    if window.log.isHidden():
        add("log", translate("Menu", "Show the log"), lambda: window.show_log(True))
    else:
        add("log", translate("Menu", "Hide the log"), lambda: window.show_log(False))
    leave = window.isFullScreen()
    words = translate("Menu", "Leave full screen") if leave else translate("Menu", "Full screen")
    add("full-screen", words, window.toggle_full_screen, "F11")
    menu.addSeparator()
    add("keyboard", translate("Menu", "Keyboard shortcuts"), window.help.open, "?")
    add("info", translate("Menu", "About"), lambda: commands.open_settings(3))
    return menu
