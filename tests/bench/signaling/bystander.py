"""Two clients in a room of their own, far below all limits, who notice how long their messages take.

A process of its own: python -m bench.signaling.bystander PORT. It talks until its standard input ends, then prints
all delays in ms as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from functools import partial

from bench.signaling.client import CallAppClient

ADDRESS = "127.0.250.1"
_EVERY_S = 0.055  # 18 messages a second, below the limit of 20
_LOST_S = 5.0
_FIRST = 1_000_000  # numbers, and so rooms, that nobody else has


class Bystander(CallAppClient):
    """Sends messages of the size of a candidate."""

    def described(self, kind: str) -> str:
        return json.dumps({"type": "relay", "payload": "a" * 400})


async def _talk(port: int) -> list[float]:
    loop = asyncio.get_running_loop()
    pair: list[Bystander] = []
    for number in (_FIRST, _FIRST + 1):
        factory = partial(Bystander, number, None)
        _, client = await loop.create_connection(factory, "127.0.0.1", port, local_addr=(ADDRESS, 0))
        await client.ready
        pair.append(client)
    alice, bob = pair
    arrived = asyncio.Event()
    bob.on_description = arrived.set
    over = loop.run_in_executor(None, sys.stdin.read)
    delays_ms = []
    while not over.done():
        sent_at = time.perf_counter()
        alice.offer()
        async with asyncio.timeout(_LOST_S):
            await arrived.wait()
        delays_ms.append(1000 * (time.perf_counter() - sent_at))
        arrived.clear()
        await asyncio.sleep(_EVERY_S)
    return delays_ms


def main() -> None:
    if hasattr(os, "nice") and os.geteuid() == 0:
        os.nice(-10)  # so that the attackers, on the same core, do not count
    print(json.dumps(asyncio.run(_talk(int(sys.argv[1])))), flush=True)


if __name__ == "__main__":
    main()
