"""A media engine without media: descriptions with a certificate's fingerprint, connections within this process.

As with DTLS, a connection comes about only between the owners of the certificates that the descriptions name.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from callapp.call.description import Candidate, Description
from callapp.errors import Device, ErrorCode, MediaError
from callapp.media import messages as media
from callapp.media.video.slot import FrameSlot
from callapp.session.sas import fingerprints_in

CAMERA = media.SourceInfo("test picture", 640, 480, 30.0)
MICROPHONE = media.SourceInfo("test tone")
_endpoints = itertools.count(1)


@dataclass
class Endpoint:
    """One peer connection."""

    seat: FakeSeat
    call_id: str
    attempt: int
    number: int = field(default_factory=lambda: next(_endpoints))
    remote: int | None = None  # the number of the endpoint that the peer's description names
    remote_fingerprint: bytes = b""
    connected: bool = False

    @property
    def description(self) -> Description:
        hexadecimal = ":".join(f"{byte:02X}" for byte in self.seat.certificate)
        sections = "".join(
            f"m={kind}\r\na=mid:{mid}\r\na=fingerprint:sha-256 {hexadecimal}\r\n"
            for mid, kind in enumerate(
                ("audio 9 X 0", "video 9 X 97", "video 9 X 97", "application 9 X webrtc")
            )
        )
        return Description(f"v=0\r\ns={self.number}\r\n{sections}")


class FakeSeat:
    """Answers commands by events, one turn of the loop later."""

    def __init__(self, post: Callable[[media.Event], None], certificate: bytes) -> None:
        self.remote = FrameSlot()
        self.remote_screen = FrameSlot()
        self.certificate = certificate
        self.channel_open = True  # False: what is sent is dropped, as by a channel that has not opened
        self.offers = 0  # that were asked for
        self.endpoints: dict[int, Endpoint] = {}  # open ones, by their number
        self._everywhere: dict[int, Endpoint] = _network()
        self._post = post
        self._loop = asyncio.get_running_loop()

    def send(self, command: media.Command) -> None:
        self._loop.call_soon(self._perform, command)

    def break_connections(self) -> None:
        """As when the network goes: both ends notice."""
        for endpoint in list(self.endpoints.values()):
            peer = self._everywhere.get(endpoint.remote or 0)
            for end in (endpoint, peer):
                if end is not None and end.connected:
                    end.connected = False
                    end.seat.say(media.PeerFailed(end.call_id, end.attempt))

    def say(self, event: media.Event) -> None:
        self._loop.call_soon(self._post, event)

    def _perform(self, command: media.Command) -> None:
        match command:
            case media.OpenSources():
                self.say(media.SourcesOpened(CAMERA, MICROPHONE, None))
            case media.EnableSource(device, enabled):
                info = {Device.CAMERA: CAMERA, Device.MICROPHONE: MICROPHONE}[device]
                self.say(media.SourceChanged(device, info if enabled else None))
            case media.CreateOffer(call_id, attempt):
                self.offers += 1
                endpoint = self._open(call_id, attempt)
                self.say(media.OfferReady(call_id, attempt, endpoint.description))
                self._trickle(endpoint)
            case media.CreateAnswer(call_id, attempt, offer):
                endpoint = self._open(call_id, attempt)
                if self._take(endpoint, offer):
                    self.say(media.AnswerReady(call_id, attempt, endpoint.description))
                    self._trickle(endpoint)
                    self._connect(endpoint)
            case media.ApplyAnswer(call_id, attempt, answer):
                for endpoint in list(self.endpoints.values()):
                    if (endpoint.call_id, endpoint.attempt) == (call_id, attempt) and self._take(
                        endpoint, answer
                    ):
                        self._connect(endpoint)
            case media.ClosePeer(call_id):
                for number, endpoint in list(self.endpoints.items()):
                    if endpoint.call_id == call_id:
                        del self.endpoints[number], self._everywhere[number]
            case media.SendMessage(call_id, text):
                self._transmit(call_id, text)
            case _:
                pass

    def _open(self, call_id: str, attempt: int) -> Endpoint:
        endpoint = Endpoint(self, call_id, attempt)
        self.endpoints[endpoint.number] = self._everywhere[endpoint.number] = endpoint
        return endpoint

    def _trickle(self, endpoint: Endpoint) -> None:
        about = endpoint.call_id, endpoint.attempt
        candidate = Candidate("candidate:1 1 udp 1 192.0.2.9 5 typ host", "0", 0)
        self.say(media.LocalCandidate(*about, candidate))
        self.say(media.LocalCandidate(*about, None))

    def _take(self, endpoint: Endpoint, description: Description) -> bool:
        """As the engine: refuse a description that does not name one certificate."""
        found = fingerprints_in(description.sdp)
        names = [line[2:] for line in description.sdp.splitlines() if line.startswith("s=")]
        if len(found) != 1 or len(names) != 1 or not names[0].isdecimal():
            error = MediaError(ErrorCode.NEGOTIATION_FAILED, "a description that cannot be used")
            self.say(media.NegotiationFailed(endpoint.call_id, endpoint.attempt, error))
            return False
        endpoint.remote = int(names[0])
        endpoint.remote_fingerprint = next(iter(found))
        return True

    def _connect(self, endpoint: Endpoint) -> None:
        peer = self._everywhere.get(endpoint.remote or 0)
        if peer is None or peer.remote != endpoint.number:
            return
        for own, other in ((endpoint, peer), (peer, endpoint)):
            if own.remote_fingerprint != other.seat.certificate:
                return  # DTLS refuses it
        for end in (endpoint, peer):
            end.connected = True
            end.seat.say(media.PeerConnected(end.call_id, end.attempt))

    def _transmit(self, call_id: str, text: str) -> None:
        for endpoint in self.endpoints.values():
            peer = self._everywhere.get(endpoint.remote or 0)
            if endpoint.call_id == call_id and endpoint.connected and peer is not None and self.channel_open:
                peer.seat.say(media.MessageReceived(peer.call_id, text))


class FakeEngine:
    """An engine with a certificate of its own."""

    def __init__(self, name: str) -> None:
        self.certificate = hashlib.sha256(name.encode()).digest()

    def seat(self, post: Callable[[media.Event], None]) -> FakeSeat:
        return FakeSeat(post, self.certificate)


_networks: dict[asyncio.AbstractEventLoop, dict[int, Endpoint]] = {}


def _network() -> dict[int, Endpoint]:
    """All endpoints of this loop: a test's own network."""
    loop = asyncio.get_running_loop()
    for other in [known for known in _networks if known.is_closed()]:
        del _networks[other]
    return _networks.setdefault(loop, {})
