"""Every fault that a network, a proxy or the service can bring, over TLS: what the user then sees.

The faults of the network are made by a proxy between client and server (``tests/fault_proxy.py``), those of
the service by a server that does what a test says.
"""

import contextlib
import socket
import struct
import threading

import pytest

from genai_live import (
    Client,
    ConnectionClosedError,
    HandshakeError,
    LiveTimeout,
    ProtocolError,
    ReconnectPolicy,
    State,
    TurnLostError,
    Watchdogs,
)
from genai_live.protocol.failures import Failure, classify
from tests.certificates import client_context, server_context
from tests.fault_proxy import ConnectProxy, FaultProxy
from tests.protocol.test_failures import CASES
from tests.raw_server import BINARY, TEXT, RawServer, close_frame, frame
from tests.service import (
    KEY,
    MODEL,
    QUICK,
    TURN_COMPLETE,
    Connections,
    answer,
    answer_close,
    drop,
    message,
    question,
    read_message,
    reconnecting,
    text,
)
from tests.timing import SOON, eventually, scaled


@contextlib.contextmanager
def through_proxy(connections, *, policy=QUICK, **arguments):
    """A session over TLS through a proxy that obeys; yields both."""
    with (
        RawServer(connections, tls=server_context()) as server,
        FaultProxy("127.0.0.1", server.port) as proxy,
    ):
        options = {"base_url": f"https://localhost:{proxy.port}"}
        with (
            Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client,
            client.live.connect(model=MODEL, timeout=SOON, reconnect=policy, **arguments) as session,
        ):
            yield session, proxy


def answering(*words):
    """Answers as many questions, then waits for the close."""

    def handler(peer):
        for word in words:
            read_message(peer)
            peer.send(text(word) + TURN_COMPLETE)
        answer_close(peer)

    return handler


# -- of the network ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset", "end"])
def test_a_connection_that_is_reset_or_ends(fault):
    """Between two turns: the next question is answered on another connection."""
    with through_proxy(Connections(answering("one"), answering("two"))) as (session, proxy):
        assert session.ask("1", timeout=SOON).text == "one"
        getattr(proxy, fault)()
        eventually(lambda: session.stats.reconnections == 1)
        assert session.ask("2", timeout=SOON).text == "two"
        assert session.stats.reconnections == 1


def test_half_open_silence():
    """Nothing comes and nothing breaks: the idle watchdog ends the connection, and the session goes on."""
    watchdogs = Watchdogs(idle=scaled(0.4), reconnect=True)
    connections = Connections(answering("one"), answering("two"))
    with through_proxy(connections, watchdogs=watchdogs) as (session, proxy):
        assert session.ask("1", timeout=SOON).text == "one"
        proxy.freeze()
        eventually(lambda: session.stats.reconnections == 1)
        assert session.ask("2", timeout=SOON).text == "two"


def test_half_open_silence_without_a_watchdog_is_waited_for():
    """A silent server may be a healthy one: ``ask`` ends with its own timeout, and the session stays open."""
    with through_proxy(Connections(answering("one"))) as (session, proxy):
        proxy.freeze()
        with pytest.raises(LiveTimeout):
            session.ask("1", timeout=scaled(0.3))
        assert session.state is State.OPEN
        proxy.thaw()
        session.discard_turn(timeout=SOON)


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "end"])
def test_a_cut_in_the_middle_of_a_frame(reset):
    """The half message is delivered to nobody; the turn is lost, and the session goes on."""
    cut = threading.Event()

    def first(peer):
        read_message(peer)
        peer.send(text("whole"))
        cut.wait(SOON)
        peer.send(text("x" * 50_000))
        peer.read_until_closed()

    with through_proxy(Connections(first, answering("two"))) as (session, proxy):
        session.send_client_content(turns="1")
        messages = session.receive(timeout=SOON)
        assert next(item.text for item in messages if item.text) == "whole"
        proxy.cut_after(20_000, reset=reset)
        cut.set()
        with pytest.raises(TurnLostError) as caught:
            list(messages)
        assert caught.value.partial.text == "whole"
        assert session.ask("2", timeout=SOON).text == "two"


def test_late_bytes_one_at_a_time():
    """A message that trickles in is one message all the same."""
    with through_proxy(Connections(answering("one", "two"))) as (session, proxy):
        assert session.ask("1", timeout=SOON).text == "one"
        proxy.dribble()
        assert session.ask("2", timeout=SOON).text == "two"
        assert session.stats.reconnections == 0


