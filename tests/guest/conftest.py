"""Fixtures of the guest page's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from guest.modules import Modules, modules


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guest() -> AsyncIterator[Modules]:
    """The page's modules in Chromium, shared by the tests of a file; those files run on one loop."""
    async with modules() as ready:
        yield ready
