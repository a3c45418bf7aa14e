"""Two started endpoints (or one page that calls itself) in the lab, ready for a call."""

from __future__ import annotations

import asyncio
import base64
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.adapter import Options
from bench.endpoint import Endpoint, Pair
from bench.lab import A, B, Lab
from bench.paths import WORK
from bench.source import ensure_source

_ROOM_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_ROOM_LENGTH = 16
_SECRET_BYTES = 16
_SETTLE_S = 2.0
_FIRST_PICTURE_TIMEOUT_S = 15.0
_UNDISTURBED_S = 0.6


@dataclass(frozen=True)
class Setting:
    """What all runs of one measurement have in common."""

    width_px: int
    height_px: int
    display: str
    relay: str | None = None  # a control line of the relay


@dataclass(frozen=True)
class FirstPictures:
    """From the caller's press of Call to the first remote picture shown, ms; None: none came."""

    caller_ms: float | None
    callee_ms: float | None


@dataclass(frozen=True)
class Meeting:
    """The caller is on side A, the callee (None: in the caller's page) on side B."""

    lab: Lab
    caller: Endpoint
    callee: Endpoint | None
    grab_directory: Path

    @property
    def endpoints(self) -> list[Endpoint]:
        return [self.caller, *([self.callee] if self.callee else [])]

    async def call(self) -> FirstPictures:
        """Press Call at the caller and wait for the first remote picture on both sides."""
        if self.callee:
            await self.callee.command("wait")
        called_s = float(await self.caller.command("call"))
        await asyncio.sleep(_UNDISTURBED_S)

        async def first_ms(endpoint: Endpoint | None) -> float | None:
            if endpoint is None:
                return None
            first = await endpoint.first_remote_since(called_s, _FIRST_PICTURE_TIMEOUT_S)
            return (first.shown_s - called_s) * 1e3 if first else None

        return FirstPictures(await first_ms(self.caller), await first_ms(self.callee))

    async def connected_call(self) -> FirstPictures:
        """The same where nothing can be measured without pictures on both sides. Raises RuntimeError."""
        first = await self.call()
        if first.caller_ms is None or (self.callee and first.callee_ms is None):
            raise RuntimeError("no remote picture came")
        return first


def _new_room() -> str:
    name = "".join(secrets.choice(_ROOM_LETTERS) for _ in range(_ROOM_LENGTH))
    secret = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=")
    return f"{name}#{secret}"


@asynccontextmanager
async def meeting(pair: Pair, setting: Setting, *, started: bool = True) -> AsyncIterator[Meeting]:
    """Build the lab, open both endpoints and (unless `started` is False) start their cameras."""
    camera = ensure_source(setting.width_px, setting.height_px)
    grabs = WORK / "grabs"
    shutil.rmtree(grabs, ignore_errors=True)
    grabs.mkdir(parents=True)
    room = "" if pair.alone else _new_room()
    options = Options(camera, setting.width_px, setting.height_px, room, grabs, setting.display)
    with Lab(None if pair.alone else pair.kind.signaling, setting.relay) as lab:
        caller = Endpoint(pair.kind, A, options)
        callee = None if pair.alone else Endpoint(pair.kind, B, options)
        result = Meeting(lab, caller, callee, grabs)
        try:
            for endpoint in result.endpoints:
                await endpoint.open()
                await asyncio.sleep(_SETTLE_S)
            if started:
                for endpoint in reversed(result.endpoints):
                    await endpoint.command("start")
                await asyncio.sleep(_SETTLE_S)
            yield result
        finally:
            await asyncio.gather(*(endpoint.close() for endpoint in result.endpoints))
            shutil.rmtree(grabs, ignore_errors=True)
