"""The STUN responder on a real socket, asked by aioice as the app asks it."""

import asyncio
import socket

import pytest
from aioice import stun
from rig.links import serving
from rig.signaling_client import A, client_of

from signaling_server.server import SignalingServer


class Asking(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.answers.put_nowait(data)


async def test_a_client_learns_its_address_on_the_servers_own_port() -> None:
    async with serving() as server:
        transport, asking = await asyncio.get_running_loop().create_datagram_endpoint(
            Asking, remote_addr=("127.0.0.1", server.port)
        )
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        transport.sendto(b"garbage")
        transport.sendto(bytes(request))
        answer = stun.parse_message(await asking.answers.get())
        assert answer.transaction_id == request.transaction_id
        assert answer.attributes["XOR-MAPPED-ADDRESS"] == transport.get_extra_info("sockname")
        assert asking.answers.empty()
        transport.close()


async def test_the_responder_ends_with_the_server() -> None:
    async with serving() as server:
        port = server.port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", port))


async def test_without_it_the_port_stays_free_and_nobody_is_told_of_it() -> None:
    server = SignalingServer()
    await server.start(stun=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", server.port))
    async with client_of(server, host="localhost") as alice:
        assert (await alice.join("room", A)).ice_servers == ()
    await server.close()


async def test_a_udp_port_in_use_is_an_os_error_and_leaves_nothing_open() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            await SignalingServer().start(port=port)
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))
