"""The one banner of the window: what is shown now."""

from __future__ import annotations

from collections.abc import Callable

from callapp.session.view import Notice, NoticeCode


class Banner:
    """`changed` is called after every change."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.notice: Notice | None = None
        self._changed = changed

    def show(self, notice: Notice | None) -> None:
        """None: nothing any more."""
        self.notice = notice
        self._changed()

    def drop(self, *codes: NoticeCode) -> None:
        """Take it away if it is one of these."""
        if self.notice is not None and self.notice.code in codes:
            self.show(None)
