"""Frames become messages; what breaks RFC 6455 or a bound is refused after what came before it."""

import struct
import threading

import pytest

from genai_live.errors import ProtocolError
from genai_live.transport import TransportClosed
from tests.raw_server import BINARY, CLOSE, PING, PONG, TEXT, close_frame, frame
from tests.timing import SOON, scaled
from tests.transport.connections import connected


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 300_000])
def test_a_message_of_every_length_form(size, tls):
    """The three forms of a length, and payloads over many reads, arrive whole."""
    payload = bytes(index % 251 for index in range(size))

    def handle(peer):
        peer.send(frame(BINARY, payload))
        peer.wait_until_told()

    with connected(handle, tls=tls) as transport:
        assert transport.receive(SOON) == payload


def test_text_is_str_and_binary_is_bytes():
    """The kind of a message is told by its type."""

    def handle(peer):
        peer.send(frame(TEXT, "é".encode()) + frame(BINARY, "é".encode()))
        peer.wait_until_told()

    with connected(handle) as transport:
        assert transport.receive(SOON) == "é"
        assert transport.receive(SOON) == "é".encode()


def test_fragments_are_joined_round_control_frames():
    """A message in fragments arrives whole, with pings in between answered."""

    def handle(peer):
        peer.send(frame(TEXT, b"a", fin=False) + frame(PING, b"now") + frame(0, b"b", fin=False))
        assert peer.read_frame() == (True, PONG, b"now")
        peer.send(frame(0, b"c"))
        peer.wait_until_told()

    with connected(handle) as transport:
        assert transport.receive(SOON) == "abc"


def test_one_byte_at_a_time():
    """However the bytes are cut up, the messages are the same."""
    data = frame(TEXT, b"one") + frame(BINARY, b"x" * 130, fin=False) + frame(0, b"y") + frame(PING)

    def handle(peer):
        for index in range(len(data)):
            peer.send(data[index : index + 1])
        peer.wait_until_told()

    with connected(handle) as transport:
        assert transport.receive(SOON) == "one"
        assert transport.receive(SOON) == b"x" * 130 + b"y"


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (
            frame(BINARY, b"x")[:1] + b"\x7f" + struct.pack("!Q", 1 << 62),
            "declares 4611686018427387904 bytes",
        ),
        (frame(BINARY, b"x" * 2000), "declares 2000 bytes; the bound is 1000"),
        (frame(BINARY, b"x" * 600, fin=False) + frame(0, b"x" * 600), "over 1000 bytes"),
        (b"\x82\x81abcdx", "masked"),
        (b"\xc2\x01x", "reserved bit"),
        (b"\x83\x01x", "no opcode 3"),
        (frame(0, b"x"), "out of order"),
        (frame(TEXT, b"x", fin=False) + frame(TEXT, b"y"), "out of order"),
        (frame(PING, b"x" * 126), "over 125 bytes"),
        (frame(PING, fin=False), "fragmented"),
        (frame(CLOSE, b"\x03"), "half a code"),
        (close_frame(1005), "the code 1005"),
        (frame(TEXT, b"\xff\xfe"), "not UTF-8"),
    ],
)
def test_what_breaks_the_protocol_comes_after_what_was_good(bad, complaint):
    """A ProtocolError says what is wrong, once everything before it was delivered."""

    def handle(peer):
        peer.send(frame(TEXT, b"good") + bad)
        peer.wait_until_told()

    with connected(handle, max_message_bytes=1000) as transport:
        assert transport.receive(SOON) == "good"
        with pytest.raises(ProtocolError, match=complaint):
            transport.receive(SOON)


@pytest.mark.parametrize(
    ("sent", "code", "reason"),
    [
        (close_frame(1008, "The operation was aborted."), 1008, "The operation was aborted."),
        (frame(CLOSE), 1005, ""),
        (frame(CLOSE, b"\x03\xf3caf\xe9"), 1011, "caf\ufffd"),
        (b"", 1006, "without a close frame"),
        (frame(TEXT, b"half")[:3], 1006, "without a close frame"),
    ],
)
def test_the_end_tells_its_code_and_reason(sent, code, reason):
    """The close frame's code and reason reach the reader, also when the peer is gone right after it."""

    def handle(peer):
        peer.send(sent)

    with connected(handle) as transport:
        for _ in range(2):
            with pytest.raises(TransportClosed) as caught:
                transport.receive(SOON)
            assert caught.value.code == code
            assert reason in caught.value.reason