def test_a_server_that_stops_reading_and_then_goes():
    """A sender whose message is stuck half way sends it whole on the next connection."""
    seen = []

    def second(peer):
        seen.append(len(question(read_message(peer))))
        peer.send(text("two") + TURN_COMPLETE)
        answer_close(peer)

    def first(peer):
        peer.read_until_closed()

    with through_proxy(Connections(first, second)) as (session, proxy):
        eventually(lambda: session.resumption_handle)
        proxy.freeze_upstream()
        asking = threading.Thread(
            target=session.send_client_content, kwargs={"turns": "x" * 12_000_000, "timeout": SOON}
        )
        asking.start()
        eventually(lambda: session.stats.bytes_sent > 0)
        proxy.reset()
        asking.join(SOON)
        assert "".join(item.text or "" for item in session.receive(timeout=SOON)) == "two"
    assert seen == [12_000_000]


def test_connections_that_are_refused_for_a_while():
    """Nobody listens, then somebody does: attempts go on until one succeeds."""
    with through_proxy(Connections(answering("one"), answering("two"))) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.stop_listening()
        proxy.reset()
        eventually(lambda: session.state is State.RESUMING)
        proxy.listen_again()
        assert session.ask("2", timeout=SOON).text == "two"


def test_a_server_that_resets_every_new_connection_for_a_while():
    """It is dead, then it lives again."""
    with through_proxy(Connections(answering("one"), answering("two"))) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.refuse_next(3)
        proxy.reset()
        assert session.ask("2", timeout=SOON).text == "two"
        assert proxy.connections == 5


def test_a_tls_handshake_that_stalls():
    """The attempt ends with its own timeout, and the next one is made."""
    policy = ReconnectPolicy(attempt_timeout=scaled(0.3), first_pause=0.01)
    with through_proxy(Connections(answering("one"), answering("two")), policy=policy) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.swallow_next()
        proxy.reset()
        assert session.ask("2", timeout=SOON).text == "two"
        assert proxy.connections == 3


def test_a_setup_that_is_not_answered():
    """Likewise: setupComplete is waited for no longer than the attempt may take."""

    class Stalling(Connections):
        stalls = 1

        def __call__(self, peer):
            if self.setups and self.stalls:
                self.stalls -= 1
                peer.upgrade()
                peer.read_until_closed()
            else:
                super().__call__(peer)

    policy = ReconnectPolicy(attempt_timeout=scaled(0.3), first_pause=0.01)
    connections = Stalling(answering("one"), answering("two"))
    with through_proxy(connections, policy=policy) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.reset()
        assert session.ask("2", timeout=SOON).text == "two"
        assert proxy.connections == 3


# -- at the upgrade ------------------------------------------------------------------------------------------


class Refusing(Connections):
    """Refuses the upgrade of the next connections with an HTTP answer."""

    def __init__(self, *handlers, refusal, times):
        super().__init__(*handlers)
        self._refusal = refusal
        self.times = times
        self.refused = 0

    def __call__(self, peer):
        if not self.setups or self.refused == self.times:
            super().__call__(peer)
            return
        peer.read_request()
        self.refused += 1
        peer.send(f"HTTP/1.1 {self._refusal}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.parametrize(
    "refusal",
    ["429 Too Many Requests", "503 Service Unavailable", "503 Service Unavailable\r\nRetry-After: 0"],
    ids=["429", "503", "503 with Retry-After"],
)
def test_an_upgrade_that_is_refused_for_the_moment(refusal):
    """It is tried again, and the session goes on."""
    connections = Refusing(answering("one"), answering("two"), refusal=refusal, times=2)
    with through_proxy(connections) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.reset()
        assert session.ask("2", timeout=SOON).text == "two"
    assert connections.refused == 2


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        ("401 Unauthorized", 401),
        ("403 Forbidden", 403),
        ("404 Not Found", 404),
        ("302 Found\r\nLocation: https://elsewhere.test/", 302),
    ],
    ids=str,
)
def test_an_upgrade_that_is_refused_for_good(refusal, status):
    """Once is enough: the session ends, and the refusal is the cause of the error."""
    connections = Refusing(answering("one"), refusal=refusal, times=9)
    with through_proxy(connections) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.reset()
        with pytest.raises(ConnectionClosedError, match="another connection was refused") as caught:
            session.ask("2", timeout=SOON)
        cause = caught.value.__cause__
        while not isinstance(cause, HandshakeError):
            cause = cause.__cause__
        assert cause.status == status
        assert caught.value.phase == "resuming"
    assert connections.refused == 1


# -- by a proxy of the user's --------------------------------------------------------------------------------


@contextlib.contextmanager
def behind_proxy(connections, monkeypatch, *, policy=QUICK):
    """A session through an HTTP proxy that the environment names."""
    with RawServer(connections, tls=server_context()) as server, ConnectProxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        options = {"base_url": f"https://localhost:{server.port}"}
        with (
            Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client,
            client.live.connect(model=MODEL, timeout=SOON, reconnect=policy) as session,
        ):
            yield session, proxy


