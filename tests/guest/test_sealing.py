"""The page and the app agree on every byte: boxes, the short authentication string, messages."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest
from guest.modules import SECRET, Modules

from callapp.call.states import Reason
from callapp.errors import SignalingError
from callapp.session import messages as wire
from callapp.session.sas import Side, authentication_string, commitment, emoji_table
from callapp.signaling.invite import LinkKind, Secret
from callapp.signaling.sealing import MAX_PLAINTEXT_BYTES, Interference, Sealer, SealError

pytestmark = pytest.mark.asyncio(loop_scope="module")

APP, GUEST = "a" * 32, "b" * 32
ROOM = "abcdefghijklmnop"
SECRET_BYTES = bytes(range(16))
CALL = "0123456789abcdef"
SEALER = """
    const bytes = await import('/guest/bytes.js');
    const sealer = new m.Sealer(bytes.fromBase64url(v.secret), v.room, v.own);
    const fails = async (make) => { try { await make(); return null; } catch (error) { return error.kind; } };
"""


def app_sealer() -> Sealer:
    return Sealer({LinkKind.BROWSER: Secret(SECRET_BYTES)}, ROOM, APP)


async def run_sealer(guest: Modules, body: str, **values: object) -> object:
    return await guest.run("sealing", SEALER + body, secret=SECRET, room=ROOM, own=GUEST, **values)


async def test_what_the_app_seals_the_page_opens(guest: Modules) -> None:
    app = app_sealer()
    texts = ["first", "", "안녕하세요", "x" * 40_000]
    boxes = [app.seal(GUEST, text.encode()) for text in texts]
    opened = await run_sealer(
        guest,
        """const all = [];
        for (const box of v.boxes) {
            const { plaintext, missing } = await sealer.open(v.peer, box);
            all.push([bytes.fromUtf8(plaintext), missing]);
        }
        return all;""",
        boxes=boxes,
        peer=APP,
    )
    assert opened == [[text, 0] for text in texts]


async def test_what_the_page_seals_the_app_opens(guest: Modules) -> None:
    texts = ["first", "", "다시 연결 중…", "y" * MAX_PLAINTEXT_BYTES]
    boxes = await run_sealer(
        guest,
        "const all = []; for (const t of v.texts) all.push(await sealer.seal(v.peer, bytes.utf8(t))); return all;",
        texts=texts,
        peer=APP,
    )
    assert isinstance(boxes, list)
    app = app_sealer()
    opened = [app.open(GUEST, box) for box in boxes]
    assert [o.plaintext.decode() for o in opened] == texts
    assert {o.proved for o in opened} == {LinkKind.BROWSER}


async def test_the_page_refuses_what_a_lying_server_makes_of_boxes(guest: Modules) -> None:
    app = app_sealer()
    boxes = [app.seal(GUEST, bytes([number])) for number in range(4)]
    raw = bytearray(base64.urlsafe_b64decode(boxes[1] + "=="))
    raw[25] ^= 1
    changed = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    verdict = await run_sealer(
        guest,
        """const [zero, one, two, three] = v.boxes;
        return [
            await fails(() => sealer.open(v.peer, v.changed)),
            await fails(() => sealer.open(v.peer, '')),
            (await sealer.open(v.peer, zero)).missing,
            await fails(() => sealer.open(v.peer, zero)),
            await fails(() => sealer.open(v.peer, v.changed)),
            await fails(() => sealer.open('c'.repeat(32), one)),
            await fails(() => sealer.open(v.own, one)),
            await fails(() => sealer.seal(v.own, bytes.utf8('x'))),
            (await sealer.open(v.peer, three)).missing,
            await fails(() => sealer.open(v.peer, two)),
        ];""",
        boxes=boxes,
        changed=changed,
        peer=APP,
    )
    assert verdict == [
        "other_link",
        "other_link",
        0,
        "repeat",
        "authentication",
        "other_link",
        "reflection",
        "reflection",
        2,
        "repeat",
    ]
    assert {kind.value for kind in Interference} == set(
        await guest.run("sealing", "return Object.values(m.Interference);")
    )


async def test_another_room_or_secret_opens_nothing(guest: Modules) -> None:
    box = app_sealer().seal(GUEST, b"x")
    body = "return fails(() => new m.Sealer(bytes.fromBase64url(v.s), v.r, v.own).open(v.peer, v.box));"
    for secret, room in ((SECRET, "qrstuvwxyz234567"), ("A" * 22, ROOM)):
        assert await run_sealer(guest, body, box=box, peer=APP, s=secret, r=room) == "other_link"


async def test_no_box_of_the_page_is_too_large(guest: Modules) -> None:
    limit = await guest.run("sealing", "return m.MAX_PLAINTEXT_BYTES;")
    assert limit == MAX_PLAINTEXT_BYTES
    app = app_sealer()
    with pytest.raises(SealError):
        app.open(GUEST, "A" * 100)


async def test_both_show_the_same_authentication_string(guest: Modules) -> None:
    for number in range(8):
        offerer = Side(bytes([number]) * 16, bytes([number + 1]) * 32)
        answerer = Side(bytes([number + 2]) * 16, bytes(range(number, number + 32)))
        shown = await guest.run(
            "sas",
            """const { fromHex } = await import('/guest/bytes.js');
            const side = ([nonce, fingerprint]) => ({ nonce: fromHex(nonce), fingerprint: fromHex(fingerprint) });
            const [o, a] = v.sides.map(side);
            return [await m.commitment(o.nonce, o.fingerprint), await m.authenticationString(o, a)];""",
            sides=[[side.nonce.hex(), side.fingerprint.hex()] for side in (offerer, answerer)],
        )
        expected = authentication_string(offerer, answerer)
        assert shown == [commitment(offerer), {"digits": expected.digits, "emoji": list(expected.emoji)}]


async def test_the_emoji_are_64_with_different_names() -> None:
    table = emoji_table()
    assert len(table) == 64
    for names in ({e.emoji for e in table}, {e.en for e in table}, {e.ko for e in table}):
        assert len(names) == 64


STATUS = wire.Status(name="김하나", muted=True)
MESSAGES: list[wire.Message] = [
    wire.Hello(wire.Agent.APP),
    STATUS,
    wire.Offer(CALL, 0, "v=0\r\n", STATUS, commitment="0f" * 32),
    wire.Offer(CALL, 1, "v=0\r\n", STATUS),
    wire.Answer(CALL, 0, "v=0\r\n", STATUS, nonce="ab" * 16),
    wire.Reveal(CALL, 0, "cd" * 16),
    wire.IceCandidate(CALL, 0, "candidate:1 1 udp 1 10.0.0.1 1 typ host", "0", 0),
    wire.IceCandidate(CALL, 0, None),
    *(wire.Bye(CALL, reason) for reason in Reason),
    wire.Restart(CALL, 3),
    wire.Chat(CALL, "안녕 😀" * 600, 1_700_000_000.5),
    wire.ChatAck(CALL),
]


async def test_the_page_reads_every_message_of_the_app(guest: Modules) -> None:
    encoded = [wire.encode(message).decode() for message in MESSAGES]
    read = await guest.run("messages", "return v.encoded.map(m.decode);", encoded=encoded)
    assert read == [json.loads(text) for text in encoded]


async def test_the_app_reads_every_message_of_the_page(guest: Modules) -> None:
    fields = [json.loads(wire.encode(message)) for message in MESSAGES]
    for message in fields:
        del message["v"]
    encoded = await guest.run(
        "messages", "return v.all.map(({type, ...f}) => m.encode(type, f));", all=fields
    )
    assert [wire.decode(text) for text in encoded] == MESSAGES


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": None},
        {"type": "toString"},
        {"type": "unknown"},
        {"call_id": "0123456789ABCDEF"},
        {"call_id": ["0123456789abcdef"]},
        {"attempt": -1},
        {"attempt": 0.5},
        {"attempt": "0"},
        {"sdp": ""},
        {"sdp": 5},
        {"sdp": "x" * 36_001},
        {"status": None},
        {"status": {"muted": 1}},
        {"status": {"name": "x" * 65}},
        {"commitment": "short"},
    ],
)
async def test_the_page_and_the_app_refuse_the_same_offers(
    guest: Modules, changes: dict[str, object]
) -> None:
    offer = {**json.loads(wire.encode(MESSAGES[2])), **changes}
    text = msgspec.json.encode(offer).decode()
    refused = await guest.run(
        "messages", "try { m.decode(v.text); return false; } catch (e) { return e.code; }", text=text
    )
    assert refused == ("UNSUPPORTED_VERSION" if changes == {"v": 2} else "BAD_PEER_MESSAGE")
    with pytest.raises(SignalingError):
        wire.decode(text)


async def test_what_is_no_json_is_refused(guest: Modules) -> None:
    body = "return v.texts.map((t) => { try { return m.decode(t); } catch (e) { return e.code; } });"
    texts = ["", "{", "null", "[]", "1", '"x"', "x" * 50_000]
    assert await guest.run("messages", body, texts=texts) == ["BAD_PEER_MESSAGE"] * len(texts)
