"""What the load server sends, made once: frames as the service sends them. No threads, sockets or clock."""

import base64
import functools
import json
import random
from typing import Any

from tests.raw_server import BINARY, frame


def message(**fields: Any) -> bytes:
    """A message as the service writes it: indented JSON, in a binary frame."""
    return frame(BINARY, f"{json.dumps(fields, indent=2)}\n".encode())


SETUP_COMPLETE = message(setupComplete={})
TURN_COMPLETE = message(serverContent={"generationComplete": True}) + message(
    serverContent={"turnComplete": True}
)
WHOLE_TURN = message(
    serverContent={"modelTurn": {"role": "model", "parts": [{"text": "Hello."}]}, "turnComplete": True}
)


@functools.cache
def audio(size: int) -> bytes:
    """Some of the model's voice: ``size`` bytes of PCM."""
    data = base64.b64encode(random.Random(size).randbytes(size)).decode()
    blob = {"mimeType": "audio/pcm;rate=24000", "data": data}
    return message(serverContent={"modelTurn": {"role": "model", "parts": [{"inlineData": blob}]}})


@functools.cache
def fragment(size: int) -> bytes:
    """Some of its words: ``size`` letters of a transcription."""
    return message(serverContent={"outputTranscription": {"text": "raining "[:size].ljust(size, ".")}})


@functools.cache
def flood(kind: str, size: int, count: int) -> bytes:
    """A whole turn of messages, "audio" or "text"."""
    return (audio(size) if kind == "audio" else fragment(size)) * count + TURN_COMPLETE
