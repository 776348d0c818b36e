"""The fault proxy does to the open connections what a test tells it."""

import contextlib
import os
import socket
import threading

import pytest

from tests.certificates import client_context, server_context
from tests.fault_proxy import FaultProxy
from tests.faults.peers import Server, assert_silent, connect, echo, is_sound, proxied, read, read_to_end
from tests.raw_server import RawServer
from tests.timing import SOON, scaled

LARGE = os.urandom(2_000_000)


@pytest.mark.parametrize(("fault", "ending"), [("reset", "RST"), ("end", "FIN")])
def test_reset_and_end_strike_all_open_connections(fault, ending):
    """The clients see a RST or a FIN; a connection that comes later is sound."""
    with proxied(echo) as (proxy, _), connect(proxy) as first, connect(proxy) as second:
        assert is_sound(first)
        assert is_sound(second)
        getattr(proxy, fault)()
        assert read_to_end(first) == read_to_end(second) == (b"", ending)
        with connect(proxy) as later:
            assert is_sound(later)


@pytest.mark.parametrize(("fault", "ending"), [("reset", "RST"), ("end", "FIN")])
def test_the_server_sees_a_reset_or_an_end_as_well(fault, ending):
    """Both sides are told."""
    server = Server()
    with proxied(server) as (proxy, _), connect(proxy) as sock:
        sock.sendall(b"hello")
        server.wait_for(b"hello")
        getattr(proxy, fault)()
        assert server.wait_for_end() == ending


def test_an_end_is_clean():
    """A side that goes on writing after the FIN is not reset."""
    written = threading.Event()

    def handle(peer):
        while peer.sock.recv(65536):
            pass
        for _ in range(2):
            peer.send(LARGE)
        written.set()

    with proxied(handle) as (proxy, _), connect(proxy) as sock:
        proxy.end()
        for _ in range(2):
            sock.sendall(LARGE)
            assert read_to_end(sock) == (b"", "FIN")
        assert written.wait(SOON)


@pytest.mark.parametrize(("fault", "ending"), [("reset", "RST"), ("end", "FIN")])
@pytest.mark.parametrize("before", ["freeze", "freeze_upstream", "dribble"])
def test_reset_and_end_strike_connections_with_another_fault(fault, ending, before):
    """A connection that is silent or slow is open as well."""
    with proxied(echo) as (proxy, _), connect(proxy) as sock:
        assert is_sound(sock)
        getattr(proxy, before)()
        getattr(proxy, fault)()
        assert read_to_end(sock) == (b"", ending)


def test_a_reset_strikes_what_has_ended_on_one_side_only():
    """The client has not closed after the FIN: now it can no longer write."""
    with proxied(echo) as (proxy, _), connect(proxy) as sock:
        assert is_sound(sock)
        proxy.end()
        proxy.reset()
        with pytest.raises(ConnectionError):
            sock.sendall(b"hello")


def test_freeze_is_silence_both_ways():
    """The connection stays open, and nothing passes; `thaw` loses nothing."""
    server = Server()
    with proxied(server) as (proxy, _), connect(proxy) as sock:
        sock.sendall(b"one ")
        server.wait_for(b"one ")
        proxy.freeze()
        sock.sendall(b"two")
        server.send(b"answer")
        assert_silent(sock)
        server.assert_silent()
        proxy.thaw()
        server.wait_for(b"one two")
        assert read(sock, 6) == b"answer"


def test_freeze_leaves_later_connections_alone():
    """All that was open is struck, and nothing else."""
    with proxied(echo) as (proxy, _), connect(proxy) as first, connect(proxy) as second:
        proxy.freeze()
        with connect(proxy) as later:
            assert is_sound(later)
        for frozen in (first, second):
            frozen.sendall(b"hello")
            assert_silent(frozen)


def test_an_end_is_not_seen_through_a_frozen_connection():
    """The server learns that the client has gone when the connection thaws."""
    server = Server()
    with proxied(server) as (proxy, _):
        with connect(proxy) as sock:
            sock.sendall(b"hello")
            server.wait_for(b"hello")
            proxy.freeze()
        server.assert_silent()
        proxy.thaw()
        assert server.wait_for_end() == "FIN"


def test_freeze_upstream_blocks_the_client():
    """Its sends soon block, even where much has passed before, while it receives; `thaw` loses nothing."""
    server = Server()
    with proxied(server) as (proxy, _), connect(proxy) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        before = LARGE * 10
        sock.sendall(before)
        server.wait_for(before)
        proxy.freeze_upstream()
        sent = 0
        sock.settimeout(scaled(0.2))
        with pytest.raises(TimeoutError):
            while sent < len(LARGE):
                sent += sock.send(LARGE[sent:])
        server.send(b"answer")
        assert read(sock, 6) == b"answer"
        server.wait_for(before)
        proxy.thaw()
        server.wait_for(before + LARGE[:sent])


@pytest.mark.parametrize("next_one", [True, False])
def test_dribble_is_byte_by_byte(next_one):
    """Much is under way long after the first byte has come; `thaw` brings all of it."""
    server = Server()
    with proxied(server) as (proxy, _):
        if next_one:
            proxy.dribble_next()
        with connect(proxy) as sock:
            if not next_one:
                proxy.dribble()
            sending = threading.Thread(target=server.send, args=(LARGE,))
            sending.start()
            first = read(sock, 100)
            proxy.freeze()
            sock.settimeout(scaled(0.1))
            with pytest.raises(TimeoutError):
                while True:
                    first += sock.recv(65536)
            assert len(first) < 60_000  # of which the proxy holds more already
            sock.settimeout(SOON)
            proxy.thaw()
            assert first + read(sock, len(LARGE) - len(first)) == LARGE
            sending.join(SOON)


def test_tls_is_only_slower_where_it_dribbles():
    """A handshake and some data, byte by byte."""
    with proxied(echo, tls=server_context()) as (proxy, _):
        proxy.dribble_next()
        with (
            connect(proxy) as plain,
            client_context().wrap_socket(plain, server_hostname="localhost") as sock,
        ):
            assert is_sound(sock)


def test_leaving_closes_everything():
    """Whatever the connections suffer; then it can be told nothing more."""
    with RawServer(echo) as server, contextlib.ExitStack() as stack:
        with FaultProxy("127.0.0.1", server.port) as proxy:
            proxy.swallow_next()
            socks = [stack.enter_context(connect(proxy)) for _ in range(3)]
            proxy.wait_for_connections(3)
            assert is_sound(socks[1])
            proxy.freeze()
        for sock in socks:
            data, _ = read_to_end(sock)
            assert data == b""
        with pytest.raises(RuntimeError, match="closed"):
            proxy.reset()


def test_several_threads_may_tell():
    """While connections freeze and thaw from many sides, nothing is lost."""
    with proxied(echo) as (proxy, _):
        done = []

        def talk():
            with connect(proxy) as sock:
                for _ in range(50):
                    proxy.freeze()
                    sock.sendall(b"hello")
                    proxy.thaw()
                    assert read(sock, 5) == b"hello"
            done.append(True)

        threads = [threading.Thread(target=talk) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SOON)
        proxy.thaw()
        assert len(done) == 4
