import dataclasses
import re
from pathlib import Path

import pytest

from signaling_server import options, tls
from signaling_server.limits import Limits
from signaling_server.options import parse

HOSTING = (Path(__file__).parents[2] / "docs" / "hosting.md").read_text(encoding="utf-8")


def test_the_defaults_are_for_this_computer_only() -> None:
    defaults = parse([], {})
    assert (defaults.host, defaults.port, defaults.stun) == ("127.0.0.1", options.DEFAULT_PORT, True)
    assert defaults.limits == Limits()
    assert defaults.identity() is None


def test_flags_set_everything() -> None:
    words = "--host ::1 --port 0 --no-stun --max-rooms 7 --ping-interval-s 1.5 --stun-url stun:a --stun-url stun:b"
    given = parse([*words.split(), "--turn-url", "turn:c", "--turn-secret", "north"], {})
    assert (given.host, given.port, given.stun) == ("::1", 0, False)
    assert given.limits == Limits(max_rooms=7, ping_interval_s=1.5)
    assert given.ice.stun_urls == ("stun:a", "stun:b")
    assert (given.ice.turn_urls, given.ice.turn_secret) == (("turn:c",), "north")


def test_the_environment_sets_the_same_and_flags_count_more() -> None:
    environment = {
        "CALLAPP_PORT": "1234",
        "CALLAPP_MAX_ROOMS": "7",
        "CALLAPP_NO_STUN": "1",
        "CALLAPP_TURN_URL": "turn:a turn:b",
        "CALLAPP_TURN_SECRET": "--north",
        "CALLAPP_STUN_URL": "stun:a",
        "CALLAPP_HELP": "1",
        "CALLAPP_HOST": "",
    }
    given = parse(["--port", "4321", "--stun-url=stun:b"], environment)
    assert (given.host, given.port, given.stun, given.limits.max_rooms) == ("127.0.0.1", 4321, False, 7)
    assert (given.ice.turn_urls, given.ice.turn_secret) == (("turn:a", "turn:b"), "--north")
    assert given.ice.stun_urls == ("stun:b",)
    assert parse([], {"CALLAPP_NO_STUN": "0"}).stun


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--port", "65536"], {}, "'65536' is not a port"),
        (["--port", "-1"], {}, "'-1' is not a port"),
        ([], {"CALLAPP_PORT": "http"}, "'http' is not a port"),
        ([], {"CALLAPP_NO_STUN": "yes"}, "must be 1 or 0"),
        (["--max-rooms", "1.5"], {}, "'1.5' is not a whole number"),
        (["--drain-s", "soon"], {}, "'soon' is not a number"),
        (["--drain-s", "nan"], {}, "drain_s"),
        (["--max-message-bytes", "100000"], {}, "max_message_bytes"),
        (["--cert", "a"], {}, "--cert and --key"),
        (["--turn-url", "turn:a"], {}, "TURN needs both"),
        (["--stun-url", "nonsense"], {}, "nonsense"),
        (["--max"], {}, "unrecognized"),
        (["somewhere"], {}, "unrecognized"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], environment: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(arguments, environment)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("callapp-server: ")
    assert error.count("\n") == 1
    assert said in error


def test_settings_are_shown_without_secrets() -> None:
    shown = "\n".join(parse(["--turn-url", "turn:a", "--turn-secret", "north"], {}).shown())
    assert "north" not in shown
    assert "turn_secret = ***" in shown
    assert "turn_url = turn:a" in shown
    assert "max_rooms = 2500" in shown
    assert "ping_interval_s = 3" in shown


def test_hosts_that_others_can_reach_get_a_certificate(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "call.example.org", "192.0.2.1"):
        identity = parse(["--host", host, "--data", str(tmp_path)], {}).identity()
        assert identity is not None
        assert identity.is_self_signed
        assert options.is_wildcard(host) or host in identity.names


def test_a_given_certificate_is_used_even_on_loopback(tmp_path: Path) -> None:
    tls.self_signed(tmp_path)
    files = ["--cert", str(tmp_path / tls.CERTIFICATE_FILE), "--key", str(tmp_path / tls.KEY_FILE)]
    identity = parse(files, {}).identity()
    assert identity is not None
    assert not identity.is_self_signed


def test_urls_name_what_clients_can_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = frozenset({"localhost", "host", "127.0.0.1", "::1", "192.0.2.1", "2001:db8::1"})
    monkeypatch.setattr(tls, "machine_names", lambda: names)
    own = tls.self_signed(tmp_path)
    assert options.url_hosts("127.0.0.1", (("127.0.0.1", 1),), None) == ["127.0.0.1"]
    assert options.url_hosts("localhost", (("127.0.0.1", 1), ("::1", 1)), None) == ["127.0.0.1", "[::1]"]
    assert options.url_hosts("0.0.0.0", (("0.0.0.0", 1),), own) == ["192.0.2.1"]
    assert options.url_hosts("::", (("::", 1),), own) == ["192.0.2.1", "[2001:db8::1]"]
    assert options.url_hosts("call.example.org", (("192.0.2.1", 1),), own) == ["call.example.org"]
    given = tls.given(tmp_path / tls.CERTIFICATE_FILE, tmp_path / tls.KEY_FILE)
    assert options.url_hosts("0.0.0.0", (("0.0.0.0", 1),), given) == ["host", "localhost"]


def test_the_document_has_every_option_with_its_default() -> None:
    documented = set(re.findall(r"`(--[a-z-]+)`", HOSTING))
    flags = {flag for action in options._parser()._actions for flag in action.option_strings} - {
        "-h",
        "--help",
    }
    assert flags <= documented
    for item in dataclasses.fields(Limits):
        flag = "--" + item.name.replace("_", "-")
        (row,) = (line for line in HOSTING.splitlines() if line.startswith("| ") and f"`{flag}`" in line)
        options_of_row, defaults = (cell.split(", ") for cell in row.split(" | ")[:2])
        default = defaults[[f"`{flag}`" in option for option in options_of_row].index(True)]
        assert default == f"{item.default:g}", flag
