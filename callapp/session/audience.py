"""Those who watch a session: told of each new view and each report, in the order in which they came."""

from __future__ import annotations

from callapp.session.ports import Report, TraceLine, Watcher
from callapp.session.view import CallView


class Audience:
    """Holds the present view; an unchanged one is not told again."""

    def __init__(self, view: CallView) -> None:
        self.view = view
        self._watchers: list[Watcher] = []

    def add(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)
        watcher.on_view(self.view)

    def show(self, view: CallView) -> None:
        if view == self.view:
            return
        self.view = view
        for watcher in self._watchers:
            watcher.on_view(view)

    def report(self, report: Report) -> None:
        for watcher in self._watchers:
            watcher.on_report(report)

    def trace(self, text: str) -> None:
        self.report(TraceLine(text))
