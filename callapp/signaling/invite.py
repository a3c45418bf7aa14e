"""Invite links: where a room is, and the secret that seals what two say in it.

    SCHEME://HOST:PORT/ROOM#SECRET[.PIN]

SCHEME is `callapp`, `https`, or `http` for this computer. ROOM is 16 random characters of a-z2-7, or a name that
people chose. SECRET is 16 random bytes in base64url without padding (RFC 4648, section 5; 22 characters); it is
never sent to a server. PIN is the SHA-256 of the server's public key (SPKI), likewise (43 characters).

A room has two links with unrelated secrets: `callapp` for people with the app, `https` (or `http`) for people with
a browser. A page that was opened from the second one has seen its secret, so that one proves less.
"""

from __future__ import annotations

import base64
import binascii
import enum
import ipaddress
import re
import secrets
from dataclasses import dataclass

from callapp.errors import LinkError
from signaling_server.wire import PATH, ROOM_PATTERN

MAX_LINK_CHARS = 500
SECRET_BYTES = 16
PIN_BYTES = 32

_ROOM_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ROOM_CHARS = 16
_WRAPPING = "<>()[]{}\"'`“”‘’«»„\u200b\u2060\ufeff \t\r\n"  # what pasting leaves around a link
_AUTHORITY = re.compile(r"(\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9.-]+))(:(?P<port>[0-9]{1,5}))?")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class LinkKind(enum.Enum):
    """Which of a room's two links."""

    APP = "app"  # callapp:
    BROWSER = "browser"  # https:, or http: on this computer