def test_a_proxy_that_is_dead_for_a_while(monkeypatch):
    """Attempts go on until it is back."""
    connections = Connections(answering("one"), answering("two"))
    with behind_proxy(connections, monkeypatch) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.stop_listening()
        proxy.reset()
        eventually(lambda: session.state is State.RESUMING)
        proxy.listen_again()
        assert session.ask("2", timeout=SOON).text == "two"


def test_a_proxy_that_is_dead_for_good(monkeypatch):
    """The attempts are used up, and the session ends with the last one's error as the cause."""
    policy = ReconnectPolicy(attempts=3, first_pause=0.01, longest_pause=0.01)
    with behind_proxy(Connections(answering("one")), monkeypatch, policy=policy) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.stop_listening()
        proxy.reset()
        with pytest.raises(ConnectionClosedError, match="3 attempts") as caught:
            session.ask("2", timeout=SOON)
        assert isinstance(caught.value.__cause__, HandshakeError)


def test_a_proxy_that_wants_to_know_who_we_are(monkeypatch):
    """407: no other attempt would fare better."""
    with behind_proxy(Connections(answering("one")), monkeypatch) as (session, proxy):
        session.ask("1", timeout=SOON)
        proxy.answer_next(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        proxy.reset()
        with pytest.raises(ConnectionClosedError, match="407"):
            session.ask("2", timeout=SOON)


# -- of the service ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason", "failure"), [case for case in CASES if case[0] not in (1000, 1006)]
)
def test_a_close_with_each_code_and_reason(code, reason, failure):
    """The session goes on after what may pass, and ends with the service's words after all else."""

    def first(peer):
        read_message(peer)
        peer.send(close_frame(code, reason.encode()[:123].decode(errors="ignore")))

    assert classify(code, reason) is failure
    with reconnecting(Connections(first, answer("two"))) as session:
        if failure in (Failure.PASSING, Failure.EXPIRED):
            with pytest.raises(TurnLostError):
                session.ask("1", timeout=SOON)
            assert session.ask("2", timeout=SOON).text == "two"
            return
        with pytest.raises(Exception, match=f"{code}") as caught:
            session.ask("1", timeout=SOON)
        assert len(caught.value.in_doubt) == 1
        assert session.state is State.CLOSED
        assert session.close_code == code


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (frame(TEXT, b'{"serverContent": "\xff\xfe"}'), "not UTF-8"),
        (frame(BINARY, b'{"serverContent": '), "no readable JSON"),
        (frame(BINARY, b"[1, 2]"), "not an object"),
        (frame(BINARY, b"\x00\x01\x02"), "no readable JSON"),
        (frame(BINARY, b'{"a":' * 200 + b"1" + b"}" * 200), "nested in more than|no readable JSON"),
        (bytes([0x82, 127]) + struct.pack("!Q", 2**62), "declares 4611686018427387904 bytes"),
        (frame(3, b"what is this?"), "WebSocket protocol"),
    ],
    ids=["bad UTF-8", "cut JSON", "a list", "no JSON", "nested too deeply", "2^62 bytes", "reserved opcode"],
)
def test_what_cannot_be_understood_ends_the_session(sent, told):
    """A server that breaks the rules would do so again: ProtocolError, and nobody reconnects."""
    connections = Connections(lambda peer: (read_message(peer), peer.send(sent), answer_close(peer)))
    with reconnecting(connections) as session:
        with pytest.raises(ProtocolError, match=told) as caught:
            session.ask("1", timeout=SOON)
        assert len(caught.value.in_doubt) == 1
    assert len(connections.setups) == 1


def test_a_nest_of_64_levels_is_delivered():
    """It is within the bound, so what is unknown in it is kept."""
    nest = {"deep": "end"}
    for _ in range(63):
        nest = {"deep": nest}

    def handler(peer):
        peer.send(message({"newField": nest}))
        answer_close(peer)

    with reconnecting(Connections(handler)) as session:
        found = next(item for item in session.messages(timeout=SOON) if item.unknown_fields)
        assert found.unknown_fields == {"newField": nest}


def test_a_name_that_is_unknown_for_a_while(monkeypatch):
    """DNS fails, as it does on a train; then it works again."""
    real, failing = socket.getaddrinfo, threading.Event()

    def getaddrinfo(host, *arguments, **options):
        if failing.is_set() and host == "localhost":
            raise socket.gaierror(-3, "Temporary failure in name resolution")
        return real(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    def first(peer):
        read_message(peer)
        peer.send(text("one") + TURN_COMPLETE)
        read_message(peer)
        drop(peer)

    with reconnecting(Connections(first, answering("three"))) as session:
        session.ask("1", timeout=SOON)
        failing.set()
        session.send_client_content(turns="2")
        eventually(lambda: session.state is State.RESUMING)
        failing.clear()
        with pytest.raises(TurnLostError):
            list(session.receive(timeout=SOON))
        assert session.ask("3", timeout=SOON).text == "three"
