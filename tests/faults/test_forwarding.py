"""Without a fault, a connection through the fault proxy is as one without it."""

import os
import socket
import threading

import pytest

from tests.certificates import client_context, server_context
from tests.fault_proxy import FaultProxy
from tests.faults.peers import Server, connect, echo, is_sound, let_it_act, proxied, read, read_to_end, reset
from tests.timing import SOON, eventually, scaled

LARGE = os.urandom(3_000_000)


def test_bytes_are_forwarded_both_ways_at_once():
    """Megabytes come back as they were sent, while more is sent."""
    with proxied(echo) as (proxy, _), connect(proxy) as sock:
        sending = threading.Thread(target=sock.sendall, args=(LARGE,))
        sending.start()
        assert read(sock, len(LARGE)) == LARGE
        sending.join(SOON)


def test_tls_passes():
    """The server's certificate is the one that the client sees."""
    with proxied(echo, tls=server_context()) as (proxy, _), connect(proxy) as plain:
        with client_context().wrap_socket(plain, server_hostname="localhost") as sock:
            assert all(is_sound(sock, LARGE[at : at + 50_000]) for at in range(0, 500_000, 50_000))


def test_a_side_that_has_ended_still_receives():
    """A FIN is passed on after the bytes before it, and the other direction goes on."""
    server = Server()
    with proxied(server) as (proxy, _), connect(proxy) as sock:
        sock.sendall(LARGE)
        sock.shutdown(socket.SHUT_WR)
        assert server.wait_for_end() == "FIN"
        assert server.received == LARGE


def test_the_server_may_answer_after_the_end_of_the_client():
    """What comes after the client's FIN reaches it, and then the server's."""

    def handle(peer):
        peer.read_until_closed()
        peer.send(LARGE)

    with proxied(handle) as (proxy, _), connect(proxy) as sock:
        sock.sendall(b"a question")
        sock.shutdown(socket.SHUT_WR)
        assert read_to_end(sock) == (LARGE, "FIN")


def test_a_slow_client_slows_the_server():
    """Little is held, even where much has passed before: the server's send blocks until the client reads."""
    slowed = threading.Event()

    def handle(peer):
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        for _ in range(10):
            peer.send(LARGE)
        peer.sock.settimeout(scaled(0.2))
        with pytest.raises(TimeoutError):
            peer.send(LARGE)
        slowed.set()

    with proxied(handle) as (proxy, _), connect(proxy) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        assert read(sock, 10 * len(LARGE)) == 10 * LARGE
        assert slowed.wait(SOON)
        data, ending = read_to_end(sock)
        assert data == LARGE[: len(data)]
        assert ending == "FIN"


def test_a_slow_server_slows_the_client():
    """Likewise: the client's send blocks until the server reads."""
    server_reads = threading.Event()
    received = []

    def handle(peer):
        assert server_reads.wait(SOON)
        received.append(read_to_end(peer.sock))

    with proxied(handle) as (proxy, _):
        with connect(proxy) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
            sock.settimeout(scaled(0.2))
            with pytest.raises(TimeoutError):
                sock.sendall(LARGE)
        server_reads.set()
    ((data, ending),) = received
    assert data == LARGE[: len(data)]
    assert ending == "FIN"


def test_a_server_that_resets_is_seen_by_the_client():
    """Its last bytes come, and then a RST."""
    heard = threading.Event()

    def handle(peer):
        peer.send(b"last words")
        assert heard.wait(SOON)
        reset(peer.sock)

    with proxied(handle) as (proxy, _), connect(proxy) as sock:
        assert read(sock, 10) == b"last words"
        heard.set()
        assert read_to_end(sock) == (b"", "RST")


def test_the_last_bytes_before_a_reset_are_not_lost():
    """Not even where the client's own bytes can no longer be delivered."""
    frozen, gone = threading.Event(), threading.Event()

    def handle(peer):
        assert frozen.wait(SOON)
        peer.send(LARGE[:30_000])
        reset(peer.sock)
        gone.set()

    with proxied(handle) as (proxy, _), connect(proxy) as sock:
        proxy.freeze()
        frozen.set()
        assert gone.wait(SOON)
        sock.sendall(b"too late")
        proxy.thaw()
        assert read_to_end(sock) == (LARGE[:30_000], "RST")


def test_a_reset_is_seen_where_both_sides_were_slow():
    """The client finds it after all that could be delivered, though its own bytes were the first to fail."""
    blocked, gone = threading.Event(), threading.Event()

    def send_until_blocked(sock):
        sock.settimeout(scaled(0.1))
        with pytest.raises(TimeoutError):
            sock.sendall(LARGE * 10)
        sock.settimeout(SOON)

    def handle(peer):
        send_until_blocked(peer.sock)
        assert blocked.wait(SOON)
        reset(peer.sock)
        gone.set()

    with proxied(handle) as (proxy, _), connect(proxy) as sock:
        send_until_blocked(sock)
        blocked.set()
        assert gone.wait(SOON)
        let_it_act(proxy)
        data, ending = read_to_end(sock)
        assert data == (LARGE * 10)[: len(data)]
        assert ending == "RST"


def test_a_client_that_resets_is_seen_by_the_server():
    """Its last bytes come, and then a RST."""
    server = Server()
    with proxied(server) as (proxy, _):
        sock = connect(proxy)
        sock.sendall(b"last words")
        server.wait_for(b"last words")
        reset(sock)
        assert server.wait_for_end() == "RST"


def test_a_client_may_go_while_much_is_on_its_way():
    """The server's send fails, and nothing is left."""
    with proxied(lambda peer: peer.send(bytes(100_000_000))) as (proxy, _):
        before = len(os.listdir("/dev/fd"))
        for _ in range(50):
            with connect(proxy) as sock:
                read(sock, 1000)
        eventually(lambda: len(os.listdir("/dev/fd")) <= before)


def test_a_server_that_does_not_listen_is_a_reset():
    """The client has connected, and is reset."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with FaultProxy(*nobody.getsockname()) as proxy:
            for plan in (lambda: None, proxy.dribble_next, lambda: proxy.cut_next_after(5)):
                plan()
                with pytest.raises(ConnectionResetError), connect(proxy) as sock:
                    sock.recv(1)


def test_a_thousand_connections_leave_nothing():
    """Whatever fault they had, or none, as the second half."""
    with proxied(echo) as (proxy, _):
        before = len(os.listdir("/dev/fd"))
        for number in range(1000):
            with connect(proxy) as sock:
                assert is_sound(sock)
                if number >= 500:
                    continue
                if number % 5 == 1:
                    proxy.reset()
                elif number % 5 == 2:
                    proxy.end()
                elif number % 5 == 3:
                    proxy.cut_after(0, reset=number % 2 == 0)
                elif number % 5 == 4:
                    reset(sock)
        eventually(lambda: len(os.listdir("/dev/fd")) <= before)
        assert proxy.connections == 1000
