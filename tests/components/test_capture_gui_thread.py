"""The way to Qt's main thread: work is done there, in order, and nobody is ever stuck."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

import pytest
import qasync
from PySide6.QtWidgets import QApplication
from rig.capture import beside_qt

from callapp.media.capture.gui_thread import release_on_gui, run_on_gui

pytestmark = pytest.mark.usefixtures("qapp")


@asynccontextmanager
async def main_thread_busy() -> AsyncIterator[None]:
    """The main thread is stuck in some work within."""
    begun, let_go = threading.Event(), threading.Event()

    def block() -> None:
        begun.set()
        let_go.wait(20)

    blocking = asyncio.ensure_future(run_on_gui(block))
    await asyncio.to_thread(begun.wait, 20)
    try:
        yield
    finally:
        let_go.set()
        await blocking


def test_the_work_is_done_on_the_main_thread_and_its_result_comes_back() -> None:
    async def ask() -> tuple[int, int, int]:
        return (
            await run_on_gui(threading.get_native_id),
            await run_on_gui(lambda: 7),
            threading.get_native_id(),
        )

    main, seven, engine = beside_qt(ask())
    assert (main, seven) == (threading.get_native_id(), 7)
    assert engine != main


def test_what_the_work_raises_comes_out() -> None:
    async def ask() -> None:
        await run_on_gui(lambda: int("x"))

    with pytest.raises(ValueError):
        beside_qt(ask())


async def test_on_the_main_thread_itself_it_runs_at_once() -> None:
    assert await run_on_gui(lambda: 7) == 7
    assert await release_on_gui(lambda: None, 1)


def test_work_is_done_in_order() -> None:
    done: list[int] = []

    async def ask() -> None:
        async with main_thread_busy():
            asked = [asyncio.ensure_future(run_on_gui(partial(done.append, number))) for number in range(20)]
            await asyncio.sleep(0)
        await asyncio.gather(*asked)

    beside_qt(ask())
    assert done == list(range(20))


def test_it_works_under_qasync(qapp: QApplication) -> None:
    loop = qasync.QEventLoop(qapp, already_running=False)

    async def ask() -> int:
        return await run_on_gui(threading.get_native_id)

    async def main(pool: ThreadPoolExecutor) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, lambda: asyncio.run(ask())) == threading.get_native_id()

    with loop, ThreadPoolExecutor(1) as pool:  # qasync's own pool would leave its threads behind
        assert loop.run_until_complete(main(pool))


def test_work_cancelled_while_the_main_thread_is_busy_never_begins() -> None:
    done: list[str] = []

    async def ask() -> None:
        async with main_thread_busy():
            asked = asyncio.ensure_future(run_on_gui(lambda: done.append("cancelled")))
            await asyncio.sleep(0)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
        await run_on_gui(lambda: done.append("after"))

    beside_qt(ask())
    assert done == ["after"]


def test_a_release_is_not_waited_for_for_ever_but_made() -> None:
    done: list[str] = []

    async def ask() -> bool:
        async with main_thread_busy():
            in_time = await release_on_gui(lambda: done.append("released"), 0.05)
            assert not done
        await run_on_gui(lambda: None)
        return in_time

    assert beside_qt(ask()) is False
    assert done == ["released"]


NO_APPLICATION = """
import asyncio
from callapp.errors import ErrorCode, MediaError
from callapp.media.capture.gui_thread import release_on_gui, run_on_gui

async def main():
    assert not await release_on_gui(lambda: None, 1)
    try:
        await run_on_gui(lambda: None)
    except MediaError as error:
        assert error.code is ErrorCode.ABORT
    else:
        raise AssertionError("it ran")

asyncio.run(main())
"""

QUITTING = """
import asyncio, threading
from PySide6.QtCore import QCoreApplication
from callapp.errors import ErrorCode, MediaError
from callapp.media.capture.gui_thread import release_on_gui, run_on_gui

app = QCoreApplication([])
others_wait, done, codes = threading.Event(), [], []

def quit_while_others_wait():
    others_wait.wait(20)
    app.quit()

async def refused(fn):
    try:
        await run_on_gui(fn)
    except MediaError as error:
        codes.append(error.code)

async def engine():
    quitting = asyncio.ensure_future(run_on_gui(quit_while_others_wait))
    asked = asyncio.ensure_future(refused(lambda: done.append("begun")))
    released = asyncio.ensure_future(release_on_gui(lambda: done.append("released"), 20))
    await asyncio.sleep(0)
    others_wait.set()
    await asyncio.gather(quitting, asked)
    assert await released
    await refused(lambda: done.append("begun"))
    assert not await release_on_gui(lambda: None, 0.05)

thread = threading.Thread(target=lambda: asyncio.run(engine()))
thread.start()
app.exec()
thread.join(20)
assert not thread.is_alive()
assert done == ["released"], done
assert codes == [ErrorCode.ABORT, ErrorCode.ABORT], codes
"""

GONE = """
import asyncio, threading
from PySide6.QtCore import QCoreApplication
from callapp.errors import ErrorCode, MediaError
from callapp.media.capture.gui_thread import run_on_gui

app = QCoreApplication([])
asking, codes = threading.Event(), []

async def engine():
    asyncio.get_running_loop().call_soon(asking.set)
    try:
        await run_on_gui(lambda: None)
    except MediaError as error:
        codes.append(error.code)

thread = threading.Thread(target=lambda: asyncio.run(engine()))
thread.start()
asking.wait(20)
app.shutdown()
del app
thread.join(20)
assert codes == [ErrorCode.ABORT], codes
"""


@pytest.mark.parametrize("program", [NO_APPLICATION, QUITTING, GONE], ids=["none", "quitting", "gone"])
def test_without_an_application_nobody_waits(program: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
