"""Memory is bounded, and no bound makes two sides wait for each other."""

import socket
import threading
import time

import pytest

from genai_live import LiveCallbacks, ReceiveBufferFull
from genai_live.runtime import mailbox
from tests.service import TURN_COMPLETE, answer_close, conversing, message, read_message, text
from tests.timing import SOON, eventually, scaled

PIECE = text("x" * 50_000)


@pytest.fixture
def small(monkeypatch):
    """Bounds that a test reaches quickly."""
    monkeypatch.setattr(
        mailbox.Mailbox.__init__, "__kwdefaults__", {"high_mark": 200_000, "hard_limit": 4_000_000}
    )


def _upload_between(pieces, seen):
    """Sends many pieces, then takes a large message, and only then completes the turn."""

    def handle(peer):
        # Else the operating system may take all of it, in either direction, and nobody has to wait.
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            peer.sock.setsockopt(socket.SOL_SOCKET, buffer, 65_536)
        for _ in range(pieces):
            peer.send(PIECE)
        seen.append(len(read_message(peer)["realtimeInput"]["text"]))
        peer.send(TURN_COMPLETE)
        answer_close(peer)

    return handle


def test_a_reader_that_does_not_read_bounds_the_memory(small):
    """At the high mark the server is made to wait; reading lets it go on, and nothing is lost."""
    sent = threading.Event()

    def handle(peer):
        for number in range(400):
            peer.send(
                message({"serverContent": {"modelTurn": {"parts": [{"text": f"{number} " + "x" * 50_000}]}}})
            )
        sent.set()
        peer.send(TURN_COMPLETE)
        answer_close(peer)

    with conversing(handle) as session:
        assert not sent.wait(scaled(0.5))
        assert session.stats.queued_bytes < 400_000
        numbers = [int(item.text.split()[0]) for item in session.receive(timeout=SOON) if item.text]
        assert numbers == list(range(400))
        assert session.stats.peak_queued_bytes < 400_000


def test_a_script_of_one_thread_that_uploads_and_then_reads_works(small):
    """While a send waits for the server, and the server for us, the reader reads on beyond the high mark."""
    seen = []
    with conversing(_upload_between(60, seen)) as session:
        session.send_raw({"realtimeInput": {"text": "y" * 12_000_000}}, timeout=SOON)
        pieces = [item for item in session.receive(timeout=SOON) if item.text]
        assert len(pieces) == 60
        assert session.stats.peak_queued_bytes > 400_000
    assert seen == [12_000_000]


def test_the_hard_limit_ends_the_session_for_sender_and_receiver(small):
    """Beyond it both are told ReceiveBufferFull; what had come can still be read."""
    with conversing(_upload_between(400, [])) as session:
        with pytest.raises(ReceiveBufferFull, match="Read the session"):
            session.send_raw({"realtimeInput": {"text": "y" * 30_000_000}}, timeout=SOON)
        read = 0
        with pytest.raises(ReceiveBufferFull):
            for _ in session.messages(timeout=SOON):
                read += 1
        assert read > 50


def test_small_messages_count_with_what_they_cost(small):
    """A flood of tiny messages is bounded too: each counts a kilobyte beyond its bytes."""
    sent = threading.Event()

    def handle(peer):
        empty = message({})
        for _ in range(2_000):
            peer.send(empty * 2_000)
        sent.set()
        answer_close(peer)

    with conversing(handle) as session:
        assert not sent.wait(scaled(0.5))
        assert session.stats.queued_messages < 400


def test_callbacks_that_are_slow_bound_the_memory(small):
    """In push mode the same bound holds for what waits for a callback."""
    release, sent, count = threading.Event(), threading.Event(), 0

    def handle(peer):
        for _ in range(400):
            peer.send(PIECE)
        sent.set()
        answer_close(peer)

    def on_message(session, item):
        nonlocal count
        count += 1
        release.wait(SOON)

    with conversing(handle, callbacks=LiveCallbacks(on_message=on_message)) as session:
        assert not sent.wait(scaled(0.5))
        assert session.stats.queued_bytes < 400_000
        release.set()
        assert sent.wait(SOON)
        eventually(lambda: count == 400)


def test_a_close_with_a_full_inbox_does_not_wait_for_its_timeout(small):
    """A session that closes reads on to the server's answer, whatever is unread."""

    def handle(peer):
        for _ in range(40):
            peer.send(PIECE)
        answer_close(peer)

    with conversing(handle) as session:
        eventually(lambda: session.stats.queued_bytes >= 200_000)
        begun = time.monotonic()
        session.close(timeout=None)
        assert time.monotonic() - begun < SOON / 2


def test_a_close_is_heeded_while_the_reader_pauses(small):
    """A paused reader still closes at once."""

    def handle(peer):
        for _ in range(400):
            peer.send(PIECE)

    with conversing(handle) as session:
        eventually(lambda: session.stats.queued_bytes >= 200_000)
        session.close(timeout=scaled(1))
        assert session.close_code == 1000
