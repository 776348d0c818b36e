"""The server says that it goes away: the session leaves in time, between two turns, and loses nothing."""

import threading
import time

import pytest

from genai_live import (
    ConnectionClosedError,
    GoingAway,
    Reconnected,
    Reconnecting,
    ReconnectPolicy,
    State,
    TurnLostError,
)
from tests.raw_server import CLOSE, close_frame, frame
from tests.service import (
    TURN_COMPLETE,
    Connections,
    answer,
    answer_close,
    drop,
    go_away,
    handle_given,
    message,
    question,
    read_message,
    reconnecting,
    text,
    tool_call,
)
from tests.timing import SOON, eventually, scaled


class Gate:
    """Lets the second connection in only when the first is closed, and notes the order of events."""

    def __init__(self):
        self.events = []

    def closed_by_client(self, peer):
        """The client's close of the connection that it leaves, answered."""
        received = peer.read_frame()
        assert received.opcode == CLOSE
        self.events.append("left")
        peer.send(frame(CLOSE, received.payload))
        peer.read_until_closed()
        self.events.append("gone")


def test_between_turns_the_session_leaves_at_once():
    """The old connection is closed, and gone, before the new one opens."""
    gate = Gate()

    def first(peer):
        read_message(peer)
        peer.send(text("one") + TURN_COMPLETE)
        peer.send(go_away(50))
        gate.closed_by_client(peer)

    def second(peer):
        gate.events.append("resumed")
        answer("two")(peer)

    connections = Connections(first, second)
    with reconnecting(connections) as session:
        assert session.ask("1", timeout=SOON).text == "one"
        eventually(lambda: session.stats.reconnections == 1)
        assert session.ask("2", timeout=SOON).text == "two"
    assert gate.events == ["left", "gone", "resumed"]
    assert connections.setups[1]["sessionResumption"] == {"handle": "handle"}


def test_events_tell_of_the_warning_and_of_the_way_over():
    """GoingAway, Reconnecting with our own close, Reconnected."""

    def first(peer):
        peer.send(go_away(50))
        answer_close(peer)

    with reconnecting(Connections(first, answer_close)) as session:
        kinds = (GoingAway, Reconnecting, Reconnected)
        events = (event for event in session.events(timeout=SOON) if isinstance(event, kinds))
        seen = [next(event for event in events) for _ in kinds]
    assert [type(event) for event in seen] == list(kinds)
    assert seen[0].time_left.total_seconds() == 50
    assert seen[1].code == 1000
    assert seen[2].state_restored


def test_a_turn_is_finished_before_the_session_leaves():
    """The warning comes within a turn: ``ask`` gets all of it, from the old connection."""
    left = threading.Event()

    def first(peer):
        read_message(peer)
        peer.send(text("one ") + go_away(50))
        peer.send(text("and all") + TURN_COMPLETE)
        answer_close(peer)
        left.set()

    with reconnecting(Connections(first, answer("two"))) as session:
        assert session.ask("1", timeout=SOON).text == "one and all"
        assert left.wait(SOON)
        assert session.ask("2", timeout=SOON).text == "two"
        assert session.stats.reconnections == 1


def test_a_turn_that_does_not_end_in_time_is_cut_through():
    """Shortly before the announced end the session leaves whatever is said; the turn is lost, and told."""

    def first(peer):
        read_message(peer)
        peer.send(text("half") + go_away(scaled(0.4)))
        answer_close(peer)

    with reconnecting(Connections(first, answer("two"))) as session:
        with pytest.raises(TurnLostError) as caught:
            session.ask("1", timeout=SOON)
        assert caught.value.partial.text == "half"
        assert session.ask("2", timeout=SOON).text == "two"


def test_what_still_comes_while_the_session_leaves_is_delivered():
    """A server that talks on after our close frame is heard to the end."""

    def first(peer):
        peer.send(go_away(50))
        received = peer.read_frame()
        peer.send(message({"usageMetadata": {"totalTokenCount": 7}}))
        peer.send(frame(CLOSE, received.payload))

    with reconnecting(Connections(first, answer_close)) as session:
        events = session.events(timeout=SOON)
        seen = []
        while not (seen and isinstance(seen[-1], Reconnected)):
            seen.append(next(events))
    usage = [item.usage_metadata for item in seen if getattr(item, "usage_metadata", None)]
    assert [item.total_token_count for item in usage] == [7]


