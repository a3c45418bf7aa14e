"""The other side of the present call: what it told of itself, when it was reached, how long that took. Pure."""

from __future__ import annotations

from dataclasses import replace

from callapp.call.machine import Call
from callapp.call.states import State
from callapp.media.messages import VideoRole
from callapp.session import messages as wire
from callapp.session.ports import FirstRemoteFrame, Report, SetupTime, TraceLine
from callapp.session.view import LIVE_STATES, PeerStatus


class Companion:
    """Values for the view, and the clock of the set-up time. Times are Unix s."""

    def __init__(self) -> None:
        self.status: PeerStatus | None = None
        self.since: float | None = None
        self._setup_from: float | None = None  # None once the set-up time of this call was told
        self._live = False

    @property
    def name(self) -> str:
        return self.status.name if self.status is not None else ""

    def expected(self, now: float) -> None:
        """Call was pressed, or the other one came in: the later of the two starts the clock."""
        self._setup_from = now

    def tells(self, status: wire.Status) -> None:
        self.status = replace(
            self.status or PeerStatus(),
            name=status.name,
            muted=status.muted,
            camera_off=status.camera_off,
            sharing=status.sharing,
        )

    def call_changed(self, before: Call, after: Call, now: float) -> None:
        self._live = after.state in LIVE_STATES
        if after.call_id != before.call_id and self.status is not None:
            self.status = replace(self.status, picture_shown=False)
        if after.state is State.ANSWERING and after.attempt == 0 and self._setup_from is None:
            self._setup_from = now
        if after.state is State.CONNECTED and self.since is None:
            self.since = now
        if after.state is State.ENDED:
            self.status = self.since = self._setup_from = None

    def shown(self, role: VideoRole, width_px: int, height_px: int, shown_at: float) -> list[Report]:
        """A picture of the other side was painted: what there is to report, for the first one of a call."""
        if role is not VideoRole.CAMERA or not self._live:
            return []
        status = self.status or PeerStatus()
        if status.picture_shown:
            return []
        self.status = replace(status, picture_shown=True)
        reports: list[Report] = [FirstRemoteFrame(width_px, height_px)]
        if self._setup_from is not None:
            value_ms = (shown_at - self._setup_from) * 1000
            self._setup_from = None
            reports += [TraceLine(f"Setup time: {value_ms:.3f}ms."), SetupTime(value_ms)]
        return reports
