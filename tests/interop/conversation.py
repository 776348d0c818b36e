"""What a test has an SDK do, and what the SDK told it. No threads, sockets or clock."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import pi, sin
from typing import Any

_RATE = 16000
_CHUNK_BYTES = _RATE // 10 * 2


@dataclass(frozen=True)
class ApiKey:
    """The Gemini API, with a key or an ephemeral token, in a version; None for the SDK's own."""

    key: str = "any-key"
    version: str | None = None


@dataclass(frozen=True)
class Vertex:
    """Vertex AI, with a project and an OAuth token."""

    project: str = "a-project"
    location: str = "us-central1"
    token: str = "a-token"


@dataclass(frozen=True)
class Gateway:
    """A whole address, which the SDK uses as it is; the caller's headers are the only credentials."""

    path: str = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
    headers: Mapping[str, str] = field(default_factory=dict)


Access = ApiKey | Vertex | Gateway

Step = dict[str, Any]
"""One thing to do, as JSON."""


def say(text: str) -> Step:
    """Send a complete user turn as client content."""
    return {"do": "say", "text": text}


def say_in_realtime(text: str) -> Step:
    """Send a text as realtime input."""
    return {"do": "say_in_realtime", "text": text}


def speak(pcm: bytes) -> list[Step]:
    """Send 16 kHz 16-bit mono PCM as realtime input, in chunks of 100 ms."""
    chunks = (pcm[start : start + _CHUNK_BYTES] for start in range(0, len(pcm), _CHUNK_BYTES))
    return [
        {"do": "speak", "audio": base64.b64encode(chunk).decode(), "mime_type": f"audio/pcm;rate={_RATE}"}
        for chunk in chunks
    ]


def end_audio() -> Step:
    """Say that the microphone is off."""
    return {"do": "end_audio"}


def answer_call(response: Mapping[str, Any]) -> Step:
    """Answer the function call that came last."""
    return {"do": "answer_call", "response": response}


def receive_until(what: str) -> Step:
    """Read until something comes: the name of an attribute of `Turn`."""
    return {"do": "receive", "until": what}


def receive_turn() -> Step:
    """Read up to the end of the turn, as the SDK sees it."""
    return receive_until("complete")


def tone(seconds: float) -> bytes:
    """What the activity detection takes for speech: 200 Hz, as loud as a voice."""
    samples = (round(8000 * sin(2 * pi * 200 * i / _RATE)) for i in range(round(seconds * _RATE)))
    return array("h", samples).tobytes()


def silence(seconds: float) -> bytes:
    """What it takes for silence."""
    return bytes(round(seconds * _RATE) * 2)


@dataclass
class Turn:
    """A turn of the model, put together from what the SDK gave its caller.

    Attributes:
        complete: Whether the SDK saw the end of the turn.
    """

    text: str = ""
    audio: bytes = field(default=b"", repr=False)
    input_transcription: str = ""
    output_transcription: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    interrupted: bool = False
    generation_complete: bool = False
    usage: dict[str, Any] | None = None
    complete: bool = False


@dataclass
class Transcript:
    """What came of a conversation.

    Attributes:
        turns: The model's turns; the last may be incomplete.
        session_id: What the SDK names the session.
        refusal: The code and the reason with which the service closed, as the SDK told them.
    """

    turns: list[Turn] = field(default_factory=list)
    session_id: str | None = None
    refusal: tuple[int, str] | None = None


def make_transcript(events: Iterable[Mapping[str, Any]]) -> Transcript:
    """Put together what an SDK told, event by event.

    Args:
        events: Each with some of the attributes of `Transcript` and `Turn`; audio in base64.
    """
    transcript, turn = Transcript(), Turn()
    for event in events:
        for name, value in event.items():
            if name == "refusal":
                transcript.refusal = (value[0], value[1])
            elif name == "session_id":
                transcript.session_id = value
            elif name == "audio":
                turn.audio += base64.b64decode(value)
            elif isinstance(getattr(turn, name), str | list):
                setattr(turn, name, getattr(turn, name) + value)
            else:
                setattr(turn, name, value)
        if turn.complete:
            transcript.turns.append(turn)
            turn = Turn()
    if turn != Turn():
        transcript.turns.append(turn)
    return transcript