def test_a_server_that_does_not_answer_our_close_is_left_all_the_same():
    """After two seconds the old connection is cut."""

    def first(peer):
        peer.send(go_away(50))
        peer.read_until_closed()

    with reconnecting(Connections(first, answer("two"))) as session:
        eventually(lambda: session.state is State.LEAVING)
        assert session.ask("1", timeout=SOON).text == "two"
        assert session.stats.reconnections == 1


def test_a_message_that_is_sent_while_the_session_leaves_reaches_the_next_connection():
    """It waits in its caller; the old connection gets nothing after the close frame."""
    leaving, seen = threading.Event(), []

    def first(peer):
        peer.send(go_away(50))
        received = peer.read_frame()
        leaving.set()
        with pytest.raises(ConnectionError):
            peer.sock.settimeout(scaled(0.3))
            try:
                seen.append(peer.read_frame())
            except TimeoutError:
                raise ConnectionError from None
        peer.send(frame(CLOSE, received.payload))

    def second(peer):
        seen.append(question(read_message(peer)))
        peer.send(text("two") + TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(first, second)) as session:
        assert leaving.wait(SOON)
        assert session.state is State.LEAVING
        assert session.ask("late", timeout=SOON).text == "two"
    assert seen == ["late"]


def test_without_a_handle_nobody_leaves_and_the_end_is_told():
    """There is nowhere to go: the connection is used to its end, whose error names what is lost."""

    def first(peer):
        peer.send(go_away(scaled(0.2)))
        read_message(peer)
        peer.send(text("one") + TURN_COMPLETE)
        read_message(peer)
        reason = (
            "Connection aborted because the client failed to close the connection after receiving a GoAway"
        )
        peer.send(close_frame(1008, reason))

    with reconnecting(Connections(first, handle=None)) as session:
        assert session.ask("1", timeout=SOON).text == "one"
        with pytest.raises(ConnectionClosedError, match=r"gave no handle.*1 turn"):
            session.ask("2", timeout=SOON)


def test_a_server_that_breaks_its_promise_is_survived():
    """It announces 50 seconds, and is gone at once, with a close that would otherwise be an end in order."""

    def first(peer):
        read_message(peer)
        peer.send(go_away(50) + close_frame(1000))

    with reconnecting(Connections(first, answer("two"))) as session:
        with pytest.raises(TurnLostError):
            session.ask("1", timeout=SOON)
        assert session.ask("2", timeout=SOON).text == "two"


def test_a_call_in_flight_waits_for_a_fresh_handle_where_handles_recur():
    """One from before the call would land the answer in a session that never saw the call."""
    seen = []

    def first(peer):
        peer.send(handle_given("later"))
        read_message(peer)
        peer.send(go_away(50) + tool_call("call-1"))
        with pytest.raises(TimeoutError):  # it stays: the handles are older than the call
            peer.sock.settimeout(scaled(0.3))
            peer.read_frame()
        peer.sock.settimeout(SOON)
        peer.send(handle_given("fresh"))
        answer_close(peer)

    def second(peer):
        seen.append(read_message(peer)["toolResponse"]["functionResponses"][0]["id"])
        peer.send(text("sunny") + TURN_COMPLETE)
        answer_close(peer)

    connections = Connections(first, second)
    with reconnecting(connections) as session:
        session.send_client_content(turns="weather?")
        reader = session.receive(timeout=SOON)
        call = next(item.tool_call for item in reader if item.tool_call).function_calls[0]
        eventually(lambda: session.stats.reconnections == 1)
        session.send_tool_response(function_responses={"id": call.id, "name": call.name, "response": {}})
        assert "".join(item.text or "" for item in reader) == "sunny"
    assert connections.setups[1]["sessionResumption"] == {"handle": "fresh"}
    assert seen == ["call-1"]


