"""The frames of server.json: we read what google-genai reads, and what it fails at or loses."""

import json
from typing import Any

import pytest

from genai_live import Client
from genai_live.errors import APIError, ConnectionClosed, LiveError
from tests.timing import SOON
from tests.vectors.calls import known
from tests.vectors.cases import HERE
from tests.vectors.normal_form import normal
from tests.vectors.recorder import Recorder

FRAMES: dict[str, dict[str, Any]] = json.loads((HERE / "server.json").read_text("utf-8"))
_SURFACES = {"mldev": {"api_key": "key"}, "vertex": {"vertexai": True, "api_key": "key"}}

_NOTHING_KNOWN: dict[str, Any] = {}
_USAGE_DETAILS = {
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
    "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 3}],
    "totalTokenCount": 4,
}
BETTER: dict[str, Any] = {
    # differences.md 4.1: what is unknown is a message in which nothing is known; an error is raised.
    "shape/unknown_only": _NOTHING_KNOWN,
    "error/null": _NOTHING_KNOWN,
    "error/string": _NOTHING_KNOWN,
    "error/object_500": 500,
    "error/flat_string_code": None,
    # 4.2: null is as good as absent.
    "shape/all_null": _NOTHING_KNOWN,
    "setup_complete/null": _NOTHING_KNOWN,
    # 4.9 and 6: what cannot be read has one error of its own. Booleans are true and false (proto3 JSON).
    "shape/array": "ProtocolError",
    "shape/array_of_one": "ProtocolError",
    "shape/null": "ProtocolError",
    "shape/string": "ProtocolError",
    "shape/flag_as_number": "ProtocolError",
    "shape/flag_as_string": "ProtocolError",
    "shape/invalid_utf8_escape": "ProtocolError",
    # 4.11: either spelling is read, on both surfaces.
    "snake/usage": {"usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 2}},
    # 5.5: the type is read under its name on the wire and its name in the SDKs.
    "voice_activity/full_name": {"voiceActivity": {"voiceActivityType": "ACTIVITY_START"}},
    # 6: no count is dropped, whichever surface it is of.
    "usage/live_names": {
        "usageMetadata": {
            "promptTokenCount": 1,
            "cachedContentTokenCount": 2,
            "responseTokenCount": 3,
            "toolUsePromptTokenCount": 4,
            "thoughtsTokenCount": 5,
            "totalTokenCount": 15,
        }
    },
    "usage/vertex_names": {
        "usageMetadata": {"promptTokenCount": 1, "responseTokenCount": 3, "totalTokenCount": 4}
    },
    "usage/vertex_details": {"usageMetadata": _USAGE_DETAILS},
}
"""Where we do better: the message, the code of the error, or the name of its class."""


def read(payload: str, surface: str, recorder: Recorder) -> Any:
    """What a session makes of a frame: the message, or the error."""
    recorder.begin({"after_setup": [{"raw": payload}]})
    options = {"base_url": recorder.addresses["$WS"]}
    with Client(**_SURFACES[surface], http_options=options) as client:
        with client.live.connect(model="gemini-3.8-live", timeout=SOON) as session:
            try:
                return known(next(session.receive(timeout=SOON)))
            except (APIError, ConnectionClosed) as error:
                return error.code
            except LiveError as error:
                return type(error).__name__


def expected(frame: dict[str, Any], surface: str) -> Any:
    """What google-genai makes of a frame; a wrong type, which pydantic finds there, is our ProtocolError."""
    if "message" in frame[surface]:
        return normal(frame[surface]["message"])
    error = frame[surface]["error"]
    return "ProtocolError" if error["type"] in ("ValidationError", "ValueError") else error["code"]


@pytest.mark.parametrize("surface", _SURFACES)
@pytest.mark.parametrize("name", FRAMES)
def test_the_same_message(name: str, surface: str, recorder: Recorder) -> None:
    """A session delivers what google-genai delivers, or raises where it does."""
    frame = FRAMES[name]
    message = read(frame["raw"] if "raw" in frame else json.dumps(frame["frame"]), surface, recorder)
    if isinstance(message, dict) and "usageMetadata" in message:
        for again in ("candidatesTokenCount", "candidatesTokensDetails"):  # the response's, by Vertex's names
            message["usageMetadata"].pop(again, None)
    assert message == (BETTER[name] if name in BETTER else expected(frame, surface))
