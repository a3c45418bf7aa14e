import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.errors import ErrorCode, LinkError
from callapp.signaling.invite import (
    Invite,
    LinkKind,
    Secret,
    ServerAddress,
    invite_at,
    is_loopback,
    new_room,
    parse_invite,
    parse_room,
    parse_server,
)

SECRET_TEXT = "AAECAwQFBgcICQoLDA0ODw"
SECRET = Secret(bytes(range(16)))
PIN = "A" * 43
ROOM = "abcdefghij234567"
LINK = f"callapp://127.0.0.1:8080/{ROOM}#{SECRET_TEXT}"


def test_a_link_is_taken_apart() -> None:
    assert parse_invite(LINK) == Invite(ServerAddress("127.0.0.1", 8080), ROOM, SECRET)
    assert parse_invite(f"callapp://example.org:443/{ROOM}#{SECRET_TEXT}.{PIN}") == Invite(
        ServerAddress("example.org", 443, PIN), ROOM, SECRET
    )


def test_a_new_room_is_random_and_its_link_leads_to_it() -> None:
    server = ServerAddress("127.0.0.1", 8080)
    first, second = new_room(server), new_room(server)
    assert parse_invite(first.callapp_link) == Invite(server, first.room, first.secret)
    assert first.room != second.room
    assert first.secret != second.secret
    assert len(first.room) == 16
    assert set(first.room) <= set(string.ascii_lowercase + "234567")


@pytest.mark.parametrize(
    ("server", "beginning"),
    [
        (ServerAddress("127.0.0.1", 8080), "http://127.0.0.1:8080/"),
        (ServerAddress("192.168.1.20", 8443, PIN), "https://192.168.1.20:8443/"),
        (ServerAddress("example.org", 443), "https://example.org:443/"),
    ],
)
def test_the_two_links_of_a_room_share_nothing_but_the_room(server: ServerAddress, beginning: str) -> None:
    room = new_room(server)
    assert room.browser_link.startswith(beginning)
    assert room.browser_link.endswith(f".{PIN}") == bool(server.pin)
    assert parse_invite(room.browser_link) == Invite(server, room.room, None, room.browser_secret)
    assert room.secret != room.browser_secret
    assert room.secrets.keys() == set(LinkKind)


def test_who_came_by_a_link_can_pass_on_that_one_only() -> None:
    app, browser = parse_invite(LINK), parse_invite(LINK.replace("callapp", "http"))
    assert (app.callapp_link, app.browser_link) == (LINK, "")
    assert (browser.callapp_link, browser.browser_link) == ("", LINK.replace("callapp", "http"))
    assert app.secrets.keys() == {LinkKind.APP}
    assert browser.secrets.keys() == {LinkKind.BROWSER}


def test_an_invite_has_a_secret() -> None:
    with pytest.raises(ValueError, match="secret"):
        Invite(ServerAddress("127.0.0.1", 8080), ROOM, None)


servers = st.one_of(
    st.builds(ServerAddress, st.sampled_from(["127.0.0.1", "localhost", "::1"]), st.integers(1, 65535)),
    st.builds(
        ServerAddress,
        st.sampled_from(["example.org", "192.168.1.20", "2001:db8::1", "127.0.0.1"]),
        st.integers(1, 65535),
        st.just(PIN),
    ),
)


@given(
    servers,
    st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=64),
    st.binary(min_size=16, max_size=16),
)
def test_every_link_leads_back_to_its_invite(server: ServerAddress, room: str, secret: bytes) -> None:
    invite = invite_at(server, room, Secret(secret))
    assert parse_invite(invite.callapp_link) == invite


@pytest.mark.parametrize(
    "pasted",
    [
        f"  {LINK}\n",
        f"<{LINK}>",
        f'"{LINK}"',
        f"“{LINK}”",
        f"({LINK})",
        f"\u200b{LINK}\ufeff",
        LINK.replace("callapp", "CallApp"),
        LINK.replace("#", "/#"),
    ],
)
def test_what_pasting_leaves_around_a_link_is_ignored(pasted: str) -> None:
    assert parse_invite(pasted) == parse_invite(LINK)


