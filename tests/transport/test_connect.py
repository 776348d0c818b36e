"""Dialling and upgrading: what the user sees when each step fails, is slow, or is interrupted."""

import socket
import threading
import time

import pytest

from genai_live.errors import ConfigurationError, HandshakeError, LiveTimeout
from genai_live.transport import TransportClosed, WebSocketClientFactory
from tests.certificates import authority_pem, client_context, server_context
from tests.raw_server import BINARY, RawServer, frame
from tests.timing import SOON, scaled


def _transport(url, timeout=SOON, headers=None, **options):
    return WebSocketClientFactory(client_context(), **options)(url, headers or {}, timeout=timeout)


def _connect(url, **options):
    transport = _transport(url, **options)
    try:
        transport.connect()
    except BaseException:
        transport.dispose()
        raise
    return transport


@pytest.mark.parametrize("tls", [False, True])
def test_connects_and_reads_what_came_with_the_upgrade(tls):
    """A message that shares its segment with the answer to the upgrade is not lost."""

    def handle(peer):
        peer.upgrade(then=frame(BINARY, b"early"))
        peer.wait_until_told()

    with RawServer(handle, tls=server_context() if tls else None) as server:
        transport = _connect(server.url)
        assert transport.receive(SOON) == b"early"
        transport.dispose()


def test_the_request_carries_the_headers_and_no_origin_or_cookie():
    """Our headers reach the server, and a cookie that it sets is not sent back by the next connection."""
    requests = []

    def handle(peer):
        peer.upgrade("Set-Cookie: a=b; Path=/; Domain=localhost\r\n")
        requests.append(peer.request.decode())
        peer.read_until_closed()

    with RawServer(handle) as server:
        for _ in range(2):
            _connect(server.url + "/path", headers={"x-goog-api-key": "secret"}).dispose()
    assert all("GET /path HTTP/1.1" in request for request in requests)
    assert all("x-goog-api-key: secret" in request for request in requests)
    assert not any("\r\nOrigin:" in request or "\r\nCookie:" in request for request in requests)


def test_a_refusal_carries_status_headers_and_body():
    """An HTTP error instead of the upgrade is a HandshakeError with all that the server said."""

    def handle(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nlater")

    with RawServer(handle) as server, pytest.raises(HandshakeError, match="429 Too Many: later") as caught:
        _connect(server.url)
    assert caught.value.status == 429
    assert caught.value.headers["retry-after"] == "7"
    assert caught.value.body == b"later"


def test_the_headers_of_a_refusal_are_read_as_http_writes_them():
    """Names in any case, values without the space around them, and those that go on in another line."""

    def handle(peer):
        peer.read_request()
        peer.send(
            b"HTTP/1.1 403 No\r\nX-ONE:  a:b \r\nno header\r\nTwo: c\r\n\t d\r\nContent-Length: 0\r\n\r\n"
        )
        peer.read_until_closed()

    with RawServer(handle) as server, pytest.raises(HandshakeError) as caught:
        _connect(server.url)
    assert caught.value.headers == {"x-one": "a:b", "two": "c d", "content-length": "0"}


def test_a_redirect_is_not_followed():
    """A redirect would carry the credentials to another host: it is a HandshakeError."""
    with RawServer(lambda peer: None) as elsewhere:

        def handle(peer):
            peer.read_request()
            peer.send(f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}\r\n\r\n".encode())

        with RawServer(handle) as server, pytest.raises(HandshakeError, match="redirect") as caught:
            _connect(server.url)
        assert elsewhere.connections == 0
    assert caught.value.status == 302


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "RFC 6455"),
        (b"HTTP/1.1 101 Switching\r\n" + b"X: y\r\n" * 20_000, "head is over"),
        (b"", "the peer closed the connection"),
    ],
)
def test_a_broken_answer_is_a_handshake_error(answer, complaint):
    """What is no answer to an upgrade is named as such, whatever it is."""

    def handle(peer):
        peer.read_request()
        peer.send(answer)

    with RawServer(handle) as server, pytest.raises(HandshakeError, match=complaint):
        _connect(server.url)


