"""Frames of the service, as they are: recorded ones, those of the vectors, and some of music."""

import json
from typing import Any

from tests.recorded import RECORDINGS, load_recording
from tests.vectors.cases import HERE as VECTORS

MUSIC: list[dict[str, Any]] = [
    {"setupComplete": {}},
    {"serverContent": {"audioChunks": [{"data": "AAAA", "mimeType": "audio/l16;rate=48000;channels=2"}]}},
    {
        "serverContent": {
            "audioChunks": [
                {
                    "data": "AAAA",
                    "sourceMetadata": {
                        "clientContent": {"weightedPrompts": [{"text": "drums", "weight": 1.5}]},
                        "musicGenerationConfig": {"bpm": 90, "scale": "C_MAJOR_A_MINOR", "muteBass": True},
                    },
                }
            ]
        }
    },
    {"filteredPrompt": {"text": "x", "filteredReason": "because"}},
    {"warning": "slow down"},
]


_RECORDINGS = [load_recording(name) for name in RECORDINGS]
_VECTORS = json.loads((VECTORS / "server.json").read_text("utf-8")).values()

FRAMES: list[Any] = [
    *(frame for recording in _RECORDINGS for frame in (*recording.opening, *recording.received)),
    *(vector["frame"] for vector in _VECTORS if "frame" in vector),
    *MUSIC,
]
"""All of them; some are not what they should be."""

TEXTS: list[bytes] = [
    *(json.dumps(frame).encode() for frame in FRAMES),
    *(vector["raw"].encode() for vector in _VECTORS if "raw" in vector),
]
"""The same as bytes, and some that are no JSON."""
