"""Builds the app, runs it until it is told to quit, and ends everything it built."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import qasync
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from callapp.control.control import Control, EventWriter
from callapp.errors import CallAppError
from callapp.main import demo, places
from callapp.main.arguments import Arguments
from callapp.main.awake import KeepAwake
from callapp.main.fronts import Front, HeadlessFront, WindowFront
from callapp.main.hosting import RoomSource
from callapp.main.pictures import Shown
from callapp.main.saving import Saving
from callapp.main.single_instance import SingleInstance, hand_over, socket_name
from callapp.main.watchers import EXIT_OK, AutoPress, Outcome, TraceLog
from callapp.media.engine import Engine
from callapp.media.specs import (
    VideoWish,
    parse_camera,
    parse_microphone,
    parse_speaker,
)
from callapp.session.intents import OpenLink
from callapp.session.ports import Preferences
from callapp.session.session import Session
from callapp.session.view import Reach
from callapp.settings import Settings, SettingsStore
from callapp.signaling.invite import ServerAddress, parse_server

_log = logging.getLogger(__name__)

# Threads hand the GIL over at this interval: at Python's 5 ms a busy thread makes audio stutter (docs/adr/0001)
SWITCH_INTERVAL_S = 0.0005
CLOSE_S = 1.2  # each step of the end; all of them together stay under 3 s


def run(arguments: Arguments) -> int:
    """Run the app; returns its exit code."""
    writer = EventWriter() if arguments.control else None
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    is_demo = _choose_platform(arguments)
    if is_demo:
        arguments = demo.arguments()
    application = QGuiApplication(sys.argv[:1]) if arguments.headless else QApplication(sys.argv[:1])
    application.setApplicationName("CallApp")
    application.setDesktopFileName("callapp")
    application.setQuitOnLastWindowClosed(False)
    log_notice = places.start_log()
    loop = qasync.QSelectorEventLoop(application)
    asyncio.set_event_loop(loop)
    # qasync's own default is ten QThreads
    loop.set_default_executor(ThreadPoolExecutor(2, thread_name_prefix="helper"))
    try:
        with loop:
            if _taken_by_another_window(arguments):
                return EXIT_OK
            app = App(arguments, writer, [log_notice] if log_notice else [])
            return int(loop.run_until_complete(app.run(demo_seconds=demo.SECONDS if is_demo else None)))
    finally:
        places.stop_log()


def _choose_platform(arguments: Arguments) -> bool:
    """Without a display Qt would abort: use its offscreen platform. True if that makes it the demo."""
    if not sys.platform.startswith("linux") or "QT_QPA_PLATFORM" in os.environ:
        return False
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return False
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return arguments == Arguments()


def _taken_by_another_window(arguments: Arguments) -> bool:
    """A link that a person opened goes to the window that is open already, if it takes it."""
    if arguments.invite is None or not arguments.invited or arguments.headless or arguments.control:
        return False
    link = arguments.invite.callapp_link or arguments.invite.browser_link
    return hand_over(socket_name(places.data_folder()), link)


class App:
    """Everything that lives as long as the process, and the order in which it ends."""

    def __init__(
        self, arguments: Arguments, writer: EventWriter | None, notices: Sequence[CallAppError]
    ) -> None:
        self._arguments = arguments
        self._writer = writer
        self._notices = list(notices)
        self._quit = asyncio.Event()
        self._store = SettingsStore(places.settings_path())
        self._settings, problem = self._store.load()
        if problem is not None:
            self._notices.append(problem)

    async def run(self, *, demo_seconds: float | None) -> int:
        """Until the window is closed, `quit`, a signal, or (headless) the end of the call."""
        arguments = self._arguments
        self._catch_signals()
        engine = Engine()
        rooms = RoomSource(self._server(), reach=self._reach(), key_folder=places.server_folder())
        trace = TraceLog(None)
        outcome = Outcome(self._ended)
        press = AutoPress(start=arguments.start, call=arguments.call)
        awake = KeepAwake()
        engine.start()
        session = Session(
            engine=engine,
            rooms=rooms,
            preferences=self._preferences(),
            invite=arguments.invite,
            invited=arguments.invited,
            loopback=arguments.loopback,
        )
        saving = Saving(self._store, lambda error: front.show_notice(error))
        front = self._front(session, engine, saving)
        trace.show = front.add_trace if demo_seconds is None else demo.printing(front.add_trace)
        control = Control(self._writer, session, self._quit.set) if self._writer is not None else None
        for watcher in (front, control, trace, outcome, awake, press):
            if watcher is not None:
                session.watch(watcher)
        press.attach(session.post, session.view)
        instance = self._single_instance(session, front)
        for notice in self._notices:
            _log.warning("%s", notice)
            front.show_notice(notice)
        try:
            if demo_seconds is not None and isinstance(front, WindowFront):
                await demo.run(session, front.window, demo_seconds)
            else:
                await self._quit.wait()
        finally:
            if instance is not None:
                instance.close()
            front.hide()
            await _bounded(session.close())
            awake.close()
            await _bounded(engine.close())
            await _bounded(rooms.close())
            front.close()
            await _bounded(saving.close())
            if control is not None:
                await control.close()
        return outcome.exit_code if arguments.headless else EXIT_OK

    # ---- inside

    def _front(self, session: Session, engine: Engine, saving: Saving) -> Front:
        arguments = self._arguments
        shown = Shown(arguments.frame_tap, session.remote_shown)
        if arguments.headless:
            return HeadlessFront(session=session, engine=engine, shown=shown)

        def save(settings: Settings) -> None:
            session.use_sounds(settings.sounds)
            saving.save(settings)

        return WindowFront(
            session=session,
            engine=engine,
            shown=shown,
            settings=self._settings,
            save=save,
            quit_app=self._quit.set,
            video_area=arguments.video_area,
        )

    def _single_instance(self, session: Session, front: Front) -> SingleInstance | None:
        if not isinstance(front, WindowFront):
            return None

        def take(link: str) -> bool:
            view = session.view
            invite = view.invite
            own = view.hosting and invite is not None and link in (invite.link, invite.browser_link)
            if view.live or own:
                return False
            session.post(OpenLink(link))
            front.present()
            return True

        return SingleInstance(socket_name(places.data_folder()), take)

    def _ended(self) -> None:
        """A headless app that nobody controls has done its work when its call is over."""
        if self._arguments.headless and self._writer is None:
            self._quit.set()

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._quit.set)
            except (NotImplementedError, RuntimeError):  # Windows
                signal.signal(number, lambda *_: self._quit.set())

    def _server(self) -> ServerAddress | None:
        if self._arguments.server is not None or not self._settings.server:
            return self._arguments.server
        try:
            return parse_server(self._settings.server)
        except CallAppError as error:
            self._notices.append(error)
            return None

    def _reach(self) -> Reach:
        if self._arguments.reach is not None:
            return self._arguments.reach
        return Reach.NETWORK if self._settings.reach == Reach.NETWORK else Reach.THIS_COMPUTER

    def _preferences(self) -> Preferences:
        arguments, settings = self._arguments, self._settings
        width, height, mandatory = arguments.size or (settings.width_px, settings.height_px, False)
        wish = VideoWish(width, height, arguments.fps or settings.fps, mandatory)
        preferences = Preferences(name=settings.name, wish=wish, sounds=settings.sounds)
        try:
            preferences = replace(
                preferences,
                camera=parse_camera(settings.camera),
                microphone=parse_microphone(settings.microphone),
                speaker=parse_speaker(settings.speaker),
            )
        except CallAppError as error:
            self._notices.append(error)
        return replace(
            preferences,
            camera=arguments.camera or preferences.camera,
            microphone=arguments.microphone or preferences.microphone,
            speaker=arguments.speaker or preferences.speaker,
        )


async def _bounded(closing: Coroutine[Any, Any, None]) -> None:
    """What does not end in time, or fails to end, must not keep the rest from ending."""
    try:
        await asyncio.wait_for(closing, CLOSE_S)
    except Exception:
        _log.exception("a part did not end cleanly")
