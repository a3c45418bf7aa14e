import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers
from websockets.http11 import Request

from signaling_server import wire
from signaling_server.web import Authority, Health, Site, authority_of

CONTENT = {"index.html": b"<!doctype html>", "app.js": b"let a;", "deep/icon.svg": b"<svg/>", "what": b"?"}
SITE = Site(secure=True, content=CONTENT)
PLAIN = Site(secure=False, content=CONTENT)
HEALTH = Health("ok", 1, 3, 2)
NAMES = frozenset({"call.example.org", "*.wild.example.org"})


def request(path: str = "/", method: str = "GET", **headers: str) -> Request:
    return Request(path, Headers(headers), method)


def status_of(path: str, method: str = "GET") -> int:
    response = SITE.answer(request(path, method, Host="192.0.2.1"), HEALTH)
    assert response is not None
    return response.status_code


@pytest.mark.parametrize(
    ("path", "type_", "body"),
    [
        ("/", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/?a=b", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/abcdefgh234567ab", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/Our-room", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/guest/app.js", "text/javascript; charset=utf-8", b"let a;"),
        ("/guest/deep/icon.svg", "image/svg+xml", b"<svg/>"),
        ("/guest/what", "application/octet-stream", b"?"),
    ],
)
def test_the_page_and_its_files_are_served(path: str, type_: str, body: bytes) -> None:
    response = SITE.answer(request(path, Host="192.0.2.1:8443"), HEALTH)
    assert response is not None
    assert (response.status_code, response.headers["Content-Type"], response.body) == (200, type_, body)
    head = SITE.answer(request(path, "HEAD", Host="192.0.2.1:8443"), HEALTH)
    assert head is not None
    assert (head.status_code, head.headers["Content-Length"], head.body) == (200, str(len(body)), b"")


@pytest.mark.parametrize(
    "path",
    [
        "/guest/", "/guest/../server.py", "/guest/%2e%2e/server.py", "/guest//app.js", "/guest/deep", "/a/b", "/a.b",
        "/ws/", "//", "/" + "a" * 65, "/guest/app.js/", "*", "http://192.0.2.1/", "/\udc80",
    ],
)  # fmt: skip
def test_everything_else_is_not_found(path: str) -> None:
    assert status_of(path) == 404


@pytest.mark.parametrize("path", ["/", "/room", "/guest/app.js", "/healthz", "/ws"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "BREW"])
def test_other_methods_are_refused(path: str, method: str) -> None:
    assert status_of(path, method) == 405


def test_the_websocket_is_left_to_others() -> None:
    assert SITE.answer(request(wire.PATH), HEALTH) is None
    assert SITE.answer(request(wire.PATH + "?x"), HEALTH) is None
    assert status_of(wire.PATH, "HEAD") == 405


def test_health_is_told_as_json() -> None:
    response = SITE.answer(request("/healthz"), HEALTH)
    assert response is not None
    assert json.loads(response.body) == {"status": "ok", "protocol": 1, "connections": 3, "rooms": 2}
    assert status_of("/healthz") == 200
    draining = SITE.answer(request("/healthz"), Health("draining", 1, 0, 0))
    assert draining is not None
    assert draining.status_code == 503


