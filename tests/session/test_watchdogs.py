"""Silences that are taken for failures where the user says so, and never otherwise."""

import threading

import pytest

from genai_live import ConnectionClosedError, State, TurnLostError, Watchdogs
from genai_live.runtime import keepalive, mailbox
from genai_live.runtime.clock import Clock
from tests.raw_server import PING, PONG, frame
from tests.service import (
    TURN_COMPLETE,
    Connections,
    answer,
    answer_close,
    read_message,
    reconnecting,
    text,
    tool_call,
)
from tests.timing import SOON, eventually, scaled


def silent(peer):
    """Takes everything, says nothing."""
    answer_close(peer)


def test_a_model_that_does_not_begin_to_answer_ends_the_session():
    """The error says which watchdog struck, and after how long; what was asked is in doubt."""
    watchdogs = Watchdogs(first_byte=scaled(0.2))
    with reconnecting(Connections(silent), watchdogs=watchdogs) as session:
        with pytest.raises(ConnectionClosedError, match="did not begin to answer within") as caught:
            session.ask("1", timeout=SOON)
        assert len(caught.value.in_doubt) == 1
        assert session.state is State.CLOSED


def test_a_watchdog_may_reconnect_instead():
    """The turn is lost, and the session goes on, on another connection."""
    watchdogs = Watchdogs(first_byte=scaled(0.2), reconnect=True)
    with reconnecting(Connections(silent, answer("two")), watchdogs=watchdogs) as session:
        with pytest.raises(TurnLostError):
            session.ask("1", timeout=SOON)
        assert session.ask("2", timeout=SOON).text == "two"


def test_a_turn_that_does_not_end_is_noticed():
    """However much comes of it."""

    def endless(peer):
        read_message(peer)
        while True:
            peer.send(text("and "))
            threading.Event().wait(0.02)

    with reconnecting(Connections(endless), watchdogs=Watchdogs(turn=scaled(0.3))) as session:
        with pytest.raises(ConnectionClosedError, match="turn did not end within"):
            session.ask("1", timeout=SOON)


def test_the_time_that_a_function_takes_does_not_count():
    """While the model waits for an answer of ours, no watchdog of the turn runs."""

    def calling(peer):
        read_message(peer)
        peer.send(tool_call("call-1"))
        read_message(peer)
        peer.send(text("sunny") + TURN_COMPLETE)
        answer_close(peer)

    watchdogs = Watchdogs(turn=scaled(0.3), first_byte=scaled(0.3))
    with reconnecting(Connections(calling), watchdogs=watchdogs) as session:
        session.send_client_content(turns="weather?")
        messages = session.receive(timeout=SOON)
        call = next(item.tool_call for item in messages if item.tool_call).function_calls[0]
        threading.Event().wait(scaled(0.6))
        session.send_tool_response(function_responses={"id": call.id, "name": call.name, "response": {}})
        assert "".join(item.text or "" for item in messages) == "sunny"


@pytest.fixture
def impatient(monkeypatch):
    """Pings after a fraction of a second."""
    monkeypatch.setattr(keepalive, "PING_SECONDS", scaled(0.1))


def test_silence_is_answered_with_pings_and_any_byte_is_life(impatient):
    """A server that only answers our pings is not idle, however long it says nothing."""
    pings, enough = [], threading.Event()

    def handler(peer):
        while True:
            received = peer.read_frame()
            if received.opcode != PING:
                break
            pings.append(received.payload)
            peer.send(frame(PONG, received.payload))
            if len(pings) == 8:
                enough.set()

    with reconnecting(Connections(handler), watchdogs=Watchdogs(idle=scaled(0.5))) as session:
        assert enough.wait(SOON)
        assert session.state is State.OPEN
        assert session.stats.reconnections == 0


def test_pings_that_nobody_answers_kill_nothing(impatient):
    """Without a watchdog of the user's a silent server is waited for."""
    pings, enough = [], threading.Event()

    def handler(peer):
        while peer.read_frame().opcode == PING:
            pings.append(1)
            if len(pings) == 8:
                enough.set()

    with reconnecting(Connections(handler)) as session:
        assert enough.wait(SOON)
        assert session.state is State.OPEN


