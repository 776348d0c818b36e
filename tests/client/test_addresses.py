"""Where a client connects, and under which names it knows the models."""

import pytest

from genai_live import Client, ConfigurationError
from genai_live.client import ApiClient
from tests.client.upgrade import upgrade_of
from tests.service import KEY, MODEL

GEMINI = "google.ai.generativelanguage"
VERTEX = "google.cloud.aiplatform"
IN_PROJECT = {"vertexai": True, "project": "p", "location": "l"}


def _address(**settings):
    return ApiClient(**settings).live_url()


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, f"wss://generativelanguage.googleapis.com/ws/{GEMINI}.v1.GenerativeService.BidiGenerateContent"),
        (
            {"http_options": {"api_version": "v1alpha", "base_url": "https://proxy.test/path/"}},
            f"wss://proxy.test/path/ws/{GEMINI}.v1alpha.GenerativeService.BidiGenerateContent",
        ),
        (
            {"http_options": {"base_url": "wss://proxy.test"}},
            f"wss://proxy.test/ws/{GEMINI}.v1.GenerativeService.BidiGenerateContent",
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
        (
            {"vertexai": True, "http_options": {"api_version": "v1"}},
            f"wss://aiplatform.googleapis.com/ws/{VERTEX}.v1.LlmBidiService/BidiGenerateContent",
        ),
    ],
)
def test_the_address(settings, url):
    """One slash, the surface's own host and method, and no credentials in it."""
    assert _address(**settings) == url


def test_the_other_methods_share_host_and_version():
    """Music, ephemeral tokens and REST, at whatever scheme the base URL was given with."""
    client = ApiClient(http_options={"base_url": "wss://proxy.test/a/", "api_version": "v1alpha"})
    service = f"{GEMINI}.v1alpha.GenerativeService"
    assert client.live_url(constrained=True) == (
        f"wss://proxy.test/a/ws/{service}.BidiGenerateContentConstrained"
    )
    assert client.music_url() == f"wss://proxy.test/a/ws/{service}.BidiGenerateMusic"
    assert client.rest_url("auth_tokens") == "https://proxy.test/a/v1alpha/auth_tokens"
    local = ApiClient(http_options={"base_url": "ws://localhost:1"})
    assert local.rest_url("auth_tokens") == "http://localhost:1/v1/auth_tokens"


def test_vertex_has_no_music():
    """The message says which surface has it."""
    with pytest.raises(ConfigurationError, match="only the Gemini API has music"):
        ApiClient(vertexai=True).music_url()


@pytest.mark.parametrize(
    ("vertexai", "variable", "version"),
    [
        (False, "v1beta", "v1beta"),
        (False, "beta", "v1beta"),
        (True, "beta", "v1beta1"),
        (True, "v1", "v1"),
        (False, "", "v1"),
    ],
)
def test_the_environment_sets_the_version(vertexai, variable, version, monkeypatch):
    """``beta`` is the surface's own beta; what is given goes before it."""
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", variable)
    assert f".{version}." in _address(vertexai=vertexai)
    assert ".v9." in _address(vertexai=vertexai, http_options={"api_version": "v9"})


@pytest.mark.parametrize(
    ("vertexai", "variable"), [(False, "GOOGLE_GEMINI_BASE_URL"), (True, "GOOGLE_VERTEX_BASE_URL")]
)
def test_the_environment_sets_the_address(vertexai, variable, monkeypatch):
    """Each surface has a variable of its own; what is given goes before it."""
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "https://other.test")
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", "https://other.test")
    monkeypatch.setenv(variable, "https://here.test/from/env")
    assert _address(vertexai=vertexai).startswith("wss://here.test/from/env/ws/")
    given = _address(vertexai=vertexai, http_options={"base_url": "https://given.test"})
    assert given.startswith("wss://given.test/ws/")


@pytest.mark.parametrize("base_url", ["ftp://x", "no-scheme", "https://", "https://[x", "https://x:port"])
def test_an_address_that_is_none_is_refused(base_url):
    """The setting is named."""
    with pytest.raises(ConfigurationError, match="http_options.base_url"):
        ApiClient(http_options={"base_url": base_url})


