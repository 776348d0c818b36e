"""What the soak found, each as a test of its own."""

import gc
import threading
import weakref

from genai_live import Reconnected, Reconnecting, ReconnectPolicy
from tests.service import (
    TURN_COMPLETE,
    Connections,
    answer_close,
    drop,
    handle_given,
    question,
    read_message,
    reconnecting,
    text,
    tool_call,
)
from tests.timing import SOON, eventually


def test_media_that_was_written_while_the_model_answered_is_in_doubt():
    """The turn's end says nothing about it: the server may have ended the turn before it came."""
    spoken = threading.Event()

    def first(peer):
        read_message(peer)
        read_message(peer)
        peer.send(text("one"))
        spoken.wait(SOON)
        peer.send(TURN_COMPLETE)
        drop(peer)

    with reconnecting(Connections(first, answer_close)) as session:
        session.send_realtime_input(audio=bytes(320))
        session.send_client_content(turns="1")
        messages = session.receive(timeout=SOON)
        next(message for message in messages if message.text)
        for _ in "23":
            session.send_realtime_input(audio=bytes(320))
        spoken.set()
        list(messages)
        eventually(lambda: session.stats.reconnections == 1)
        assert session.stats.media_in_doubt == 2


def test_a_connection_that_breaks_while_something_is_sent_again_was_told_of():
    """Each Reconnecting is followed by its Reconnected, and the counter says the same."""
    asked = []

    def first(peer):
        read_message(peer)
        drop(peer)

    def broken(peer):
        peer.sock.recv(1000)
        drop(peer)

    def last(peer):
        asked.append(len(question(read_message(peer))))
        peer.send(text("one") + TURN_COMPLETE)
        answer_close(peer)

    policy = ReconnectPolicy(resend_in_doubt=True, first_pause=0.01, longest_pause=0.05)
    with reconnecting(Connections(first, broken, last), reconnect=policy) as session:
        session.send_client_content(turns="x" * 20_000_000, timeout=SOON)
        told = []
        for event in session.events(timeout=SOON):
            if isinstance(event, Reconnecting | Reconnected):
                told.append(type(event))
            elif event.server_content and event.server_content.turn_complete:
                break
        assert told == [Reconnecting, Reconnected, Reconnecting, Reconnected]
        assert session.stats.reconnections == 2
    assert asked == [20_000_000]


def test_a_turn_goes_on_whose_answer_broke_off_on_its_way():
    """Nobody has read half of an answer. The handle holds the call, so what the model says of it comes."""

    def first(peer):
        read_message(peer)
        peer.send(handle_given("another") + tool_call("c") + handle_given("holds the call"))
        peer.sock.recv(1000)
        drop(peer)

    def second(peer):
        read_message(peer)
        peer.send(text("one") + TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(first, second)) as session:
        session.send_client_content(turns="1")
        messages = session.receive(timeout=SOON)
        next(message for message in messages if message.tool_call)
        eventually(lambda: session.resumption_handle == "holds the call")
        response = {"id": "c", "name": "f", "response": {"x": "x" * 20_000_000}}
        session.send_tool_response(function_responses=response, timeout=SOON)
        assert [message.text for message in messages if message.text] == ["one"]
        assert session.stats.reconnections == 1


def test_a_connection_that_has_ended_is_freed_at_once():
    """Not when the garbage collector comes by: until then each would hold what it read, and its TLS."""
    may_end = threading.Event()

    def first(peer):
        may_end.wait(SOON)
        drop(peer)

    gc.disable()
    try:
        with reconnecting(Connections(first, answer_close)) as session:
            connection = weakref.ref(session.conn)
            may_end.set()
            eventually(lambda: session.stats.reconnections == 1)
            eventually(lambda: connection() is None)
    finally:
        gc.enable()
