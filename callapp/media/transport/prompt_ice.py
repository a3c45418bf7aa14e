"""ICE without waiting: aioice sleeps 20 ms between checks and notices only then that it is done (40 ms a call)."""

from __future__ import annotations

import asyncio
from typing import Any

from aioice import Candidate, Connection
from aioice.ice import ICE_COMPLETED, CandidatePair

PACE_S = 0.005  # Ta's lower bound (RFC 8445 section 14.2)
UNCHECKED = (CandidatePair.State.WAITING, CandidatePair.State.FROZEN)


class PromptConnection(Connection):
    """aioice's ICE agent whose checks start when a candidate comes, and whose `connect` ends when a pair is nominated.

    It overrides `connect` and leans on the private names that aioice's own `connect` uses; they have a contract test
    like those of aiortc_seam.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pair_added = asyncio.Event()

    def _pair_remote_candidate(self, remote_candidate: Candidate) -> None:
        super()._pair_remote_candidate(remote_candidate)
        self._pair_added.set()

    async def connect(self) -> None:
        """Check candidate pairs until one is nominated. Raises ConnectionError when none can be."""
        if not self._local_candidates_end or self.remote_username is None or self.remote_password is None:
            raise ConnectionError("not ready for checks")
        for remote_candidate in self._remote_candidates:
            self._pair_remote_candidate(remote_candidate)
        self.sort_check_list()
        self._unfreeze_initial()
        for early_check in self._early_checks:
            self.check_incoming(*early_check)
        self._early_checks.clear()
        self._early_checks_done = True
        if not self._check_list and not self._remote_candidates_expected():
            raise ConnectionError("the peer has no candidates")

        pacing = asyncio.create_task(self._pace())
        try:
            result = await self._check_list_state.get()
        finally:
            pacing.cancel()
        for pair in self._check_list:
            if pair.task is not None:
                pair.task.cancel()
        if result != ICE_COMPLETED:
            raise ConnectionError("no candidate pair works")
        self._query_consent_task = asyncio.create_task(self.query_consent())

    async def _pace(self) -> None:
        """Start one check every 5 ms; with none to start, wait for the next candidate."""
        while self._check_periodic():
            if any(pair.task is None and pair.state in UNCHECKED for pair in self._check_list):
                await asyncio.sleep(PACE_S)
            else:
                self._pair_added.clear()
                await self._pair_added.wait()
