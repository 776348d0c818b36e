"""Every way to sign in that needs no library of Google's; those are in test_google_auth."""

import logging
import ssl
import warnings

import google.oauth2.credentials
import pytest
import trustme

from genai_live import AuthenticationError, Client, ConfigurationError, LiveError, TokenAuth, __version__
from genai_live.client import ApiClient
from tests.certificates import client_context, server_context
from tests.client.upgrade import RecordingServer, upgrade_of
from tests.service import KEY, MODEL
from tests.timing import SOON

TOKEN = "auth_tokens/abc123"
VERTEX_PATH = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"


def test_the_key_is_sent_in_a_header_only():
    """Spaces round it are dropped, and it is not in the path."""
    upgrade = upgrade_of(api_key=f"  {KEY}\n")
    assert upgrade.headers["x-goog-api-key"] == KEY
    assert KEY not in upgrade.path
    assert "authorization" not in upgrade.headers


def test_characters_of_a_key_are_not_changed():
    """What would need escaping in a URL needs none in a header."""
    assert upgrade_of(api_key="a&b=c+d/e").headers["x-goog-api-key"] == "a&b=c+d/e"


@pytest.mark.parametrize(
    ("environment", "argument", "key"),
    [
        ({"GOOGLE_API_KEY": "google"}, None, "google"),
        ({"GEMINI_API_KEY": "gemini"}, None, "gemini"),
        ({"GOOGLE_API_KEY": "google", "GEMINI_API_KEY": "gemini"}, None, "google"),
        ({"GOOGLE_API_KEY": "", "GEMINI_API_KEY": "gemini"}, None, "gemini"),
        ({"GOOGLE_API_KEY": "google"}, "given", "given"),
    ],
)
def test_a_key_of_the_environment(environment, argument, key, monkeypatch):
    """An argument goes first, then GOOGLE_API_KEY; an empty variable counts as none."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert upgrade_of(api_key=argument).headers["x-goog-api-key"] == key


def test_without_a_key_it_says_what_to_do():
    """The message names the argument and the variables."""
    with pytest.raises(AuthenticationError, match=r"api_key=.*GOOGLE_API_KEY or GEMINI_API_KEY"):
        Client()
    with pytest.raises(AuthenticationError, match=r"project=.*GOOGLE_CLOUD_PROJECT.*GOOGLE_API_KEY"):
        Client(vertexai=True)


# -- ephemeral tokens ----------------------------------------------------------------------------------


def test_a_token_goes_to_the_constrained_method():
    """In headers, as google-genai sends it, and not in the URL."""
    upgrade = upgrade_of(api_key=f" {TOKEN} ", api_version="v1alpha")
    assert upgrade.path == (
        "/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained"
    )
    assert upgrade.headers["authorization"] == f"Token {TOKEN}"
    assert upgrade.headers["x-goog-api-key"] == TOKEN


def test_an_own_authorization_does_not_hide_the_token():
    """Both reach the server."""
    upgrade = upgrade_of(
        api_key=TOKEN, api_version="v1alpha", headers={"Authorization": "Bearer of-a-gateway"}
    )
    assert upgrade.headers["authorization"] == "Bearer of-a-gateway"
    assert upgrade.headers["x-goog-api-key"] == TOKEN


def test_advice_where_a_token_is_used_with_another_version():
    """It is tried all the same; v1beta is as good as v1alpha, and a session's own version counts."""
    with pytest.warns(UserWarning, match="v1alpha and v1beta.* instead of 'v1'") as caught:
        upgrade = upgrade_of(api_key=TOKEN)
    assert "v1.GenerativeService.BidiGenerateContentConstrained" in upgrade.path
    assert TOKEN not in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        upgrade_of(api_key=TOKEN, api_version="v1beta")
        upgrade_of(api_key=TOKEN, config={"http_options": {"api_version": "v1alpha"}})


def test_a_token_by_hand_must_be_one():
    """A key in its place would be refused by the service, and less clearly."""
    with pytest.raises(ConfigurationError, match="auth_tokens/") as caught:
        TokenAuth(KEY)
    assert KEY not in str(caught.value)


