"""Sessions outlive their connections: what the user sees when one ends and another takes its place."""

import threading
import time

import pytest

from genai_live import (
    ConnectionClosedError,
    ConnectionClosedOK,
    LiveCallbacks,
    LiveTimeout,
    Reconnected,
    Reconnecting,
    ReconnectPolicy,
    State,
    TurnLostError,
)
from tests.raw_server import close_frame
from tests.service import (
    QUICK,
    TURN_COMPLETE,
    Connections,
    answer,
    answer_close,
    drop,
    question,
    read_message,
    reconnecting,
    text,
)
from tests.timing import SOON, eventually


def answer_and_drop(words):
    """Answers one question, then the connection is gone."""

    def handler(peer):
        read_message(peer)
        peer.send(text(words) + TURN_COMPLETE)
        drop(peer)

    return handler


def test_a_conversation_goes_on_after_its_connection_was_reset():
    """Between two turns nothing is lost, and the user's code sees nothing of it."""
    connections = Connections(answer_and_drop("one"), answer("two"))
    with reconnecting(connections) as session:
        assert session.ask("1", timeout=SOON).text == "one"
        eventually(lambda: session.stats.reconnections == 1)
        assert session.ask("2", timeout=SOON).text == "two"
        assert session.state is State.OPEN
    assert [setup["sessionResumption"] for setup in connections.setups] == [{}, {"handle": "handle"}]


def test_events_tell_of_a_reconnection():
    """In their place among the messages."""
    with reconnecting(Connections(answer_and_drop("one"), answer("two"))) as session:
        session.send_client_content(turns="1")
        events = session.events(timeout=SOON)
        seen = [
            next(event for event in events if isinstance(event, Reconnecting | Reconnected)) for _ in "12"
        ]
        assert seen[0].code == 1006
        assert seen[1] == Reconnected(state_restored=True)


def test_a_turn_that_was_cut_through_is_raised_and_the_session_goes_on():
    """``ask`` tells what had come, and what is in doubt; then another question can be asked."""

    def cut(peer):
        read_message(peer)
        peer.send(text("half an ans"))
        drop(peer)

    with reconnecting(Connections(cut, answer("two"))) as session:
        with pytest.raises(TurnLostError) as caught:
            session.ask("1", timeout=SOON)
        assert caught.value.partial.text == "half an ans"
        (in_doubt,) = caught.value.in_doubt
        assert in_doubt.client_content.turns[0].parts[0].text == "1"
        assert session.ask("2", timeout=SOON).text == "two"


def test_receive_tells_of_a_turn_that_was_cut_through():
    """What had come is handed out first, then it raises; the next ``receive`` reads the next turn."""

    def cut(peer):
        read_message(peer)
        peer.send(text("half"))
        drop(peer)

    with reconnecting(Connections(cut, answer("two"))) as session:
        session.send_client_content(turns="1")
        words = []
        with pytest.raises(TurnLostError) as caught:
            words += [message.text for message in session.receive(timeout=SOON) if message.text]
        assert caught.value.partial.text == "half"
        session.send_client_content(turns="2")
        assert [message.text for message in session.receive(timeout=SOON) if message.text] == ["two"]


def test_what_is_in_doubt_is_sent_again_where_the_policy_says_so():
    """The turn begins anew, is marked, and holds nothing of the first attempt."""
    questions = []

    def cut(peer):
        questions.append(question(read_message(peer)))
        peer.send(text("half"))
        drop(peer)

    def again(peer):
        questions.append(question(read_message(peer)))
        peer.send(text("whole") + TURN_COMPLETE)
        answer_close(peer)

    policy = ReconnectPolicy(resend_in_doubt=True)
    with reconnecting(Connections(cut, again), reconnect=policy) as session:
        turn = session.ask("1", timeout=SOON)
        assert (turn.text, turn.restarted) == ("whole", True)
    assert questions == ["1", "1"]


def test_a_message_that_was_written_in_part_is_sent_whole_and_once():
    """A sender whose message broke off waits for the next connection, and returns as if nothing was."""
    seen = []

    def stalled(peer):
        peer.sock.recv(1000)
        drop(peer)

    def whole(peer):
        seen.append(len(read_message(peer)["clientContent"]["turns"][0]["parts"][0]["text"]))
        peer.send(TURN_COMPLETE)
        answer_close(peer)

    with reconnecting(Connections(stalled, whole)) as session:
        session.send_client_content(turns="x" * 12_000_000, timeout=SOON)
        for _ in session.receive(timeout=SOON):
            pass
        assert session.stats.reconnections == 1
    assert seen == [12_000_000]


