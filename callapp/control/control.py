"""Runs the control interface: commands from stdin to the session, the session's life to stdout."""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from callapp.control.commands import MAX_LINE_BYTES, CommandError, Quit, parse
from callapp.errors import CallAppError
from callapp.session.ports import Ended, FirstRemoteFrame, Report, SetupTime, TraceLine
from callapp.session.session import Session
from callapp.session.view import CallView, ChatMessage, Invite

_log = logging.getLogger(__name__)
_MAX_WAITING_EVENTS = 4096


class EventWriter:
    """Writes events as JSON lines from a thread of its own, so that a slow reader never holds up the loop.

    Takes over stdout: whatever else prints goes to stderr from then on. What does not fit into the queue is dropped
    and counted.
    """

    def __init__(self) -> None:
        sys.stdout.flush()
        self._file: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(_MAX_WAITING_EVENTS)
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="control-out", daemon=True)
        self._thread.start()

    def write(self, event: str, **fields: Any) -> None:
        try:
            self._queue.put_nowait({"event": event, "t": time.time(), **fields})
        except queue.Full:
            self._dropped += 1

    def close(self, timeout_s: float = 0.5) -> None:
        """Write what waits, as far as the reader takes it in time."""
        try:
            self._queue.put(None, timeout=timeout_s)
        except queue.Full:
            return  # nobody reads: the thread is a daemon and ends with the process
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (event := self._queue.get()) is not None:
            try:
                self._file.write(msgspec.json.encode(event) + b"\n")
                if self._dropped:
                    dropped, self._dropped = self._dropped, 0
                    text = f"{dropped} events dropped: the reader is too slow"
                    self._file.write(
                        msgspec.json.encode({"event": "trace", "t": time.time(), "text": text}) + b"\n"
                    )
            except OSError:
                return  # the reader is gone; the end of stdin ends the app


def read_lines(on_line: Callable[[bytes], None], on_end: Callable[[], None]) -> threading.Thread:
    """Reads stdin on a daemon thread: a blocking read can't be interrupted on every OS, so the process ends it."""

    def run() -> None:
        stdin = sys.stdin.buffer
        while line := stdin.readline(MAX_LINE_BYTES + 2):
            if line.endswith(b"\n") or len(line) <= MAX_LINE_BYTES:
                on_line(line)
            else:
                while (rest := stdin.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                    pass
                on_line(line)  # too long: refused as such
        on_end()

    thread = threading.Thread(target=run, name="control-in", daemon=True)
    thread.start()
    return thread


class Control:
    """A Watcher that tells everything as events, and takes commands until `quit` or the end of stdin."""

    def __init__(self, writer: EventWriter, session: Session, quit_app: Callable[[], None]) -> None:
        self._writer = writer
        self._quit_app = quit_app
        self._session = session
        self._state: tuple[str, str, str] | None = None
        self._invite: Invite | None = None
        self._chat: tuple[ChatMessage, ...] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        self._quitting = False
        self._loop = asyncio.get_running_loop()
        read_lines(
            lambda line: self._post_from_thread(self._on_line, line),
            lambda: self._post_from_thread(self._quit_app),
        )

    async def close(self) -> None:
        """The last words: `quit` is done just before the exit."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._quitting:
            self._writer.write("done", command="quit")
        self._writer.close()

    # ---- Watcher

    def on_view(self, view: CallView) -> None:
        state = (view.call.value, view.preview.value, view.room.value)
        if state != self._state:
            self._state = state
            self._writer.write("state", call=state[0], preview=state[1], room=state[2])
        if view.invite is not None and view.invite != self._invite:
            self._writer.write("invite", link=view.invite.link, browser_link=view.invite.browser_link)
        self._invite = view.invite
        if view.chat is not self._chat:
            self._tell_chat(view.chat)

    def on_report(self, report: Report) -> None:
        match report:
            case TraceLine(text):
                self._writer.write("trace", text=text)
            case FirstRemoteFrame(width_px, height_px):
                self._writer.write("first_remote_frame", width=width_px, height=height_px)
            case SetupTime(value_ms):
                self._writer.write("setup_time_ms", value=round(value_ms, 3))
            case Ended(reason):
                self._writer.write("ended", reason=reason.value)

    # ---- inside

    def _tell_chat(self, chat: tuple[ChatMessage, ...]) -> None:
        """Every message that is new, or has come further."""
        known = {(message.own, message.id): message for message in self._chat}
        self._chat = chat
        for message in chat:
            if known.get((message.own, message.id)) != message:
                self._writer.write(
                    "chat",
                    id=message.id,
                    own=message.own,
                    author=message.author,
                    text=message.text,
                    at=message.at,
                    state=message.state.value,
                )

    def _post_from_thread(self, function: Callable[..., None], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            _log.debug("the loop has ended; a line of stdin was not read")

    def _on_line(self, line: bytes) -> None:
        if self._quitting or not line.strip():
            return
        try:
            name, meaning = parse(line, self._session.view)
        except CommandError as error:
            self._error(error.command, error)
            return
        if isinstance(meaning, Quit):
            self._quitting = True
            self._quit_app()
            return
        task = self._loop.create_task(self._perform(self._session.perform(meaning), name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(self, doing: Any, name: str) -> None:
        try:
            await doing
        except CallAppError as error:
            self._error(name, error)
        else:
            self._writer.write("done", command=name)

    def _error(self, command: str | None, error: CallAppError) -> None:
        self._writer.write(
            "error", command=command, code=error.code.value, message=error.detail or str(error)
        )
