"""The models that the emulator knows, and what sets their text turns apart. No threads, sockets or clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.refusal import Refusal

KNOWN_MODELS = frozenset(
    {
        "gemini-3.8-live",
        "gemini-3.8-live-extended-thinking",
        "gemini-3.1-flash-live-preview",
        "gemini-3.5-transcribe-live",
        "gemini-3.5-transcribe-live-preview",
        "gemini-3.5-live-translate-preview",
        "gemini-2.5-flash-native-audio-latest",
        "gemini-2.5-flash-native-audio-preview-09-2025",
        "gemini-2.5-flash-native-audio-preview-12-2025",
        "gemini-robotics-er-2-streaming-preview",
        "gemini-live-2.5-flash-native-audio",
        "gemini-live-2.5-flash",
        "gemini-live-2.5-flash-preview",
        "gemini-2.0-flash-live-001",
        "gemini-2.0-flash-live-preview-04-09",
    }
)
"""The models of ListModels with ``bidiGenerateContent`` in autumn 2026, those of Vertex AI, and retired ones
that documents still name (protocol notes, 5). Each is known to both services, so that a test may use one name
for both."""

_RESOURCE_NAMES = {
    "gemini": re.compile(r"models/([^/]+)"),
    "vertex": re.compile(r"(?:projects/[^/]+/locations/[^/]+/)?publishers/google/models/([^/]+)"),
}


@dataclass(frozen=True)
class Model:
    """A known model.

    Attributes:
        name: Its name without the path before it, such as ``gemini-3.8-live``.
    """

    name: str

    @property
    def gives_handle_unasked(self) -> bool:
        """Whether a resumption handle comes right after setupComplete, though none was asked for."""
        return self.name.startswith(("gemini-3.1-", "gemini-3.8-"))

    @property
    def frames_before_answer(self) -> tuple[dict[str, Any], ...]:
        """The empty frames that come first after a prompt and after a tool response."""
        if self.name.startswith("gemini-3.8-"):
            return ({"serverContent": {}}, {})
        if self.name.startswith("gemini-3.1-"):
            return ({"serverContent": {}},)
        return ()

    @property
    def requires_role(self) -> bool:
        """Whether a turn without a role is refused."""
        return self.name.startswith("gemini-3.8-")

    def make_call_id(self, endpoint: Endpoint) -> str:
        """Make the id of a function call, in the form that this model gives it."""
        unique = uuid4()
        if endpoint.surface == "vertex":
            return str(unique)
        if self.name.startswith("gemini-3."):
            return f"fc_{unique.int % 10**19}"
        return f"function-call-{unique.int % 2**64}"


def find_model(resource_name: str, endpoint: Endpoint) -> Model:
    """Find a model by the name that the setup gives.

    Raises:
        Refusal: There is no such model, or the name is not in the form of this service.
    """
    match = _RESOURCE_NAMES[endpoint.surface].fullmatch(resource_name)
    if match is None or match[1] not in KNOWN_MODELS:
        raise Refusal(
            1008,
            f"{resource_name} is not found for API version {endpoint.version}, or is not supported for "
            "bidiGenerateContent. Call ListModels to see the list of available models and their supported "
            "methods.",
        )
    return Model(match[1])
