"""Who may read, what a timeout does, and where a turn ends."""

import gc
import threading

import pytest

from genai_live import (
    APIError,
    ConcurrentReceiveError,
    ConnectionClosedError,
    ConnectionClosedOK,
    LiveTimeout,
    StateError,
    TurnTimeout,
    UnreadTurnError,
)
from tests.raw_server import close_frame
from tests.service import TURN_COMPLETE, answer_close, conversing, message, read_message, text
from tests.timing import SOON, eventually, scaled


def _on_request(*replies):
    """A server that sends one reply for each message of the client, in turn."""

    def handle(peer):
        for reply in replies:
            read_message(peer)
            peer.send(reply)
        answer_close(peer)

    return handle


def test_an_iterator_goes_on_after_a_timeout():
    """A timeout is raised out of the iteration and leaves the iterator, and the order, as they were."""
    with conversing(_on_request(text("one"), text("two") + TURN_COMPLETE)) as session:
        session.send_client_content(turns="first")
        messages = session.receive(timeout=SOON)
        assert next(messages).text == "one"
        quick = session.receive(timeout=0)
        for _ in range(2):
            with pytest.raises(LiveTimeout):
                next(quick)
        session.send_raw({})
        later = session.receive(timeout=SOON)
        assert next(later).text == "two"
        assert next(later).server_content.turn_complete
        assert next(later, "over") == "over"


def test_a_second_thread_that_reads_is_refused():
    """While one thread reads, another's attempt raises at the call; afterwards it may read."""
    with conversing(_on_request(text("mine") + TURN_COMPLETE, text("yours") + TURN_COMPLETE)) as session:
        mine = session.receive(timeout=SOON)
        refused = []

        def attempt():
            for reading in (session.receive, session.messages, session.events):
                try:
                    reading()
                except ConcurrentReceiveError as error:
                    refused.append(str(error))
            try:
                session.ask("x")
            except ConcurrentReceiveError as error:
                refused.append(str(error))

        other = threading.Thread(target=attempt)
        other.start()
        other.join(SOON)
        assert len(refused) == 4
        assert threading.current_thread().name in refused[0]
        session.send_client_content(turns="go")
        assert [item.text for item in mine] == ["mine", None]

        answers = []
        other = threading.Thread(target=lambda: answers.append(session.ask("go", timeout=SOON).text))
        other.start()
        other.join(SOON)
        assert answers == ["yours"]


def test_a_later_reader_of_the_same_thread_takes_over():
    """Within a thread the newest iterator reads; the older one says so instead of stealing messages."""
    with conversing(_on_request(text("a") + TURN_COMPLETE)) as session:
        older = session.messages(timeout=SOON)
        newer = session.receive(timeout=SOON)
        session.send_client_content(turns="go")
        assert next(newer).text == "a"
        with pytest.raises(StateError, match="taken over"):
            next(older)


def test_a_reader_that_is_dropped_or_closed_or_dead_makes_way():
    """A claim ends with its iterator or with its thread."""
    with conversing(_on_request()) as session:
        held = []
        first = threading.Thread(target=lambda: held.append(session.messages()))
        first.start()
        first.join(SOON)
        session.messages().close()
        reading = session.messages()
        outcomes = []

        def attempt():
            try:
                session.receive()
                outcomes.append("read")
            except ConcurrentReceiveError:
                outcomes.append("refused")

        for drop in (False, True):
            if drop:
                del reading
                gc.collect()
            other = threading.Thread(target=attempt)
            other.start()
            other.join(SOON)
        assert outcomes == ["refused", "read"]


def test_ask_refuses_while_a_turn_is_unread_and_discard_turn_helps():
    """An answer is never taken for that of another question."""
    replies = [text("old") + TURN_COMPLETE, text("new") + TURN_COMPLETE]
    with conversing(_on_request(*replies)) as session:
        session.send_client_content(turns="first")
        with pytest.raises(UnreadTurnError, match="discard_turn"):
            session.ask("second", timeout=SOON)
        session.discard_turn(timeout=SOON)
        session.discard_turn(timeout=0)
        assert session.ask("second", timeout=SOON).text == "new"


def test_ask_refuses_after_half_a_turn_was_read():
    """A turn that was begun must be read to its end first."""
    with conversing(_on_request(text("a") + text("b") + TURN_COMPLETE)) as session:
        session.send_client_content(turns="first")
        for item in session.receive(timeout=SOON):
            assert item.text == "a"
            break
        with pytest.raises(UnreadTurnError):
            session.ask("second", timeout=SOON)
        assert [item.text for item in session.receive(timeout=SOON)] == ["b", None]


