"""What is recorded, and waiting for it."""

import threading

import pytest

from genai_live.emulator import Emulator
from genai_live.errors import LiveTimeout
from tests.emulator.live_client import GEMINI, talk, talk_set_up
from tests.timing import SOON


def test_frames_are_recorded_as_they_came(emulator):
    """Parsed, with their spelling, in order."""
    messages = [
        {"setup": {"model": "models/gemini-2.0-flash-live-001", "generation_config": {"topK": 1.0}}},
        {"client_content": {"turns": None, "turnComplete": False}},
    ]
    with talk(emulator) as client:
        for message in messages:
            client.send(message)
        emulator.wait_until(lambda: len(emulator.connections[0].received) == 2, SOON)
    assert emulator.connections[0].received == tuple(messages)
    assert emulator.connections[0].path == GEMINI


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [((), 1000, ""), ((1001, "Leaving"), 1001, "Leaving"), ((4000, "é" * 61), 4000, "é" * 61)],
)
def test_the_clients_close_is_recorded(emulator, arguments, code, reason):
    """Its code and reason, and that it was the client's; it is answered with 1000."""
    with talk_set_up(emulator) as client:
        client.socket.close(*arguments)
        assert client.socket.close_code == 1000
    emulator.wait_until(lambda: emulator.connections[0].closed_by, SOON)
    connection = emulator.connections[0]
    assert (connection.closed_by, connection.close_code, connection.close_reason) == ("client", code, reason)


def test_a_close_without_a_code_is_1005(emulator):
    """JavaScript's close() sends none (RFC 6455, section 7.1.5)."""
    with talk_set_up(emulator) as client:
        client.socket.socket.sendall(b"\x88\x80" + bytes(4))
        emulator.wait_until(lambda: emulator.connections[0].closed_by, SOON)
    assert emulator.connections[0].close_code == 1005


def test_a_lost_client_is_1006(emulator):
    """A connection that ends without a close frame."""
    with talk_set_up(emulator) as client:
        client.socket.socket.shutdown(1)
        emulator.wait_until(lambda: emulator.connections[0].closed_by, SOON)
    connection = emulator.connections[0]
    assert (connection.closed_by, connection.close_code, connection.close_reason) == ("client", 1006, "")


def test_connections_are_listed_in_order(emulator):
    """Closed ones stay."""
    for path in ("/one", "/two"):
        with talk(emulator, path + GEMINI):
            pass
    assert [connection.path for connection in emulator.connections] == ["/one" + GEMINI, "/two" + GEMINI]


def test_a_connection_is_recorded_before_its_upgrade(emulator):
    """A client that is connected can look itself up at once."""
    for number in range(20):
        with talk(emulator):
            assert emulator.connections[number].closed_by is None


def test_waiting_returns_what_the_condition_returns(emulator):
    """So that the thing waited for can be used."""
    with talk_set_up(emulator):
        connection = emulator.wait_until(lambda: emulator.connections and emulator.connections[-1])
        assert connection is emulator.connections[0]


def test_waiting_ends_when_it_happens(emulator):
    """A wait that begins before is woken by what comes after."""
    waiting = threading.Event()

    def closed():
        waiting.set()
        return bool(emulator.connections) and emulator.connections[0].close_code == 4001

    def connect():
        waiting.wait(SOON)
        with talk_set_up(emulator) as client:
            client.socket.close(4001)

    thread = threading.Thread(target=connect)
    thread.start()
    assert emulator.wait_until(closed, SOON) is True
    thread.join(SOON)


def test_waiting_has_a_deadline():
    """It raises when the condition did not hold in time, and says what is recorded."""
    emulator = Emulator()
    with pytest.raises(LiveTimeout, match=r"did not hold within 0\.01 s; recorded: \(\)"):
        emulator.wait_until(lambda: emulator.connections, timeout=0.01)


def test_a_condition_is_asked_once_though_there_is_no_time():
    """A timeout of 0 looks, and does not wait."""
    assert Emulator().wait_until(lambda: "now", timeout=0) == "now"


def test_what_a_condition_raises_comes_through(emulator):
    """A mistake in the condition is not taken for its not holding."""
    with pytest.raises(IndexError):
        emulator.wait_until(lambda: emulator.connections[0])


def test_a_connection_says_how_it_stands(emulator):
    """The representation tells the state."""
    with talk_set_up(emulator):
        assert repr(emulator.connections[0]) == f"<Connection {GEMINI}: 1 frames received, open>"
    emulator.wait_until(lambda: emulator.connections[0].closed_by, SOON)
    assert repr(emulator.connections[0]).endswith("closed by the client with 1000>")
