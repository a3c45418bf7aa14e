"""Opening video sources in tests: the engine's loop beside Qt's, and a collector of pictures."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QTimer

from callapp.errors import MediaError
from callapp.media.capture.planes import plane
from callapp.media.video.slot import Picture

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # these tests show nothing

WAIT_S = 20.0
KEPT = 500

T = TypeVar("T")


def beside_qt(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine on a loop of another thread, as the engine does, while Qt's loop runs on this one."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(asyncio.wait_for(coroutine, WAIT_S)))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="engine")
    loop, timer = QEventLoop(), QTimer()
    timer.setInterval(5)
    timer.timeout.connect(lambda: None if thread.is_alive() else loop.quit())
    timer.start()
    thread.start()
    loop.exec()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


class Collector:
    """`on_picture` and `on_lost` of a source, for the loop that makes it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self.pictures: list[Picture] = []
        self.threads: set[int] = set()
        self.lost: asyncio.Future[MediaError] = self._loop.create_future()

    def on_picture(self, picture: Picture) -> None:
        self.threads.add(threading.get_native_id())
        if len(self.pictures) < KEPT:
            self.pictures.append(picture)
        self._loop.call_soon_threadsafe(self._changed.set)

    def on_lost(self, error: MediaError) -> None:
        assert asyncio.get_running_loop() is self._loop
        self.lost.set_result(error)

    async def wait_for(self, count: int) -> list[Picture]:
        """The first pictures, once there are `count`."""
        async with asyncio.timeout(WAIT_S):
            while len(self.pictures) < count:
                self._changed.clear()
                if len(self.pictures) < count:
                    await self._changed.wait()
        return self.pictures[:count]


def luma(picture: Picture) -> NDArray[np.uint8]:
    """Y[h, w] of a picture in yuv420p or nv12."""
    frame = picture.frame
    return plane(frame, 0)[: frame.height, : frame.width]