def test_a_close_is_answered_with_its_code():
    """The peer's close frame is echoed (RFC 6455, section 5.5.1)."""
    answers = []

    def handle(peer):
        peer.send(close_frame(1001, "bye"))
        answers.append(peer.read_frame())

    with connected(handle) as transport, pytest.raises(TransportClosed):
        transport.receive(SOON)
    assert answers == [(True, CLOSE, struct.pack("!H", 1001))]


def test_receive_returns_none_at_its_timeout():
    """A quiet server is no error."""
    with connected(lambda peer: peer.wait_until_told()) as transport:
        assert transport.receive(scaled(0.02)) is None


def test_wake_ends_a_wait_and_keeps_half_a_message():
    """A woken reader goes on where it stood in a frame."""
    woken = threading.Event()
    whole = frame(TEXT, b"whole")

    def handle(peer):
        peer.send(whole[:4])
        assert woken.wait(SOON)
        peer.send(whole[4:])
        peer.wait_until_told()

    with connected(handle) as transport:
        threading.Timer(scaled(0.05), transport.wake).start()
        assert transport.receive() is None
        woken.set()
        assert transport.receive(SOON) == "whole"


def test_a_flood_of_pings_does_not_shut_out_a_wake_up():
    """The reader heeds a request even while control frames never stop coming."""

    def handle(peer):
        flood = frame(PING, b"x" * 100) * 500
        while not peer.stopping.is_set():
            peer.send(flood)

    with connected(handle) as transport:
        threading.Timer(scaled(0.1), transport.wake).start()
        assert transport.receive(SOON) is None
        transport.abort()


def test_a_paused_reader_leaves_messages_in_the_socket():
    """With ``paused`` nothing is read; without it the message is there."""

    def handle(peer):
        peer.send(frame(TEXT, b"later"))
        peer.wait_until_told()

    with connected(handle) as transport:
        assert transport.receive(scaled(0.05), paused=True) is None
        assert transport.receive(SOON) == "later"


@pytest.mark.parametrize("tls", [False, True])
def test_what_came_is_handed_on_before_it_waits(tls):
    """Once for messages that came together, and before it waits for the next ones."""
    waits, go_on = [], threading.Event()

    def handle(peer):
        peer.send(frame(TEXT, b"one") + frame(TEXT, b"two"))
        go_on.wait(SOON)
        peer.send(frame(TEXT, b"three"))
        peer.wait_until_told()

    def before_waiting():
        waits.append(len(came))
        if len(came) == 2:
            go_on.set()

    came = []
    with connected(handle, tls=tls) as transport:
        while len(came) < 3:
            came.append(transport.receive(SOON, before_waiting=before_waiting))
    assert came == ["one", "two", "three"]
    assert 2 in waits
    assert 1 not in waits


@pytest.mark.parametrize("ends", ["it has enough", "a wake-up", "the time"])
def test_messages_go_to_whoever_handles_them(ends):
    """One after the other, without a return between; what it has not handled is there afterwards."""
    came = []

    def handle(peer):
        peer.send(frame(TEXT, b"one") + frame(TEXT, b"two") + frame(TEXT, b"three"))
        peer.wait_until_told()

    def take(message):
        came.append(message)
        if message == "two" and ends == "a wake-up":
            transport.wake()
        return message != "two" or ends != "it has enough"

    with connected(handle) as transport:
        assert transport.receive(SOON if ends != "the time" else scaled(0.3), handle=take) is None
        if ends == "the time":
            assert came == ["one", "two", "three"]
        else:
            assert came == ["one", "two"]
            assert transport.receive(SOON) == "three"
