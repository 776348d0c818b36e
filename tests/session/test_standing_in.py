"""A session whose messages are read by the thread that waits for them; the reader thread does the rest.

All the other tests of sessions run in such a thread too, in CI: see tests/in_a_thread.py.
"""

import contextlib
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from genai_live import FunctionAnswered, LiveTimeout, ProtocolError
from genai_live.waiting import Deadline
from genai_live.waiting.wakeup import Readiness
from tests.child import in_child
from tests.raw_server import BINARY, frame
from tests.service import TURN_COMPLETE, answer_close, conversing, read_message, text, tool_call
from tests.timing import SOON, eventually, scaled

pytestmark = pytest.mark.skipif(not Readiness.available, reason="no EPOLLEXCLUSIVE on this system")


@pytest.fixture
def elsewhere():
    """Runs a function in another thread than the main one."""
    with ThreadPoolExecutor(1, thread_name_prefix="consumer") as pool:
        yield pool.submit


@pytest.fixture
def readers(caplog):
    """The names of the threads that have read a piece of an answer, in order."""
    caplog.set_level(logging.DEBUG, "genai_live")
    return lambda: [
        record.threadName for record in caplog.records if record.getMessage().startswith('< { "serverContent')
    ]


def patiently(items):
    """The next item, waited for again and again.

    With its first wait a thread only makes itself known, and with another it may come while the reader thread
    is busy, which then reads the next message.
    """
    while True:
        with contextlib.suppress(LiveTimeout):
            return next(items)


@contextlib.contextmanager
def waiting_in_place(elsewhere, handler, then=lambda _: None, **arguments):
    """A session, and what becomes of a consumer that waits for a message in the reader thread's place."""

    def consume(session):
        message = patiently(session.messages(timeout=scaled(0.2)))
        return message, then(session)

    with conversing(handler, **arguments) as session:
        stream = session.conn._stream
        reading = elsewhere(consume, session)
        eventually(lambda: stream._readiness is not None and stream._reading.locked())
        yield session, reading


def answers(count, go_on=None):
    """Answers so many questions with one word and the end of the turn, each when it may go on."""

    def handler(peer):
        for _ in range(count):
            read_message(peer)
            assert go_on is None or go_on.acquire(timeout=SOON)
            peer.send(text("Yes."))
            peer.send(TURN_COMPLETE)
        answer_close(peer)

    return handler


def test_the_thread_that_waits_reads(elsewhere, readers):
    """Not at its first wait: with that it makes itself known."""
    go_on = threading.Semaphore(0)
    with conversing(answers(5, go_on)) as session:

        def converse():
            for _ in range(5):
                session.send_client_content(turns="Well?")
                asked.release()
                assert [bool(message.text) for message in session.receive(SOON)] == [True, False]

        asked = threading.Semaphore(0)
        done = elsewhere(converse)
        for _ in range(5):
            assert asked.acquire(timeout=SOON)
            go_on.release()
        done.result(SOON)
        assert any(name.startswith("consumer") for name in readers())


@pytest.mark.main_thread
def test_the_main_thread_does_not(readers):
    """A Ctrl-C could strike there while a message is taken in."""
    with conversing(answers(5)) as session:
        for _ in range(5):
            assert session.ask("Well?", timeout=SOON).text == "Yes."
    assert len(readers()) == 10
    assert not any(name.startswith("Main") for name in readers())


def test_a_close_ends_the_wait(elsewhere):
    """Who waits is told at once, though no message comes."""
    with waiting_in_place(elsewhere, answer_close) as (session, reading):
        session.close(timeout=SOON)
        with pytest.raises(StopIteration):
            reading.result(SOON)


def test_a_forked_child_keeps_none_of_the_descriptors(elsewhere):
    """Of the two places to wait at."""

    def polls():
        links = [os.path.realpath(entry) for entry in Path("/proc/self/fd").iterdir()]
        return sum("eventpoll" in link for link in links)

    before = polls()
    with waiting_in_place(elsewhere, answer_close) as (session, reading):
        assert polls() == before + 2
        assert in_child(lambda: str(polls() - before)) == "0"
        session.close(timeout=SOON)
        with pytest.raises(StopIteration):
            reading.result(SOON)


def test_a_timeout_ends_the_wait(elsewhere):
    """And the iterator can be used again."""
    said = threading.Event()

    def handler(peer):
        assert said.wait(SOON)
        peer.send(text("Yes."))
        answer_close(peer)

    def converse():
        messages = session.receive(timeout=scaled(0.05))
        for _ in range(3):
            with pytest.raises(LiveTimeout):
                next(messages)
        said.set()
        return next(session.receive(SOON)).text

    with conversing(handler) as session:
        assert elsewhere(converse).result(SOON) == "Yes."


def test_news_of_another_thread_ends_the_wait(elsewhere):
    """A function that was run is told of, though nothing comes from the server."""
    said, called, ran = threading.Event(), threading.Event(), threading.Event()

    def f() -> dict:
        """Waits."""
        assert ran.wait(SOON)
        return {}

    def handler(peer):
        assert said.wait(SOON)
        peer.send(tool_call("1"))
        answer_close(peer)

    def then(session):
        called.set()
        return next(session.events())

    config = {"tools": [f]}
    with waiting_in_place(elsewhere, handler, then, config=config) as (session, reading):
        said.set()
        assert called.wait(SOON)
        in_time = Deadline(scaled(0.5))  # unless the reader thread is busy just then
        eventually(lambda: session.conn._stream._reading.locked() or in_time.expired)
        ran.set()
        message, answered = reading.result(SOON)
        assert message.tool_call
        assert isinstance(answered, FunctionAnswered)


def test_a_message_that_cannot_be_read_ends_the_session(elsewhere):
    """As it does in the reader thread; who waits is told what it was."""
    said = threading.Event()

    def handler(peer):
        assert said.wait(SOON)
        peer.send(frame(BINARY, b"no JSON"))
        peer.wait_until_told()

    with waiting_in_place(elsewhere, handler) as (_, reading):
        said.set()
        with pytest.raises(ProtocolError, match="no JSON"):
            reading.result(SOON)