def test_a_call_in_flight_survives_where_there_is_one_handle_a_connection():
    """As on 3.8: after a drop the turn goes on once the call is answered, and is not taken for lost."""

    def first(peer):
        read_message(peer)
        peer.send(tool_call("call-1"))
        drop(peer)

    def second(peer):
        assert "toolResponse" in read_message(peer)
        peer.send(text("sunny") + TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(first, second)) as session:
        session.send_client_content(turns="weather?")
        reader = session.receive(timeout=SOON)
        call = next(item.tool_call for item in reader if item.tool_call).function_calls[0]
        eventually(lambda: session.stats.reconnections == 1)
        session.send_tool_response(function_responses={"id": call.id, "name": call.name, "response": {}})
        assert "".join(item.text or "" for item in reader) == "sunny"


def test_the_users_close_beats_leaving():
    """A close() while the server does not answer our close frame ends the session, and nobody reconnects."""
    leaving = threading.Event()

    def first(peer):
        peer.send(go_away(50))
        peer.read_frame()
        leaving.set()
        peer.read_until_closed()

    connections = Connections(first, answer_close)
    with reconnecting(connections) as session:
        assert leaving.wait(SOON)
        begun = time.monotonic()
        session.close(timeout=scaled(1))
        assert time.monotonic() - begun < SOON / 2
        assert session.close_code == 1000
    assert len(connections.setups) == 1


def test_handles_may_be_too_old_only_until_the_time_is_up():
    """Where no fresh handle comes, the session leaves with the one it has, shortly before the end."""

    def first(peer):
        peer.send(handle_given("later"))
        read_message(peer)
        peer.send(text("one") + TURN_COMPLETE + go_away(scaled(0.6)))
        answer_close(peer)

    connections = Connections(first, answer("two"))
    with reconnecting(connections, reconnect=ReconnectPolicy()) as session:
        assert session.ask("1", timeout=SOON).text == "one"
        eventually(lambda: session.stats.reconnections == 1)
    assert connections.setups[1]["sessionResumption"] == {"handle": "later"}


def voice_activity(kind):
    """What 3.8 tells of the user's voice."""
    return message({"voiceActivity": {"type": kind, "audioOffset": "0.2s"}})


def test_a_spoken_question_is_answered_before_the_session_leaves():
    """From the first sound to the end of the answer the session stays, as between the two nothing is said."""
    answered = threading.Event()

    def first(peer):
        peer.send(voice_activity("ACTIVITY_START") + go_away(50) + voice_activity("ACTIVITY_END"))
        with pytest.raises(TimeoutError):  # it stays
            peer.sock.settimeout(scaled(0.3))
            peer.read_frame()
        peer.sock.settimeout(SOON)
        peer.send(text("heard") + TURN_COMPLETE)
        answer_close(peer)
        answered.set()

    with reconnecting(Connections(first, answer("two"))) as session:
        assert "".join(item.text or "" for item in session.receive(timeout=SOON)) == "heard"
        assert answered.wait(SOON)
        assert session.ask("2", timeout=SOON).text == "two"


def test_a_spoken_question_that_is_cut_through_is_told():
    """Nobody waits for ever for its answer: ``receive`` raises, and the session goes on."""

    def first(peer):
        peer.send(voice_activity("ACTIVITY_START"))
        drop(peer)

    with reconnecting(Connections(first, answer("two"))) as session:
        with pytest.raises(TurnLostError):
            list(session.receive(timeout=SOON))
        assert session.ask("2", timeout=SOON).text == "two"


def test_manual_activity_is_not_torn_apart():
    """Between our own start and the answer the session stays, whatever the server has announced."""
    config = {"realtime_input_config": {"automatic_activity_detection": {"disabled": True}}}
    seen = []

    def first(peer):
        seen.append(next(iter(read_message(peer)["realtimeInput"])))
        peer.send(go_away(50))
        seen.append(next(iter(read_message(peer)["realtimeInput"])))
        peer.send(text("heard") + TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(first, answer_close), config=config) as session:
        session.send_realtime_input(activity_start={})
        messages = session.messages(timeout=SOON)
        next(item for item in messages if item.go_away)
        assert session.state is State.OPEN
        session.send_realtime_input(activity_end={})
        assert next(item.text for item in messages if item.text) == "heard"
        eventually(lambda: session.stats.reconnections == 1)
    assert seen == ["activityStart", "activityEnd"]