def test_sends_wait_in_order_and_answers_to_calls_go_ahead():
    """While there is no connection, content and context wait, first come first served; media is dropped."""
    gone, may_return = threading.Event(), threading.Event()
    seen = []

    def first(peer):
        gone.wait(SOON)
        drop(peer)

    class Second(Connections):
        def __call__(self, peer):
            if self.setups:
                may_return.wait(SOON)
            super().__call__(peer)

    def second(peer):
        seen.extend(read_message(peer) for _ in range(4))
        answer_close(peer)

    with reconnecting(Second(first, second)) as session:
        gone.set()
        eventually(lambda: session.state is State.RESUMING)
        sends = [
            lambda: session.send_client_content(turns="a", turn_complete=False, timeout=SOON),
            lambda: session.send_context_update(system_instruction="b", timeout=SOON),
            lambda: session.send_realtime_input(text="c", timeout=SOON),
            lambda: session.send_tool_response(
                function_responses={"id": "1", "name": "f", "response": {}}, timeout=SOON
            ),
        ]
        threads = []
        for number, send in enumerate(sends, 1):
            threads.append(threading.Thread(target=send))
            threads[-1].start()
            eventually(lambda number=number: session.stats.messages_waiting == number)
        session.send_realtime_input(audio=bytes(320))
        assert session.stats.media_dropped == 1
        may_return.set()
        for thread in threads:
            thread.join(SOON)
        eventually(lambda: len(seen) == 4)
    assert [next(iter(message)) for message in seen] == [
        "toolResponse",
        "clientContent",
        "contextUpdate",
        "realtimeInput",
    ]


def test_without_a_handle_the_session_ends_and_names_what_is_lost():
    """The error says that the server gave none, and carries what is in doubt."""

    def second_question(peer):
        read_message(peer)
        peer.send(text("one") + TURN_COMPLETE)
        read_message(peer)
        drop(peer)

    with reconnecting(Connections(second_question, handle=None)) as session:
        assert session.ask("1", timeout=SOON).text == "one"
        with pytest.raises(ConnectionClosedError, match=r"gave no handle.*\(1 turn\) is lost") as caught:
            session.ask("2", timeout=SOON)
        assert [message.client_content.turns[0].parts[0].text for message in caught.value.in_doubt] == ["2"]


def test_a_fresh_start_goes_on_without_what_was_said():
    """Where the policy allows it; the callback is told that the state is not restored."""
    told = []
    callbacks = LiveCallbacks(on_reconnected=lambda session, *arguments: told.append(arguments))
    connections = Connections(answer_and_drop("one"), answer("two"), handle=None)
    policy = ReconnectPolicy(fresh_start=True)
    with reconnecting(connections, reconnect=policy, callbacks=callbacks) as session:
        assert session.ask("1", timeout=SOON).text == "one"
        eventually(lambda: session.stats.reconnections == 1)
        assert session.ask("2", timeout=SOON).text == "two"
        eventually(lambda: told)
    assert told == [(False, ())]
    assert [setup["sessionResumption"] for setup in connections.setups] == [{}, {}]


def test_reconnect_false_ends_the_session_with_its_connection():
    """And asks for no handles."""
    connections = Connections(answer_and_drop("one"))
    with reconnecting(connections, reconnect=False) as session:
        assert session.ask("1", timeout=SOON).text == "one"
        with pytest.raises(ConnectionClosedError):
            next(session.receive(timeout=SOON))
    assert "sessionResumption" not in connections.setups[0]


def test_a_close_that_the_server_means_ends_the_session():
    """1000, unannounced, is an end in order: nobody reconnects."""

    def handler(peer):
        peer.send(close_frame(1000, "bye"))

    with reconnecting(Connections(handler)) as session:
        assert list(session.messages(timeout=SOON)) != []
        with pytest.raises(ConnectionClosedOK, match="bye"):
            next(session.receive(timeout=SOON))


def test_callbacks_hear_of_both_and_of_the_lost_turn():
    """In order: the message, the loss, the way back; the session's end last."""
    calls = []
    done = threading.Event()

    def note(name):
        def call(session, *arguments):
            calls.append((name, *arguments))
            if name == "on_close":
                done.set()

        return call

    def cut(peer):
        read_message(peer)
        peer.send(text("half"))
        drop(peer)

    names = ("on_open", "on_message", "on_error", "on_close", "on_reconnecting", "on_reconnected")
    callbacks = LiveCallbacks(**{name: note(name) for name in names})
    with reconnecting(Connections(cut, answer("two")), callbacks=callbacks) as session:
        session.send_client_content(turns="1")
        eventually(lambda: any(call[0] == "on_reconnected" for call in calls))
    assert done.wait(SOON)
    heard = [call for call in calls if call[0] != "on_message"]
    assert [call[0] for call in heard] == [
        "on_open",
        "on_reconnecting",
        "on_error",
        "on_reconnected",
        "on_close",
    ]
    assert heard[1][1] == 1006
    assert isinstance(heard[2][1], TurnLostError)
    assert heard[3][1] is True
    assert len(heard[3][2]) == 1


