"""No redirect carries a secret: none is followed, at the upgrade or over REST, and the error says so."""

import re

import google.oauth2.credentials
import pytest

from genai_live import APIError, AuthenticationError, Client, GoogleAuth, HandshakeError
from tests.certificates import client_context, server_context
from tests.raw_server import RawServer
from tests.service import KEY, MODEL
from tests.timing import SOON

STATUSES = (301, 302, 303, 307, 308)


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def tls(request):
    """Whether the servers speak TLS."""
    return request.param


@pytest.fixture
def elsewhere(tls):
    """Another server, to which nothing may go."""
    with RawServer(lambda peer: peer.read_until_closed(), tls=server_context() if tls else None) as server:
        yield server
        assert server.connections == 0


def redirecting(status, location, asked):
    """Answers each request with the redirect."""

    def handle(peer):
        head = peer.read_request()
        length = re.search(rb"(?i)content-length: (\d+)", head)
        asked.append(head + peer._exactly(int(length[1]) if length else 0))
        fields = f"Location: {location}\r\nContent-Length: 0\r\nConnection: close"
        peer.send(f"HTTP/1.1 {status} Elsewhere\r\n{fields}\r\n\r\n".encode())
        peer.read_until_closed()

    return handle


def redirected(status, location, tls, call):
    """What a client raises, and how often its server was asked."""
    asked = []
    with RawServer(redirecting(status, location, asked), tls=server_context() if tls else None) as server:
        options = {"base_url": server.url.replace("ws", "http", 1)}
        with Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client:
            with pytest.raises((HandshakeError, APIError)) as caught:
                call(client)
        assert server.connections == 1
    assert [KEY.encode() in request for request in asked] == [True]
    return caught.value


def _connect(client):
    client.live.connect(model=MODEL, timeout=SOON)


def _create(client):
    client.auth_tokens.create(timeout=SOON)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("form", ["{scheme}://localhost:{port}/ws", "//localhost:{port}/ws"])
def test_the_upgrade_goes_nowhere_else(status, form, tls, elsewhere):
    """A HandshakeError names the redirect and why it is not followed; the other host is not even dialled."""
    location = form.format(scheme="wss" if tls else "ws", port=elsewhere.port)
    error = redirected(status, location, tls, _connect)
    assert isinstance(error, HandshakeError)
    assert error.status == status
    assert error.headers["location"] == location
    assert "redirect, which is not followed" in str(error)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("form", ["{scheme}://localhost:{port}/v1", "//localhost:{port}/v1"])
def test_a_request_goes_nowhere_else(status, form, tls, elsewhere):
    """An APIError names the redirect and the setting to look at; the other host is not even dialled."""
    location = form.format(scheme="https" if tls else "http", port=elsewhere.port)
    error = redirected(status, location, tls, _create)
    assert isinstance(error, APIError)
    assert error.code == status
    assert "a redirect, which would take the credentials along" in str(error)
    assert "base_url" in str(error)


@pytest.mark.parametrize("call", [_connect, _create])
def test_neither_goes_to_another_path_of_the_same_host(call, tls):
    """A redirect is the same mistake there, and one request is enough to find it."""
    assert "redirect" in str(redirected(308, "/elsewhere", tls, call))


def test_a_token_endpoint_is_not_left_for_another_one(elsewhere, tls):
    """google-auth would take the refresh token there: it is told that the endpoint failed."""
    location = f"{'https' if tls else 'http'}://localhost:{elsewhere.port}/token"
    asked = []
    # This status has a request repeated with its body, in which the refresh token is.
    with RawServer(redirecting(307, location, asked)) as endpoint:
        credentials = google.oauth2.credentials.Credentials(
            None,
            refresh_token=KEY,
            token_uri=f"http://localhost:{endpoint.port}/token",
            client_id="me",
            client_secret="mine",
        )
        with pytest.raises(AuthenticationError, match="could not be refreshed"):
            GoogleAuth(credentials).headers("wss://x.test", timeout=SOON)
    assert [KEY.encode() in request for request in asked] == [True]
