"""Session descriptions and candidates as opaque values: carried, compared and counted, never shown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Description:
    """An offer or answer. `sdp` (RFC 8866) never reaches a repr or a log; `summary` may."""

    sdp: str = field(repr=False)

    @property
    def summary(self) -> str:
        """Kinds of the m-lines and the byte count, e.g. `audio video video application, 3120 bytes`."""
        kinds = [line[2:].split(" ", 1)[0] for line in self.sdp.splitlines() if line.startswith("m=")]
        return f"{' '.join(kinds) or 'no media'}, {len(self.sdp.encode())} bytes"


@dataclass(frozen=True)
class Candidate:
    """One ICE candidate (RFC 8839 `candidate-attribute`, without `a=`)."""

    candidate: str = field(repr=False)
    sdp_mid: str | None = None
    sdp_m_line_index: int | None = None

    @property
    def summary(self) -> str:
        """Protocol and type only, e.g. `udp host`: addresses stay out of logs."""
        words = self.candidate.split()
        protocol = words[2] if len(words) > 2 else "?"
        kind = words[words.index("typ") + 1] if "typ" in words[:-1] else "?"
        return f"{protocol} {kind}"