def test_a_password_in_the_address_is_refused():
    """It would be in every log; the message does not repeat it."""
    with pytest.raises(ConfigurationError, match="without a name and password") as caught:
        ApiClient(http_options={"base_url": "https://me:secret@gateway.test"})
    assert "secret" not in str(caught.value)


def test_a_key_goes_unencrypted_to_loopback_only():
    """http:// to another host is refused before anything is dialled, unless it is allowed."""
    client = Client(api_key=KEY, http_options={"base_url": "http://example.test"})
    with pytest.raises(ConfigurationError, match="unencrypted"):
        client.live.connect(model=MODEL)
    with pytest.raises(ConfigurationError, match="unencrypted"):
        ApiClient(http_options={"base_url": "http://example.test"}).rest_url("auth_tokens")
    allowed = ApiClient(http_options={"base_url": "http://example.test", "allow_insecure": True})
    assert allowed.live_url().startswith("ws://example.test/")
    for host in ("localhost", "127.0.0.9", "[::1]"):
        assert _address(http_options={"base_url": f"http://{host}:1"}).startswith("ws://")


@pytest.mark.parametrize(
    ("settings", "model", "name"),
    [
        ({}, "gemini-3.8-live", "models/gemini-3.8-live"),
        ({}, "models/gemini-3.8-live", "models/gemini-3.8-live"),
        ({}, "tunedModels/mine", "tunedModels/mine"),
        ({}, "google/gemini-x", "models/google/gemini-x"),
        (IN_PROJECT, "gemini-x", "projects/p/locations/l/publishers/google/models/gemini-x"),
        (IN_PROJECT, "gemini:x", "projects/p/locations/l/publishers/google/models/gemini:x"),
        (IN_PROJECT, "meta/llama", "projects/p/locations/l/publishers/meta/models/llama"),
        (IN_PROJECT, "publishers/meta/models/y", "projects/p/locations/l/publishers/meta/models/y"),
        (IN_PROJECT, "endpoints/123", "projects/p/locations/l/endpoints/123"),
        (IN_PROJECT, "models/x", "models/x"),
        (IN_PROJECT, "projects/q/locations/m/endpoints/1", "projects/q/locations/m/endpoints/1"),
        ({"vertexai": True}, "gemini-x", "publishers/google/models/gemini-x"),
        ({"vertexai": True}, "publishers/meta/models/y", "publishers/meta/models/y"),
    ],
)
def test_the_models_full_name(settings, model, name):
    """Short or full, each surface has its own form; a name that is full already is kept."""
    assert ApiClient(**settings).model_name(model) == name


@pytest.mark.parametrize(
    ("settings", "model"),
    [
        ({}, ""),
        ({}, None),
        ({}, 5),
        ({}, "models/../secret"),
        ({}, "gemini&x=1"),
        ({}, "gemini?x"),
        (IN_PROJECT, "google/models/x"),
        (IN_PROJECT, "tunedModels/mine"),
        ({"vertexai": True}, "endpoints/123"),
    ],
)
def test_what_is_no_models_name_is_refused(settings, model):
    """Rather than sent as the name of another one; an endpoint needs the project that it is in."""
    with pytest.raises(ConfigurationError, match=r"^model: expected a name such as"):
        ApiClient(**settings).model_name(model)


@pytest.mark.parametrize("path", ["", "/", "/gateway/v9", "/gateway/v9/"])
def test_one_slash_on_the_wire(path):
    """Whatever the base URL ends in."""
    upgrade = upgrade_of(path=path, api_key=KEY)
    service = f"{GEMINI}.v1.GenerativeService.BidiGenerateContent"
    assert upgrade.path == f"{path.rstrip('/')}/ws/{service}"


def test_a_query_of_the_base_url_stays_at_the_end():
    """Where a gateway wants one."""
    upgrade = upgrade_of(path="/a?tenant=t1", api_key=KEY)
    assert upgrade.path == f"/a/ws/{GEMINI}.v1.GenerativeService.BidiGenerateContent?tenant=t1"
