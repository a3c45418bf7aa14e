"""What a remote description must be before aiortc sees it, and what ours says besides.

aiortc compares the DTLS certificate with the fingerprint of the first transceiver only, so a description whose
m-sections differ could smuggle in another end (RFC 8122; RFC 8843 section 9: bundled sections share one transport).
"""

from __future__ import annotations

import re

from aiortc.rtcicetransport import RTCIceCandidate
from aiortc.sdp import SessionDescription, candidate_from_sdp, candidate_to_sdp

from callapp.call.description import Candidate, Description
from callapp.errors import ErrorCode, MediaError

MAX_SDP_BYTES = 64 * 1024
MAX_M_SECTIONS = 16
_SHA256 = re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2}){31}")


def check_description(description: Description) -> None:
    """Refuse what must not reach aiortc.

    Raises:
        MediaError: NEGOTIATION_FAILED; its detail never quotes the description.
    """
    if len(description.sdp.encode(errors="replace")) > MAX_SDP_BYTES:
        raise _refused("a description of more than 64 KiB")
    try:
        session = SessionDescription.parse(description.sdp)
    except (
        Exception
    ) as error:  # aiortc's parser raises whatever comes: StopIteration, AssertionError, KeyError...
        raise _refused(f"a description that cannot be read ({type(error).__name__})") from None
    if not 1 <= len(session.media) <= MAX_M_SECTIONS:
        raise _refused(f"a description with {len(session.media)} m-sections")
    if all(media.kind not in ("audio", "video") for media in session.media):
        raise _refused("a description without sound or video")
    bundles = [set(group.items) for group in session.group if group.semantic == "BUNDLE"]
    fingerprints: set[str] = set()
    for media in session.media:
        if media.kind not in ("audio", "video", "application"):
            raise _refused("an m-section of an unknown kind")
        if media.rtp.muxId is None or not any(media.rtp.muxId in bundle for bundle in bundles):
            raise _refused("an m-section outside the bundle")
        sha256 = (
            [f.value.upper() for f in media.dtls.fingerprints if f.algorithm.lower() == "sha-256"]
            if media.dtls
            else []
        )
        if len(sha256) != 1 or not _SHA256.fullmatch(sha256[0]):
            raise _refused("an m-section without exactly one sha-256 fingerprint")
        fingerprints.update(sha256)
    if len(fingerprints) != 1:
        raise _refused("m-sections with different fingerprints")


def first_mid(description: Description) -> str | None:
    """The mid of the m-section that carries the bundle's transport."""
    match = re.search(r"^a=mid:(\S+)", description.sdp, re.MULTILINE)
    return match[1] if match else None


def early(sdp: str) -> Description:
    """Our description as it is sent before any candidate is known: it announces trickling (RFC 8840 section 4.1.1)."""
    head, separator, media = sdp.partition("m=")
    return Description(f"{head}a=ice-options:trickle\r\n{separator}{media}")


def to_candidate(candidate: RTCIceCandidate, mid: str | None) -> Candidate:
    return Candidate(f"candidate:{candidate_to_sdp(candidate)}", mid, 0)


def from_candidate(candidate: Candidate) -> RTCIceCandidate | None:
    """The peer's candidate for aiortc; None for one that we cannot use (TCP, another component, nonsense)."""
    try:
        parsed = candidate_from_sdp(candidate.candidate.removeprefix("candidate:"))
    except Exception:  # as with descriptions: any exception type
        return None
    if parsed.component != 1 or parsed.protocol.lower() != "udp" or not 0 < parsed.port < 65536:
        return None
    parsed.sdpMid = candidate.sdp_mid
    parsed.sdpMLineIndex = candidate.sdp_m_line_index
    if parsed.sdpMid is None and parsed.sdpMLineIndex is None:
        parsed.sdpMLineIndex = 0
    return parsed


def _refused(detail: str) -> MediaError:
    return MediaError(ErrorCode.NEGOTIATION_FAILED, detail)
