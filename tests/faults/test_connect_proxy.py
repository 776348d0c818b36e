"""The HTTP proxy opens tunnels, and can fail as the fault proxy does."""

import socket

import pytest

from tests.certificates import client_context, server_context
from tests.fault_proxy import ConnectProxy
from tests.faults.peers import Server, assert_silent, connect, echo, is_sound, read, read_to_end, reset
from tests.raw_server import RawServer

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def _ask(sock, server):
    """Asks for a tunnel, by a name that only the proxy's side would know."""
    sock.sendall(b"CONNECT service.test:%d HTTP/1.1\r\nHost: service.test\r\n\r\n" % server.port)


def _open_tunnel(sock, server):
    _ask(sock, server)
    assert read(sock, len(ESTABLISHED)) == ESTABLISHED


def test_a_tunnel_leads_to_the_port_that_was_asked_for():
    """Each connection to its own server, TLS or not; the request is not passed on."""
    with RawServer(echo) as plain_server, RawServer(echo, tls=server_context()) as tls_server:
        with ConnectProxy() as proxy, connect(proxy) as plain, connect(proxy) as below:
            _open_tunnel(plain, plain_server)
            _open_tunnel(below, tls_server)
            assert is_sound(plain)
            with client_context().wrap_socket(below, server_hostname="localhost") as sock:
                assert is_sound(sock)


def test_a_request_may_come_in_pieces_and_with_more():
    """What comes with the end of the request is for the server."""
    server = Server()
    with RawServer(server) as raw, ConnectProxy() as proxy, connect(proxy) as sock:
        sock.sendall(b"CONNECT ")
        assert_silent(sock)
        sock.sendall(b"localhost:%d HTTP/1.1\r\n\r\nhello" % raw.port)
        assert read(sock, len(ESTABLISHED)) == ESTABLISHED
        server.wait_for(b"hello")


@pytest.mark.parametrize("ending", ["FIN", "RST"])
def test_a_server_may_speak_first(ending):
    """Its words come after the proxy's answer, and are not lost, however soon it spoke and was gone."""

    def handle(peer):
        peer.send(b"hello")
        if ending == "RST":
            reset(peer.sock)

    with RawServer(handle) as server, ConnectProxy() as proxy:
        for _ in range(50):
            with connect(proxy) as sock:
                _ask(sock, server)
                assert read_to_end(sock) == (ESTABLISHED + b"hello", ending)


def test_a_proxy_may_refuse_a_tunnel():
    """Once; the next is opened."""
    answer = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"
    with RawServer(echo) as server, ConnectProxy() as proxy:
        proxy.answer_next(answer)
        with connect(proxy) as sock:
            _ask(sock, server)
            assert read_to_end(sock) == (answer, "FIN")
        with connect(proxy) as sock:
            _open_tunnel(sock, server)
            assert is_sound(sock)


def test_a_dead_proxy_says_nothing():
    """It takes the request."""
    with RawServer(echo) as server, ConnectProxy() as proxy:
        proxy.swallow_next()
        with connect(proxy) as sock:
            _ask(sock, server)
            assert_silent(sock)


def test_a_server_that_does_not_listen_is_a_reset():
    """No tunnel is said to be open."""
    with RawServer(echo) as server:
        pass
    with ConnectProxy() as proxy, connect(proxy) as sock:
        _ask(sock, server)
        assert read_to_end(sock) == (b"", "RST")


def test_only_connect_is_known():
    """Anything else is told so."""
    with ConnectProxy() as proxy, connect(proxy) as sock:
        sock.sendall(b"GET http://service.test/ HTTP/1.1\r\n\r\n")
        answer, ending = read_to_end(sock)
        assert answer.startswith(b"HTTP/1.1 405 ")
        assert ending == "FIN"


def test_a_client_may_leave_before_it_has_asked():
    """The proxy leaves as well."""
    with ConnectProxy() as proxy, connect(proxy) as sock:
        sock.sendall(b"CONNECT ")
        sock.shutdown(socket.SHUT_WR)
        assert read_to_end(sock) == (b"", "FIN")


@pytest.mark.parametrize(("fault", "ending"), [("reset", "RST"), ("end", "FIN")])
@pytest.mark.parametrize("asked", [True, False])
def test_faults_strike_tunnels(fault, ending, asked):
    """Open ones, and those that were not asked for yet."""
    with RawServer(echo) as server, ConnectProxy() as proxy, connect(proxy) as sock:
        if asked:
            _open_tunnel(sock, server)
        getattr(proxy, fault)()
        assert read_to_end(sock) == (b"", ending)


def test_a_frozen_tunnel_is_opened_when_it_thaws():
    """A request that came before is held."""
    with RawServer(echo) as server, ConnectProxy() as proxy, connect(proxy) as sock:
        sock.sendall(b"CONNECT ")
        proxy.freeze()
        sock.sendall(b"localhost:%d HTTP/1.1\r\n\r\n" % server.port)
        assert_silent(sock)
        assert server.connections == 0
        proxy.thaw()
        assert read(sock, len(ESTABLISHED)) == ESTABLISHED
        assert is_sound(sock)


def test_the_answer_to_a_request_may_be_cut():
    """The tunnel ends in the middle of the proxy's own answer."""
    with RawServer(echo) as server, ConnectProxy() as proxy:
        proxy.cut_next_after(9, reset=False)
        with connect(proxy) as sock:
            _ask(sock, server)
            assert read_to_end(sock) == (b"HTTP/1.1 ", "FIN")
