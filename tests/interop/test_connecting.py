"""Addresses, credentials, and the end."""

import pytest

from genai_live.emulator import Emulator
from tests.interop import python_sdk
from tests.interop.conversation import ApiKey, Gateway, Vertex

MODEL = "gemini-3.8-live"


def test_a_key_reaches_the_gemini_api(sdk):
    """With an API key the SDK takes the Gemini API's path, and the emulator gets the key."""
    with sdk.emulator(api_keys=["a-good-key"]) as emulator:
        transcript = sdk.converse(emulator, model=MODEL, access=ApiKey("a-good-key"))
        (connection,) = emulator.connections
    assert transcript.refusal is None
    assert transcript.session_id is None
    assert connection.path.endswith(".GenerativeService.BidiGenerateContent")


def test_a_token_reaches_vertex(sdk):
    """With a project and a token the SDK takes Vertex AI's path, and the session has an id."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(emulator, model="gemini-live-2.5-flash-native-audio", access=Vertex())
        (connection,) = emulator.connections
    assert transcript.refusal is None
    assert transcript.session_id
    assert connection.path.endswith(".LlmBidiService/BidiGenerateContent")
    assert connection.headers["Authorization"] == "Bearer a-token"


def test_a_whole_address_is_used_as_it_is(sdk):
    """With the address of a gateway only the caller's headers are credentials."""
    access = Gateway(headers={"x-goog-api-key": "any-key"})
    with sdk.emulator() as emulator:
        transcript = sdk.converse(emulator, model="gemini-live-2.5-flash-native-audio", access=access)
        (connection,) = emulator.connections
    assert transcript.refusal is None
    assert connection.path == access.path


def test_the_caller_closes(sdk):
    """The emulator sees the SDK's own close frame."""
    with sdk.emulator() as emulator:
        sdk.converse(emulator, model=MODEL)
        (connection,) = emulator.connections
        emulator.wait_until(lambda: connection.closed_by)
    assert (connection.closed_by, connection.close_code) == ("client", sdk.close_code)


@pytest.mark.parametrize("access", [ApiKey(), Gateway()], ids=["key", "whole address"])
def test_google_genai_cannot_connect_without_tls(access):
    """google-genai makes wss of http, and gives every connection a TLS context, with which ws is refused."""
    with Emulator(time_scale=0) as emulator, pytest.raises((OSError, ValueError)):
        python_sdk.converse(emulator, (), model=MODEL, config={}, access=access)
    assert emulator.connections == ()
