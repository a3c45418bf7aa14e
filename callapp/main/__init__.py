"""The composition root: reads the command line and the settings, builds the objects, runs the loop, shuts down."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """The `callapp` command. Returns the exit code: see docs/control.md."""
    # arguments first: a usage error must not wait for Qt
    from callapp.main.arguments import parse_arguments

    arguments = parse_arguments(sys.argv[1:] if argv is None else argv)
    from callapp.main.app import run

    return run(arguments)
