"""The sockets a server listens on: TCP, and UDP of the same port number, on each address of a host."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

BACKLOG = 1024
_PORT_ATTEMPTS = 20  # when any free port will do


@dataclass(frozen=True)
class Sockets:
    """Bound, the TCP ones listening; whoever has them closes them."""

    tcp: tuple[socket.socket, ...]
    udp: tuple[socket.socket, ...]


async def bound(host: str, port: int, *, udp: bool) -> Sockets:
    """Bind to all addresses of `host`; port 0 takes a free one, the same for all.

    Raises OSError: the port is in use, the host is unknown or not ours.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))
    for attempt in range(_PORT_ATTEMPTS):
        try:
            return _bound(addresses, port, udp=udp)
        except OSError:
            if port or attempt == _PORT_ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def _bound(addresses: Sequence[tuple[socket.AddressFamily, str]], port: int, *, udp: bool) -> Sockets:
    with contextlib.ExitStack() as on_failure:
        tcp: list[socket.socket] = []
        datagram: list[socket.socket] = []
        for family, host in addresses:
            listener = on_failure.enter_context(_bind(family, socket.SOCK_STREAM, host, port))
            listener.listen(BACKLOG)
            tcp.append(listener)
            port = listener.getsockname()[1]
            if udp:
                datagram.append(on_failure.enter_context(_bind(family, socket.SOCK_DGRAM, host, port)))
        on_failure.pop_all()
        return Sockets(tuple(tcp), tuple(datagram))


def _bind(family: socket.AddressFamily, kind: socket.SocketKind, host: str, port: int) -> socket.socket:
    bound_socket = socket.socket(family, kind)
    try:
        bound_socket.setblocking(False)
        if kind is socket.SOCK_STREAM and os.name == "posix":
            # so that a restarted server gets its port back at once; Windows means something else by it
            bound_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            # :: stands for all addresses, IPv4 as well; others do not get in the way of their IPv4 sister
            bound_socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
        bound_socket.bind((host, port))
    except OSError:
        bound_socket.close()
        raise
    return bound_socket
