"""What `callapp` does on a machine with no display: a short call with itself in a window that nobody sees."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from callapp.main.arguments import Arguments
from callapp.media.specs import MediaSpec, SpecKind
from callapp.session.ports import Report, SetupTime
from callapp.session.session import Session
from callapp.session.view import CallView

SECONDS = 10.0
CONNECT_S = 20.0


def arguments() -> Arguments:
    """The test picture and tone, in a call with oneself."""
    return Arguments(
        camera=MediaSpec(SpecKind.PATTERN),
        microphone=MediaSpec(SpecKind.TONE),
        speaker=MediaSpec(SpecKind.NONE),
        loopback=True,
        start=True,
        call=True,
    )


def printing(show: Callable[[str], None]) -> Callable[[str], None]:
    """Print every line of the trace, besides showing it."""

    def both(line: str) -> None:
        print(line, flush=True)
        show(line)

    return both


class _SetupTime:
    """A Watcher that waits for the set-up time."""

    def __init__(self) -> None:
        self.value_ms: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def on_view(self, view: CallView) -> None:
        """The window shows it."""

    def on_report(self, report: Report) -> None:
        if isinstance(report, SetupTime) and not self.value_ms.done():
            self.value_ms.set_result(report.value_ms)


async def run(session: Session, window: QWidget, seconds: float) -> bool:
    """Watch the call for `seconds`, then print its set-up time and the path of a screenshot. False: no call."""
    print(
        "No display: a call with yourself on the test picture and tone, in a window that nobody sees.",
        flush=True,
    )
    setup = _SetupTime()
    session.watch(setup)
    try:
        value_ms = await asyncio.wait_for(setup.value_ms, CONNECT_S)
    except TimeoutError:
        print(f"The call was not connected within {CONNECT_S:.0f} s; the log file says more.")
        return False
    await asyncio.sleep(seconds)
    path = Path(tempfile.gettempdir()) / "callapp-demo.png"
    window.grab().save(str(path))
    print(f"Set-up time: {value_ms:.1f} ms")
    print(f"Screenshot: {path}")
    return True
