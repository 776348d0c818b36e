"""Servers that keep a patched program waiting: other greenlets have their turn, and the wait ends in time."""

import contextlib
import threading

import pytest

from tests.certificates import client_context
from tests.gevent.patched_program import PatchedProgram
from tests.raw_server import RawServer
from tests.servers.black_hole import black_hole
from tests.servers.trust import write_authorities
from tests.service import Connections, accept_setup, drop, text
from tests.timing import SOON


def silent(peer):
    """Takes the connection, and says nothing."""
    peer.wait_until_told()


def silent_after_upgrade(peer):
    """Says nothing of the setup."""
    peer.upgrade()
    peer.wait_until_told()


@contextlib.contextmanager
def nobody():
    """Nobody takes the connection."""
    with black_hole() as port:
        yield f"http://localhost:{port}"


@contextlib.contextmanager
def server_of(handle, scheme="http"):
    """A server that runs ``handle`` on each connection, without TLS."""
    with RawServer(handle) as server:
        yield f"{scheme}://localhost:{server.port}"


@pytest.mark.parametrize(
    "stalled",
    [nobody(), server_of(silent, "https"), server_of(silent), server_of(silent_after_upgrade)],
    ids=["TCP", "TLS", "upgrade", "setup"],
)
def test_connecting(stalled, tmp_path):
    """Connecting keeps its timeout, and can be given up by another greenlet."""
    program = """
        from genai_live import ConnectionClosed, LiveTimeout

        def connect(timeout):
            try:
                client.live.connect(model=MODEL, timeout=timeout)
            except (ConnectionClosed, LiveTimeout) as error:
                return error

        assert isinstance(connect(0.2), LiveTimeout)
        result = others_run_while(lambda: connect(SECONDS))
        client.close(timeout=0.5)
        assert isinstance(result(), ConnectionClosed)
    """
    trusted = write_authorities(client_context(), tmp_path / "authorities.pem")
    with stalled as url, PatchedProgram(url, program, trusted):
        pass


def test_an_open_session(tmp_path):
    """Reading, writing and closing wait for the server, each with others having their turn."""
    program = """
        from genai_live import ConnectionClosed, LiveTimeout

        session = client.live.connect(model=MODEL, timeout=SECONDS)
        try:
            next(session.messages(timeout=0.05))
            raise AssertionError
        except LiveTimeout:
            pass
        messages = others_run_while(lambda: list(session.messages()))

        def send():
            try:
                session.send_raw({"x": "y" * 16_000_000}, timeout=None)
            except ConnectionClosed as error:
                return error

        sent = others_run_while(send)
        closed = others_run_while(lambda: session.close(timeout=SECONDS))
        say("closing")
        assert closed() is None
        assert isinstance(sent(), ConnectionClosed)
        assert messages() == []
    """
    closing = threading.Event()

    def handle(peer):
        accept_setup(peer)
        assert closing.wait(SOON)

    with server_of(handle) as url, PatchedProgram(url, program) as running:
        running.hear("closing")
        closing.set()


def test_between_two_connections(tmp_path):
    """Waiting for the next attempt to connect lets others have their turn, and ends with the session."""
    program = """
        from genai_live import ConnectionClosed, ReconnectPolicy, State

        policy = ReconnectPolicy(first_pause=SECONDS * 10, longest_pause=SECONDS * 10)
        session = client.live.connect(model=MODEL, timeout=SECONDS, reconnect=policy)

        def send():
            try:
                session.send_client_content(turns="Hello?", timeout=None)
            except ConnectionClosed as error:
                return error

        hear("refused")
        sent = others_run_while(send)
        assert session.state is State.RESUMING
        session.close()
        assert isinstance(sent(), ConnectionClosed)
    """
    refused = threading.Event()
    first = Connections(drop)

    def handle(peer):
        if not first.setups:
            first(peer)
            return
        peer.read_request()
        peer.send(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        refused.set()

    with server_of(handle) as url, PatchedProgram(url, program) as running:
        assert refused.wait(SOON)
        running.say("refused")


def test_a_flood(tmp_path):
    """Others have their turn while the reader takes what never stops coming, up to where it pauses."""
    program = """
        with client.live.connect(model=MODEL, timeout=SECONDS) as session:
            seen = set()
            while session.stats.queued_bytes < 16_000_000:
                ticker.wait(1)
                seen.add(session.stats.queued_messages)
            assert len(seen) > 10, seen
    """
    flood = text("and so on ") * 1_000

    def handle(peer):
        accept_setup(peer)
        while True:
            peer.send(flood)

    with server_of(handle) as url, PatchedProgram(url, program):
        pass