# -- Vertex AI with a key, and gateways ------------------------------------------------------------------


@pytest.mark.parametrize("surface", [{"vertexai": True}, {"enterprise": True}])
def test_express_mode(surface):
    """A key and nothing else: the model has no project, and audio is the default as on all of Vertex."""
    upgrade = upgrade_of(api_key=KEY, **surface)
    assert upgrade.path == VERTEX_PATH
    assert upgrade.headers["x-goog-api-key"] == KEY
    assert upgrade.setup == {
        "model": f"publishers/google/models/{MODEL}",
        "generationConfig": {"responseModalities": ["AUDIO"]},
    }


def test_a_key_with_project_and_location():
    """The key signs in, and the model's name is full."""
    upgrade = upgrade_of(api_key=KEY, vertexai=True, project="p", location="us-central1")
    assert upgrade.headers["x-goog-api-key"] == KEY
    assert upgrade.setup["model"] == f"projects/p/locations/us-central1/publishers/google/models/{MODEL}"


def test_a_given_key_goes_before_a_project_of_the_environment(monkeypatch):
    """It is express mode, as with google-genai."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "us-central1")
    upgrade = upgrade_of(api_key=KEY, vertexai=True)
    assert upgrade.setup["model"] == f"publishers/google/models/{MODEL}"


def test_a_key_of_the_environment_is_enough_for_express_mode(monkeypatch):
    """Where there is no project."""
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "1")
    upgrade = upgrade_of()
    assert upgrade.path == VERTEX_PATH
    assert upgrade.headers["x-goog-api-key"] == KEY


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"GOOGLE_GENAI_USE_VERTEXAI": "1"}, "aiplatform"),
        ({"GOOGLE_GENAI_USE_VERTEXAI": "True"}, "aiplatform"),
        ({"GOOGLE_GENAI_USE_ENTERPRISE": "true"}, "aiplatform"),
        ({"GOOGLE_GENAI_USE_VERTEXAI": "0"}, "generativelanguage"),
        ({"GOOGLE_GENAI_USE_VERTEXAI": "1", "GOOGLE_GENAI_USE_ENTERPRISE": "false"}, "generativelanguage"),
        ({"GOOGLE_GENAI_USE_VERTEXAI": "1", "GOOGLE_GENAI_USE_ENTERPRISE": ""}, "aiplatform"),
    ],
)
def test_the_surface_of_the_environment(environment, path, monkeypatch):
    """``true`` and ``1`` mean yes; the newer name goes first, unless it is empty."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert path in upgrade_of(api_key=KEY).path
    assert "generativelanguage" in upgrade_of(api_key=KEY, vertexai=False).path


@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_a_gateway_is_dialled_as_it_stands(scheme):
    """A base URL without a key or project: its own path and query, and its own headers."""
    upgrade = upgrade_of(
        vertexai=True,
        scheme=scheme,
        path="/proxy/live?tenant=t1",
        headers={"Authorization": "Bearer of-the-proxy"},
    )
    assert upgrade.path == "/proxy/live?tenant=t1"
    assert upgrade.headers["authorization"] == "Bearer of-the-proxy"
    assert "x-goog-api-key" not in upgrade.headers
    assert upgrade.setup == {
        "model": f"publishers/google/models/{MODEL}",
        "generationConfig": {"responseModalities": ["AUDIO"]},
    }


def test_the_query_of_a_gateway_is_not_logged(caplog):
    """It may hold a key; where it is dialled is told all the same."""
    caplog.set_level(logging.DEBUG)
    upgrade_of(vertexai=True, path=f"/proxy/live?key={KEY}")
    assert "/proxy/live" in caplog.text
    assert KEY not in caplog.text


def test_a_gateway_needs_no_path_and_no_header():
    """It may know the caller by the network alone; a project without a location does not change that."""
    upgrade = upgrade_of(vertexai=True, project="p")
    assert upgrade.path == "/"
    assert "authorization" not in upgrade.headers


