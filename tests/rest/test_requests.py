"""Requests of a client: time, closing, and what reaches whom."""

import contextlib
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import contextmanager

import pytest

from genai_live import (
    APIError,
    AuthenticationError,
    Client,
    ConfigurationError,
    HandshakeError,
    LiveError,
    LiveTimeout,
    ProtocolError,
    StateError,
    Tokens,
)
from genai_live.rest import RestClient
from tests.certificates import authority_pem, client_context
from tests.child import in_child
from tests.http_service import KEY, TOKEN, Answer, asking, http_service
from tests.raw_server import RawServer
from tests.timing import SOON, scaled

GOOD = Answer(content=TOKEN)


def stall(service, handler):
    """Reads the request, and says nothing until the test ends."""
    service.stopping.wait(SOON)
    handler.close_connection = True


def drip(service, handler):
    """Begins to answer, and goes on a byte at a time."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not service.stopping.wait(0.01):
        handler.wfile.write(b" ")


def cut(_, handler):
    """Ends the connection instead of answering."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def relay(one, other):
    """Passes bytes on, until there are no more."""
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


@contextmanager
def in_another_thread(call):
    """Runs the call beside the block; in the end it must have raised, which is what is yielded a list for."""
    raised = []

    def run():
        try:
            call()
        except LiveError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield raised
    thread.join(SOON)
    assert not thread.is_alive()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(status):
    """The caller sees only the answer that came in the end."""
    busy = Answer(status, {}, {"Retry-After": "0"})
    with http_service(busy, busy, GOOD) as service, asking(service) as client:
        assert client.auth_tokens.create({"uses": 1}).name == TOKEN["name"]
    assert [request.json for request in service.requests] == [{"uses": 1}] * 3


def test_it_gives_up_after_four_attempts():
    """Then the last answer is raised, with the service's own words."""
    error = {"code": 503, "message": "Overloaded.", "status": "UNAVAILABLE"}
    with http_service(Answer(503, {"error": error}, {"Retry-After": "0"})) as service:
        with (
            asking(service) as client,
            pytest.raises(APIError, match=r"503 UNAVAILABLE Overloaded\.") as caught,
        ):
            client.auth_tokens.create()
    assert (caught.value.code, caught.value.status, caught.value.body) == (
        503,
        "UNAVAILABLE",
        {"error": error},
    )
    assert len(service.requests) == 4


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b"<html>oops</html>", "<html>oops</html>"),
        ([1], [1]),
        ({"error": "x"}, {"error": "x"}),
        (b"[" * 99999, None),
    ],
    ids=["html", "list", "text", "deep"],
)
def test_an_error_without_the_services_words(content, body):
    """Something in between may answer; the status is told, and the body is kept."""
    with http_service(Answer(418, content)) as service, asking(service) as client:
        with pytest.raises(APIError, match="418") as caught:
            client.auth_tokens.create()
    assert (caught.value.code, caught.value.status) == (418, None)
    assert caught.value.body == (content.decode() if body is None else body)
    assert len(service.requests) == 1


def test_a_pause_that_does_not_fit_is_not_waited():
    """Where the deadline comes before the next attempt, the answer is raised at once."""
    with http_service(Answer(429, {}, {"Retry-After": "30"})) as service, asking(service) as client:
        begun = time.monotonic()
        with pytest.raises(APIError, match="429"):
            client.auth_tokens.create(timeout=scaled(20))
        assert time.monotonic() - begun < scaled(10)
    assert len(service.requests) == 1


def test_the_service_is_given_the_time_that_it_asks_for():
    """The next attempt comes no sooner than ``Retry-After``."""
    with http_service(Answer(429, {}, {"Retry-After": "1"}), GOOD) as service, asking(service) as client:
        begun = time.monotonic()
        client.auth_tokens.create(timeout=SOON)
        assert time.monotonic() - begun >= 1
    assert len(service.requests) == 2


@pytest.mark.parametrize("act", [stall, drip])
def test_the_deadline_holds_whatever_the_service_does(act):
    """Saying nothing, or saying it too slowly."""
    with http_service(act) as service, asking(service) as client:
        with pytest.raises(LiveTimeout):
            client.auth_tokens.create(timeout=0.3)


