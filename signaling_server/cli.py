"""`callapp-server`, `python -m signaling_server`: the signaling server alone; docs/hosting.md.

Exit codes: 0 stopped by SIGINT or SIGTERM, 2 bad usage, or it cannot listen there.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence

from signaling_server import options, tls, wire
from signaling_server.options import Options
from signaling_server.server import SignalingServer

_SPARE_FILES = 128  # beside connections: listeners, logs, libraries
_COLLECT_AFTER = 20_000  # new objects; connections end without leaving cycles, so there is little to find

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop. Returns the exit code."""
    configuration = options.parse(sys.argv[1:] if arguments is None else arguments, os.environ)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    loop_name, loop_factory = _event_loop()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(_serve(configuration, loop_name))


def _event_loop() -> tuple[str, Callable[[], asyncio.AbstractEventLoop] | None]:
    try:
        import uvloop
    except ImportError:  # Windows
        return "asyncio", None
    return "uvloop", uvloop.new_event_loop


async def _serve(configuration: Options, loop_name: str) -> int:
    stop, stop_at_once = asyncio.Event(), asyncio.Event()
    _on_stop_signals(stop, stop_at_once)
    host, port = configuration.host, configuration.port
    server = SignalingServer(configuration.limits, configuration.ice)
    try:
        identity = configuration.identity()
        await server.start(host, port, identity, stun=configuration.stun)
    except tls.TlsError as error:
        return _failed(str(error))
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        return _failed(f"cannot listen on {host} port {port}: {reason}")
    try:
        _allow_files(configuration.limits.max_connections + _SPARE_FILES)
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        print(f"CallApp signaling server, protocol version {wire.VERSION}, event loop {loop_name}")
        print(f"  mode = {_mode(identity)}")
        for line in configuration.shown():
            print(f"  {line}")
        urls = [f"{name}:{server.port}" for name in options.url_hosts(host, server.addresses, identity)]
        if identity is None:
            _print_lines(f"server is listening on http://{url}" for url in urls)
        elif identity.is_self_signed:
            _print_lines(f"server is listening on https://{url}#.{identity.pin}" for url in urls)
        else:
            _print_lines(f"  pinned URL = https://{url}#.{identity.pin}" for url in urls)
            _print_lines(f"server is listening on https://{url}" for url in urls)
        await stop.wait()
        if not stop_at_once.is_set():
            print("server is draining: no new connections; another signal stops it at once", flush=True)
            await _first_of(server.drain(), stop_at_once.wait())
        print("server is stopping", flush=True)
    finally:
        await server.close()
    return 0


def _failed(reason: str) -> int:
    print(f"callapp-server: {reason}", file=sys.stderr)
    return 2


def _mode(identity: tls.Identity | None) -> str:
    if identity is None:
        return "plain, for this computer only"
    kind = "self-signed" if identity.is_self_signed else "given"
    return f"TLS, {kind} certificate, valid until {identity.valid_until:%Y-%m-%d}"


def _print_lines(lines: Iterable[str]) -> None:
    print("\n".join(lines), flush=True)


def _allow_files(count: int) -> None:
    """Raise this process's limit of open files as far as it needs and may."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        allowed = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        if allowed < count:
            _log.warning(
                "only %d open files are allowed here, too few for all connections (ulimit -n)", allowed
            )


async def _first_of(*coroutines: Coroutine[None, None, object]) -> None:
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _on_stop_signals(stop: asyncio.Event, stop_at_once: asyncio.Event) -> None:
    """SIGTERM, of whoever runs services, lets call set-ups finish; a second one, and SIGINT of a person, does not."""
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if stop.is_set() or number == signal.SIGINT:
            stop_at_once.set()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, on_signal, number)
        except NotImplementedError:  # Windows' event loop
            signal.signal(number, lambda number, _: loop.call_soon_threadsafe(on_signal, number))