def test_one_session_may_go_to_another_gateway():
    """Its base URL is dialled as it stands, too."""
    with RecordingServer() as server:
        url = f"http://localhost:{server.port}"
        with Client(vertexai=True, http_options={"base_url": "https://gateway.test/a"}) as client:
            config = {"http_options": {"base_url": f"{url}/b/c"}}
            client.live.connect(model=MODEL, config=config, timeout=SOON).close()
    assert server.upgrades[0].path == "/b/c"


# -- headers and certificates ------------------------------------------------------------------------------


def test_the_headers_of_every_request():
    """Those of google-genai, in our own name."""
    agent = upgrade_of(api_key=KEY).headers
    assert agent["content-type"] == "application/json"
    assert agent["user-agent"] == agent["x-goog-api-client"]
    assert agent["user-agent"].startswith(f"genai-live/{__version__} gl-python/3.")


def test_own_headers_replace_ours_whatever_their_case():
    """Those that sign in as well; an agent of its own stands beside ours."""
    headers = {
        "X-Goog-Api-Key": "own-key",
        "CONTENT-TYPE": "text/plain",
        "User-Agent": "my-app/1.0",
        "x-goog-api-client": "my-tool/2.0",
        "x-own": "1",
    }
    got = upgrade_of(api_key=KEY, headers=headers).headers
    ours = upgrade_of(api_key=KEY).headers["user-agent"]
    assert got["x-goog-api-key"] == "own-key"
    assert got["content-type"] == "text/plain"
    assert got["user-agent"] == f"{ours} my-app/1.0"
    assert got["x-goog-api-client"] == f"{ours} my-tool/2.0"
    assert got["x-own"] == "1"


def test_an_own_authorization_goes_before_credentials():
    """In lower case, too: it is sent once."""
    credentials = google.oauth2.credentials.Credentials("of-google-auth")
    headers = {"authorization": "Bearer own", "X-Goog-User-Project": "own-project"}
    arguments = {"vertexai": True, "project": "p", "location": "l", "credentials": credentials}
    got = upgrade_of(headers=headers, **arguments).headers
    assert (got["authorization"], got["x-goog-user-project"]) == ("Bearer own", "own-project")


@pytest.mark.parametrize("headers", [{"x": "a\r\nb"}, {"a\nb": "x"}])
def test_headers_that_would_end_the_line_are_refused(headers):
    """Of a client and of a session; the value is not shown."""
    with pytest.raises(ConfigurationError, match=r"^http_options\.headers"):
        ApiClient(http_options={"headers": headers})
    client = Client(api_key=KEY)
    with pytest.raises(ConfigurationError, match=r"^config\.http_options\.headers"):
        client.live.connect(model=MODEL, config={"http_options": {"headers": headers}})


def test_a_session_keeps_what_it_does_not_change():
    """Address, version and headers of the client."""
    config = {"http_options": {"headers": {"b": "2"}}}
    upgrade = upgrade_of(api_key=KEY, path="/a", api_version="v1beta", headers={"a": "1"}, config=config)
    assert upgrade.path.startswith("/a/ws/google.ai.generativelanguage.v1beta.")
    assert (upgrade.headers["a"], upgrade.headers["b"]) == ("1", "2")


def test_a_session_cannot_have_its_own_timeout():
    """The argument of connect is the one; nothing is dialled."""
    client = Client(api_key=KEY, http_options={"base_url": "http://127.0.0.1:9"})
    with pytest.raises(ConfigurationError, match=r"^config\.http_options: .*connect\(\)"):
        client.live.connect(model=MODEL, config={"http_options": {"timeout": 1000}})


def test_a_clients_certificate():
    """A server that asks for one is satisfied by that of ssl_context; without one it is not reached."""
    authority = trustme.CA()
    server = server_context()
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)
    with_certificate = client_context()
    authority.issue_cert("client@example.test").configure_cert(with_certificate)
    with RecordingServer(tls=server) as recording:
        options = {"base_url": f"https://localhost:{recording.port}"}
        with Client(api_key=KEY, http_options=options, ssl_context=with_certificate) as client:
            client.live.connect(model=MODEL, timeout=SOON).close()
        with Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client:
            with pytest.raises(LiveError):
                client.live.connect(model=MODEL, timeout=SOON)
    assert len(recording.upgrades) == 1
