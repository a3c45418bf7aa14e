"""When a video frame is complete, and what happens if one never is.

aiortc's buffer releases a frame when the next one begins, one frame a packet, and waits for a lost packet until its
512 places are full: a loss that no retransmission mends freezes the picture for many seconds.
"""

from __future__ import annotations

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

STALL_FRAMES = 10  # so many frames behind a gap (1/3 s at 30 fps): retransmission has failed
KEY_FRAME_PATIENCE = 60  # frames; then anything is better than nothing
ASK_AGAIN_FRAMES = 15


class PromptFrame(JitterFrame):
    """An encoded frame; `following` are those that became complete with it, once the gap before them was closed."""

    def __init__(self, data: bytes, timestamp: int) -> None:
        super().__init__(data, timestamp)
        self.following: list[PromptFrame] = []


class PromptJitterBuffer(JitterBuffer):
    """Releases video frames at their marker bit (RFC 3550 section 5.1, RFC 7741 section 4.1).

    A gap that lasts is given up: a key frame is asked for, and nothing is released before it comes. Sound is buffered
    as in aiortc.
    """

    def __init__(self, capacity: int, prefetch: int = 0, is_video: bool = False) -> None:
        super().__init__(capacity, prefetch, is_video)
        self._waiting_frames = 0  # ends of frames seen since one was released
        self._key_patience = 0  # frames to drop at most while waiting for a key frame

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Take a packet; -> whether to ask for a key frame, and the frame that is complete now."""
        ask, frame = super().add(packet)
        if not self._is_video:
            return ask, frame
        if frame is not None:
            self._waiting_frames = 0
            return self._unless_awaiting_key(ask, frame)
        if packet.marker:
            self._waiting_frames += 1
        if self._waiting_frames < STALL_FRAMES:
            return ask, None
        self._give_up_gap(packet)
        return True, None

    def _unless_awaiting_key(self, ask: bool, frame: JitterFrame) -> tuple[bool, JitterFrame | None]:
        assert isinstance(frame, PromptFrame)
        frames = [frame, *frame.following]
        while frames and self._key_patience:
            if is_vp8_key_frame(frames[0].data):
                self._key_patience = 0
                break
            del frames[0]
            self._key_patience -= 1
            ask = ask or self._key_patience % ASK_AGAIN_FRAMES == 0
        if not frames:
            return ask, None
        frames[0].following = frames[1:]
        return ask, frames[0]

    def _give_up_gap(self, newest: RtpPacket) -> None:
        """Forget everything up to the newest packet, the end of a frame."""
        self.remove(self._capacity)
        self._origin = (newest.sequence_number + 1) & 0xFFFF
        self._waiting_frames = 0
        self._key_patience = KEY_FRAME_PATIENCE

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        if not self._is_video:
            return super()._remove_frame(sequence_number)
        first = self._next_frame()
        if first is not None:
            while (frame := self._next_frame()) is not None:
                first.following.append(frame)
        return first

    def _next_frame(self) -> PromptFrame | None:
        origin = self._origin or 0
        parts: list[bytes] = []
        timestamp: int | None = None
        for count in range(self._capacity):
            packet = self._packets[(origin + count) % self._capacity]
            if packet is None:
                return None
            if timestamp is None:
                timestamp = packet.timestamp
            elif packet.timestamp != timestamp:  # no marker bit: the next frame ends this one
                self.remove(count)
                return PromptFrame(b"".join(parts), timestamp)
            parts.append(packet._data)  # type: ignore[attr-defined]
            if packet.marker:
                self.remove(count + 1)
                return PromptFrame(b"".join(parts), timestamp)
        return None


def is_vp8_key_frame(data: bytes) -> bool:
    """A VP8 frame that needs no other (RFC 6386 section 9.1)."""
    return len(data) >= 6 and not data[0] & 1 and data[3:6] == b"\x9d\x01\x2a"
