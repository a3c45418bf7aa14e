"""What the signaling server says to HTTP, good and bad."""

import asyncio
import logging
import re

import pytest
from rig.links import serving
from rig.signaling_client import A, client_of
from websockets.exceptions import InvalidStatus

from signaling_server.server import SignalingServer


async def http(server: SignalingServer, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 200 .*<!doctype html"),
        (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 200 .*\r\n\r\n$"),
        (b"GET /some-room HTTP/1.0\r\n\r\n", rb"HTTP/1.1 200 .*<!doctype html"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", rb'HTTP/1.1 200 .*"status":"ok"'),
        (b"GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 404 "),
        (b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", rb"HTTP/1.1 426 "),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", rb"HTTP/1.1 405 .*Allow: GET, HEAD"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", rb"HTTP/1.1 400 "),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", rb"HTTP/1.1 400 "),
        (b"GET / HTTP/2.0\r\n\r\n", rb"HTTP/1.1 400 "),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", rb"HTTP/1.1 414 "),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 9000 + b"\r\n\r\n", rb"HTTP/1.1 431 "),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", rb"HTTP/1.1 431 "),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 4000, rb"HTTP/1.1 400 "),
        (b"GET / HTTP/1.1\r\nA\r\n\r\n", rb"HTTP/1.1 400 "),
        (b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n", rb"HTTP/1.1 400 "),
        (b"\r\n\r\n", rb"HTTP/1.1 400 "),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_every_request_gets_a_small_answer_and_no_traceback_is_logged(
    request_: bytes, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving() as server:
        assert re.match(answer, await http(server, request_), re.DOTALL | re.IGNORECASE)
    assert not [record for record in caplog.records if record.exc_info or record.levelno > logging.INFO]


async def test_a_request_that_trickles_in_is_answered() -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for byte in b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n":
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        assert b" 200 " in await reader.readline()
        await reader.read()
        writer.close()


async def test_health_counts_connections_and_rooms() -> None:
    async with serving() as server, client_of(server) as alice:
        await alice.join("room", A)
        answer = await http(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.endswith(b'{"status":"ok","protocol":1,"connections":2,"rooms":1}')


@pytest.mark.parametrize("origin", ["https://example.org", "http://127.0.0.1", "null", "http://127.0.0.1:1"])
async def test_web_pages_of_others_cannot_use_the_server(origin: str) -> None:
    async with serving() as server:
        with pytest.raises(InvalidStatus) as caught:
            async with client_of(server, origin=origin):
                pass
        assert caught.value.response.status_code == 403


async def test_our_own_page_can_use_the_server() -> None:
    async with serving() as server:
        own = f"http://127.0.0.1:{server.port}"
        async with client_of(server, origin=own) as alice:
            assert (await alice.join("room", A)).ice_servers == (), "nothing is translated on one machine"


async def test_what_a_client_says_right_behind_its_request_is_heard() -> None:
    request = (
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    async with serving() as server:
        answer = await http(server, request + b"\x88\x82\0\0\0\0\x03\xe8")
        assert b" 101 " in answer
        assert answer.endswith(b"\x88\x02\x03\xe8")
