"""CPU time and memory of a process with all its descendants, read from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.paths import SOURCE_SUFFIX

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_FIRST_FIELD = 3  # /proc/PID/stat after the command's name starts with field 3, the state
_CPU_FIELDS = slice(14 - _FIRST_FIELD, 18 - _FIRST_FIELD)  # utime, stime, and those of waited-for children


@dataclass(frozen=True)
class Memory:
    """Resident memory; PSS counts a page shared by n processes as 1/n, RSS as one in each of them."""

    rss_mb: float
    pss_mb: float


def _tree(pid: int) -> list[Path]:
    """The /proc folders of `pid` and its descendants that still exist."""
    folder = Path(f"/proc/{pid}")
    found = [folder]
    for task in folder.glob("task/*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            found += _tree(int(child))
    return found


def _stat(folder: Path) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty if the process is gone."""
    try:
        return (folder / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def cpu_s(pid: int) -> float:
    """CPU seconds used so far by the tree, user and system, children that ended included."""
    return sum(int(ticks) for folder in _tree(pid) for ticks in _stat(folder)[_CPU_FIELDS]) / _TICKS_PER_S


def memory(pid: int) -> Memory:
    """What the tree holds in memory now, without the pages of the synthetic camera: no real camera is a mapped file."""
    rss_kb = pss_kb = 0
    for folder in _tree(pid):
        try:
            lines = (folder / "smaps").read_text().splitlines()
        except OSError:
            continue
        counted = True
        for line in lines:
            name, _, value = line.partition(":")
            match name:
                case "Rss" if counted:
                    rss_kb += int(value.split()[0])
                case "Pss" if counted:
                    pss_kb += int(value.split()[0])
                case _ if "-" in name:  # the first line of a mapping: its address range, ..., its file
                    counted = not line.endswith(SOURCE_SUFFIX)
    return Memory(rss_kb * 1024 / 1e6, pss_kb * 1024 / 1e6)
