"""In a call the bars go away while nobody moves the mouse, and come back when somebody does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QWindow

IDLE_MS = 5000


class Fader(QObject):
    """Says when the bars should be there. `busy`: something needs them now, so look again later."""

    turned = Signal(bool)  # the bars should be shown, or not

    def __init__(self, busy: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._busy = busy
        self._shown = True
        self._may_fade = False
        self._watched: QWindow | None = None
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(IDLE_MS)
        self.timer.timeout.connect(self._fall_idle)

    def allow(self, may_fade: bool) -> None:
        """In a call that runs well the bars may fade; in trouble nobody should have to look for Hang Up."""
        if may_fade == self._may_fade:
            return
        self._may_fade = may_fade
        self.timer.stop()
        self.wake()

    def wake(self) -> None:
        """Somebody is there."""
        self._turn(True)
        if self._may_fade:
            self.timer.start()

    def watch(self, window: QWindow) -> bool:
        """Sees each mouse move, whichever widget it is over. False: this window is watched already."""
        if window is self._watched:
            return False
        self._watched = window
        window.installEventFilter(self)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (
            QEvent.Type.MouseMove,
            QEvent.Type.MouseButtonPress,
            QEvent.Type.TouchBegin,
            QEvent.Type.KeyPress,
        ):
            self.wake()
        return False

    def _fall_idle(self) -> None:
        if not self._may_fade:
            return
        if self._busy():
            self.timer.start()
        else:
            self._turn(False)

    def _turn(self, shown: bool) -> None:
        if shown != self._shown:
            self._shown = shown
            self.turned.emit(shown)
