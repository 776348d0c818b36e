"""Frames recorded from the real service (see tests/recordings/README.md)."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from genai_live import types
from genai_live.codec import decode, encode, json_text, structure, to_json_dict
from genai_live.record import field_names

RECORDINGS = sorted((Path(__file__).parent.parent / "recordings").glob("*.yaml"))


def frames(recording: Path, direction: str) -> list[dict[str, Any]]:
    """What was sent or received in a recording."""
    interactions = yaml.safe_load(recording.read_text(encoding="utf-8"))["interactions"]
    return [frame["data"] for frame in interactions if frame["direction"] == direction]


def unknown(value: Any) -> list[str]:
    """All unknown fields anywhere in a message."""
    if isinstance(value, list):
        return [name for item in value for name in unknown(item)]
    if isinstance(value, types.Model):
        return [
            *value.unknown_fields,
            *(name for field in field_names(type(value)) for name in unknown(getattr(value, field))),
        ]
    return []


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_what_the_service_said(recording: Path) -> None:
    """Each frame is understood whole, and written back as it came."""
    received = frames(recording, "received")
    assert received
    for frame in received:
        message = decode(json_text.dumps(frame), types.LiveServerMessage)
        assert unknown(message) == []
        assert to_json_dict(message) == frame
        assert json_text.loads(encode(message)) == frame


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_what_another_client_said(recording: Path) -> None:
    """Each frame that the service accepted is good input, and means the same when we write it."""
    for frame in frames(recording, "sent"):
        message = structure(frame, types.LiveClientMessage, "frame")
        ((name, value),) = frame.items()
        if blob := value.get("audio"):
            # google-genai writes the URL-safe alphabet, we the standard one.
            blob["data"] = blob["data"].translate(str.maketrans("-_", "+/"))
        first, *words = name.split("_")
        assert to_json_dict(message) == {first + "".join(map(str.capitalize, words)): value}


def test_a_recorded_turn() -> None:
    """The turn with a function call reads as it was heard."""
    (recording,) = (path for path in RECORDINGS if path.stem == "text_tool_round_parity--google-current")
    messages = [
        decode(json_text.dumps(frame), types.LiveServerMessage) for frame in frames(recording, "received")
    ]
    turn = types.Turn.from_messages(messages)
    assert turn.text == "It is foggy and 12 degrees in London."
    assert [call.args for call in turn.tool_calls] == [{"city": "London"}]
    assert turn.audio_mime_type == "audio/pcm;rate=24000"
    assert turn.usage is not None
    assert turn.usage.total_token_count == 551