@pytest.mark.parametrize("path", ["/", "/guest/app.js", "/healthz", "/nothing/here"])
def test_every_answer_has_the_security_headers_once(path: str) -> None:
    response = SITE.answer(request(path, Host="call.example.org"), HEALTH)
    assert response is not None
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }.items():
        assert response.headers.get_all(name) == [value]
    (policy,) = response.headers.get_all("Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_may_load_from_here_and_nowhere_else() -> None:
    response = SITE.answer(request("/", Host="Call.example.org:8443"), HEALTH)
    assert response is not None
    directives = dict(
        directive.split(" ", 1) for directive in response.headers["Content-Security-Policy"].split("; ")
    )
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob: mediastream:",
        "connect-src": "'self' wss://call.example.org:8443",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("host", ["x; script-src *", "a b", "evil.example/..", "[::1", "a:99999", "", "é"])
def test_a_strange_host_gets_into_no_header(host: str) -> None:
    response = SITE.answer(request("/", Host=host), HEALTH)
    assert response is not None
    assert "connect-src 'self';" in response.headers["Content-Security-Policy"]


def test_the_guest_page_is_part_of_the_package() -> None:
    assert (files("signaling_server") / "guest" / "index.html").is_file()
    response = Site(secure=True).answer(request("/", Host="192.0.2.1"), HEALTH)
    assert response is not None
    assert response.status_code == 200


# ---- who may open the WebSocket


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("192.0.2.1:8443", "https://192.0.2.1:8443"),
        ("192.0.2.1", "https://192.0.2.1"),
        ("192.0.2.1:443", "https://192.0.2.1"),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("localhost:8443", "https://localhost:8443"),
        ("Call.Example.ORG:8443", "https://call.example.org:8443"),
        ("a.wild.example.org", "https://a.wild.example.org"),
    ],
)
def test_our_own_page_may_connect(host: str, origin: str) -> None:
    assert SITE.may_connect(request(wire.PATH, Host=host, Origin=origin), NAMES)
    assert not PLAIN.may_connect(request(wire.PATH, Host=host, Origin=origin), NAMES)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("192.0.2.1:8443", "https://evil.example"),
        ("192.0.2.1:8443", "https://192.0.2.1:8444"),
        ("192.0.2.1:8443", "http://192.0.2.1:8443"),
        ("192.0.2.1:8443", "https://192.0.2.1:8443/x"),
        ("192.0.2.1:8443", "https://192.0.2.1:8443@evil.example"),
        ("192.0.2.1:8443", "null"),
        ("192.0.2.1:8443", ""),
        ("rebound.example:8443", "https://rebound.example:8443"),
        ("a.b.wild.example.org", "https://a.b.wild.example.org"),
        ("example.org", "https://example.org"),
    ],
)
def test_pages_of_others_may_not(host: str, origin: str) -> None:
    assert not SITE.may_connect(request(wire.PATH, Host=host, Origin=origin), NAMES)


def test_an_app_may_connect() -> None:
    assert SITE.may_connect(request(wire.PATH, Host="anything"), NAMES)
    assert PLAIN.may_connect(request(wire.PATH), frozenset())


def test_two_origins_or_two_hosts_are_one_too_many() -> None:
    twice = request(wire.PATH, Host="192.0.2.1", Origin="https://192.0.2.1")
    twice.headers["Origin"] = "https://192.0.2.1"
    assert not SITE.may_connect(twice, NAMES)
    twice = request(wire.PATH, Host="192.0.2.1", Origin="https://192.0.2.1")
    twice.headers["Host"] = "192.0.2.1"
    assert not SITE.may_connect(twice, NAMES)


@pytest.mark.parametrize(
    ("host", "authority", "suits_stun"),
    [
        ("192.0.2.1:8443", Authority("192.0.2.1", 8443), True),
        ("call.example.org", Authority("call.example.org", 443), True),
        ("localhost:8443", Authority("localhost", 8443), False),
        ("127.0.0.1:8443", Authority("127.0.0.1", 8443), False),
        ("[2001:db8::1]:8443", Authority("2001:db8::1", 8443), False),
    ],
)
def test_the_host_header_says_where_the_client_believes_to_be(
    host: str, authority: Authority, suits_stun: bool
) -> None:
    found = authority_of(request(Host=host), secure=True)
    assert found == authority
    assert found.suits_stun is suits_stun


@given(st.text(), st.text(), st.sampled_from(["GET", "HEAD", "POST"]), st.text(max_size=30))
def test_whatever_is_asked_gets_an_answer(path: str, host: str, method: str, origin: str) -> None:
    headers = Headers()
    for name, value in (("Host", host), ("Origin", origin)):
        if value.isprintable() and value.isascii():
            headers[name] = value
    asked = Request(path, headers, method)
    SITE.may_connect(asked, NAMES)
    response = SITE.answer(asked, HEALTH)
    if response is not None:
        assert response.status_code in (200, 404, 405)
        assert response.serialize()
