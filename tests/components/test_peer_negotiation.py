"""Descriptions and candidates that are wrong, late, early or hostile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from engine_rig import FakeDevices, Party, call, engine, numbers, offer_of, two_parties
from hypothesis import given
from hypothesis import strategies as st

from callapp.call.description import Candidate, Description
from callapp.errors import CallAppError, ErrorCode
from callapp.media.messages import (
    AddCandidate,
    AnswerReady,
    ApplyAnswer,
    CreateAnswer,
    CreateOffer,
    LocalCandidate,
    NegotiationFailed,
    OfferReady,
    PeerConnected,
)
from callapp.media.transport.sdp_check import check_description, from_candidate

OTHER_FINGERPRINT = ":".join(["AB"] * 32)


def with_another_fingerprint_in_the_second_section(sdp: str) -> str:
    head, first, second, *rest = sdp.split("m=")
    second = re.sub(r"sha-256 \S+", f"sha-256 {OTHER_FINGERPRINT}", second)
    return "m=".join([head, first, second, *rest])


DAMAGE: dict[str, Callable[[str], str]] = {
    "empty": lambda sdp: "",
    "no media": lambda sdp: sdp.partition("m=")[0],
    "only data": lambda sdp: sdp.partition("m=")[0] + "m=application" + sdp.partition("m=application")[2],
    "another fingerprint in one section": with_another_fingerprint_in_the_second_section,
    "no sha-256 fingerprint": lambda sdp: re.sub(r"a=fingerprint:sha-256.*\r\n", "", sdp),
    "a malformed fingerprint": lambda sdp: re.sub(r"sha-256 \S+", "sha-256 AB:CD", sdp),
    "two sha-256 fingerprints": lambda sdp: sdp.replace(
        "a=fingerprint:sha-256", f"a=fingerprint:sha-256 {OTHER_FINGERPRINT}\r\na=fingerprint:sha-256"
    ),
    "no ICE password": lambda sdp: re.sub(r"a=ice-pwd.*\r\n", "", sdp),
    "no bundle": lambda sdp: re.sub(r"a=group:BUNDLE.*\r\n", "", sdp),
    "no codec we know": lambda sdp: re.sub(r"(opus|VP8|H264|PCM.|G722)/", "x/", sdp),
    "no RTCP multiplexing": lambda sdp: sdp.replace("a=rtcp-mux\r\n", ""),
    "an unknown kind": lambda sdp: sdp.replace("m=audio", "m=smell"),
    "a nonsense m-line": lambda sdp: sdp.replace("m=audio 9", "m=audio nine"),
    "too long": lambda sdp: sdp + "a=x\r\n" * 20_000,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_bad_offer_fails_the_negotiation_and_nothing_else(damage: Callable[[str], str]) -> None:
    async with two_parties() as (caller, callee, _, _):
        good = await offer_of(caller, "bad")
        bad = Description(damage(good.sdp))
        callee.send(CreateAnswer("bad", 0, bad))
        failed = await callee.event(NegotiationFailed)
        assert (failed.call_id, failed.attempt) == ("bad", 0)
        assert failed.error.code is ErrorCode.NEGOTIATION_FAILED
        assert not callee.of(AnswerReady)
        await call(caller, callee, "good")
        await numbers(callee.seat.remote, 2)
        assert len(callee.of(NegotiationFailed)) == 1


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_bad_answer_fails_the_negotiation(damage: Callable[[str], str]) -> None:
    async with engine() as one:
        caller, callee = Party(one), Party(one)
        callee.send(CreateAnswer("call", 0, await offer_of(caller, "call")))
        good = (await callee.event(AnswerReady)).answer
        caller.send(ApplyAnswer("call", 0, Description(damage(good.sdp))))
        await caller.event(NegotiationFailed)
        caller.send(ApplyAnswer("call", 0, good))
        caller.send(AddCandidate("call", 0, None))
        assert len(caller.of(NegotiationFailed)) == 1


async def test_an_answer_that_was_an_offer_is_refused() -> None:
    async with engine() as one:
        caller, callee = Party(one), Party(one)
        offer = await offer_of(caller, "call")
        caller.send(ApplyAnswer("call", 0, offer))
        await caller.event(NegotiationFailed)
        assert not callee.events


async def test_candidates_before_the_description_are_kept_for_it() -> None:
    async with two_parties() as (caller, callee, _, _):
        offer = await offer_of(caller, "call")
        callee.send(CreateAnswer("call", 0, offer))
        answer = (await callee.event(AnswerReady)).answer
        await callee.until(lambda: any(event.candidate is None for event in callee.of(LocalCandidate)))
        await caller.until(lambda: any(event.candidate is None for event in caller.of(LocalCandidate)))
        for event in callee.of(LocalCandidate):
            caller.send(AddCandidate("call", 0, event.candidate))
        caller.send(ApplyAnswer("call", 0, answer))
        for event in caller.of(LocalCandidate):
            callee.send(AddCandidate("call", 0, event.candidate))
        await caller.event(PeerConnected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "candidate:",
        "nonsense",
        "candidate:1 1 udp 1 10.0.0.1 99999 typ host",
        "candidate:1 2 udp 1 10.0.0.1 9999 typ host",
        "candidate:1 1 tcp 1 10.0.0.1 9 typ host tcptype active",
        "candidate:1 1 udp x 10.0.0.1 9999 typ host",
        "candidate:1 1 udp 1 not-an-address 9999 typ host",
    ],
)
async def test_a_bad_candidate_is_ignored(text: str) -> None:
    async with two_parties() as (caller, callee, _, _):
        await call(caller, callee)
        caller.send(AddCandidate("call", 0, Candidate(text, "0", 0)))
        await numbers(caller.seat.remote, 2)
        assert not caller.of(NegotiationFailed)


async def test_a_flood_of_candidates_is_cut_off() -> None:
    async with engine() as one:
        caller = Party(one)
        await offer_of(caller, "call")
        for port in range(1, 200):
            candidate = Candidate(f"candidate:1 1 udp 1 10.0.0.1 {port} typ host", "0", 0)
            caller.send(AddCandidate("call", 0, candidate))
        await caller.until(lambda: any("more than 64 candidates" in line for line in caller.trace))
        assert sum("candidates" in line for line in caller.trace) == 1


async def test_commands_for_a_call_that_is_not_there_are_ignored() -> None:
    async with engine(FakeDevices()) as one:
        caller = Party(one)
        caller.send(ApplyAnswer("other", 0, Description("")))
        caller.send(AddCandidate("other", 3, None))
        caller.send(CreateOffer("call", 0))
        await caller.event(OfferReady)
        assert not caller.of(NegotiationFailed)


@given(st.text())
def test_any_text_is_a_description_or_a_documented_error(text: str) -> None:
    with pytest.raises(CallAppError) as caught:
        check_description(Description(text))
    assert caught.value.code is ErrorCode.NEGOTIATION_FAILED


_LINES = st.sampled_from(
    [
        "v=0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 96",
        "m=video 9 UDP/TLS/RTP/SAVPF 97",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "a=mid:0",
        "a=mid",
        "a=fmtp:96 x",
        "a=rtpmap:96 opus/48000/2",
        "a=fingerprint:sha-256",
        f"a=fingerprint:sha-256 {OTHER_FINGERPRINT}",
        "a=setup:actpass",
        "a=setup:nonsense",
        "a=ice-ufrag:abcd",
        "a=candidate:1",
        "c=IN IP4 x",
        "a=ssrc:1",
        "a=extmap:x y",
    ]
)


@given(st.lists(_LINES, max_size=30))
def test_any_lines_are_a_description_or_a_documented_error(lines: list[str]) -> None:
    try:
        check_description(Description("\r\n".join(lines)))
    except CallAppError as error:
        assert error.code is ErrorCode.NEGOTIATION_FAILED  # noqa: PT017 - both outcomes are right


@given(st.text())
def test_any_text_is_a_candidate_or_none(text: str) -> None:
    parsed = from_candidate(Candidate(text))
    assert parsed is None or 0 < parsed.port < 65536