def test_ask_refuses_while_an_unasked_turn_waits():
    """A turn that the model began by itself is in the way as well."""

    def handle(peer):
        peer.send(text("unasked"))
        read_message(peer)
        peer.send(TURN_COMPLETE)
        answer_close(peer)

    with conversing(handle) as session:
        eventually(lambda: session.stats.queued_messages)
        with pytest.raises(UnreadTurnError):
            session.ask("x", timeout=SOON)
        session.send_raw({})
        session.discard_turn(timeout=SOON)


def test_an_ask_that_times_out_carries_what_came():
    """TurnTimeout is a TimeoutError with the part of the turn; the rest can still be read."""
    replies = [text("half"), text(" done") + TURN_COMPLETE]
    with conversing(_on_request(*replies)) as session:
        with pytest.raises(TurnTimeout, match="not complete") as caught:
            session.ask("x", timeout=scaled(0.3))
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.partial.text == "half"
        session.send_raw({})
        assert [item.text for item in session.receive(timeout=SOON)] == [" done", None]


def test_a_turn_goes_on_while_the_interaction_is_in_progress():
    """turnComplete with IN_PROGRESS is not the end: IDLE is, also in a message of its own or at the top."""
    progress = message({"serverContent": {"turnComplete": True, "interactionStatus": "IN_PROGRESS"}})
    idle = message({"serverContent": {"turnComplete": True, "interactionStatus": "IDLE"}})
    top = message({"interactionStatus": "IDLE"})
    replies = [progress + text("real") + idle, progress + text("second") + top]
    with conversing(_on_request(*replies)) as session:
        assert session.ask("x", timeout=SOON).text == "real"
        assert session.ask("y", timeout=SOON).text == "second"


def test_an_interrupted_turn_ends_and_the_next_is_its_own():
    """Two questions in a row are two turns, the first of them interrupted."""
    interrupted = message({"serverContent": {"interrupted": True}}) + TURN_COMPLETE
    replies = [text("old"), interrupted + text("new") + TURN_COMPLETE]
    with conversing(_on_request(*replies)) as session:
        session.send_client_content(turns="first")
        session.send_client_content(turns="second")
        session.discard_turn(timeout=SOON)
        assert session.stats.queued_messages == 0


def test_an_error_message_is_raised_in_its_place_and_the_session_goes_on():
    """What a gateway sends as an error comes as APIError, with its own code."""
    error = message({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slow down"}})
    with conversing(_on_request(text("before") + error + text("after") + TURN_COMPLETE)) as session:
        session.send_client_content(turns="x")
        reading = session.receive(timeout=SOON)
        assert next(reading).text == "before"
        with pytest.raises(APIError, match="429 RESOURCE_EXHAUSTED slow down") as caught:
            next(reading)
        assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")
        assert [item.text for item in reading] == ["after", None]


def test_an_unknown_message_is_delivered():
    """A message of a newer server is no error: it is handed on with what it holds."""
    with conversing(_on_request(message({"futureMessage": {"a": 1}}) + TURN_COMPLETE)) as session:
        session.send_client_content(turns="x")
        first, last = session.receive(timeout=SOON)
        assert first.unknown_fields == {"futureMessage": {"a": 1}}
        assert last.server_content.turn_complete


def test_a_close_inside_a_turn_is_raised_after_what_came():
    """Messages first, then a fresh exception each time, with code and reason."""

    def handle(peer):
        read_message(peer)
        peer.send(text("half") + close_frame(1011, "Internal error encountered."))

    with conversing(handle) as session:
        session.send_client_content(turns="x")
        reading = session.receive(timeout=SOON)
        assert next(reading).text == "half"
        raised = []
        for _ in range(2):
            with pytest.raises(ConnectionClosedError, match="1011 Internal error") as caught:
                next(reading)
            raised.append(caught.value)
        assert raised[0] is not raised[1]
        assert (raised[0].code, raised[0].phase, raised[0].retryable) == (1011, "open", True)
        with pytest.raises(ConnectionClosedError):
            list(session.messages())
        with pytest.raises(ConnectionClosedError):
            session.ask("y")


def test_whole_session_iteration_ends_quietly_on_a_close_in_order():
    """``for message in session`` ends when the server has closed with 1000."""

    def handle(peer):
        peer.send(text("a") + close_frame(1000))

    with conversing(handle) as session:
        assert [item.text for item in session] == ["a"]
        with pytest.raises(ConnectionClosedOK):
            session.ask("x")


def test_a_close_in_another_thread_ends_a_wait():
    """A reader that waits for a message learns of the close at once."""
    with conversing(answer_close) as session:
        threading.Timer(scaled(0.05), session.close).start()
        assert list(session.messages(timeout=SOON)) == []
