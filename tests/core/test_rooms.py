from hypothesis import given
from hypothesis import strategies as st

from signaling_server import wire
from signaling_server.rooms import ROOM_SIZE, Drop, Rooms, Send
from signaling_server.wire import ErrorCode, LeaveReason

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def _join(room: str, id_: str, resume: str | None = None) -> wire.Join:
    return wire.Join(wire.VERSION, room, id_, resume)


def _room_of_two() -> Rooms:
    rooms = Rooms(max_rooms=10)
    rooms.join(1, _join("room", A), "1" * 32)
    rooms.join(2, _join("room", B), "2" * 32)
    return rooms


def test_the_first_in_a_room_is_alone() -> None:
    assert Rooms(10).join(1, _join("room", A), "1" * 32) == (Send(1, wire.Joined("room", (), "1" * 32)),)


def test_the_second_learns_of_the_first_and_the_first_of_the_second() -> None:
    rooms = Rooms(10)
    rooms.join(1, _join("room", A), "1" * 32)
    assert rooms.join(2, _join("room", B), "2" * 32) == (
        Send(2, wire.Joined("room", (A,), "2" * 32)),
        Send(1, wire.PeerJoined(B)),
    )


def test_who_joins_learns_of_the_ice_servers() -> None:
    ice_servers = (wire.IceServer(("stun:stun.example.org:3478",)),)
    assert Rooms(10).join(1, _join("room", A), "1" * 32, ice_servers) == (
        Send(1, wire.Joined("room", (), "1" * 32, ice_servers)),
    )


def test_the_third_is_told_that_the_room_is_full() -> None:
    rooms = _room_of_two()
    assert rooms.join(3, _join("room", C), "3" * 32) == (
        Send(3, wire.Full("room")),
        Drop(3, wire.CLOSE_NORMAL),
    )
    assert rooms.leave(3, LeaveReason.CLOSED) == ()


def test_a_payload_reaches_the_other_one_only() -> None:
    rooms = _room_of_two()
    rooms.join(3, _join("elsewhere", C), "3" * 32)
    assert rooms.handle(1, wire.Relay("QUJD")) == (Send(2, wire.Relayed(A, "QUJD")),)
    assert rooms.handle(2, wire.Relay("QUJD")) == (Send(1, wire.Relayed(B, "QUJD")),)


def test_a_payload_for_nobody_is_an_error_that_ends_nothing() -> None:
    rooms = Rooms(10)
    rooms.join(1, _join("room", A), "1" * 32)
    (effect,) = rooms.handle(1, wire.Relay("QUJD"))
    assert isinstance(effect, Send)
    assert isinstance(effect.message, wire.Error)
    assert effect.message.code is ErrorCode.NO_PEER
    assert len(rooms) == 1


def test_leaving_is_told_with_its_reason_and_empties_the_room() -> None:
    rooms = _room_of_two()
    assert rooms.handle(1, wire.Leave()) == (
        Send(2, wire.PeerLeft(A, LeaveReason.LEFT)),
        Drop(1, wire.CLOSE_NORMAL),
    )
    assert rooms.leave(1, LeaveReason.CLOSED) == ()
    assert rooms.leave(2, LeaveReason.TIMEOUT) == ()
    assert len(rooms) == 0


def _error_code(effects: tuple[Send | Drop, ...], client: int) -> ErrorCode:
    """The code of the error that ends `client`'s connection."""
    assert effects[-1] == Drop(client, wire.CLOSE_POLICY)
    told = effects[-2]
    assert isinstance(told, Send)
    assert told.client == client
    assert isinstance(told.message, wire.Error)
    return told.message.code


def test_a_relay_before_the_join_is_refused() -> None:
    effects = Rooms(10).handle(1, wire.Relay("QUJD"))
    assert _error_code(effects, 1) is ErrorCode.UNEXPECTED_MESSAGE


def test_a_second_join_ends_the_connection_and_the_peer_is_told() -> None:
    rooms = _room_of_two()
    effects = rooms.join(1, _join("room", A), "3" * 32)
    assert effects[0] == Send(2, wire.PeerLeft(A, LeaveReason.ERROR))
    assert _error_code(effects, 1) is ErrorCode.UNEXPECTED_MESSAGE


def test_an_id_that_is_there_already_needs_its_resume_token() -> None:
    for resume in (None, "f" * 32, "2" * 32):
        rooms = _room_of_two()
        effects = rooms.join(3, _join("room", A, resume), "3" * 32)
        assert _error_code(effects, 3) is ErrorCode.ID_IN_USE
        assert rooms.handle(1, wire.Relay("QUJD")) == (Send(2, wire.Relayed(A, "QUJD")),)