@pytest.mark.parametrize("per_call", [False, True])
def test_one_request_can_have_a_limit_of_its_own(per_call):
    """``http_options.timeout``, in milliseconds, of the client or of the call."""
    options = {"timeout": 300}
    with http_service(stall) as service, asking(service, **({} if per_call else options)) as client:
        with pytest.raises(LiveTimeout):
            client.auth_tokens.create({"http_options": options} if per_call else None, timeout=SOON)


@pytest.mark.parametrize("act", [stall, Answer(503, {}, {"Retry-After": "20"})], ids=["answer", "pause"])
def test_close_ends_the_wait(act):
    """For an answer, and between two attempts."""
    with http_service(act) as service, asking(service) as client:
        with in_another_thread(lambda: client.auth_tokens.create(timeout=None)) as raised:
            assert service.asked.wait(SOON)
            client.close()
        assert isinstance(raised[0], StateError)


def test_a_closed_client_asks_for_nothing():
    """It says that it is closed."""
    with http_service() as service, asking(service) as client:
        client.close()
        with pytest.raises(StateError, match="closed"):
            client.auth_tokens.create()
    assert service.requests == []


def test_ctrl_c_ends_the_wait():
    """As for every blocking call."""

    def interrupt(service, handler):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        stall(service, handler)

    with http_service(interrupt) as service, asking(service) as client:
        with pytest.raises(KeyboardInterrupt):
            client.auth_tokens.create(timeout=SOON)


def test_an_unreachable_service():
    """Nobody listens: an error of ours, which names the address, with the original as its cause."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Client(api_key=KEY, http_options={"base_url": f"http://127.0.0.1:{port}"}) as client:
        with pytest.raises(HandshakeError, match=f"127.0.0.1:{port}") as caught:
            client.auth_tokens.create(timeout=SOON)
    assert "retries" not in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_connection_that_breaks():
    """It cannot be told whether the service has acted, so it is not tried again."""
    with http_service(cut) as service, asking(service) as client:
        with pytest.raises(HandshakeError):
            client.auth_tokens.create(timeout=SOON)
    assert len(service.requests) == 1


def test_a_redirect_is_not_followed():
    """It would take the key along."""
    with http_service() as other:
        with http_service(Answer(307, {}, {"Location": f"{other.url}/v1/auth_tokens"})) as service:
            with asking(service) as client, pytest.raises(APIError, match=r"307.*base_url"):
                client.auth_tokens.create(timeout=SOON)
    assert other.requests == []


def test_an_answer_without_end_is_not_read():
    """A megabyte is enough."""
    with http_service(Answer(content=b" " * 1024 * 2048)) as service, asking(service) as client:
        with pytest.raises(ProtocolError, match="larger than"):
            client.auth_tokens.create(timeout=SOON)


def test_a_client_that_asks_for_nothing_does_not_load_requests():
    """They take long to load."""
    program = (
        "import sys, genai_live; genai_live.Client(api_key='k').close(); print('requests' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"


def test_connections_are_kept():
    """A second request needs no second handshake."""
    with http_service() as service, asking(service) as client:
        client.auth_tokens.create()
        client.auth_tokens.create()
    one, two = service.requests
    assert one.connection is two.connection


def test_no_cookies_and_no_netrc(monkeypatch, tmp_path):
    """Nothing is sent but what was asked for."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password mine")
    monkeypatch.setenv("NETRC", str(netrc))
    with http_service(Answer(content=TOKEN, headers={"Set-Cookie": "a=b"})) as service:
        with asking(service) as client:
            client.auth_tokens.create()
            client.auth_tokens.create()
    for request in service.requests:
        assert not {"cookie", "authorization"} & {name.lower() for name in request.headers}


def test_the_context_of_the_client_decides_whom_to_trust():
    """It is used as it is, and stays as it was: requests would add authorities of its own."""
    context = client_context()
    before = context.cert_store_stats()
    with http_service(tls=True) as service:
        with Client(api_key=KEY, http_options={"base_url": service.url}, ssl_context=context) as client:
            client.auth_tokens.create()
    assert context.cert_store_stats() == before


