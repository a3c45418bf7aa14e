"""The state diagram and the transition table of docs/call-machine.md, drawn from `callapp.call.table`.

`python -m callapp.call.diagram` prints them, for the end of that page; a test fails when the page is stale.
"""

from __future__ import annotations

from typing import Final

from callapp.call.model import LIVE, SETTING_UP
from callapp.call.states import State
from callapp.call.table import TABLE

MARKER: Final = "<!-- From here on: the output of `python -m callapp.call.diagram` -->"
"""In the document: what follows is generated."""

GROUPS: Final = {"LIVE": LIVE, "SETTING_UP": SETTING_UP}
"""States that end in the same way are drawn as one: an event that can end all of them has one arrow."""


def diagram() -> str:
    """The changes of state as a Mermaid diagram."""
    edges: dict[tuple[str, str], dict[str, None]] = {}
    for (state, event), row in TABLE.items():
        for target in row.targets:
            if target is not state:
                source = _group(event) if target is State.ENDED else None
                source = source if source and state in GROUPS[source] else state.name
                edges.setdefault((source, target.name), {})[event.__name__] = None
    names = [
        f'    state "{name} ({", ".join(state.name for state in states)})" as {name}'
        for name, states in GROUPS.items()
    ]
    lines = [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in edges.items()]
    return "\n".join(["stateDiagram-v2", *names, "    [*] --> IDLE", *lines])


def _group(event: type[object]) -> str | None:
    """The largest group of which every state can be ended by this event."""
    ended = {state for (state, other), row in TABLE.items() if other is event and State.ENDED in row.targets}
    return next((name for name, states in GROUPS.items() if ended.issuperset(states)), None)


def table() -> str:
    """All transitions as a Markdown table, state by state; events that are not listed are dropped."""
    lines = ["| In | on | goes to | when, and what it does |", "|---|---|---|---|"]
    for state in State:
        for (at, event), row in TABLE.items():
            if at is not state:
                continue
            for target, case in row.targets.items():
                goes_to = "(stays)" if target is state else target.name
                lines.append(f"| {state.name} | {event.__name__} | {goes_to} | {case} |")
    return "\n".join(lines)


def generated() -> str:
    """What the document holds after MARKER."""
    return f"## Diagram\n\n```mermaid\n{diagram()}\n```\n\n## Table\n\n{table()}\n"


if __name__ == "__main__":
    print(generated(), end="")