class Secret:
    """A link's secret. Neither str() nor repr() shows it."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        if len(value) != SECRET_BYTES:
            raise ValueError(f"a secret has {SECRET_BYTES} bytes")
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(self.value, other.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return "Secret(hidden)"


@dataclass(frozen=True)
class ServerAddress:
    """A signaling server. `pin` is "" or the pin of its key; without TLS it can only be on this computer."""

    host: str
    port: int
    pin: str = ""

    @property
    def tls(self) -> bool:
        return bool(self.pin) or not is_loopback(self.host)

    @property
    def authority(self) -> str:
        """HOST:PORT as in a URL (RFC 3986, section 3.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def websocket_url(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://{self.authority}{PATH}"


@dataclass(frozen=True)
class Invite:
    """A room on a server. Who made it holds the secrets of both links; who came by a link, only the secret of that."""

    server: ServerAddress
    room: str
    secret: Secret | None  # of the callapp: link
    browser_secret: Secret | None = None

    def __post_init__(self) -> None:
        if not self.secrets:
            raise ValueError("an invite without a secret")

    @property
    def secrets(self) -> dict[LinkKind, Secret]:
        """The secrets at hand, by their link."""
        held = {LinkKind.APP: self.secret, LinkKind.BROWSER: self.browser_secret}
        return {kind: secret for kind, secret in held.items() if secret is not None}

    @property
    def host(self) -> str:
        return self.server.host

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def callapp_link(self) -> str:
        """The link for people with the app, "" without its secret. It holds the secret: never log it."""
        return self._link("callapp", self.secret)

    @property
    def browser_link(self) -> str:
        """The link for people with a browser, "" without its secret. It holds the secret: never log it."""
        return self._link("https" if self.server.tls else "http", self.browser_secret)

    def _link(self, scheme: str, secret: Secret | None) -> str:
        if secret is None:
            return ""
        pin = f".{self.server.pin}" if self.server.pin else ""
        return f"{scheme}://{self.server.authority}/{self.room}#{_base64url(secret.value)}{pin}"


def new_room(server: ServerAddress) -> Invite:
    """A room that nobody else knows."""
    room = "".join(secrets.choice(_ROOM_ALPHABET) for _ in range(_ROOM_CHARS))
    return Invite(server, room, _new_secret(), _new_secret())


def _new_secret() -> Secret:
    return Secret(secrets.token_bytes(SECRET_BYTES))


def invite_at(server: ServerAddress, room: str, secret: Secret) -> Invite:
    """The room called `room` on `server`, for apps that were given the same secret."""
    return Invite(server, room, secret)


def parse_invite(text: str) -> Invite:
    """Raises LinkError; its detail says what to look at, and quotes nothing of the link."""
    address, fragment = _split(text)
    scheme, authority, room = _address(address, ("callapp", "https", "http"))
    if not room:
        raise LinkError("the room is missing: SCHEME://HOST:PORT/ROOM#SECRET")
    if not fragment:
        raise LinkError("the secret after # is missing; copy the whole link")
    secret, dot, pin = fragment.partition(".")
    if dot and not pin:
        raise LinkError("the pin after . is missing; copy the whole link")
    server, room = _server(scheme, authority, pin), _room(room)
    if scheme == "callapp":
        return Invite(server, room, _secret(secret))
    return Invite(server, room, None, _secret(secret))


def parse_server(text: str) -> ServerAddress:
    """A server as `SCHEME://HOST:PORT[#.PIN]`, SCHEME also `ws` or `wss`. Raises LinkError."""
    address, fragment = _split(text)
    scheme, authority, path = _address(address, ("callapp", "https", "http", "wss", "ws"))
    if path:
        raise LinkError("a server has no room in its address: SCHEME://HOST:PORT")
    if fragment and not fragment.startswith("."):
        raise LinkError("only a pin may follow a server's address: SCHEME://HOST:PORT#.PIN")
    scheme = {"wss": "https", "ws": "http"}.get(scheme, scheme)
    return _server(scheme, authority, fragment[1:])


def parse_room(text: str) -> tuple[str, Secret]:
    """A room as `NAME#SECRET`. Raises LinkError."""
    room, secret = _split(text)
    if not room:
        raise LinkError("the room's name is missing: NAME#SECRET")
    if not secret:
        raise LinkError(f"the secret of {_chars(SECRET_BYTES)} characters is missing: NAME#SECRET")
    return _room(room), _secret(secret)


def pin_of(digest: bytes) -> str:
    """The pin of a key in a link, from the SHA-256 of its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7)."""
    return _base64url(digest)


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> tuple[str, str]:
    """What is before and after the first #."""
    text = text.strip(_WRAPPING)
    if not text:
        raise LinkError("the link is empty")
    if len(text) > MAX_LINK_CHARS:
        raise LinkError(f"longer than {MAX_LINK_CHARS} characters; that is no link")
    if not re.fullmatch(r"[!-~]+", text):
        raise LinkError("a link has no spaces and no other characters than those of the US keyboard")
    before, _, after = text.partition("#")
    return before, after


def _address(address: str, schemes: tuple[str, ...]) -> tuple[str, str, str]:
    """Scheme, HOST:PORT and path of an address."""
    scheme, separator, rest = address.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in schemes:
        raise LinkError(f"a link begins with {schemes[0]}:// or {schemes[1]}://")
    authority, _, path = rest.partition("/")
    return scheme, authority, path.rstrip("/")


def _server(scheme: str, authority: str, pin: str) -> ServerAddress:
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise LinkError("the server's address must be HOST:PORT")
    host = (parts["v6"] or parts["name"]).lower()
    if parts["v6"] is not None and not _is_ipv6(host):
        raise LinkError("the server's address in brackets is no IPv6 address")
    port = int(parts["port"]) if parts["port"] else _DEFAULT_PORTS.get(scheme, 0)
    if not 1 <= port <= 65535:
        raise LinkError("the server's port is missing or wrong (1 to 65535): HOST:PORT")
    if pin:
        _decoded(pin, PIN_BYTES, "pin")
    server = ServerAddress(host, port, pin)
    if scheme == "http" and server.tls:
        raise LinkError("http is for this computer only; use https or callapp")
    if scheme == "https" and not server.tls:
        raise LinkError("https on this computer needs the server's pin; without one use http")
    return server


def _room(text: str) -> str:
    if not re.match(ROOM_PATTERN, text):
        raise LinkError("a room's name has 1 to 64 letters, digits or hyphens")
    return text


def _secret(text: str) -> Secret:
    return Secret(_decoded(text, SECRET_BYTES, "secret"))


def _decoded(text: str, size_bytes: int, what: str) -> bytes:
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise LinkError(f"the {what} has a character that cannot be in it")
    if len(text) != _chars(size_bytes):
        raise LinkError(f"the {what} has {len(text)} characters instead of {_chars(size_bytes)}")
    try:
        value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        value = b""
    if len(value) != size_bytes or _base64url(value) != text:
        raise LinkError(f"the last character of the {what} is wrong")
    return value


def _chars(size_bytes: int) -> int:
    """The length of `size_bytes` in base64url without padding."""
    return -(-size_bytes * 8 // 6)


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
