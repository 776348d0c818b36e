"""The fault proxy does to the next connections what a test tells it."""

import contextlib
import os
import socket
import threading

import pytest

from tests.certificates import client_context, server_context
from tests.faults.peers import assert_silent, connect, echo, is_sound, let_it_act, proxied, read_to_end, reset
from tests.timing import SOON, eventually, scaled

LARGE = os.urandom(2_000_000)


def test_refuse_next():
    """So many connections are reset, and reach no server; the next is sound."""
    with proxied(echo) as (proxy, server):
        proxy.refuse_next(2)
        for _ in range(2):
            with pytest.raises(ConnectionResetError), connect(proxy) as sock:
                sock.recv(1)
        with connect(proxy) as sock:
            assert is_sound(sock)
        assert server.connections == 1


def test_swallow_next():
    """What the client says is not answered: a TLS handshake is stalled. The next connection is sound."""
    with proxied(echo, tls=server_context()) as (proxy, server):
        proxy.swallow_next()
        with connect(proxy) as plain:
            plain.settimeout(scaled(0.1))
            with pytest.raises(TimeoutError):
                client_context().wrap_socket(plain, server_hostname="localhost")
        assert server.connections == 0
        with connect(proxy) as plain:
            with client_context().wrap_socket(plain, server_hostname="localhost") as sock:
                assert is_sound(sock)


@pytest.mark.parametrize(("fault", "ending"), [("reset", "RST"), ("end", "FIN")])
@pytest.mark.parametrize("said", [b"", LARGE], ids=["nothing", "much"])
def test_reset_and_end_strike_a_swallowed_connection(fault, ending, said):
    """It is open as well, however much it has swallowed."""
    with proxied(echo) as (proxy, _):
        proxy.swallow_next()
        with connect(proxy) as sock:
            sock.sendall(said)
            getattr(proxy, fault)()
            assert read_to_end(sock) == (b"", ending)


@pytest.mark.parametrize("by_reset", [True, False])
def test_a_client_may_leave_what_is_silent(by_reset):
    """Nothing is left of a connection that was swallowed, or that ends after it was frozen."""
    with proxied(echo) as (proxy, _):
        before = len(os.listdir("/dev/fd"))
        proxy.swallow_next()
        with connect(proxy) as swallowed, connect(proxy) as frozen:
            proxy.freeze()
            for sock in (swallowed, frozen):
                sock.sendall(b"hello")
                if by_reset:
                    reset(sock)
        proxy.end()
        eventually(lambda: len(os.listdir("/dev/fd")) <= before)


@pytest.mark.parametrize("half_closes", [True, False])
@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 503 Unavailable\r\n\r\n", LARGE, b""], ids=["503", "large", "none"]
)
def test_answer_next(answer, half_closes):
    """The answer comes once the client has said something, whole, then a FIN; and no server was asked."""
    with proxied(echo) as (proxy, server):
        proxy.answer_next(answer)
        with connect(proxy) as sock:
            assert_silent(sock)
            sock.sendall(b"GET / HTTP/1.1\r\n")
            sock.sendall(LARGE)  # it may go on: that is no reason for a RST
            if half_closes:
                sock.shutdown(socket.SHUT_WR)
                let_it_act(proxy)
            assert read_to_end(sock) == (answer, "FIN")
        assert server.connections == 0
        with connect(proxy) as sock:
            assert is_sound(sock)


def test_faults_of_next_connections_come_in_order():
    """One each, as they were asked for."""
    with proxied(echo) as (proxy, _):
        proxy.answer_next(b"one")
        proxy.refuse_next()
        proxy.answer_next(b"three")
        for answer in (b"one", None, b"three"):
            if answer is None:
                with pytest.raises(ConnectionResetError), connect(proxy) as sock:
                    sock.recv(1)
                continue
            with connect(proxy) as sock:
                sock.sendall(b"hello")
                assert read_to_end(sock) == (answer, "FIN")


def test_stop_listening_and_listen_again():
    """Connections are refused meanwhile; open ones go on; the port stays the same."""
    with proxied(echo) as (proxy, _), connect(proxy) as before:
        for _ in range(2):
            proxy.stop_listening()
            with pytest.raises(ConnectionRefusedError):
                connect(proxy)
        assert is_sound(before)
        for _ in range(2):
            proxy.listen_again()
        with connect(proxy) as after:
            assert is_sound(after)
        assert is_sound(before)


def test_connections_are_counted():
    """With those that were refused, and without those that found nobody."""
    with proxied(echo) as (proxy, _):
        assert proxy.connections == 0
        proxy.refuse_next()
        with pytest.raises(ConnectionResetError), connect(proxy) as sock:
            sock.recv(1)
        proxy.stop_listening()
        with pytest.raises(ConnectionRefusedError):
            connect(proxy)
        proxy.listen_again()
        connecting = threading.Thread(target=lambda: connect(proxy).close())
        connecting.start()
        proxy.wait_for_connections(2)
        connecting.join(SOON)
        assert proxy.connections == 2


def test_a_connection_counts_as_soon_as_it_is_one_for_the_client():
    """Also while the proxy is busy: a fault strikes what was connected before."""
    with proxied(echo) as (proxy, _), connect(proxy) as busy, contextlib.ExitStack() as stack:
        stop = threading.Event()

        def talk():
            while not stop.is_set():
                assert is_sound(busy)

        talking = threading.Thread(target=talk)
        talking.start()
        for count in range(2, 150):
            stack.enter_context(connect(proxy))
            assert proxy.connections == count
        stop.set()
        talking.join(SOON)
