"""A session whose messages are read by the thread that waits for them; the reader thread does the rest.

All the other tests of sessions run in such a thread too, in CI: see tests/in_a_thread.py.
"""

import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from genai_live import FunctionAnswered, LiveTimeout, ProtocolError
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


def second_message(session):
    """The one after the greeting: while the first is waited for, the reader thread is not yet prepared."""
    messages = session.messages()
    assert next(messages).text == "Hello."
    return next(messages)


def waits_in_place(session):
    """Whether the consumer waits in the reader thread's place."""
    stream = session.conn._stream
    return stream._readiness is not None and stream._reading.locked()


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

    def handler(peer):
        peer.send(text("Hello."))
        answer_close(peer)

    with conversing(handler) as session:
        reading = elsewhere(second_message, session)
        eventually(lambda: waits_in_place(session))
        session.close(timeout=SOON)
        with pytest.raises(StopIteration):
            reading.result(SOON)


def test_a_forked_child_keeps_none_of_the_descriptors(elsewhere):
    """Of the two places to wait at."""

    def handler(peer):
        peer.send(text("Hello."))
        answer_close(peer)

    def polls():
        links = [os.path.realpath(entry) for entry in Path("/proc/self/fd").iterdir()]
        return sum("eventpoll" in link for link in links)

    with conversing(handler) as session:
        before = polls()
        reading = elsewhere(second_message, session)
        eventually(lambda: waits_in_place(session))
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
    ran = threading.Event()

    def f() -> dict:
        """Waits."""
        assert ran.wait(SOON)
        return {}

    def handler(peer):
        peer.send(tool_call("1"))
        answer_close(peer)

    with conversing(handler, config={"tools": [f]}) as session:

        def converse():
            news = session.events()
            return [next(news), next(news)]

        reading = elsewhere(converse)
        eventually(lambda: waits_in_place(session))
        ran.set()
        called, answered = reading.result(SOON)
        assert called.tool_call
        assert isinstance(answered, FunctionAnswered)


def test_a_message_that_cannot_be_read_ends_the_session(elsewhere):
    """As it does in the reader thread; who waits is told what it was."""
    said = threading.Event()

    def handler(peer):
        peer.send(text("Hello."))
        assert said.wait(SOON)
        peer.send(frame(BINARY, b"no JSON"))
        peer.wait_until_told()

    with conversing(handler) as session:
        reading = elsewhere(second_message, session)
        eventually(lambda: waits_in_place(session))
        said.set()
        with pytest.raises(ProtocolError, match="no JSON"):
            reading.result(SOON)
