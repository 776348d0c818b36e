"""The emulator accepts and refuses as the official protobuf does, corrected where the service differs."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, given, settings

from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.refusal import Refusal
from genai_live.emulator.validation import read_client_message
from tests.conformance import damage, protobuf
from tests.vectors.cases import load_cases
from tests.vectors.normal_form import normal

_ENDPOINT = Endpoint("gemini", "v1beta")


def _frames() -> list[Any]:
    """What the official SDKs sent to the Gemini API, each once, without what the protobuf lacks."""
    frames = {
        json.dumps(protobuf.without_what_it_lacks(normal(frame)), sort_keys=True)
        for case in load_cases()
        if case.kind == "live" and not case.client.get("vertexai") and not case.client.get("env")
        for record in (case.python, case.javascript)
        for frame in record.get("frames") or ()
    }
    return [json.loads(frame) for frame in sorted(frames)]


_FRAMES = _frames()


@pytest.mark.parametrize(("path", "message_with"), list(protobuf.every_field()))
def test_the_same_verdict_on_each_field(path: str, message_with: Callable[[Any], Any]) -> None:
    """Each field of each message, with every value."""
    for value in damage.VALUES:
        assert_same_verdict(message_with(value))


@settings(max_examples=1500, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(damage.messages(_FRAMES))
def test_the_same_verdict_on_damaged_messages(message: Any) -> None:
    """Good and damaged frames: wrong types, unknown names, both spellings, bad enums, bad base64, nulls."""
    assert_same_verdict(message)


def assert_same_verdict(message: Any) -> None:
    """Both accept a message, or both refuse it."""
    try:
        protobuf.read_as_the_service(message)
        theirs = ""
    except json_format.ParseError as error:
        theirs = str(error)
    try:
        read_client_message(message, _ENDPOINT)
        ours = ""
    except Refusal as refusal:
        ours = refusal.reason
    assert bool(ours) == bool(theirs), f"{message}: the emulator says {ours!r}, protobuf {theirs!r}"
