"""The paths of both services, and their credentials."""

import logging

import pytest

from genai_live.emulator import Emulator
from tests.emulator.live_client import GEMINI, VERTEX, talk, text_of
from tests.timing import SOON

NO_CREDENTIALS = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
    "other form of API c"
)
BAD_KEY = "API key not valid. Please pass a valid API key."
BAD_TOKEN = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other "
    "valid authentication c"
)


@pytest.mark.parametrize(
    "path",
    [
        GEMINI.replace("v1beta", "v1"),
        GEMINI,
        GEMINI.replace("v1beta", "v1alpha"),
        f"/{GEMINI}",
        f"/some/base{GEMINI}",
        f"/some//base/{GEMINI}",
    ],
)
def test_the_paths_of_the_gemini_api(emulator, path):
    """Every API version is served, with one slash or two, and below a base URL with a path of its own."""
    with talk(emulator, path) as client:
        assert client.set_up() == {"setupComplete": {}}


@pytest.mark.parametrize("path", [VERTEX, VERTEX.replace("v1beta1", "v1"), f"/{VERTEX}"])
@pytest.mark.parametrize(
    "model",
    [
        "publishers/google/models/gemini-live-2.5-flash",
        "projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash",
    ],
)
def test_the_paths_of_vertex_ai(emulator, path, model):
    """Vertex AI is served in both versions, and its setupComplete has a session id."""
    with talk(emulator, path) as client:
        assert client.set_up(model)["setupComplete"].keys() == {"sessionId"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (GEMINI, {"x-goog-api-key": "good"}),
        (f"{GEMINI}?key=good", {}),
        (f"{VERTEX}?key=good", {}),
        (VERTEX, {"x-goog-api-key": "good"}),
        (VERTEX, {"Authorization": "Bearer a-token"}),
    ],
)
def test_good_credentials(path, headers):
    """A key may come in the header or the query; to Vertex AI, a token instead."""
    model = (
        "publishers/google/models/gemini-live-2.5-flash"
        if path.startswith(VERTEX)
        else "models/gemini-3.8-live"
    )
    with Emulator(api_keys=["good", "better"]) as emulator, talk(emulator, path, headers) as client:
        assert "setupComplete" in client.set_up(model)


@pytest.mark.parametrize(
    ("path", "headers", "close"),
    [
        (GEMINI, {}, (1008, NO_CREDENTIALS)),
        (f"{GEMINI}?key=", {}, (1008, NO_CREDENTIALS)),
        (f"{GEMINI}?access_token=auth_tokens/a", {}, (1008, NO_CREDENTIALS)),
        (GEMINI, {"Authorization": "Bearer a-token"}, (1008, NO_CREDENTIALS)),
        (VERTEX, {}, (1008, NO_CREDENTIALS)),
        (GEMINI, {"x-goog-api-key": "bad"}, (1007, BAD_KEY)),
        (f"{GEMINI}?key=bad", {}, (1007, BAD_KEY)),
        (f"{GEMINI}?key=auth_tokens/a", {}, (1007, BAD_KEY)),
        (VERTEX, {"x-goog-api-key": "bad"}, (1007, BAD_KEY)),
        (VERTEX, {"Authorization": "Basic abc"}, (1008, BAD_TOKEN)),
        (VERTEX, {"Authorization": "Bearer "}, (1008, BAD_TOKEN)),
    ],
)
@pytest.mark.parametrize("first", ['{"nonsense": true}', "no json"])
def test_bad_credentials_are_refused_after_the_first_message(path, headers, close, first):
    """The upgrade succeeds; the refusal is a close that answers the first message, whatever that is."""
    with Emulator(api_keys=["good"]) as emulator, talk(emulator, path, headers) as client:
        assert client.socket.ping().wait(SOON)
        client.socket.send(first)
        assert client.receive_close() == close


def test_without_a_list_every_key_is_good_but_one_is_needed():
    """By default any key will do, and none will not; a token is no key."""
    with Emulator() as emulator:
        with talk(emulator, headers={"x-goog-api-key": "anything"}) as client:
            assert client.set_up() == {"setupComplete": {}}
        with talk(emulator, headers={}) as client:
            client.send({"setup": {}})
            assert client.receive_close() == (1008, NO_CREDENTIALS)
        with talk(emulator, headers={"x-goog-api-key": "auth_tokens/a"}) as client:
            client.send({"setup": {}})
            assert client.receive_close() == (1007, BAD_KEY)


def test_credentials_are_recorded_and_not_shown():
    """A test can look at the credentials of a connection; its representation does not show them."""
    with (
        Emulator() as emulator,
        talk(emulator, f"{GEMINI}?key=in-query", {"X-Goog-Api-Key": "in-header"}) as client,
    ):
        client.set_up()
        client.say("Hello")
        assert text_of(client.receive_turn()) == "Hello"
        (connection,) = emulator.connections
        assert connection.headers["x-goog-api-key"] == "in-header"
        assert connection.query["key"] == "in-query"
        assert connection.path == GEMINI
        assert "in-header" not in repr(emulator.connections)
        assert "in-query" not in repr(emulator.connections)


def test_credentials_are_not_logged(caplog):
    """No log record holds a key, as the address of a request may hold one; not even at debug level."""
    caplog.set_level(logging.DEBUG)
    with Emulator() as emulator:
        for path in (f"{GEMINI}?key=secret", f"{GEMINI}?key=secret&more"):
            with talk(emulator, path, {"Authorization": "Bearer secret"}) as client:
                client.set_up()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("websockets")]
    assert not [message for message in ours if "secret" in message]
