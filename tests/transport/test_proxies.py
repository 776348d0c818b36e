"""Proxies by the rules of requests: HTTP tunnels and SOCKS, refused loudly where they cannot be."""

import contextlib
import socket
import threading

import pytest
import requests.utils

from genai_live.errors import ConfigurationError, HandshakeError, LiveTimeout
from genai_live.rest.proxies import proxy_for
from genai_live.transport import WebSocketClientFactory
from genai_live.transport.proxy import parse_proxy
from tests.certificates import client_context, server_context
from tests.raw_server import TEXT, Peer, RawServer, frame
from tests.timing import SOON, scaled


def _connect(url, proxy, timeout=SOON):
    factory = WebSocketClientFactory(client_context(), find_proxy=lambda address: proxy)
    transport = factory(url, {"x-goog-api-key": "k"}, timeout=timeout)
    try:
        transport.connect()
        return transport.receive(SOON)
    finally:
        transport.dispose()


def _greet(peer):
    peer.upgrade(then=frame(TEXT, b"hello"))
    peer.read_until_closed()


def _relay(peer: Peer, port: int) -> None:
    """Passes bytes on, both ways, until the client is gone."""
    with socket.create_connection(("127.0.0.1", port)) as upstream:

        def back():
            with contextlib.suppress(OSError):
                while data := upstream.recv(65536):
                    peer.sock.sendall(data)

        thread = threading.Thread(target=back)
        thread.start()
        with contextlib.suppress(OSError):
            while data := peer.sock.recv(65536):
                upstream.sendall(data)
        upstream.shutdown(socket.SHUT_RDWR)
        thread.join(SOON)


@pytest.mark.parametrize("tls", [False, True])
def test_an_http_proxy_opens_a_tunnel(tls):
    """CONNECT with the proxy's credentials; ours go to the server only."""
    requests_seen = []
    with RawServer(_greet, tls=server_context() if tls else None) as server:

        def handle(peer):
            requests_seen.append(peer.read_request().decode())
            peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _relay(peer, server.port)

        with RawServer(handle) as proxy:
            assert _connect(server.url, f"http://user:p%40ss@127.0.0.1:{proxy.port}") == "hello"
    assert f"CONNECT localhost:{server.port} HTTP/1.1" in requests_seen[0]
    assert "Proxy-Authorization: Basic dXNlcjpwQHNz" in requests_seen[0]
    assert "x-goog-api-key" not in requests_seen[0]


def test_a_proxy_that_refuses_is_a_handshake_error():
    """Status and proxy are named; its password is not."""

    def handle(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with RawServer(handle) as proxy:
        with pytest.raises(HandshakeError, match=r"http://127.0.0.1:\d+ refused a tunnel.*407") as caught:
            _connect("wss://service.test", f"http://user:secret@127.0.0.1:{proxy.port}")
    assert caught.value.status == 407
    assert "secret" not in str(caught.value)


def test_a_dead_proxy_keeps_the_deadline():
    """A proxy that says nothing is given up."""
    with RawServer(lambda peer: peer.wait_until_told()) as proxy:
        with pytest.raises(LiveTimeout, match="opening a tunnel"):
            _connect("wss://service.test", f"http://127.0.0.1:{proxy.port}", timeout=scaled(0.2))


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("credentials", ["", "user:pass@"])
def test_a_socks5_proxy(scheme, credentials):
    """With and without a password; names are looked up here or there (RFC 1928, RFC 1929)."""
    asked = []
    with RawServer(_greet) as server:

        def handle(peer):
            _, count = peer._exactly(2)
            methods = peer._exactly(count)
            if credentials:
                assert 2 in methods
                peer.send(b"\x05\x02")
                _, length = peer._exactly(2)
                name = peer._exactly(length)
                (length,) = peer._exactly(1)
                asked.append((name, peer._exactly(length)))
                peer.send(b"\x01\x00")
            else:
                peer.send(b"\x05\x00")
            *_, kind = peer._exactly(4)
            size = {1: 4, 4: 16}.get(kind) or peer._exactly(1)[0]
            asked.append((kind, peer._exactly(size)))
            peer._exactly(2)
            for byte in b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00":
                peer.send(bytes([byte]))
            _relay(peer, server.port)

        with RawServer(handle) as proxy:
            assert _connect(server.url, f"{scheme}://{credentials}127.0.0.1:{proxy.port}") == "hello"
    if credentials:
        assert asked.pop(0) == (b"user", b"pass")
    assert asked[0] == (3, b"localhost") if scheme == "socks5h" else asked[0][0] in (1, 4)


@pytest.mark.parametrize("scheme", ["socks4", "socks4a"])
def test_a_socks4_proxy(scheme):
    """The older protocol, by address or by name."""
    with RawServer(_greet) as server:

        def handle(peer):
            peer._exactly(8)
            while peer._exactly(1) != b"\0":
                pass
            if scheme == "socks4a":
                while peer._exactly(1) != b"\0":
                    pass
            peer.send(b"\0\x5a" + bytes(6))
            _relay(peer, server.port)

        with RawServer(handle) as proxy:
            url = server.url.replace("localhost", "127.0.0.1") if scheme == "socks4" else server.url
            assert _connect(url, f"{scheme}://127.0.0.1:{proxy.port}") == "hello"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [(b"\x05\xff", "NO_ACCEPTABLE_METHODS"), (b"HT", "refused, or broke its protocol"), (b"", "closed")],
)
def test_a_socks_proxy_that_refuses_is_a_handshake_error(answer, complaint):
    """What it answered is said."""

    def handle(peer):
        peer._exactly(3)
        peer.send(answer)

    with RawServer(handle) as proxy, pytest.raises(HandshakeError, match=complaint):
        _connect("ws://service.test", f"socks5h://127.0.0.1:{proxy.port}")


@pytest.mark.parametrize(
    "value", ["https://proxy.test", "ftp://proxy.test", "http://", "http://proxy.test:port"]
)
def test_an_unusable_proxy_is_refused_loudly(value):
    """No connection round a proxy that was asked for."""
    with pytest.raises(ConfigurationError, match="the proxy of the environment"):
        parse_proxy(value)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"HTTPS_PROXY": "http://a:1"},
        {"http_proxy": "http://b:2", "ALL_PROXY": "socks5://c:3"},
        {"HTTPS_PROXY": "http://a:1", "https_proxy": "http://lower:1"},
        {"ALL_PROXY": "http://a:1", "NO_PROXY": "service.test,10.0.0.0/8"},
        {"HTTPS_PROXY": "http://a:1", "no_proxy": ".test"},
        {"HTTPS_PROXY": "http://a:1", "NO_PROXY": "*"},
    ],
)
@pytest.mark.parametrize("url", ["https://service.test/ws", "http://10.1.2.3:80/", "https://other.example/"])
def test_the_proxy_is_the_one_that_requests_takes(environment, url, monkeypatch):
    """The environment means the same for the WebSocket and for HTTP."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    session = requests.Session()
    settings = session.merge_environment_settings(url, {}, None, None, None)
    assert proxy_for(url) == requests.utils.select_proxy(url, settings["proxies"])
    session.close()
