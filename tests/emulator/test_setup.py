"""The setup: first, once, with a model that there is."""

import json

import pytest

from tests.emulator.live_client import GEMINI, VERTEX, talk, talk_set_up
from tests.timing import SOON

SETUP_ONCE = "setup must be the first message and only the first"
INVALID_ARGUMENT = "Request contains an invalid argument."


@pytest.mark.parametrize("binary", [False, True])
def test_setup_complete_comes_in_a_binary_frame_as_the_service_writes_it(emulator, binary):
    """JSON in a binary frame, indented by two, with a newline at the end; text and binary frames are read."""
    with talk(emulator) as client:
        setup = json.dumps({"setup": {"model": "models/gemini-2.0-flash-live-001"}})
        client.socket.send(setup.encode() if binary else setup)
        assert client.socket.recv(SOON) == b'{\n  "setupComplete": {}\n}\n'


@pytest.mark.parametrize("version", ["v1", "v1beta"])
@pytest.mark.parametrize(
    "model", ["models/gemini-9", "gemini-3.8-live", "", "publishers/google/models/gemini-3.8-live"]
)
def test_unknown_models_are_refused(emulator, model, version):
    """The reason names the model and the version of the path, and is cut at 123 bytes."""
    with talk(emulator, GEMINI.replace("v1beta", version)) as client:
        client.send({"setup": {"model": model}})
        reason = (
            f"{model} is not found for API version {version}, or is not supported for bidiGenerateContent. "
            "Call ListModels to see the list of available models and their supported methods."
        )
        assert client.receive_close() == (1008, reason[:123])


def test_a_model_in_the_form_of_the_gemini_api_is_unknown_to_vertex_ai(emulator):
    """Vertex AI wants the publisher in a model's name."""
    with talk(emulator, VERTEX) as client:
        client.send({"setup": {"model": "models/gemini-3.8-live"}})
        code, reason = client.receive_close()
        assert code == 1008
        assert reason.startswith("models/gemini-3.8-live is not found for API version v1beta1")


@pytest.mark.parametrize(
    "message",
    [
        {"clientContent": {"turnComplete": True}},
        {"realtimeInput": {"text": "Hello"}},
        {"toolResponse": {"functionResponses": []}},
    ],
)
def test_the_setup_comes_first(emulator, message):
    """Any other message before the setup ends the connection."""
    with talk(emulator) as client:
        client.send(message)
        assert client.receive_close() == (1007, SETUP_ONCE)


def test_the_setup_comes_once(emulator):
    """A second setup ends the connection."""
    with talk_set_up(emulator) as client:
        client.send({"setup": {"model": "models/gemini-2.0-flash-live-001"}})
        assert client.receive_close() == (1007, SETUP_ONCE)


def test_an_empty_compression_is_refused(emulator):
    """ContextWindowCompression must say something."""
    with talk(emulator) as client:
        client.send({"setup": {"model": "models/gemini-3.8-live", "contextWindowCompression": {}}})
        assert client.receive_close() == (1007, INVALID_ARGUMENT)
