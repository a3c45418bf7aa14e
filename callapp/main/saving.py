"""Saves the settings beside the loop: a slow disk must not hold up the window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callapp.errors import CallAppError
from callapp.settings import Settings, SettingsStore


class Saving:
    """Writes the newest settings, one write at a time; `failed` is told why one could not be written."""

    def __init__(self, store: SettingsStore, failed: Callable[[CallAppError], None]) -> None:
        self._store = store
        self._failed = failed
        self._newest: Settings | None = None
        self._writing: asyncio.Task[None] | None = None

    def save(self, settings: Settings) -> None:
        self._newest = settings
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Until what was saved is on the disk."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._newest is not None:
                settings, self._newest = self._newest, None
                try:
                    await loop.run_in_executor(None, self._store.save, settings)
                except CallAppError as error:
                    self._failed(error)
        finally:
            self._writing = None
