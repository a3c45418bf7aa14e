"""The chat of a call: what was shown as sent arrives, in order and once, or is said to have failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.call.machine import Call
from callapp.call.states import State
from callapp.errors import CallAppError, ErrorCode
from callapp.media import messages as media
from callapp.session import chat as module
from callapp.session import messages as wire
from callapp.session.chat import IN_FLIGHT, MAX_MESSAGES, MAX_WAITING, Chat, tidy
from callapp.session.view import ChatState

CALL = "0123456789abcdef"
OTHER_CALL = "fedcba9876543210"


class Side:
    """A chat whose channel is a list."""

    def __init__(self, name: str) -> None:
        self.outbox: list[wire.Message] = []
        self.changes = 0
        self.sent = asyncio.Event()
        self.chat = Chat(
            command=self._command, changed=self._changed, names=lambda: (name, f"{name}'s friend")
        )

    def _command(self, command: media.Command) -> None:
        assert isinstance(command, media.SendMessage)
        self.outbox.append(wire.decode(command.text))
        self.sent.set()

    def _changed(self) -> None:
        self.changes += 1

    def enter(self, state: State, call_id: str = CALL) -> None:
        self.chat.call_changed(Call(state, call_id))

    def take(self) -> list[wire.Message]:
        taken, self.outbox = self.outbox, []
        return taken

    def hear(self, *messages: wire.Message) -> None:
        for message in messages:
            if isinstance(message, wire.Chat):
                self.chat.received(message)
            elif isinstance(message, wire.ChatAck):
                self.chat.acknowledged(message)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.chat.history]

    @property
    def states(self) -> list[ChatState]:
        return [message.state for message in self.chat.history]


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Side, Side]]:
    sides = Side("Mina"), Side("Jonas")
    for side in sides:
        side.enter(State.CONNECTED)
    yield sides
    for side in sides:
        side.chat.close()


async def test_a_message_arrives_and_its_writer_is_told(pair: tuple[Side, Side]) -> None:
    mina, jonas = pair
    mina.chat.say("안녕하세요 👋")
    assert mina.states == [ChatState.SENDING]
    jonas.hear(*mina.take())
    (message,) = jonas.chat.history
    assert (message.own, message.author, message.text) == (False, "Jonas's friend", "안녕하세요 👋")
    assert jonas.chat.unread == 1
    mina.hear(*jonas.take())
    assert mina.states == [ChatState.DELIVERED]
    assert mina.chat.history[0].author == "Mina"
    jonas.chat.read()
    assert jonas.chat.unread == 0


async def test_what_a_broken_connection_swallowed_goes_again_in_order_and_is_shown_once(
    pair: tuple[Side, Side],
) -> None:
    mina, jonas = pair
    for text in ("1", "2", "3"):
        mina.chat.say(text)
    first, _, _ = mina.take()
    jonas.hear(first)
    jonas.take()  # the acknowledgement is lost, too
    mina.enter(State.RECONNECTING)
    mina.chat.say("4")
    assert mina.take() == []
    assert mina.chat.open
    mina.enter(State.CONNECTED)
    jonas.hear(*mina.take())
    assert jonas.texts == ["1", "2", "3", "4"]
    mina.hear(*jonas.take())
    assert mina.states == [ChatState.DELIVERED] * 4


async def test_what_the_channel_did_not_take_goes_again_by_itself(
    pair: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESEND_MIN_S", 0.01)
    mina, jonas = pair
    mina.enter(State.RECONNECTING)
    mina.enter(State.CONNECTED)
    mina.chat.say("said before the channel was open")
    (said,) = mina.take()
    mina.sent.clear()
    async with asyncio.timeout(10):
        await mina.sent.wait()
    assert mina.take()[0] == said
    jonas.hear(said, said)
    assert len(jonas.texts) == 1


async def test_the_first_word_of_the_peer_shows_that_the_channel_is_open(pair: tuple[Side, Side]) -> None:
    mina, _ = pair
    mina.chat.say("said before the channel was open")
    (said,) = mina.take()
    mina.chat.channel_heard()
    assert mina.take() == [said]
    mina.chat.channel_heard()
    assert mina.take() == []


async def test_a_bounded_number_is_on_its_way_and_a_full_chat_says_so(pair: tuple[Side, Side]) -> None:
    mina, jonas = pair
    for number in range(MAX_WAITING):
        mina.chat.say(str(number))
    assert len(mina.outbox) == IN_FLIGHT
    with pytest.raises(CallAppError) as caught:
        mina.chat.say("one too many")
    assert caught.value.code is ErrorCode.CHAT_FULL
    assert len(mina.texts) == MAX_WAITING, "what is refused is not shown"
    while mina.outbox:
        jonas.hear(*mina.take())
        mina.hear(*jonas.take())
    assert jonas.texts == mina.texts == [str(number) for number in range(MAX_WAITING)]
    mina.chat.say("there is room again")


async def test_the_end_of_the_call_fails_what_has_not_arrived(pair: tuple[Side, Side]) -> None:
    mina, jonas = pair
    mina.chat.say("arrives")
    jonas.hear(*mina.take())
    mina.hear(*jonas.take())
    mina.chat.say("does not")
    mina.enter(State.ENDED)
    assert mina.states == [ChatState.DELIVERED, ChatState.FAILED]
    assert not mina.chat.open


async def test_the_history_is_for_one_call_only(pair: tuple[Side, Side]) -> None:
    mina, _ = pair
    mina.hear(wire.Chat("a" * 16, "hello", 0.0))
    mina.enter(State.ENDED)
    assert mina.texts == ["hello"], "it can still be read"
    mina.enter(State.OFFERING, OTHER_CALL)
    assert (mina.texts, mina.chat.unread) == ([], 0)


async def test_another_call_in_the_place_of_this_one_gets_nothing_that_was_meant_for_it(
    pair: tuple[Side, Side],
) -> None:
    """The other app was started anew and calls again while ours still tries to reconnect."""
    mina, _ = pair
    mina.chat.say("for the old one")
    mina.enter(State.RECONNECTING)
    mina.take()
    mina.enter(State.ANSWERING, OTHER_CALL)
    mina.enter(State.CONNECTED, OTHER_CALL)
    assert mina.take() == []
    assert mina.states == [ChatState.FAILED]


@pytest.mark.parametrize("state", [State.IDLE, State.OFFERING, State.CONNECTING, State.ENDED])
async def test_without_a_connected_call_there_is_nobody_to_chat_with(state: State) -> None:
    side = Side("Mina")
    side.enter(state)
    with pytest.raises(CallAppError) as caught:
        side.chat.say("hello?")
    assert caught.value.code is ErrorCode.INVALID_STATE
    assert side.texts == []


@pytest.mark.parametrize("text", ["", " \n ", "😀" * 4001])
async def test_an_empty_or_overlong_text_is_refused(pair: tuple[Side, Side], text: str) -> None:
    with pytest.raises(CallAppError) as caught:
        pair[0].chat.say(text)
    assert caught.value.code is ErrorCode.INVALID_ARGUMENT


async def test_a_flood_is_bounded_and_acknowledgements_of_nothing_are_ignored(
    pair: tuple[Side, Side],
) -> None:
    mina, _ = pair
    for number in range(MAX_MESSAGES + 10):
        mina.chat.received(wire.Chat(f"{number:016x}", str(number), 0.0))
    assert len(mina.texts) == MAX_MESSAGES
    assert mina.texts[0] == "10"
    mina.hear(wire.ChatAck("f" * 16))


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_becomes_one_that_can_be_sent(text: str) -> None:
    tidied = tidy(text)
    assert tidied == tidy(tidied)
    if 1 <= len(tidied) <= module.MAX_CHARS:
        message = wire.Chat(CALL, tidied, 0.0)
        encoded = wire.encode(message)
        assert len(encoded) <= 16 * 1024
        assert wire.decode(encoded) == message


def test_line_feeds_stay_and_other_control_characters_do_not() -> None:
    assert tidy("  a\r\nb\rc\td\x00e\ud800 ") == "a\nb\nc d e\ufffd"
