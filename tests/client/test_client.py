"""Where a client connects, as whom, and what it refuses before it does."""

import threading

import pytest

from genai_live import (
    ApiKeyAuth,
    AuthenticationError,
    Client,
    ConfigurationError,
    ConnectionClosedError,
    GoogleAuth,
    HandshakeError,
    TokenAuth,
    WebSocketClientFactory,
    types,
)
from genai_live.client import ApiClient, Live
from genai_live.emulator import Emulator
from tests.raw_server import close_frame
from tests.service import KEY, MODEL, accept_setup, read_message, service
from tests.timing import SOON


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"api_key": "k", "credentials": object()}, "credentials"),
        ({"project": "p"}, "vertexai=True"),
        ({"api_key": "k", "location": "l"}, "vertexai=True"),
        ({"vertexai": True, "enterprise": False, "api_key": "k"}, "enterprise: contradicts vertexai"),
        ({"vertexai": True, "project": "p", "credentials": "key.json"}, "credentials: .*service_account"),
        ({"api_key": 5}, "api_key"),
        ({"api_key": "  "}, "api_key"),
        ({"api_key": "two\nlines"}, "api_key"),
        ({"api_key": "k", "http_options": {"header": {}}}, "http_options.header.*'headers'"),
        ({"api_key": "k", "http_options": {"headers": {"x": "a\r\nb"}}}, "http_options.headers"),
    ],
)
def test_a_client_that_cannot_be_is_refused(arguments, complaint):
    """The argument is named, and no secret is shown."""
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        Client(**arguments)
    assert "two" not in str(caught.value)


def test_one_session_may_have_its_own_address_version_and_headers():
    """config.http_options changes one connection, not the client."""
    with Emulator(time_scale=0) as one, Emulator(time_scale=0) as two:
        with Client(api_key=KEY, http_options={"base_url": one.url, "headers": {"a": "1"}}) as client:
            config = {"http_options": {"base_url": two.url, "api_version": "v1alpha", "headers": {"b": "2"}}}
            client.live.connect(model=MODEL, config=config).close()
            client.live.connect(model=MODEL).close()
    assert ".v1alpha." in two.connections[0].path
    assert (two.connections[0].headers["a"], two.connections[0].headers["b"]) == ("1", "2")
    assert ".v1." in one.connections[0].path
    assert "b" not in one.connections[0].headers


def test_a_wrong_key_is_an_authentication_error_with_the_close_as_its_cause():
    """The service takes the connection and refuses the key by a close after the setup."""
    with Emulator(api_keys=["right"], time_scale=0) as emulator:
        with Client(api_key=KEY, http_options={"base_url": emulator.url}) as client:
            with pytest.raises(AuthenticationError, match="API key not valid") as caught:
                client.live.connect(model=MODEL)
    cause = caught.value.__cause__
    assert isinstance(cause, ConnectionClosedError)
    assert (cause.code, cause.phase, cause.retryable) == (1007, "setting up", False)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_at_the_upgrade_is_an_authentication_error(status):
    """Some gateways refuse by HTTP."""

    def handle(peer):
        peer.read_request()
        peer.send(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())

    with service(handle) as client, pytest.raises(AuthenticationError, match=str(status)) as caught:
        client.live.connect(model=MODEL, timeout=SOON)
    assert isinstance(caught.value.__cause__, HandshakeError)


def test_an_unknown_model_is_refused_with_the_services_words():
    """Code 1008, phase and reason are in the exception."""
    with Emulator(time_scale=0) as emulator:
        with Client(api_key=KEY, http_options={"base_url": emulator.url}) as client:
            with pytest.raises(ConnectionClosedError, match="models/nonsense is not found") as caught:
                client.live.connect(model="nonsense")
    assert (caught.value.code, caught.value.phase, caught.value.retryable) == (1008, "setting up", False)


def test_a_field_that_the_service_does_not_know_is_told_with_its_words():
    """unknown_fields are sent; the service's complaint comes back as it is."""
    config = types.LiveConnectConfig(unknown_fields={"futureThing": 1})
    with Emulator(time_scale=0) as emulator:
        with Client(api_key=KEY, http_options={"base_url": emulator.url}) as client:
            with pytest.raises(ConnectionClosedError, match="Unknown name \"futureThing\" at 'setup'"):
                client.live.connect(model=MODEL, config=config)


def test_live_can_be_made_from_its_parts():
    """As in the JavaScript SDK: Live(api_client, auth, websocket_factory)."""

    class CountingAuth:
        def __init__(self):
            self.urls = []

        def headers(self, url, *, timeout):
            self.urls.append(url)
            return {"x-goog-api-key": KEY}

    auth = CountingAuth()
    made = []

    class CountingFactory(WebSocketClientFactory):
        def __call__(self, url, headers, *, timeout):
            made.append((url, timeout))
            return super().__call__(url, headers, timeout=timeout)

    with Emulator(time_scale=0) as emulator:
        live = Live(ApiClient(http_options={"base_url": emulator.url}), auth, CountingFactory())
        config = {"output_audio_transcription": {}}
        with live.connect(model=MODEL, config=config, timeout=20) as session:
            assert session.ask("Hi", timeout=SOON).text == "Hi"
        live.close()
    assert auth.urls == [made[0][0]]
    assert 0 < made[0][1] <= 20


def test_only_credentials_that_may_take_time_are_got_on_a_thread_of_their_own(monkeypatch):
    """A key is at hand; what a class of one's own does with it is not known."""
    started, start = [], threading.Thread.start

    def noted(thread):
        started.append(thread.name)
        start(thread)

    class FetchedKey(ApiKeyAuth):
        def headers(self, url, *, timeout):
            return dict(super().headers(url, timeout=timeout))

    monkeypatch.setattr(threading.Thread, "start", noted)
    with Emulator(time_scale=0) as emulator:
        for auth in (ApiKeyAuth(KEY), FetchedKey(KEY)):
            live = Live(ApiClient(http_options={"base_url": emulator.url}), auth, WebSocketClientFactory())
            live.connect(model=MODEL, timeout=SOON).close()
            live.close()
            assert ("genai-live credentials" in started) is isinstance(auth, FetchedKey)


def test_an_auth_that_raises_ends_the_connect():
    """Whatever it raises is ours, with the original as its cause."""

    class Broken:
        def headers(self, url, *, timeout):
            raise OSError("no token today")

    live = Live(
        ApiClient(http_options={"base_url": "http://127.0.0.1:9"}), Broken(), WebSocketClientFactory()
    )
    from genai_live import LiveError

    with pytest.raises(LiveError, match="no token today") as caught:
        live.connect(model=MODEL, timeout=SOON)
    chain = [caught.value]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    assert isinstance(chain[-1], OSError)
    live.close()


def test_no_repr_shows_a_secret():
    """Neither the credentials nor what holds them."""
    assert KEY not in repr(ApiKeyAuth(KEY))
    assert KEY not in repr(TokenAuth(f"auth_tokens/{KEY}"))
    assert KEY not in repr(types.HttpOptions(headers={"authorization": KEY}))
    assert repr(GoogleAuth()) == "GoogleAuth()"


def test_a_close_with_a_key_reason_in_an_open_session_is_an_authentication_error():
    """A token that expires in mid-session is told as such."""

    def handle(peer):
        accept_setup(peer)
        read_message(peer)
        peer.send(close_frame(1011, "auth token has expired"))

    with service(handle) as client:
        with client.live.connect(model=MODEL, timeout=SOON) as session:
            with pytest.raises(AuthenticationError, match="auth token has expired"):
                session.ask("x", timeout=SOON)
