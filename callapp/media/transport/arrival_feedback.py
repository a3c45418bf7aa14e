"""Transport-wide feedback: tells a sender when each of its packets arrived, so that its congestion control can work.

Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, sections 2 (header extension) and 3 (RTCP message). Pure.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
INTERVAL_S = 0.05  # between two messages; libwebrtc expects 50 to 250 ms
MAX_PACKETS = 1_000  # in one message: of a longer gap only the newest part is told

_RTPFB, _FORMAT = 205, 15
_TICKS_PER_S = 4_000  # deltas count 250 us
_REFERENCE_TICKS = 256  # the reference time counts 64 ms
_LOST, _SMALL, _LARGE = 0, 1, 2
_SYMBOLS_PER_CHUNK = 7  # of two bits each


def sequence_number(packet: bytes, extension_id: int) -> int | None:
    """The transport-wide sequence number of an RTP packet, None if it has none.

    Reads the one-byte header extensions of RFC 8285, section 4.2, by hand: this runs for every packet.
    """
    if len(packet) < 12 or not packet[0] & 0x10:
        return None
    start = 12 + 4 * (packet[0] & 0x0F)
    if len(packet) < start + 4:
        return None
    profile, words = struct.unpack_from("!HH", packet, start)
    if profile != 0xBEDE:
        return None
    at, end = start + 4, min(start + 4 + 4 * words, len(packet))
    while at < end:
        element = packet[at]
        if element == 0:  # padding
            at += 1
            continue
        element_id, length = element >> 4, (element & 0x0F) + 1
        if element_id == 15:
            return None
        if element_id == extension_id:
            if length != 2 or at + 3 > end:
                return None
            number: int = struct.unpack_from("!H", packet, at + 1)[0]
            return number
        at += 1 + length
    return None


def is_remb(packet: bytes) -> bool:
    """Whether an RTCP packet is a receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03)."""
    return len(packet) >= 16 and packet[0] & 0x1F == 15 and packet[1] == 206 and packet[12:16] == b"REMB"


class ArrivalLog:
    """Arrivals since the last message. Bounded: of too many only the newest are kept."""

    def __init__(self) -> None:
        self._arrivals: dict[int, float] = {}  # unwrapped sequence number -> s
        self._newest: int | None = None
        self._next: int | None = None  # the first number that no message has told of
        self._count = 0
        self._ssrc = 0
        self._told_at: float | None = None

    def add(self, number: int, ssrc: int, arrived_at: float) -> None:
        """A packet with this 16-bit number came at `arrived_at` (monotonic s)."""
        if self._newest is None:
            unwrapped = self._newest = number
        else:
            step = ((number - self._newest + 0x8000) & 0xFFFF) - 0x8000
            unwrapped = self._newest + step
            self._newest = max(self._newest, unwrapped)
        self._ssrc = ssrc
        if unwrapped > self._newest - MAX_PACKETS:  # older ones say nothing about the link any more
            self._arrivals.setdefault(unwrapped, arrived_at)

    def due(self, now: float) -> bool:
        """Whether there is something to tell and the last message is long enough ago."""
        return bool(self._arrivals) and (self._told_at is None or now - self._told_at >= INTERVAL_S)

    def message(self, now: float) -> bytes:
        """The RTCP message on all arrivals since the last one, which must be `due`."""
        assert self._newest is not None
        newest = max(self._arrivals)
        base = min(min(self._arrivals), self._next if self._next is not None else newest)
        base = max(base, newest - MAX_PACKETS + 1)
        arrivals = [self._arrivals.get(number) for number in range(base, newest + 1)]
        data = _encode(self._ssrc, base & 0xFFFF, self._count & 0xFF, arrivals)
        self._arrivals.clear()
        self._next = max(newest + 1, self._next or 0)
        self._count += 1
        self._told_at = now
        return data


def _encode(ssrc: int, base: int, count: int, arrivals: list[float | None]) -> bytes:
    first = next(arrival for arrival in arrivals if arrival is not None)
    reference = int(first * _TICKS_PER_S) // _REFERENCE_TICKS
    before = reference * _REFERENCE_TICKS
    symbols: list[int] = []
    deltas = bytearray()
    for arrival in arrivals:
        if arrival is None:
            symbols.append(_LOST)
            continue
        ticks = int(arrival * _TICKS_PER_S)
        delta = max(-0x8000, min(0x7FFF, ticks - before))
        before += delta
        if 0 <= delta <= 0xFF:
            symbols.append(_SMALL)
            deltas.append(delta)
        else:
            symbols.append(_LARGE)
            deltas += struct.pack("!h", delta)
    body = struct.pack("!LLHHL", 1, ssrc, base, len(arrivals), (reference & 0xFFFFFF) << 8 | count)
    body += b"".join(struct.pack("!H", chunk) for chunk in _chunks(symbols)) + deltas
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes([padding])
    header = struct.pack("!BBH", 0x80 | (0x20 if padding else 0) | _FORMAT, _RTPFB, len(body) // 4)
    return header + body


def _chunks(symbols: list[int]) -> Iterable[int]:
    """Status vector chunks of seven two-bit symbols (section 3.1.4)."""
    for start in range(0, len(symbols), _SYMBOLS_PER_CHUNK):
        chunk = 0xC000
        for place, symbol in enumerate(symbols[start : start + _SYMBOLS_PER_CHUNK]):
            chunk |= symbol << (12 - 2 * place)
        yield chunk


@dataclass(frozen=True)
class Feedback:
    """A parsed message: for each number from `base`, the arrival in s (modulo 2^24 * 64 ms), None: lost."""

    ssrc: int
    base: int
    count: int
    arrivals: tuple[float | None, ...]


def parse(data: bytes) -> Feedback:
    """Raises ValueError for what is no complete message of this kind."""
    try:
        return _parse(data)
    except (struct.error, IndexError):
        raise ValueError("a transport-wide feedback message that ends too early") from None


def _parse(data: bytes) -> Feedback:
    first, kind, words, _, ssrc, base, total, reference = struct.unpack_from("!BBHLLHHL", data)
    if first & 0x1F != _FORMAT or first >> 6 != 2 or kind != _RTPFB or len(data) != 4 * (words + 1):
        raise ValueError("not a transport-wide feedback message")
    end = len(data) - (data[-1] if first & 0x20 else 0)
    at = 20
    symbols: list[int] = []
    while len(symbols) < total:
        (chunk,) = struct.unpack_from("!H", data[:end], at)
        at += 2
        if not chunk & 0x8000:  # a run of one symbol
            symbols += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            symbols += [chunk >> shift & 3 for shift in range(12, -2, -2)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    ticks = (reference >> 8) * _REFERENCE_TICKS
    arrivals: list[float | None] = []
    for symbol in symbols[:total]:
        if symbol == _LOST:
            arrivals.append(None)
            continue
        if symbol == _SMALL:
            ticks += data[:end][at]
            at += 1
        elif symbol == _LARGE:
            ticks += struct.unpack_from("!h", data[:end], at)[0]
            at += 2
        else:
            raise ValueError("a reserved symbol")
        arrivals.append(ticks / _TICKS_PER_S)
    return Feedback(ssrc, base, reference & 0xFF, tuple(arrivals))