def test_nobody_listening_is_a_handshake_error():
    """A refused connection says where it was refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(
        HandshakeError, match=f"cannot connect to 127.0.0.1:{port}: 127.0.0.1: Connection refused"
    ):
        _connect(f"ws://127.0.0.1:{port}")


def test_an_unknown_host_is_a_handshake_error():
    """A name without an address says so."""
    with pytest.raises(HandshakeError, match="resolving no-such-host.invalid failed"):
        _connect("ws://no-such-host.invalid")


def _silent(peer):
    peer.wait_until_told()


def _endless(peer):
    peer.read_request()
    while not peer.stopping.wait(scaled(0.01)):
        peer.send(b"H")


@pytest.mark.parametrize("handle", [_silent, _endless])
def test_one_deadline_covers_a_slow_upgrade(handle):
    """A server that says nothing, or one byte at a time, is given up at the deadline."""
    with RawServer(handle) as server:
        begun = time.monotonic()
        with pytest.raises(LiveTimeout, match="the upgrade"):
            _connect(server.url, timeout=scaled(0.3))
        assert time.monotonic() - begun < SOON / 2


def test_one_deadline_covers_the_tls_handshake():
    """A server that takes the connection and never shakes hands is given up at the deadline."""
    with RawServer(_silent) as server, pytest.raises(LiveTimeout, match="TLS handshake with localhost"):
        _connect(server.url.replace("ws://", "wss://"), timeout=scaled(0.3))


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_abort_interrupts_the_dial(scheme):
    """Closing during the upgrade or the TLS handshake does not wait for the server."""
    reached = threading.Event()

    def handle(peer):
        reached.set()
        peer.wait_until_told()

    with RawServer(handle) as server:
        transport = _transport(f"{scheme}://localhost:{server.port}", timeout=None)
        outcome = []

        def dial():
            try:
                transport.connect()
            except TransportClosed as error:
                outcome.append(error)

        thread = threading.Thread(target=dial)
        thread.start()
        assert reached.wait(SOON)
        transport.abort()
        thread.join(SOON)
        transport.dispose()
    assert len(outcome) == 1


def test_a_certificate_that_is_not_trusted_is_refused():
    """TLS is verified: a server of an unknown authority is a HandshakeError."""
    with RawServer(_silent, tls=server_context()) as server:
        transport = WebSocketClientFactory()(server.url, {}, timeout=SOON)
        with pytest.raises(HandshakeError, match="CERTIFICATE_VERIFY_FAILED"):
            transport.connect()
        transport.dispose()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environment_can_name_the_authorities(variable, tmp_path, monkeypatch):
    """The variables that requests and OpenSSL read say whom to trust."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(authority_pem())
    monkeypatch.setenv(variable, str(bundle))

    def handle(peer):
        peer.upgrade()
        peer.read_until_closed()

    with RawServer(handle, tls=server_context()) as server:
        transport = WebSocketClientFactory()(server.url, {}, timeout=SOON)
        transport.connect()
        transport.dispose()


def test_a_missing_bundle_is_named(monkeypatch):
    """A certificate file that is not there is a ConfigurationError naming the variable."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    with RawServer(_silent) as server:
        transport = WebSocketClientFactory()(server.url.replace("ws://", "wss://"), {}, timeout=SOON)
        with pytest.raises(ConfigurationError, match="REQUESTS_CA_BUNDLE.*/nowhere/bundle.pem"):
            transport.connect()
        transport.dispose()


def test_a_black_holed_first_address_is_passed_over(monkeypatch):
    """An address that answers nothing does not keep the next one from being tried."""

    def handle(peer):
        peer.upgrade()
        peer.read_until_closed()

    # A listener with a full backlog takes no further connection, and says nothing: a black hole on loopback.
    with socket.socket() as hole, RawServer(handle) as server:
        hole.bind(("127.0.0.2", server.port))
        hole.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.2", server.port))
        real = socket.getaddrinfo

        def both(host, port, *arguments, **options):
            if host != "two-addresses.test":
                return real(host, port, *arguments, **options)
            if options.get("flags"):
                raise socket.gaierror
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
                for address in ("127.0.0.2", "127.0.0.1")
            ]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        begun = time.monotonic()
        transport = _connect(f"ws://two-addresses.test:{server.port}")
        assert time.monotonic() - begun < SOON / 2
        transport.dispose()
        for filler in fillers:
            filler.close()


def test_a_stalled_name_lookup_keeps_the_deadline_and_is_shared(monkeypatch):
    """DNS cannot be cancelled: each waiter leaves at its deadline, and only one lookup runs."""
    release, lookups = threading.Event(), []
    real = socket.getaddrinfo

    def stalled(host, port, **options):
        if host != "slow.test":
            return real(host, port, **options)
        if options.get("flags"):
            raise socket.gaierror
        lookups.append(threading.current_thread())
        release.wait(SOON)
        return real("127.0.0.1", port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", stalled)
    for _ in range(2):
        with pytest.raises(LiveTimeout, match="resolving slow.test"):
            _connect("ws://slow.test:9", timeout=scaled(0.2))
    assert len(lookups) == 1
    release.set()
    lookups[0].join(SOON)


def test_abort_interrupts_a_name_lookup(monkeypatch):
    """Closing while DNS stalls does not wait for it."""
    release, looking = threading.Event(), threading.Event()

    def stalled(host, port, **options):
        if options.get("flags"):
            raise socket.gaierror
        looking.set()
        release.wait(SOON)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stalled)
    transport = _transport("ws://slow.test:9", timeout=None)

    def abort():
        assert looking.wait(SOON)
        transport.abort()

    thread = threading.Thread(target=abort)
    thread.start()
    with pytest.raises(TransportClosed, match="interrupted"):
        transport.connect()
    thread.join(SOON)
    transport.dispose()
    release.set()
