"""What `callapp-server` is told: by flags, or environment variables (`--max-rooms` is CALLAPP_MAX_ROOMS)."""

from __future__ import annotations

import argparse
import dataclasses
import ipaddress
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from signaling_server import tls
from signaling_server.ice import IceConfig
from signaling_server.limits import Limits

DEFAULT_PORT = 8080
_ENVIRONMENT_PREFIX = "CALLAPP_"
_REPEATABLE = ("--stun-url", "--turn-url")  # in the environment: separated by spaces


@dataclass(frozen=True)
class Options:
    """A server's configuration. Raises ValueError if it does not fit together."""

    host: str
    port: int
    cert: Path | None
    key: Path | None
    data: Path
    stun: bool
    ice: IceConfig
    limits: Limits

    def __post_init__(self) -> None:
        if (self.cert is None) != (self.key is None):
            raise ValueError("--cert and --key belong together")

    def identity(self) -> tls.Identity | None:
        """The certificate to use; None: plain, on this computer only. Raises tls.TlsError."""
        if self.cert is not None and self.key is not None:
            return tls.given(self.cert, self.key)
        if is_loopback(self.host):
            return None
        return tls.self_signed(self.data, () if is_wildcard(self.host) else (self.host,))

    def shown(self) -> Iterator[str]:
        """All settings for people and logs, without secrets."""
        yield f"host = {self.host}"
        yield f"port = {self.port}"
        for name, path in (("cert", self.cert), ("key", self.key)):
            if path is not None:
                yield f"{name} = {path}"
        yield f"data = {self.data}"
        yield f"stun = {'on' if self.stun else 'off'}"
        for name, urls in (("stun_url", self.ice.stun_urls), ("turn_url", self.ice.turn_urls)):
            if urls:
                yield f"{name} = {' '.join(urls)}"
        if self.ice.turn_secret:
            yield "turn_secret = ***"
        for name, value in dataclasses.asdict(self.limits).items():
            yield f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}"


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """A flag counts more than a variable. Exits with 2 and a line on stderr if something is wrong."""
    parser = _parser()
    given = parser.parse_args([*_from_environment(parser, arguments, environment), *arguments])
    try:
        return Options(
            host=given.host,
            port=given.port,
            cert=given.cert,
            key=given.key,
            data=given.data,
            stun=given.stun,
            ice=IceConfig(tuple(given.stun_url), tuple(given.turn_url), given.turn_secret),
            limits=Limits(**{item.name: getattr(given, item.name) for item in dataclasses.fields(Limits)}),
        )
    except ValueError as error:
        parser.error(str(error))


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this computer."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_wildcard(host: str) -> bool:
    """Whether `host` stands for all addresses of this computer."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def url_hosts(host: str, addresses: Sequence[tuple[str, int]], identity: tls.Identity | None) -> list[str]:
    """Where clients reach a server that listens on `host`, as in URLs. `addresses`: those of its sockets."""
    if identity is None:
        names = [address for address, _ in addresses]
    elif not identity.is_self_signed and (domains := sorted(filter(_is_domain, identity.names))):
        names = domains
    elif is_wildcard(host):
        own = [ipaddress.ip_address(name) for name in tls.machine_names() if not _is_domain(name)]
        usable = [ip for ip in own if not ip.is_loopback and (ip.version == 4 or ":" in host)]
        names = [str(ip) for ip in sorted(usable, key=lambda ip: (ip.version, int(ip)))] or ["127.0.0.1"]
    else:
        names = [host]
    return [f"[{name}]" if ":" in name else name for name in names]


def _is_domain(name: str) -> bool:
    """Whether `name`, of a certificate, is one to connect to: no address, and no wildcard."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "*" not in name
    return False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")  # one line; --help has the usage


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="callapp-server",
        description="The signaling server of CallApp: two in a room find each other through it.",
        epilog="Each option can also be an environment variable: --max-rooms is CALLAPP_MAX_ROOMS. "
        "Give secrets that way: everybody on a computer can read the command lines of others.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--host",
        default="127.0.0.1",
        help="where to listen; 0.0.0.0: all IPv4 addresses, ::: all (%(default)s)",
    )
    add("--port", type=_port, default=DEFAULT_PORT, help="TCP and UDP port, 0: a free one (%(default)s)")
    add(
        "--cert",
        type=Path,
        help="certificate, PEM with its chain; without one: self-signed, or plain on loopback",
    )
    add("--key", type=Path, help="the certificate's key, PEM without a password")
    add(
        "--data",
        type=Path,
        default=data_folder(),
        help="where the self-signed certificate's key is (%(default)s)",
    )
    add("--no-stun", dest="stun", action="store_false", help="do not answer STUN requests on the UDP port")
    add("--stun-url", action="append", default=[], help="another STUN server to name to clients; repeatable")
    add("--turn-url", action="append", default=[], help="a TURN server to name to clients; repeatable")
    add("--turn-secret", default="", help="the TURN servers' static-auth-secret")
    limits = parser.add_argument_group("limits")
    for item in dataclasses.fields(Limits):
        kind = _whole if isinstance(item.default, int) else _number
        limits.add_argument(
            _flag(item.name), type=kind, default=item.default, metavar="N",
            help=f"{item.metadata['help']} (%(default)g)",
        )  # fmt: skip
    return parser


def data_folder() -> Path:
    """Where programs keep what is theirs: per user, as each system wants it."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "CallApp" / "server"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "CallApp" / "server"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "callapp" / "server"


def _from_environment(
    parser: argparse.ArgumentParser, arguments: Sequence[str], environment: Mapping[str, str]
) -> Iterator[str]:
    """The variables as flags, except those of repeatable flags that are given."""
    given = {argument.partition("=")[0] for argument in arguments}
    for action in parser._actions:
        flag = action.option_strings[-1]
        value = environment.get(_ENVIRONMENT_PREFIX + flag.lstrip("-").replace("-", "_").upper(), "")
        if not value or (flag in _REPEATABLE and flag in given) or flag == "--help":
            continue
        if action.nargs == 0:
            if value not in ("0", "1"):
                parser.error(f"{flag} in the environment must be 1 or 0")
            yield from [flag] * int(value)
        else:
            for word in value.split() if flag in _REPEATABLE else [value]:
                yield f"{flag}={word}"


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
