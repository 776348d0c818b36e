"""Where a client connects, as whom, and what it refuses before it does."""

import pytest

from genai_live import (
    ApiKeyAuth,
    AuthenticationError,
    Client,
    ConfigurationError,
    ConnectionClosedError,
    GoogleAuth,
    HandshakeError,
    WebSocketClientFactory,
    types,
)
from genai_live.client import ApiClient, Live
from genai_live.emulator import Emulator
from tests.raw_server import close_frame
from tests.service import KEY, MODEL, accept_setup, answer_close, read_message, service
from tests.timing import SOON


def _address(**settings):
    return ApiClient(**settings).live_url()


GEMINI = "google.ai.generativelanguage"
VERTEX = "google.cloud.aiplatform"


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, f"wss://generativelanguage.googleapis.com/ws/{GEMINI}.v1.GenerativeService.BidiGenerateContent"),
        (
            {"http_options": {"api_version": "v1alpha", "base_url": "https://proxy.test/path/"}},
            f"wss://proxy.test/path/ws/{GEMINI}.v1alpha.GenerativeService.BidiGenerateContent",
        ),
        (
            {"http_options": {"base_url": "http://127.0.0.1:8000"}},
            f"ws://127.0.0.1:8000/ws/{GEMINI}.v1.GenerativeService.BidiGenerateContent",
        ),
        (
            {"vertexai": True, "project": "p", "location": "us-central1"},
            f"wss://us-central1-aiplatform.googleapis.com/ws/{VERTEX}.v1beta1.LlmBidiService/BidiGenerateContent",
        ),
        (
            {"vertexai": True, "project": "p", "location": "global"},
            f"wss://aiplatform.googleapis.com/ws/{VERTEX}.v1beta1.LlmBidiService/BidiGenerateContent",
        ),
        (
            {"vertexai": True, "project": "p", "location": "eu"},
            f"wss://aiplatform.eu.rep.googleapis.com/ws/{VERTEX}.v1beta1.LlmBidiService/BidiGenerateContent",
        ),
    ],
)
def test_the_address(settings, url):
    """One slash, the surface's own host and method, and no credentials in it."""
    assert _address(**settings) == url


def test_the_environment_sets_address_and_version(monkeypatch):
    """What is not given comes from the environment."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "https://here.test")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1beta")
    assert _address() == f"wss://here.test/ws/{GEMINI}.v1beta.GenerativeService.BidiGenerateContent"
    assert "given.test" in _address(http_options={"base_url": "https://given.test"})


@pytest.mark.parametrize("base_url", ["ftp://x", "no-scheme", "https://"])
def test_an_address_that_is_none_is_refused(base_url):
    """The setting is named."""
    with pytest.raises(ConfigurationError, match="http_options.base_url"):
        ApiClient(http_options={"base_url": base_url})


def test_a_key_goes_unencrypted_to_loopback_only():
    """http:// to another host is refused before anything is dialled, unless it is allowed."""
    client = Client(api_key=KEY, http_options={"base_url": "http://example.test"})
    with pytest.raises(ConfigurationError, match="unencrypted"):
        client.live.connect(model=MODEL)
    allowed = ApiClient(http_options={"base_url": "http://example.test", "allow_insecure": True})
    assert allowed.live_url().startswith("ws://example.test/")
    for host in ("localhost", "127.0.0.9", "[::1]"):
        assert _address(http_options={"base_url": f"http://{host}:1"}).startswith("ws://")


@pytest.mark.parametrize(
    ("settings", "model", "name"),
    [
        ({}, "gemini-3.8-live", "models/gemini-3.8-live"),
        ({}, "models/gemini-3.8-live", "models/gemini-3.8-live"),
        (
            {"vertexai": True, "project": "p", "location": "l"},
            "gemini-x",
            "projects/p/locations/l/publishers/google/models/gemini-x",
        ),
        ({"vertexai": True}, "gemini-x", "publishers/google/models/gemini-x"),
        (
            {"vertexai": True, "project": "p", "location": "l"},
            "projects/q/locations/m/publishers/google/models/y",
            "projects/q/locations/m/publishers/google/models/y",
        ),
    ],
)
def test_the_models_full_name(settings, model, name):
    """Short or full, each surface has its own form."""
    assert ApiClient(**settings).model_name(model) == name


def test_without_a_key_it_says_what_to_do():
    """The message names the argument and the variables."""
    with pytest.raises(AuthenticationError, match=r"api_key=.*GOOGLE_API_KEY or GEMINI_API_KEY"):
        Client()


@pytest.mark.parametrize("variable", ["GOOGLE_API_KEY", "GEMINI_API_KEY"])
def test_a_key_of_the_environment(variable, monkeypatch):
    """Either variable will do; GOOGLE_API_KEY wins, and an empty one counts as none."""
    monkeypatch.setenv("GEMINI_API_KEY", "gemini")
    monkeypatch.setenv("GOOGLE_API_KEY", "")
    monkeypatch.setenv(variable, KEY)
    with Emulator(api_keys=[KEY], time_scale=0) as emulator:
        with Client(http_options={"base_url": emulator.url}) as client:
            client.live.connect(model=MODEL).close()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"api_key": "k", "credentials": object()}, "credentials"),
        ({"project": "p"}, "vertexai=True"),
        ({"vertexai": True, "project": "p"}, "project and location"),
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


def test_the_key_is_sent_in_a_header_only():
    """Spaces round it are dropped; it is not in the path."""
    requests = []

    def handle(peer):
        accept_setup(peer)
        requests.append(peer.request.decode())
        answer_close(peer)

    from tests.raw_server import RawServer

    with RawServer(handle) as server:
        options = {
            "base_url": server.url.replace("ws", "http", 1),
            "headers": {"X-Own": "1", "USER-AGENT": "mine"},
        }
        with Client(api_key=f"  {KEY} ", http_options=options) as client:
            client.live.connect(model=MODEL).close()
    (request,) = requests
    path, *headers = request.split("\r\n")
    assert KEY not in path
    names = [header.partition(":")[0].lower() for header in headers]
    assert f"x-goog-api-key: {KEY}" in headers
    assert "X-Own: 1" in headers
    assert names.count("user-agent") == 1
    assert "x-goog-api-client" in names


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
