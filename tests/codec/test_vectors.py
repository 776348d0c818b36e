"""The same calls make the same messages as with the official SDKs (see tests/vectors/README.md)."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from genai_live import types
from genai_live.codec import encode, structure
from genai_live.errors import ConfigurationError

VECTORS = Path(__file__).parent.parent / "vectors" / "client_messages.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"))


def untagged(value: Any) -> Any:  # noqa: C901, PLR0911 - one line for each tag
    """The Python value that a case stands for."""
    if isinstance(value, list):
        return [untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$bytes": text}:
            return base64.b64decode(text)
        case {"$bytearray": text}:
            return bytearray(base64.b64decode(text))
        case {"$tuple": items}:
            return tuple(untagged(items))
        case {"$number": text}:
            return float(text)
        case {"$enum": [enum, name]}:
            return getattr(types, enum)[name]
        case {"$obj": [cls, fields]}:
            return getattr(types, cls)(**untagged(fields))
        case {"$map": fields}:
            return {name: untagged(item) for name, item in fields.items()}
        case {"$raw": raw}:
            return raw
    return {name: untagged(item) for name, item in value.items()}


def message(op: str, args: dict[str, Any]) -> types.LiveClientMessage:
    """What a method of google-genai's session sends."""
    if op == "send_client_content":
        content = {"turn_complete": True, **args}
        return structure({"client_content": content}, types.LiveClientMessage, "")
    name = {"send_realtime_input": "realtime_input", "send_tool_response": "tool_response"}[op]
    return structure({name: args}, types.LiveClientMessage, "")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_same_frames(case: dict[str, Any]) -> None:
    """Equal in the normal form, which is the form that we write; or refused before anything is written."""
    calls = [(call["op"], untagged(call["args"])) for call in case["calls"]]
    if case["frames"]:
        assert [json.loads(encode(message(op, args))) for op, args in calls] == case["frames"]
    else:
        for op, args in calls:
            with pytest.raises(ConfigurationError):
                encode(message(op, args))
