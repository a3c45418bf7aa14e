"""The command line, as a frozen value. Bad usage ends the process with exit code 2 and one clear line."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callapp import __version__
from callapp.errors import CallAppError, LinkError
from callapp.media.specs import MediaSpec, parse_camera, parse_microphone, parse_size, parse_speaker
from callapp.session.view import Reach
from callapp.signaling.invite import Invite, ServerAddress, invite_at, parse_invite, parse_room, parse_server

FrameTap = Callable[[str, Any, float, float | None], None]


@dataclass(frozen=True)
class Arguments:
    """What the command line asks for; None means: as in the settings."""

    invite: Invite | None = None
    invited: bool = False  # the invite came as LINK
    server: ServerAddress | None = None
    reach: Reach | None = None
    camera: MediaSpec | None = None
    microphone: MediaSpec | None = None
    speaker: MediaSpec | None = None
    size: tuple[int, int, bool] | None = None  # width_px, height_px, mandatory
    fps: int | None = None
    video_area: tuple[int, int] | None = None
    loopback: bool = False
    headless: bool = False
    start: bool = False
    call: bool = False
    control: bool = False
    frame_tap: FrameTap | None = None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="callapp",
        description="A private video call: no account, no cloud. Without arguments it opens the window.",
        epilog="SPEC: auto | none | a device's name | file:PATH | pattern (video) | screen (video) | "
        "tone (audio) | record:PATH (speaker to WAV). `callapp-server` runs the signaling server alone.",
    )
    parser.add_argument(
        "link", metavar="LINK", nargs="?", help="an invite link: fills in the room, opens nothing"
    )
    parser.add_argument(
        "--server", metavar="URL", help="another signaling server than the one inside the app"
    )
    parser.add_argument(
        "--reach",
        choices=[Reach.THIS_COMPUTER.value, Reach.NETWORK.value],
        help="who can use rooms on the server inside the app",
    )
    parser.add_argument("--room", metavar="NAME#SECRET", help="a room on --server")
    parser.add_argument("--camera", metavar="SPEC", type=_checked(parse_camera))
    parser.add_argument("--microphone", metavar="SPEC", type=_checked(parse_microphone))
    parser.add_argument("--speaker", metavar="SPEC", type=_checked(parse_speaker))
    parser.add_argument("--size", metavar="WxH", type=_checked(parse_size), help="min:WxH makes it mandatory")
    parser.add_argument("--fps", metavar="N", type=int, choices=range(1, 121))
    parser.add_argument("--window", metavar="WxH", type=_checked(_area), help="size of the video area")
    parser.add_argument("--loopback", action="store_true", help="Call reaches a second peer in this process")
    parser.add_argument("--headless", action="store_true", help="no window")
    parser.add_argument("--start", action="store_true", help="press Start as soon as it is enabled")
    parser.add_argument("--call", action="store_true", help="press Call as soon as it is enabled")
    parser.add_argument(
        "--control", action="store_true", help="JSON lines: commands on stdin, events on stdout"
    )
    parser.add_argument("--frame-tap", metavar="MODULE:FUNCTION", type=_checked(_load_tap))
    parser.add_argument("--version", action="version", version=f"callapp {__version__}")
    return parser


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Raises SystemExit(2) for bad usage, SystemExit(0) after --help and --version."""
    parser = _parser()
    given = parser.parse_args(argv)
    try:
        invite, server = _place(given)
    except LinkError as error:
        parser.error(error.detail)
    if invite is not None and given.loopback:
        parser.error("--loopback needs no room: leave out LINK and --room")
    return Arguments(
        invite=invite,
        invited=given.link is not None,
        server=server,
        reach=Reach(given.reach) if given.reach is not None else None,
        camera=given.camera,
        microphone=given.microphone,
        speaker=given.speaker,
        size=given.size,
        fps=given.fps,
        video_area=given.window,
        loopback=given.loopback,
        headless=given.headless,
        start=given.start,
        call=given.call,
        control=given.control,
        frame_tap=given.frame_tap,
    )


def _place(given: argparse.Namespace) -> tuple[Invite | None, ServerAddress | None]:
    """Raises LinkError."""
    if given.link is not None:
        if given.server or given.room:
            raise LinkError("a LINK names its server and room: leave out --server and --room")
        return parse_invite(given.link), None
    if given.server is not None and given.reach is not None:
        raise LinkError("--reach is for the server inside the app: leave out --server")
    if given.server is None:
        if given.room is not None:
            raise LinkError("--room needs --server")
        return None, None
    server = parse_server(given.server)
    if given.room is None:
        return None, server
    name, secret = parse_room(given.room)
    return invite_at(server, name, secret), server


def _checked(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """argparse shows an ArgumentTypeError's text, and hides that of every other error."""

    def convert(text: str) -> Any:
        try:
            return parse(text)
        except CallAppError as error:
            raise argparse.ArgumentTypeError(error.detail) from None

    return convert


def _area(text: str) -> tuple[int, int]:
    width, height, mandatory = parse_size(text)
    if mandatory:
        raise argparse.ArgumentTypeError("a window has no minimum: WxH")
    return width, height


def _load_tap(text: str) -> FrameTap:
    """MODULE is found on sys.path and in the current directory."""
    module_name, colon, function_name = text.partition(":")
    if not (colon and module_name and function_name):
        raise argparse.ArgumentTypeError("expected MODULE:FUNCTION")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        function = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not callable(function):
        raise argparse.ArgumentTypeError(f"{text} cannot be called")
    tap: FrameTap = function
    return tap
