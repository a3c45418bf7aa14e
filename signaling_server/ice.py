"""The STUN and TURN servers that a client is told of when it joins, and its time-limited TURN credentials.

The scheme of coturn's `use-auth-secret` ("A REST API For Access To TURN Services", draft-uberti-behave-turn-rest):
the user name is `EXPIRY:ID` (Unix time in s), the password base64(HMAC-SHA1(secret, user name)).
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass, field

from signaling_server import wire

CREDENTIAL_LIFETIME_S = 6 * 3600  # a relay that is in use goes on; only a new one needs a new credential


@dataclass(frozen=True)
class IceConfig:
    """Which servers to name. Raises ValueError: an address is none, or TURN servers lack their secret."""

    stun_urls: tuple[str, ...] = ()  # instead of the signaling server's own responder
    turn_urls: tuple[str, ...] = ()
    turn_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for kind, urls in (("stun", self.stun_urls), ("turn", self.turn_urls)):
            if len(urls) > wire.MAX_ICE_URLS:
                raise ValueError(f"more than {wire.MAX_ICE_URLS} {kind} addresses")
            for url in urls:
                if not (url.startswith(kind) and re.match(wire.ICE_URL_PATTERN, url)):
                    raise ValueError(f"{url!r} is not of the form {kind}:HOST:PORT")
        if bool(self.turn_urls) != bool(self.turn_secret):
            raise ValueError("TURN needs both: its address and its secret")

    def servers_for(self, client_id: str, own_stun: str, now: float) -> tuple[wire.IceServer, ...]:
        """For a client that joins at `now` (Unix s); `own_stun` is our own responder's URL, or ""."""
        stun_urls = self.stun_urls or ((own_stun,) if own_stun else ())
        servers = [wire.IceServer(stun_urls)] if stun_urls else []
        if self.turn_urls:
            username = f"{int(now) + CREDENTIAL_LIFETIME_S}:{client_id}"
            digest = hmac.digest(self.turn_secret.encode(), username.encode(), "sha1")
            servers.append(wire.IceServer(self.turn_urls, username, base64.b64encode(digest).decode()))
        return tuple(servers)
