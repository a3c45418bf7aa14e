"""`callapp-server`, `python -m signaling_server`: the signaling server alone.

Exit codes: 0 stopped by SIGINT or SIGTERM, 2 bad usage, or it cannot listen there.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import logging
import signal
import sys
from collections.abc import Callable, Sequence

from signaling_server import wire
from signaling_server.server import SignalingServer

DEFAULT_PORT = 8080


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop. Returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    loop_name, loop_factory = _event_loop()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(_serve(options.host, options.port, loop_name))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="callapp-server",
        description="The signaling server of CallApp: two in a room find each other through it.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="TCP port, 0: a free one (%(default)s)"
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _event_loop() -> tuple[str, Callable[[], asyncio.AbstractEventLoop] | None]:
    try:
        import uvloop
    except ImportError:  # Windows
        return "asyncio", None
    return "uvloop", uvloop.new_event_loop


async def _serve(host: str, port: int, loop_name: str) -> int:
    stop = asyncio.Event()
    _on_stop_signal(stop)
    server = SignalingServer()
    try:
        await server.start(host, port)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        print(f"callapp-server: cannot listen on {host} port {port}: {reason}", file=sys.stderr)
        return 2
    try:
        print(f"CallApp signaling server, protocol version {wire.VERSION}, event loop {loop_name}")
        for name, value in dataclasses.asdict(server.limits).items():
            print(f"  {name} = {value}")
        for address, actual_port in server.addresses:
            shown = f"[{address}]" if ":" in address else address
            print(f"server is listening on http://{shown}:{actual_port}", flush=True)
        await stop.wait()
        print("server is stopping", flush=True)
    finally:
        await server.close()
    return 0


def _on_stop_signal(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows' event loop
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
