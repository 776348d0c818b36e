"""Messages leave whole or not at all, whoever writes and whatever the peer does."""

import signal
import threading

import pytest

from genai_live.errors import LiveTimeout
from genai_live.transport import TransportClosed
from tests.raw_server import BINARY, PING, PONG, TEXT, frame
from tests.timing import SOON, scaled
from tests.transport.connections import connected, wait_until_writing

LARGE = b"x" * 12_000_000
"""More than the sockets on both sides hold."""


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 200_000])
def test_a_message_arrives_as_one_masked_text_frame(size, tls):
    """What is sent is what the peer reads, in one frame."""
    frames = []

    def handle(peer):
        frames.append(peer.read_frame())
        peer.send(frame(TEXT, b"seen"))
        peer.wait_until_told()

    payload = b"y" * size
    with connected(handle, tls=tls) as transport:
        transport.send(payload, SOON)
        assert transport.receive(SOON) == "seen"
    assert frames == [(True, TEXT, payload)]


@pytest.mark.parametrize("tls", [False, True])
def test_a_stalled_send_times_out_and_ends_the_connection(tls):
    """After half a frame nothing sensible can follow: the connection is over, for reader and writers."""
    with connected(lambda peer: peer.wait_until_told(), tls=tls) as transport:
        with pytest.raises(LiveTimeout, match="did not take the message"):
            transport.send(LARGE, scaled(0.2))
        with pytest.raises(TransportClosed):
            transport.send(b"more", SOON)
        with pytest.raises(TransportClosed):
            transport.receive(SOON)


@pytest.mark.parametrize("tls", [False, True])
def test_a_second_writer_waits_for_the_first_and_sends_nothing_in_between(tls):
    """While one frame is half out, another writer keeps its deadline and puts nothing between the halves."""
    read_on, payloads = threading.Event(), []

    def handle(peer):
        assert read_on.wait(SOON)
        while payloads[-1:] != [b"second"]:
            payloads.append(peer.read_frame().payload)
        peer.send(frame(TEXT, b"done"))
        peer.wait_until_told()

    with connected(handle, tls=tls) as transport:
        first = threading.Thread(target=transport.send, args=(LARGE, SOON))
        first.start()
        before = 0
        with pytest.raises(LiveTimeout, match="another message was still being written"):
            while True:  # until the first one has the frame lock
                transport.send(b"before", scaled(0.05))
                before += 1
        read_on.set()
        first.join(SOON)
        transport.send(b"second", SOON)
        assert transport.receive(SOON) == "done"
    assert payloads == [b"before"] * before + [LARGE, b"second"]


def test_a_ping_is_answered_while_a_writer_is_stalled_as_soon_as_it_is_done():
    """The reader does not wait for the writer to answer a ping: the pong follows the frame."""
    frames = []
    writing, pinged = threading.Event(), threading.Event()

    def handle(peer):
        assert writing.wait(SOON)
        peer.send(frame(PING, b"1") + frame(PING, b"2") + frame(TEXT, b"pinged"))
        assert pinged.wait(SOON)
        frames.extend(peer.read_frame() for _ in range(2))
        peer.send(frame(TEXT, b"done"))
        peer.wait_until_told()

    with connected(handle) as transport:
        writer = threading.Thread(target=transport.send, args=(LARGE, SOON))
        writer.start()
        wait_until_writing(transport)
        writing.set()
        assert transport.receive(SOON) == "pinged"
        pinged.set()
        assert transport.receive(SOON) == "done"
        writer.join(SOON)
    assert [(item.opcode, item.payload) for item in frames] == [(TEXT, LARGE), (PONG, b"2")]


def test_a_paused_reader_reads_on_while_a_send_waits():
    """When both sides only write, reading goes on although the reader is told to pause."""

    def handle(peer):
        # Everything is sent before anything is read: with both sides doing so, only our reading helps.
        for _ in range(12):
            peer.send(frame(BINARY, b"z" * 1_000_000))
        assert peer.read_frame().payload == LARGE
        peer.send(frame(TEXT, b"done"))
        peer.wait_until_told()

    with connected(handle) as transport:
        received, sent = [], threading.Event()

        def read():
            while received[-1:] != ["done"]:
                message = transport.receive(SOON, paused=not sent.is_set())
                if message is not None:
                    received.append(message)

        reader = threading.Thread(target=read)
        reader.start()
        transport.send(LARGE, SOON)
        sent.set()
        transport.wake()
        reader.join(SOON)
        assert len(received) == 13


@pytest.mark.main_thread
def test_ctrl_c_in_a_half_written_message_ends_the_connection():
    """A KeyboardInterrupt inside a message is raised at once, and the connection is over."""

    def interrupt_the_writer(peer):
        assert peer.sock.recv(1)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
        peer.wait_until_told()

    previous = signal.signal(signal.SIGUSR1, _interrupt)
    try:
        with connected(interrupt_the_writer) as transport:
            with pytest.raises(KeyboardInterrupt):
                transport.send(LARGE, SOON)
            with pytest.raises(TransportClosed):
                transport.send(b"more", SOON / 2)  # the peer hangs up after SOON
    finally:
        signal.signal(signal.SIGUSR1, previous)


def _interrupt(*arguments):
    raise KeyboardInterrupt


def test_abort_frees_a_stalled_writer():
    """A writer that waits for the peer is raised out of it when the connection is cut."""
    with connected(lambda peer: peer.wait_until_told(), tls=True) as transport:
        outcome = []

        def write():
            try:
                transport.send(LARGE)
            except TransportClosed as error:
                outcome.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        threading.Timer(scaled(0.1), transport.abort).start()
        writer.join(SOON)
        assert len(outcome) == 1


def test_sending_on_a_broken_connection_raises():
    """A peer that is gone is noticed by the writer at the latest with its second message."""
    with connected(lambda peer: None) as transport:
        with pytest.raises(TransportClosed):
            while True:
                transport.send(LARGE, SOON)
