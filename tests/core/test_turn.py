import base64
import hashlib
import hmac

import pytest

from signaling_server import wire
from signaling_server.ice import CREDENTIAL_LIFETIME_S, IceConfig

ID = "a" * 32
OWN = "stun:192.0.2.1:8443"


def test_our_own_stun_responder_is_named_unless_others_are_configured() -> None:
    assert IceConfig().servers_for(ID, OWN, 0.0) == (wire.IceServer((OWN,)),)
    assert IceConfig().servers_for(ID, "", 0.0) == ()
    other = "stun:stun.example.org"
    assert IceConfig(stun_urls=(other,)).servers_for(ID, OWN, 0.0) == (wire.IceServer((other,)),)


def test_turn_credentials_are_those_of_coturns_rest_scheme() -> None:
    urls = ("turn:turn.example.org:3478", "turns:turn.example.org:5349?transport=tcp")
    (server,) = IceConfig(turn_urls=urls, turn_secret="north").servers_for(ID, "", 1000.7)
    assert server.urls == urls
    assert server.username == f"{1000 + CREDENTIAL_LIFETIME_S}:{ID}"
    expected = hmac.new(b"north", server.username.encode(), hashlib.sha1).digest()
    assert server.credential == base64.b64encode(expected).decode()


def test_what_clients_get_fits_into_the_protocol() -> None:
    config = IceConfig(("stun:a",) * wire.MAX_ICE_URLS, ("turn:a",) * wire.MAX_ICE_URLS, "secret")
    joined = wire.Joined("room", (), ID, config.servers_for(ID, OWN, 2e9))
    assert wire.decode_server(wire.encode(joined)) == joined


@pytest.mark.parametrize(
    ("stun_urls", "turn_urls", "secret"),
    [
        (("turn:a",), (), ""),
        (("stun:a b",), (), ""),
        ((), ("stun:a",), "secret"),
        ((), ("turn:user@host",), "secret"),
        ((), ("turn:a",), ""),
        ((), (), "secret"),
        (("stun:a",) * 9, (), ""),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(
    stun_urls: tuple[str, ...], turn_urls: tuple[str, ...], secret: str
) -> None:
    with pytest.raises(ValueError) as caught:
        IceConfig(stun_urls, turn_urls, secret)
    assert "secret" not in str(caught.value).replace("its secret", "")


def test_the_secret_is_not_shown() -> None:
    assert "north" not in repr(IceConfig(turn_urls=("turn:a",), turn_secret="north"))
