"""What a server allows, and who has used up how much of it. Pure: the time is given, and comes from one clock."""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass, field, fields
from typing import Any

from signaling_server import wire

SPARE_CONNECTIONS = 64  # beyond the limit, for those that are told so
SPARE_CONNECTIONS_PER_ADDRESS = 4
_MAX_KNOWN_ADDRESSES = 20_000
_MESSAGE_UNIT_BYTES = 4096


def _limit(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True)
class Limits:
    """All limits; docs/signaling-protocol.md says what happens beyond them. Times in s, sizes in bytes."""

    max_connections: int = _limit(5000, "connections in all")
    max_connections_per_address: int = _limit(100, "connections from one address (IPv6: from one /64)")
    max_rooms: int = _limit(2500, "rooms")
    join_burst: int = _limit(100, "attempts to join from one address at once")
    join_rate_per_s: float = _limit(2.0, "attempts to join from one address per second, over time")
    max_message_bytes: int = _limit(
        wire.MAX_MESSAGE_BYTES, f"size of a message (up to {wire.MAX_MESSAGE_BYTES})"
    )
    message_burst: int = _limit(120, "messages of a client at once")  # a call's set-up is about 40
    message_rate_per_s: float = _limit(20.0, "messages of a client per second, over time")
    outbox_bytes: int = _limit(262_144, "what may wait for a client that does not read")
    send_deadline_s: float = _limit(5.0, "how long a client may not read")
    open_timeout_s: float = _limit(5.0, "time for the TLS handshake and the HTTP request")
    response_timeout_s: float = _limit(30.0, "time to take an HTTP response")
    join_timeout_s: float = _limit(10.0, "time until the first message")
    ping_interval_s: float = _limit(3.0, "silence after which a client is pinged")
    ping_timeout_s: float = _limit(4.0, "time to answer a ping")
    close_timeout_s: float = _limit(1.0, "time to close a connection in good order")
    room_idle_s: float = _limit(43_200.0, "how long nobody in a room need say anything")
    drain_s: float = _limit(10.0, "how long a server that is told to stop lets call set-ups finish")

    def __post_init__(self) -> None:
        """Raises ValueError: a limit is out of its range."""
        for item in fields(self):
            if not 0 <= getattr(self, item.name) < 1e9:
                raise ValueError(f"{item.name} is out of its range")
        if self.max_message_bytes > wire.MAX_MESSAGE_BYTES:
            raise ValueError(f"max_message_bytes can be {wire.MAX_MESSAGE_BYTES} at most")


def message_cost(size_bytes: int) -> int:
    """What a message counts for in its client's token bucket: one for every 4 KiB begun."""
    return 1 + max(size_bytes - 1, 0) // _MESSAGE_UNIT_BYTES


class TokenBucket:
    """Allows `burst` at once and `rate_per_s` over time."""

    __slots__ = ("_burst", "_last", "_rate_per_s", "_tokens")

    def __init__(self, rate_per_s: float, burst: int, now: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._tokens = float(burst)
        self._last = now

    def take(self, now: float, tokens: int = 1) -> bool:
        """Whether that is allowed; what is not allowed uses up nothing."""
        self._refill(now)
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True

    def is_full(self, now: float) -> bool:
        self._refill(now)
        return self._tokens >= self._burst

    def _refill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._last) * self._rate_per_s)
        self._last = now


class Admission(enum.Enum):
    """What becomes of a new connection."""

    WELCOME = enum.auto()
    BUSY = enum.auto()  # told that there are too many
    CUT = enum.auto()  # too many even for that


@dataclass(slots=True)
class _Visitor:
    """An address."""

    connections: int
    joins: TokenBucket


class Gate:
    """Counts connections and attempts to join, by address and in all."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._visitors: dict[str, _Visitor] = {}
        self._connections = 0

    @property
    def connections(self) -> int:
        """How many are open, in whatever state."""
        return self._connections

    def enter(self, address: str, now: float) -> Admission:
        """A connection from `address` (see `visitor_of`) was made. Each needs a `leave`, also if it is CUT."""
        limits = self._limits
        visitor = self._visitors.get(address)
        if visitor is None:
            if len(self._visitors) >= _MAX_KNOWN_ADDRESSES:
                self._forget(now, all_absent=True)
            visitor = _Visitor(0, TokenBucket(limits.join_rate_per_s, limits.join_burst, now))
            self._visitors[address] = visitor
        visitor.connections += 1
        self._connections += 1
        excess = self._connections - limits.max_connections
        own_excess = visitor.connections - limits.max_connections_per_address
        if excess > SPARE_CONNECTIONS or own_excess > SPARE_CONNECTIONS_PER_ADDRESS:
            return Admission.CUT
        return Admission.BUSY if excess > 0 or own_excess > 0 else Admission.WELCOME

    def leave(self, address: str) -> None:
        """A connection from `address` ended."""
        self._visitors[address].connections -= 1
        self._connections -= 1

    def may_join(self, address: str, now: float) -> bool:
        """Whether somebody at `address`, who is connected, may try to join a room once more."""
        return self._visitors[address].joins.take(now)

    def forget(self, now: float) -> None:
        """Forget addresses that nothing needs to be known of any more; to be called now and then."""
        self._forget(now, all_absent=False)

    def _forget(self, now: float, *, all_absent: bool) -> None:
        self._visitors = {
            address: visitor
            for address, visitor in self._visitors.items()
            if visitor.connections or not (all_absent or visitor.joins.is_full(now))
        }


def visitor_of(host: str) -> str:
    """Whom an IP address stands for: for IPv6 the network (/64), of which a visitor has all addresses."""
    if ":" not in host:
        return host
    address = ipaddress.IPv6Address(host.partition("%")[0])
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