def test_a_server_that_sends_nothing_at_all_is_idle(impatient):
    """Not even the answers to pings: the watchdog says for how long."""

    def handler(peer):
        peer.read_until_closed()

    with reconnecting(Connections(handler), watchdogs=Watchdogs(idle=scaled(0.5))) as session:
        with pytest.raises(ConnectionClosedError, match="nothing at all was received for"):
            list(session.messages(timeout=SOON))


def test_paused_time_is_no_silence(monkeypatch):
    """A program that reads nothing makes the reader pause; no watchdog takes that for a silent server."""
    monkeypatch.setattr(
        mailbox.Mailbox.__init__, "__kwdefaults__", {"high_mark": 100_000, "hard_limit": 4_000_000}
    )
    sent = threading.Event()

    def handler(peer):
        read_message(peer)
        for _ in range(200):
            peer.send(text("x" * 50_000))
        peer.send(TURN_COMPLETE)
        sent.set()
        answer_close(peer)

    watchdogs = Watchdogs(idle=scaled(1), turn=scaled(1))
    with reconnecting(Connections(handler), watchdogs=watchdogs) as session:
        session.send_client_content(turns="1")
        eventually(lambda: session.stats.queued_bytes >= 100_000)
        assert not sent.wait(scaled(2.5))
        assert len([item for item in session.receive(timeout=SOON) if item.text]) == 200


class Laptop(Clock):
    """A machine whose wall clock runs on while it sleeps."""

    asleep = 0.0

    def wall(self):
        """See Clock."""
        return super().wall() + Laptop.asleep


@pytest.fixture
def laptop(monkeypatch, impatient):
    """Sessions run on it."""
    monkeypatch.setattr("genai_live.runtime.driver.Clock", Laptop)
    monkeypatch.setattr(keepalive, "AWAKE_SECONDS", scaled(0.4))
    monkeypatch.setattr(Laptop, "asleep", 0.0)
    return Laptop


def test_after_a_sleep_a_server_that_does_not_answer_is_given_up(laptop, monkeypatch):
    """The connection did not survive, as nobody told us; the session goes on, on another one."""

    def first(peer):
        peer.read_until_closed()

    with reconnecting(Connections(first, answer("awake"))) as session:
        monkeypatch.setattr(laptop, "asleep", 3600.0)
        eventually(lambda: session.stats.reconnections == 1)
        assert session.ask("1", timeout=SOON).text == "awake"


def test_after_a_sleep_a_server_that_answers_is_kept(laptop, monkeypatch):
    """A clock that was only set costs one ping."""
    ponged = threading.Event()

    def handler(peer):
        count = 0
        while (received := peer.read_frame()).opcode == PING:
            peer.send(frame(PONG, received.payload))
            count += laptop.asleep > 0
            if count == 10:
                ponged.set()

    with reconnecting(Connections(handler)) as session:
        monkeypatch.setattr(laptop, "asleep", 3600.0)
        assert ponged.wait(SOON)
        assert session.stats.reconnections == 0


def test_times_are_in_the_statistics():
    """From asking to the first message of the answer, and to the end of the turn."""
    with reconnecting(Connections(answer("one"))) as session:
        assert session.stats.first_byte_seconds is None
        session.ask("1", timeout=SOON)
        stats = session.stats
        assert 0 < stats.first_byte_seconds <= stats.turn_seconds < SOON


def test_reconnect_of_a_watchdog_needs_a_session_that_reconnects():
    """Otherwise it is refused at the call."""
    with pytest.raises(ValueError, match=r"watchdogs\.reconnect"):
        with reconnecting(Connections(silent), reconnect=False, watchdogs=Watchdogs(reconnect=True)):
            pass


def test_values_that_make_no_sense_are_refused():
    """By name."""
    with pytest.raises(ValueError, match="first_byte"):
        Watchdogs(first_byte=-1)
    with pytest.raises(ValueError, match="idle"):
        Watchdogs(idle="soon")


def test_an_idle_end_is_an_error_of_the_session():
    """Whoever sends afterwards is told the same."""

    def handler(peer):
        peer.read_until_closed()

    with reconnecting(Connections(handler), watchdogs=Watchdogs(idle=scaled(0.2))) as session:
        eventually(lambda: session.state is State.CLOSED)
        with pytest.raises(ConnectionClosedError, match="nothing at all"):
            session.send_client_content(turns="1")