def test_a_service_that_is_not_trusted_gets_nothing(monkeypatch, tmp_path):
    """By default certifi's authorities are trusted, or those of the environment."""
    with http_service(tls=True) as service:
        options = {"base_url": service.url}
        with Client(api_key=KEY, http_options=options) as client:
            with pytest.raises(HandshakeError, match="certificate"):
                client.auth_tokens.create(timeout=SOON)
        assert service.requests == []
        bundle = tmp_path / "bundle.pem"
        bundle.write_bytes(authority_pem())
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        with Client(api_key=KEY, http_options=options) as client:
            client.auth_tokens.create(timeout=SOON)


def test_a_proxy_of_the_environment(monkeypatch):
    """It is asked, unless NO_PROXY names the host."""
    with http_service() as proxy, http_service() as service:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with asking(service) as client:
            client.auth_tokens.create(timeout=SOON)
            assert (len(proxy.requests), len(service.requests)) == (1, 0)
            monkeypatch.setenv("NO_PROXY", "localhost")
            client.auth_tokens.create(timeout=SOON)
    assert proxy.requests[0].path == f"{service.url}/v1/auth_tokens"
    assert len(service.requests) == 1


def test_a_proxy_opens_a_tunnel_for_tls(monkeypatch):
    """Through it the service is verified as without it; the key goes to the service only."""
    seen = []

    def tunnel(peer):
        seen.append(peer.read_request())
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2]))) as upstream:
            back = threading.Thread(target=relay, args=(upstream, peer.sock))
            back.start()
            relay(peer.sock, upstream)
            back.join(SOON)

    with http_service(tls=True) as service, RawServer(tunnel) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with asking(service) as client:
            client.auth_tokens.create(timeout=SOON)
        with Client(api_key=KEY, http_options={"base_url": service.url}) as client:
            with pytest.raises(HandshakeError, match="certificate"):
                client.auth_tokens.create(timeout=SOON)
    assert len(service.requests) == 1
    assert KEY.encode() not in b"".join(seen)


def test_a_proxy_that_cannot_be_used(monkeypatch):
    """It is named as a setting, and not as a failure of the service."""
    monkeypatch.setenv("ALL_PROXY", "gopher://localhost:1")
    with http_service() as service, asking(service) as client:
        with pytest.raises(ConfigurationError, match="proxy"):
            client.auth_tokens.create(timeout=SOON)


def test_an_auth_that_fails():
    """Whatever it raises is ours, with the original as its cause."""

    class Broken:
        def headers(self, url, *, timeout):
            raise OSError("no token today")

    with http_service() as service, asking(service) as client:
        rest_client = RestClient(client_context)
        tokens = Tokens(client.live._api_client, Broken(), rest_client)
        with pytest.raises(AuthenticationError, match="no token today") as caught:
            tokens.create(timeout=SOON)
        rest_client.close()
    assert isinstance(caught.value.__cause__, OSError)


def test_a_forked_child_has_a_connection_of_its_own():
    """It shares none with its parent, which goes on using its own."""
    with http_service() as service, asking(service, base_url=_without_name(service.url)) as client:
        client.auth_tokens.create()
        assert in_child(lambda: client.auth_tokens.create(timeout=SOON).name) == TOKEN["name"]
        client.auth_tokens.create()
    first, forked, last = (request.connection for request in service.requests)
    assert first is last
    assert forked is not first


def _without_name(url):
    """While a thread ends that has looked up a name, glibc holds a lock, which a child would inherit."""
    return url.replace("localhost", "127.0.0.1")


@pytest.mark.parametrize(
    "act",
    [Answer(400, {"error": {"message": "bad"}}), Answer(302), cut, stall, Answer(content=b"{}")],
    ids=["400", "302", "cut", "stall", "200"],
)
def test_the_key_is_in_no_text(act, caplog):
    """In no error, its causes included, and in no record of any logger."""
    caplog.set_level(logging.DEBUG)
    with http_service(act) as service, asking(service, headers={"x-own": KEY}) as client:
        with pytest.raises(LiveError) as caught:
            client.auth_tokens.create(timeout=0.5)
        assert KEY not in repr(client.auth_tokens)
    assert KEY in service.requests[0].headers.values()
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert KEY not in caplog.text