class Unreachable(Connections):
    """Accepts the first connection; every later one is closed in place of the setup's answer."""

    def __init__(self, *handlers, code=1011, reason="Internal error encountered.", **arguments):
        super().__init__(*handlers, **arguments)
        self._refusal = code, reason
        self.refused = 0

    def __call__(self, peer):
        if not self.setups:
            super().__call__(peer)
            return
        peer.upgrade()
        read_message(peer)
        self.refused += 1
        peer.send(close_frame(*self._refusal))


def test_attempts_are_capped_and_the_error_tells_what_was_not_sent():
    """After so many failures the session ends; whoever waited to send is told, and the error lists it."""
    ended = threading.Event()

    def handler(peer):
        read_message(peer)
        drop(peer)

    connections = Unreachable(handler)
    policy = ReconnectPolicy(attempts=3, first_pause=0.2, longest_pause=0.2)
    callbacks = LiveCallbacks(on_close=lambda *arguments: ended.set())
    with reconnecting(connections, reconnect=policy, callbacks=callbacks) as session:
        session.send_client_content(turns="in doubt")
        eventually(lambda: session.state is State.RESUMING)
        with pytest.raises(ConnectionClosedError, match="3 attempts") as caught:
            session.send_client_content(turns="unsent", timeout=SOON)
        assert ended.wait(SOON)
        error = caught.value
        assert error.__cause__.reason == "Internal error encountered."
        assert (error.code, error.phase) == (1006, "resuming")
        assert [message.client_content.turns[0].parts[0].text for message in error.unsent] == ["unsent"]
        assert [message.client_content.turns[0].parts[0].text for message in error.in_doubt] == ["in doubt"]
    assert connections.refused == 3


@pytest.mark.parametrize(
    "reason", ["Requested entity was not found.", "BidiGenerateContent session not found"]
)
def test_a_handle_that_is_refused_ends_the_session(reason):
    """At once: no other attempt could fare better."""
    connections = Unreachable(answer_and_drop("one"), code=1008, reason=reason)
    with reconnecting(connections) as session:
        session.ask("1", timeout=SOON)
        with pytest.raises(ConnectionClosedError, match=r"does not know the session.*\(1 turn\) is lost"):
            session.ask("2", timeout=SOON)
    assert connections.refused == 1


def test_the_users_close_beats_a_reconnection():
    """In a pause between two attempts, close() returns at once and the session ends in order."""
    policy = ReconnectPolicy(first_pause=60, longest_pause=60)
    connections = Unreachable(answer_and_drop("one"))
    with reconnecting(connections, reconnect=policy) as session:
        session.ask("1", timeout=SOON)
        eventually(lambda: connections.refused == 1)
        begun = time.monotonic()
        session.close()
        assert time.monotonic() - begun < SOON / 4
        assert session.close_code == 1000
        with pytest.raises(ConnectionClosedOK):
            session.send_client_content(turns="2")


def test_a_send_that_waits_for_a_connection_keeps_its_deadline():
    """It raises LiveTimeout, nothing was sent, and the session goes on trying."""
    policy = ReconnectPolicy(first_pause=60, longest_pause=60)
    with reconnecting(Unreachable(answer_and_drop("one")), reconnect=policy) as session:
        session.ask("1", timeout=SOON)
        eventually(lambda: session.state is State.RESUMING)
        with pytest.raises(LiveTimeout, match="no connection"):
            session.send_client_content(turns="2", timeout=0.05)
        assert session.state is State.RESUMING


def test_reasons_that_a_replay_would_meet_again_end_the_session():
    """1007 is fatal, whatever handle there is."""

    def handler(peer):
        read_message(peer)
        peer.send(close_frame(1007, "Request contains an invalid argument."))

    with reconnecting(Connections(handler), reconnect=QUICK) as session:
        with pytest.raises(ConnectionClosedError) as caught:
            session.ask("1", timeout=SOON)
        assert caught.value.code == 1007
        assert len(caught.value.in_doubt) == 1
