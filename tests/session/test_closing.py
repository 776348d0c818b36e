"""Closing is bounded, whatever the server does, and leaves nothing behind."""

import threading
import time

import pytest

from genai_live import ConnectionClosed, LiveCallbacks, LiveTimeout, ProtocolError, State, StateError
from tests.raw_server import CLOSE, TEXT, frame
from tests.service import KEY, MODEL, accept_setup, answer_close, conversing, read_message, service, text
from tests.timing import SOON, eventually, scaled

LARGE = {"realtimeInput": {"text": "x" * 12_000_000}}


def _silent(peer):
    peer.wait_until_told()


def _flood(peer):
    messages = text("x" * 1000) * 100
    while not peer.stopping.is_set():
        peer.send(messages)


def _close_in_time(session, timeout):
    begun = time.monotonic()
    session.close(timeout=timeout)
    assert time.monotonic() - begun < timeout + scaled(0.5)
    assert session.state is State.CLOSED
    assert session.conn is None
    assert session.close_code == 1000


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("handle", [_silent, _flood, answer_close])
def test_close_is_bounded_whatever_the_server_does(handle, tls):
    """A server that is silent, floods, or answers: the session is closed within the timeout."""
    with conversing(handle, tls=tls) as session:
        _close_in_time(session, scaled(0.5))


@pytest.mark.parametrize("tls", [False, True])
def test_close_frees_a_stalled_writer(tls):
    """A send that waits for the server is raised out of it."""
    with conversing(_silent, tls=tls) as session:
        outcome = []

        def write():
            try:
                session.send_raw(LARGE, timeout=None)
            except ConnectionClosed as error:
                outcome.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        eventually(session.conn._frame_lock.locked)
        _close_in_time(session, scaled(0.5))
        writer.join(SOON)
        assert len(outcome) == 1


@pytest.mark.parametrize("stage", ["upgrade", "setup", "tls"])
def test_closing_the_client_interrupts_a_connect(stage):
    """connect() in another thread is raised out of the dial, the handshake or the setup."""
    reached = threading.Event()

    def handle(peer):
        if stage == "setup":
            peer.upgrade()
            peer.read_frame()
        reached.set()
        peer.wait_until_told()

    with service(handle) as client:
        if stage == "tls":
            client.live._api_client = client.live._api_client.for_session(_with_tls(client))
        outcome = []

        def connect():
            try:
                client.live.connect(model=MODEL, timeout=None)
            except ConnectionClosed as error:
                outcome.append(error)

        thread = threading.Thread(target=connect)
        thread.start()
        assert reached.wait(SOON)
        begun = time.monotonic()
        client.close(timeout=scaled(2))
        thread.join(SOON)
        assert time.monotonic() - begun < SOON / 2
        assert len(outcome) == 1
        with pytest.raises(StateError, match="client is closed"):
            client.live.connect(model=MODEL)


def _with_tls(client):
    from genai_live.types import HttpOptions

    return HttpOptions(base_url=client.live._api_client.base_url.replace("http://", "https://"))


def test_close_is_idempotent_and_may_come_from_many_threads():
    """Several threads close at once; the server sees one close frame."""
    codes = []

    def handle(peer):
        while (received := peer.read_frame()).opcode != CLOSE:
            pass
        codes.append(received.payload)
        peer.send(frame(CLOSE, received.payload[:2]))
        peer.read_until_closed()

    with conversing(handle) as session:
        barrier = threading.Barrier(5)

        def close():
            barrier.wait(SOON)
            session.close(4001, "enough", timeout=SOON)

        threads = [threading.Thread(target=close) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SOON)
        assert session.close_code == 4001
    assert codes == [(4001).to_bytes(2, "big") + b"enough"]


def test_what_was_read_before_the_close_can_still_be_taken():
    """Messages in the inbox survive the close."""

    def handle(peer):
        peer.send(text("a") + text("b"))
        answer_close(peer)

    with conversing(handle) as session:
        eventually(lambda: session.stats.queued_messages == 2)
        session.close()
        assert [item.text for item in session.messages()] == ["a", "b"]


def test_a_failing_body_still_closes():
    """Leaving the ``with`` block by an exception closes the session."""
    with pytest.raises(KeyError), conversing(answer_close) as session:
        raise KeyError
    assert session.state is State.CLOSED


def test_close_inside_a_callback_returns_and_the_session_ends():
    """A callback may close its own session; it does not wait for itself."""
    closed = threading.Event()
    callbacks = LiveCallbacks(
        on_message=lambda session, message: session.close(),
        on_close=lambda session, code, reason: closed.set(),
    )

    def handle(peer):
        peer.send(text("go"))
        answer_close(peer)

    with conversing(handle, callbacks=callbacks) as session:
        assert closed.wait(SOON)
        session.close()
        assert session.state is State.CLOSED


def test_client_close_ends_sessions_in_every_state_within_its_timeout():
    """Open sessions with silent and with flooding servers are closed together, in one timeout."""
    count = 0

    def handle(peer):
        nonlocal count
        count += 1
        accept_setup(peer)
        (_silent if count % 2 else _flood)(peer)

    with service(handle) as client:
        sessions = [client.live.connect(model=MODEL, timeout=SOON) for _ in range(6)]
        begun = time.monotonic()
        client.close(timeout=scaled(1))
        assert time.monotonic() - begun < scaled(2)
        assert {session.state for session in sessions} == {State.CLOSED}


def test_setup_that_never_comes_times_out():
    """One deadline covers the setup too."""

    def handle(peer):
        peer.upgrade()
        read_message(peer)
        peer.wait_until_told()

    with service(handle) as client, pytest.raises(LiveTimeout, match="setupComplete did not come"):
        client.live.connect(model=MODEL, timeout=scaled(0.3))


def test_no_secret_in_what_is_raised_or_shown(caplog):
    """The key is in no exception, repr or log line, at the finest level."""
    import logging

    def handle(peer):
        accept_setup(peer)
        peer.send(frame(TEXT, b"?"))
        peer.read_until_closed()

    with caplog.at_level(logging.DEBUG), service(handle) as client:
        session = client.live.connect(model=MODEL, timeout=SOON)
        with pytest.raises(ProtocolError) as caught:
            next(session.receive(timeout=SOON))
        shown = [
            repr(client),
            repr(session),
            repr(session.conn),
            repr(caught.value),
            str(client.live.__dict__),
        ]
        session.close()
    assert KEY not in "".join([*shown, caplog.text])
    assert "setup" in caplog.text