@pytest.mark.parametrize(
    ("link", "help_"),
    [
        ("", "empty"),
        (" <> ", "empty"),
        ("x" * 501, "no link"),
        ("hello", "begins with callapp://"),
        (LINK.replace("callapp:", "ftp:"), "begins with callapp://"),
        (LINK.replace("://", ":/"), "begins with callapp://"),
        (LINK.partition("#")[0], "secret after #"),
        (LINK.partition("#")[0] + "#", "secret after #"),
        (f"callapp://127.0.0.1:8080#{SECRET_TEXT}", "room is missing"),
        (f"callapp://127.0.0.1:8080/#{SECRET_TEXT}", "room is missing"),
        (LINK.replace(ROOM, "a_room"), "room's name"),
        (LINK.replace(ROOM, "a/room"), "room's name"),
        (LINK.replace(ROOM, "a" * 65), "room's name"),
        (LINK.replace(ROOM, "a room"), "no spaces"),
        (LINK.replace(ROOM, "räume"), "US keyboard"),
        (LINK[:-1], "21 characters instead of 22"),
        (LINK + "A", "23 characters instead of 22"),
        (LINK[:-1] + "x", "last character of the secret"),
        (LINK[:-1] + "!", "character that cannot be in it"),
        (LINK + ".", "pin after ."),
        (LINK + "." + PIN[:-1], "pin has 42 characters instead of 43"),
        (LINK + "." + PIN[:-1] + "B", "last character of the pin"),
        (LINK.replace(":8080", ""), "port"),
        (LINK.replace("8080", "0"), "port"),
        (LINK.replace("8080", "65536"), "port"),
        (LINK.replace("8080", "808080"), "HOST:PORT"),
        (LINK.replace("127.0.0.1", ""), "HOST:PORT"),
        (LINK.replace("127.0.0.1", "user@host"), "HOST:PORT"),
        (LINK.replace("127.0.0.1", "[1:2]"), "IPv6"),
        (f"http://example.org:80/{ROOM}#{SECRET_TEXT}", "this computer only"),
        (f"http://192.168.1.20/{ROOM}#{SECRET_TEXT}", "this computer only"),
        (LINK.replace("callapp", "https"), "needs the server's pin"),
    ],
)  # fmt: skip
def test_a_typing_error_is_explained(link: str, help_: str) -> None:
    with pytest.raises(LinkError) as caught:
        parse_invite(link)
    assert caught.value.code is ErrorCode.INVALID_LINK
    assert help_ in caught.value.detail
    assert SECRET_TEXT[:20] not in str(caught.value)


@given(st.text() | st.text(LINK).map(lambda tail: LINK + tail) | st.text(LINK))
def test_parsing_gives_an_invite_or_a_link_error(text: str) -> None:
    for parse in (parse_invite, parse_server, parse_room):
        with contextlib.suppress(LinkError):
            parse(text)


@given(st.integers(0, len(LINK) - 1), st.characters())
def test_a_wrong_character_never_gives_another_kind_of_error(place: int, character: str) -> None:
    with contextlib.suppress(LinkError):
        parse_invite(LINK[:place] + character + LINK[place + 1 :])


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://127.0.0.1:8080", ServerAddress("127.0.0.1", 8080)),
        ("ws://localhost:8080/", ServerAddress("localhost", 8080)),
        ("callapp://[::1]:8080", ServerAddress("::1", 8080)),
        ("https://example.org", ServerAddress("example.org", 443)),
        (f"https://192.168.1.20:8443#.{PIN}", ServerAddress("192.168.1.20", 8443, PIN)),
        (f"wss://127.0.0.1:8443#.{PIN}", ServerAddress("127.0.0.1", 8443, PIN)),
    ],
)
def test_a_server_is_taken_as_printed(url: str, server: ServerAddress) -> None:
    assert parse_server(url) == server


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ws://example.org:80", "http://127.0.0.1:8080/room", "http://127.0.0.1:8080#secret", ""],
)  # fmt: skip
def test_what_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(LinkError):
        parse_server(url)


def test_a_room_has_a_name_and_a_secret() -> None:
    assert parse_room(f"Sunday-call#{SECRET_TEXT}") == ("Sunday-call", SECRET)
    for text in ("Sunday-call", "Sunday-call#", f"#{SECRET_TEXT}", "Sunday-call#short", f"a b#{SECRET_TEXT}"):
        with pytest.raises(LinkError):
            parse_room(text)


def test_the_socket_is_encrypted_unless_it_stays_on_this_computer() -> None:
    assert ServerAddress("127.0.0.1", 8080).websocket_url == "ws://127.0.0.1:8080/ws"
    assert ServerAddress("::1", 8080).websocket_url == "ws://[::1]:8080/ws"
    assert ServerAddress("127.0.0.1", 8080, PIN).websocket_url == "wss://127.0.0.1:8080/ws"
    assert ServerAddress("example.org", 443).websocket_url == "wss://example.org:443/ws"


@pytest.mark.parametrize(
    ("host", "here"), [("127.8.9.1", True), ("::1", True), ("localhost.evil.org", False)]
)
def test_loopback_is_what_cannot_leave_this_computer(host: str, here: bool) -> None:
    assert is_loopback(host) is here


def test_no_repr_shows_the_secret() -> None:
    invite = parse_invite(LINK)
    shown = f"{invite!r} {invite} {SECRET} {SECRET!r}"
    assert SECRET_TEXT not in shown
    assert str(SECRET.value) not in shown
