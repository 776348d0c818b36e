"""The models that the emulator knows, and how each behaves. No threads, sockets or clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.profiles import PROFILES, Profile
from genai_live.emulator.refusal import Refusal

_PROFILE_OF = {
    "gemini-3.8-live": "3.8",
    "gemini-3.8-live-extended-thinking": "3.8",
    "gemini-3.1-flash-live-preview": "3.1",
    "gemini-3.5-transcribe-live": "transcribe",
    "gemini-3.5-transcribe-live-preview": "transcribe",
    "gemini-2.5-flash-native-audio-latest": "2.5",
    "gemini-2.5-flash-native-audio-preview-09-2025": "2.5",
    "gemini-2.5-flash-native-audio-preview-12-2025": "2.5",
    "gemini-live-2.5-flash-native-audio": "vertex-2.5",
    "gemini-live-2.5-flash": "vertex-2.5",
    "gemini-live-2.5-flash-preview": "vertex-2.5",
    "gemini-2.0-flash-live-001": "2.0",
    "gemini-2.0-flash-live-preview-04-09": "2.0",
    # Of these two it is only known here that they take TEXT (protocol notes, 4 and 5).
    "gemini-3.5-live-translate-preview": "2.0",
    "gemini-robotics-er-2-streaming-preview": "2.0",
}

MUSIC_MODELS = frozenset({"lyria-realtime-exp"})
"""Those that make music (protocol notes, 5)."""

KNOWN_MODELS = frozenset(_PROFILE_OF)
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
        resource_name: Its name as the setup gives it, such as ``models/gemini-3.8-live``.
        profile: How it behaves.
        blocks_on_vertex: Whether the service is Vertex AI, where functions are BLOCKING unless declared
            otherwise (protocol notes, 3.4).
        thinks_longer: Whether it is the extended-thinking model, which tells its status at the end of each
            turn, and has no BLOCKING functions (protocol notes, 2.4 and 3.4).
    """

    resource_name: str
    profile: Profile
    blocks_on_vertex: bool
    thinks_longer: bool

    @property
    def name(self) -> str:
        """Its name alone, such as ``gemini-3.8-live``."""
        return self.resource_name.rpartition("/")[2]

    @property
    def behaviors(self) -> tuple[str, ...]:
        """How functions may be declared; the first is the default."""
        behaviors = self.profile.behaviors
        if self.thinks_longer:
            return ("NON_BLOCKING",)
        return tuple(sorted(behaviors)) if self.blocks_on_vertex else behaviors

    def make_call_id(self) -> str:
        """Make the id of a function call, in the form that this model gives it."""
        unique = uuid4()
        match self.profile.call_id:
            case "uuid":
                return str(unique)
            case "fc_":
                return f"fc_{unique.int % 10**19}"
            case _:
                return f"function-call-{unique.int % 2**64}"


def find_model(resource_name: str, endpoint: Endpoint, profile: Profile | None) -> Model:
    """Find a model by the name that the setup gives.

    Args:
        resource_name: The name.
        endpoint: The service that was asked.
        profile: How the model is to behave; None for its own way.

    Raises:
        Refusal: There is no such model, or the name is not in the form of this service.
    """
    match = _RESOURCE_NAMES[endpoint.surface].fullmatch(resource_name)
    if match is None or match[1] not in KNOWN_MODELS:
        raise _not_found(resource_name, endpoint, "bidiGenerateContent")
    return Model(
        resource_name,
        profile or PROFILES[_PROFILE_OF[match[1]]],
        blocks_on_vertex=endpoint.surface == "vertex",
        thinks_longer=match[1].endswith("-extended-thinking"),
    )


def check_music_model(resource_name: str, endpoint: Endpoint) -> None:
    """Check the name that the setup gives, where music is asked for.

    Raises:
        Refusal: There is no such model that makes music.
    """
    match = _RESOURCE_NAMES[endpoint.surface].fullmatch(resource_name)
    if match is None or match[1] not in MUSIC_MODELS:
        raise _not_found(resource_name, endpoint, "bidiGenerateMusic")


def _not_found(resource_name: str, endpoint: Endpoint, method: str) -> Refusal:
    return Refusal(
        1008,
        f"{resource_name} is not found for API version {endpoint.version}, or is not supported for {method}. "
        "Call ListModels to see the list of available models and their supported methods.",
    )