def test_the_resume_token_replaces_the_own_connection_even_in_a_full_room() -> None:
    rooms = _room_of_two()
    effects = rooms.join(3, _join("room", A, "1" * 32), "3" * 32)
    assert _error_code(effects[:2], 1) is ErrorCode.REPLACED
    assert effects[2:] == (Send(3, wire.Joined("room", (B,), "3" * 32)), Send(2, wire.PeerJoined(A)))
    assert rooms.leave(1, LeaveReason.TIMEOUT) == (), "the end of the old connection is nobody's leaving"
    assert rooms.handle(2, wire.Relay("QUJD")) == (Send(3, wire.Relayed(B, "QUJD")),)


def test_a_resume_token_is_used_up_by_resuming() -> None:
    rooms = _room_of_two()
    rooms.join(3, _join("room", A, "1" * 32), "3" * 32)
    effects = rooms.join(4, _join("room", A, "1" * 32), "4" * 32)
    assert _error_code(effects, 4) is ErrorCode.ID_IN_USE


def test_a_token_of_a_forgotten_room_is_no_obstacle() -> None:
    effects = Rooms(10).join(1, _join("room", A, "9" * 32), "1" * 32)
    assert effects == (Send(1, wire.Joined("room", (), "1" * 32)),)


def test_the_number_of_rooms_is_limited_but_not_the_way_into_existing_ones() -> None:
    rooms = Rooms(max_rooms=1)
    rooms.join(1, _join("room", A), "1" * 32)
    assert _error_code(rooms.join(2, _join("another", B), "2" * 32), 2) is ErrorCode.TOO_MANY_ROOMS
    assert rooms.join(3, _join("room", C), "3" * 32)[0] == Send(3, wire.Joined("room", (A,), "3" * 32))
    rooms.leave(1, LeaveReason.LEFT)
    rooms.leave(3, LeaveReason.LEFT)
    assert rooms.join(4, _join("another", B), "4" * 32) == (Send(4, wire.Joined("another", (), "4" * 32)),)


steps = st.tuples(
    st.integers(1, 6),
    st.one_of(
        st.builds(_join, st.sampled_from(["x", "y", "z"]), st.sampled_from([A, B, C])),
        st.just(wire.Relay("QUJD")),
        st.just(wire.Leave()),
        st.sampled_from(LeaveReason),
    ),
)


@given(st.lists(steps, max_size=60))
def test_whatever_clients_do_everybody_knows_who_is_in_the_room(
    history: list[tuple[int, wire.ClientMessage | LeaveReason]],
) -> None:
    rooms = Rooms(max_rooms=2)
    tokens: dict[str, str] = {}  # of each id, as its client remembers it
    seen: dict[int, set[str]] = {}  # what each client in a room believes of the others
    ids: dict[int, tuple[str, str]] = {}  # client -> room, id
    dropped: set[int] = set()
    for number, (slot, action) in enumerate(history):
        client = slot + 10 * len([d for d in dropped if d % 10 == slot])  # a new connection once dropped
        if isinstance(action, wire.Join):
            action = _join(action.room, action.id, tokens.get(action.id))
            effects = rooms.join(client, action, f"{number:032x}")
        elif isinstance(action, LeaveReason):
            effects = rooms.leave(client, action)
            ids.pop(client, None)
            seen.pop(client, None)
        else:
            effects = rooms.handle(client, action)
        for effect in effects:
            assert effect.client not in dropped
            match effect:
                case Drop():
                    dropped.add(effect.client)
                    ids.pop(effect.client, None)
                    seen.pop(effect.client, None)
                case Send(to, wire.Joined(room, peers, token)):
                    assert isinstance(action, wire.Join)
                    ids[to] = (room, action.id)
                    tokens[action.id] = token
                    seen[to] = set(peers)
                case Send(to, wire.PeerJoined(peer)):
                    seen[to].add(peer)
                case Send(to, wire.PeerLeft(peer)):
                    seen[to].remove(peer)
                case Send(to, wire.Relayed(sender)):
                    assert sender in seen[to]
        assert len(rooms) == len({room for room, _ in ids.values()}) <= 2
        for client_in, (room, _) in ids.items():
            others = {id_ for other, (where, id_) in ids.items() if where == room and other != client_in}
            assert seen[client_in] == others
            assert {ids[other][1] for other in rooms.peers_of(client_in)} == others
            assert len(others) < ROOM_SIZE
