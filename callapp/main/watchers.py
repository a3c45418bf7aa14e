"""Watchers that main adds to a session: the log, the automatic button presses, the exit code."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from callapp.call.states import Reason
from callapp.session.intents import Intent, PlaceCall, Start
from callapp.session.ports import Ended, Report, TraceLine
from callapp.session.view import CallView, Preview, Room

_log = logging.getLogger("callapp.trace")

EXIT_OK, EXIT_USAGE, EXIT_CALL_FAILED, EXIT_NO_DEVICE = 0, 2, 3, 4
_ENDED_WELL = (Reason.HUNG_UP, Reason.PEER_LEFT, Reason.DECLINED)


class TraceLog:
    """Every trace line, as `<seconds, 3 decimals> <text>` since the start, to the log file and to `show`."""

    def __init__(self, show: Callable[[str], None] | None) -> None:
        self._began = time.monotonic()
        self.show = show

    def on_view(self, view: CallView) -> None:
        """The view has no lines."""

    def on_report(self, report: Report) -> None:
        if isinstance(report, TraceLine):
            line = f"{time.monotonic() - self._began:.3f} {report.text}"
            _log.info("%s", line)
            if self.show is not None:
                self.show(line)


class AutoPress:
    """--start and --call: presses each button once, as soon as it is enabled."""

    def __init__(self, *, start: bool, call: bool) -> None:
        self._start, self._call = start, call
        self._post: Callable[[Intent], None] | None = None

    def attach(self, post: Callable[[Intent], None], view: CallView) -> None:
        self._post = post
        self.on_view(view)

    def on_view(self, view: CallView) -> None:
        if self._post is None:
            return
        if self._start and view.buttons.start:
            self._start = False
            self._post(Start())
        elif self._call and view.buttons.call and (view.invite is not None or view.loopback):
            self._call = False
            self._post(PlaceCall())

    def on_report(self, report: Report) -> None:
        """Buttons follow the view only."""


class Outcome:
    """How it went, as an exit code; `on_end` is called when a call or a start is over for good."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        self.exit_code = EXIT_OK
        self._on_end = on_end

    def on_view(self, view: CallView) -> None:
        if view.preview is Preview.FAILED and self.exit_code != EXIT_NO_DEVICE:
            self.exit_code = EXIT_NO_DEVICE
            self._on_end()
        elif view.preview is Preview.ON and self.exit_code == EXIT_NO_DEVICE:
            self.exit_code = EXIT_OK
        if view.room is Room.PEER and self.exit_code == EXIT_CALL_FAILED:
            self.exit_code = EXIT_OK

    def on_report(self, report: Report) -> None:
        if isinstance(report, Ended):
            self.exit_code = EXIT_OK if report.reason in _ENDED_WELL else EXIT_CALL_FAILED
            self._on_end()
