"""Closing: a close frame in its turn, and everything freed whatever the peer does."""

import struct
import threading

import pytest

from genai_live.transport import TransportClosed
from tests.raw_server import CLOSE, TEXT, close_frame, frame
from tests.timing import SOON, scaled
from tests.transport.connections import connected, wait_until_writing


@pytest.mark.parametrize("tls", [False, True])
def test_close_sends_a_close_frame_and_reads_the_answer(tls):
    """The closing handshake of RFC 6455, section 7."""
    frames = []

    def handle(peer):
        frames.append(peer.read_frame())
        peer.send(close_frame(1000))

    with connected(handle, tls=tls) as transport:
        transport.close(1000, "done")
        with pytest.raises(TransportClosed) as caught:
            transport.receive(SOON)
    assert caught.value.code == 1000
    assert frames == [(True, CLOSE, struct.pack("!H", 1000) + b"done")]


def test_nothing_is_sent_after_a_close():
    """A send after close raises, and the peer sees nothing of it."""
    frames = []

    def handle(peer):
        frames.append(peer.read_frame())
        peer.read_until_closed()

    with connected(handle) as transport:
        transport.close(1000, "")
        with pytest.raises(TransportClosed, match="closing"):
            transport.send(b"late", SOON)
    assert [item.opcode for item in frames] == [CLOSE]


def test_a_long_reason_is_cut_between_characters():
    """A reason has at most 123 bytes, and stays UTF-8."""
    frames = []

    def handle(peer):
        frames.append(peer.read_frame())

    with connected(handle) as transport:
        transport.close(4000, "é" * 100)
        with pytest.raises(TransportClosed):
            transport.receive(SOON)
    assert frames[0].payload[2:].decode() == "é" * 61


def test_a_close_follows_the_message_that_is_being_written():
    """Closing while a writer is in the middle of a frame puts the close frame behind it."""
    frames, read_on = [], threading.Event()

    def handle(peer):
        assert read_on.wait(SOON)
        frames.extend(peer.read_frame().opcode for _ in range(2))
        peer.send(close_frame(1000))

    with connected(handle) as transport:
        writer = threading.Thread(target=transport.send, args=(b"x" * 12_000_000, SOON))
        writer.start()
        wait_until_writing(transport)
        transport.close(1000, "")
        read_on.set()
        with pytest.raises(TransportClosed):
            transport.receive(SOON)
        writer.join(SOON)
    assert frames == [TEXT, CLOSE]


def test_abort_ends_a_waiting_reader():
    """A reader that waits for a silent peer is raised out of it."""
    with connected(lambda peer: peer.wait_until_told()) as transport:
        threading.Timer(scaled(0.05), transport.abort).start()
        with pytest.raises(TransportClosed, match="aborted"):
            transport.receive()


def test_dispose_waits_for_a_writer_to_leave():
    """The descriptor is freed only when no writer can be waiting on its number any more."""
    left = threading.Event()
    with connected(lambda peer: peer.wait_until_told()) as transport:

        def write():
            with pytest.raises(TransportClosed):
                transport.send(b"x" * 12_000_000)
            left.set()

        writer = threading.Thread(target=write)
        writer.start()
        wait_until_writing(transport)
        transport.dispose()
        assert left.wait(SOON)
        writer.join(SOON)


def test_data_before_the_close_is_still_read():
    """Messages that came before the peer's close are delivered first."""

    def handle(peer):
        peer.send(frame(TEXT, b"last words") + close_frame(1000))

    with connected(handle) as transport:
        assert transport.receive(SOON) == "last words"
        with pytest.raises(TransportClosed):
            transport.receive(SOON)
