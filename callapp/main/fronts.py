"""The two fronts of the app: the window, and nothing (--headless). Both watch the session and consume its pictures."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt

from callapp.errors import CallAppError
from callapp.main.catalog import Catalog
from callapp.main.pictures import HeadlessScreen, Shown
from callapp.media.engine import Engine
from callapp.session.ports import Report
from callapp.session.session import Session
from callapp.session.view import CallView
from callapp.settings import Settings
from callapp.ui.stage import Slots
from callapp.ui.window import MainWindow

RENDER_DELAY_S = 0.02


class Front(Protocol):
    """What main needs of a front; it is a session's Watcher, too."""

    def on_view(self, view: CallView) -> None: ...
    def on_report(self, report: Report) -> None: ...
    def add_trace(self, line: str) -> None: ...
    def show_notice(self, error: CallAppError) -> None: ...
    def hide(self) -> None: ...
    def close(self) -> None: ...


class WindowFront:
    """The window."""

    def __init__(
        self,
        *,
        session: Session,
        engine: Engine,
        shown: Shown,
        settings: Settings,
        save: Callable[[Settings], None],
        quit_app: Callable[[], None],
        video_area: tuple[int, int] | None,
    ) -> None:
        self._view: CallView | None = None
        self._rendering: asyncio.TimerHandle | None = None
        self._catalog = Catalog()
        slots = Slots(
            local=engine.local, remote=session.seat.remote, remote_screen=session.seat.remote_screen
        )
        self.window = MainWindow(
            post=session.post,
            slots=slots,
            devices=self._catalog,
            settings=settings,
            save_settings=save,
            on_shown=shown,
            video_size=video_area,
        )
        self.window.close_requested.connect(quit_app)
        self.window.show()
        self._catalog.start()

    def on_view(self, view: CallView) -> None:
        """Renders the newest view a moment later: a call's set-up goes through several in a few milliseconds, and
        painting each would take the time from the set-up."""
        if self._rendering is None:
            self._rendering = asyncio.get_running_loop().call_later(RENDER_DELAY_S, self._render)
        self._view = view

    def _render(self) -> None:
        self._rendering = None
        if self._view is not None:
            self.window.render(self._view)

    def on_report(self, report: Report) -> None:
        """Trace lines come by add_trace, with their time."""

    def add_trace(self, line: str) -> None:
        self.window.add_trace(line)

    def show_notice(self, error: CallAppError) -> None:
        self.window.show_notice(error)

    def present(self) -> None:
        """To the front, also from the task bar."""
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def hide(self) -> None:
        self.window.hide()

    def close(self) -> None:
        if self._rendering is not None:
            self._rendering.cancel()
        self._catalog.close()
        self.window.finish()


class HeadlessFront:
    """No window: pictures are taken as they come, notices go to stderr."""

    def __init__(self, *, session: Session, engine: Engine, shown: Shown) -> None:
        slots = {"local": engine.local, "remote": session.seat.remote, "screen": session.seat.remote_screen}
        self._screen = HeadlessScreen(slots, shown)

    def on_view(self, view: CallView) -> None:
        """Nobody looks."""

    def on_report(self, report: Report) -> None:
        """Nobody reads; the log has it."""

    def add_trace(self, line: str) -> None:
        """The log has it."""

    def show_notice(self, error: CallAppError) -> None:
        print(f"callapp: {error}", file=sys.stderr)

    def hide(self) -> None:
        """Nothing to hide."""

    def close(self) -> None:
        self._screen.close()
