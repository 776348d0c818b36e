"""The fault proxy cuts connections where a test tells it."""

import contextlib
import os
import socket
import threading

import pytest

from tests.faults.peers import Server, connect, echo, is_sound, let_it_act, proxied, read, read_to_end
from tests.timing import SOON, eventually

LARGE = os.urandom(2_000_000)


@pytest.mark.parametrize(("by_reset", "ending"), [(True, "RST"), (False, "FIN")])
@pytest.mark.parametrize("size", [0, 3, len(LARGE) - 1, len(LARGE)])
def test_cut_after(size, by_reset, ending):
    """The client gets just so many bytes of what is still to come; both sides see the end."""

    def handle(peer):
        peer.send(b"before")
        with contextlib.suppress(ConnectionError):  # it is cut meanwhile
            peer.sock.recv(1)
            peer.send(LARGE)
        peer.read_until_closed()
        ended.set()

    ended = threading.Event()
    with proxied(handle) as (proxy, _), connect(proxy) as sock:
        assert read(sock, 6) == b"before"
        proxy.cut_after(size, reset=by_reset)
        if size:
            sock.sendall(b"!")
        assert read_to_end(sock) == (LARGE[:size], ending)
        assert ended.wait(SOON)


@contextlib.contextmanager
def _cut_before_it_arrives():
    """A proxy that has written all that comes before a cut by a RST, and a client that has not read it."""
    server = Server()
    with proxied(server) as (proxy, _), connect(proxy) as sock:
        proxy.cut_after(200_000)
        server.send(LARGE[:200_000])
        let_it_act(proxy)
        yield proxy, server, sock


def test_a_cut_does_not_overtake_the_bytes_before_it():
    """A client that reads late finds them all."""
    with _cut_before_it_arrives() as (_, _, sock):
        assert read_to_end(sock) == (LARGE[:200_000], "RST")


def test_a_client_is_heard_until_it_is_cut():
    """What it says meanwhile reaches the server."""
    with _cut_before_it_arrives() as (_, server, sock):
        sock.sendall(b"last words")
        server.wait_for(b"last words")
        assert read_to_end(sock) == (LARGE[:200_000], "RST")
        assert server.wait_for_end() == "RST"


@pytest.mark.parametrize("half_closed", [True, False])
def test_a_cut_does_not_wait_for_a_client_that_has_gone(half_closed):
    """Nothing is left, though the bytes before the cut never arrived."""
    with _cut_before_it_arrives() as (proxy, _, sock):
        before = len(os.listdir("/dev/fd"))
        if half_closed:
            sock.shutdown(socket.SHUT_WR)
            let_it_act(proxy)
        sock.close()
        eventually(
            lambda: len(os.listdir("/dev/fd")) <= before - 4
        )  # of the server, the client and the proxy


def test_cut_after_lets_the_rest_of_the_connection_go_on():
    """Until so many bytes have come, both directions are sound."""
    with proxied(echo) as (proxy, _), connect(proxy) as sock:
        proxy.cut_after(8)
        assert is_sound(sock)
        sock.sendall(b"hello")
        assert read_to_end(sock) == (b"hel", "RST")


def test_cut_next_after():
    """The next connection is cut, and the one after that is sound."""
    with proxied(echo) as (proxy, _):
        proxy.cut_next_after(3, reset=False)
        with connect(proxy) as sock:
            sock.sendall(b"hello")
            assert read_to_end(sock) == (b"hel", "FIN")
        with connect(proxy) as sock:
            assert is_sound(sock)
