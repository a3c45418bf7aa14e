"""What plain HTTP gets: the guest page with its files, /healthz, and refusals; and who may open the WebSocket.

    /  /ROOM       the guest page
    /guest/FILE    what it loads
    /healthz       whether the server works, as JSON
    /ws            the WebSocket (docs/signaling-protocol.md)

The files are read once, at the start: no request reaches the file system.
"""

from __future__ import annotations

import email.utils
import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from signaling_server import wire

PAGE = "index.html"
_PREFIX = "/guest/"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
}
_TEXT = _TYPES["txt"]
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?")  # RFC 9110, 7.2
_NO_PAGE_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob: mediastream:; connect-src 'self'{socket}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # a page of an earlier version would not fit the server
}


@dataclass(frozen=True)
class Authority:
    """HOST and PORT of a `Host` header, as the client wrote them."""

    name: str  # in lower case; IPv6 without brackets
    port: int

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """None if `name` is no IP address."""
        try:
            return ipaddress.ip_address(self.name)
        except ValueError:
            return None

    @property
    def suits_stun(self) -> bool:
        """Whether our STUN responder is of use there: not on one machine, and IPv6 addresses are not translated."""
        address = self.address
        if address is None:
            return self.name != "localhost"
        return address.version == 4 and not address.is_loopback


@dataclass(frozen=True)
class Health:
    """How the server is doing."""

    status: str  # ok | draining
    protocol: int
    connections: int
    rooms: int


class Site:
    """The HTTP side of a server. `secure`: it speaks TLS."""

    def __init__(self, *, secure: bool, content: Mapping[str, bytes] | None = None) -> None:
        """`content`: path under /guest/ -> file; None: the guest page that comes with the server."""
        self._secure = secure
        self._content = dict(_guest_files()) if content is None else dict(content)

    def answer(self, request: Request, health: Health) -> Response | None:
        """The response to a request; None if it is one for the WebSocket."""
        path = request.path.partition("?")[0]
        if path == wire.PATH and request.method == "GET":
            return None
        found = self._found(path, request, health)
        if found is None:
            return refusal(HTTPStatus.NOT_FOUND, "Not found.")
        if request.method not in ("GET", "HEAD"):
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD.", Allow="GET, HEAD")
        if request.method == "HEAD":
            found.body = b""
        return found

    def _found(self, path: str, request: Request, health: Health) -> Response | None:
        if path == wire.PATH:
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET.", Allow="GET")
        if path == "/healthz":
            status = HTTPStatus.OK if health.status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
            return _response(status, _TYPES["json"], msgspec.json.encode(health))
        if path.startswith(_PREFIX):
            return self._file(path.removeprefix(_PREFIX), request)
        if path == "/" or re.match(wire.ROOM_PATTERN, path[1:]):
            return self._file(PAGE, request)
        return None

    def _file(self, name: str, request: Request) -> Response | None:
        body = self._content.get(name)
        if body is None:
            return None
        host = authority_of(request, secure=self._secure)
        # browsers of before 2022 do not count the WebSocket of the same origin as 'self'
        socket = f" {'wss' if self._secure else 'ws'}://{request.headers['Host'].lower()}" if host else ""
        return _response(HTTPStatus.OK, _type_of(name), body, policy=_PAGE_POLICY.format(socket=socket))

    def may_connect(self, request: Request, names: frozenset[str]) -> bool:
        """Whether the WebSocket may be opened: by an app, which sends no Origin, or by our own page.

        `names` are what the certificate is valid for. A page is ours if it came from the host that it asks now,
        and if that host is an IP address or one of our names: any other name may have been pointed at us by
        somebody else ("DNS rebinding").
        """
        origins = request.headers.get_all("Origin")
        if not origins:
            return True
        host = authority_of(request, secure=self._secure)
        if host is None or len(origins) != 1:
            return False
        scheme, _, origin = origins[0].lower().partition("://")
        if scheme != ("https" if self._secure else "http") or _authority(origin, secure=self._secure) != host:
            return False
        return host.address is not None or host.name == "localhost" or _is_named(host.name, names)


def authority_of(request: Request, *, secure: bool) -> Authority | None:
    """Where the client believes to be; None if its `Host` header says nothing sensible."""
    hosts = request.headers.get_all("Host")
    return _authority(hosts[0].lower(), secure=secure) if len(hosts) == 1 else None


def refusal(status: HTTPStatus, text: str, **headers: str) -> Response:
    """A line of text. `headers`: more of them, _ standing for -."""
    response = _response(status, _TEXT, f"{text}\n".encode())
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def _response(status: HTTPStatus, type_: str, body: bytes, policy: str = _NO_PAGE_POLICY) -> Response:
    headers = Headers(
        {
            "Date": email.utils.formatdate(usegmt=True),
            "Connection": "close",
            "Content-Type": type_,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": policy,
            **_SECURITY,
        }
    )
    return Response(status.value, status.phrase, headers, body)


def _authority(text: str, *, secure: bool) -> Authority | None:
    parts = _HOST.fullmatch(text)
    if parts is None:
        return None
    port = int(parts["port"] or (443 if secure else 80))
    return Authority(parts["name"].strip("[]"), port) if 0 < port < 65536 else None


def _is_named(host: str, names: frozenset[str]) -> bool:
    """RFC 9525, section 6.3: a * stands for the first label."""
    return host in names or f"*.{host.partition('.')[2]}" in names


def _type_of(name: str) -> str:
    return _TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def _guest_files() -> Iterator[tuple[str, bytes]]:
    yield from _files_in(files("signaling_server") / "guest", "")


def _files_in(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        return
    for item in folder.iterdir():
        if item.is_dir():
            yield from _files_in(item, f"{prefix}{item.name}/")
        else:
            yield prefix + item.name, item.read_bytes()
