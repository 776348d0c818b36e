"""What the service refuses that its schema allows: by model, and by what came before.

Each reason is the service's own (protocol notes, 4). No threads, sockets or clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.models import Model
from genai_live.emulator.refusal import FAILED_PRECONDITION, INVALID_ARGUMENT, Refusal
from genai_live.emulator.resumption import Memory

_NO_EXPLICIT_ACTIVITY = (
    "Explicit activity control is not supported when automatic activity detection is enabled."
)
_NO_MEDIA_CHUNKS = "realtime_input.media_chunks is deprecated. Use audio, video, or text instead."


def response_modality(setup: Mapping[str, Any], model: Model) -> str:
    """Tell in what the model answers: TEXT or AUDIO.

    Raises:
        Refusal: The model does not answer in what was asked for.
    """
    asked = setup.get("generationConfig", {}).get("responseModalities", ())
    if not asked:
        return model.profile.modalities[0]
    if len(asked) == 1 and asked[0] in model.profile.modalities:
        return str(asked[0])
    reason = model.profile.other_modality
    raise Refusal(1007, reason.format(", ".join(map(str, asked)), model.resource_name))


def check_setup(setup: Mapping[str, Any], model: Model) -> None:
    """Check a setup, besides its modality.

    Raises:
        Refusal: The model does not take it.
    """
    profile = model.profile
    thinking = setup.get("generationConfig", {}).get("thinkingConfig", {})
    behaviors = {function["behavior"] for function in declared_functions(setup) if "behavior" in function}
    invalid = (
        # Measured: an empty configuration is refused (protocol notes, 3.5).
        setup.get("contextWindowCompression") == {},
        # 3.1 refuses NON_BLOCKING, extended thinking BLOCKING (3.4).
        not behaviors <= {*model.behaviors, "UNSPECIFIED"},
        "thinkingLevel" in thinking and not (profile.thinking_level or model.thinks_longer),
        # On 3.8 it is always on, and cannot be switched off (3.7).
        profile.name == "3.8" and setup.get("proactivity", {}).get("proactiveAudio") is False,
    )
    if any(invalid):
        raise Refusal(1007, INVALID_ARGUMENT)


def declared_functions(declaring: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give the functions that a setup, or the tools of a context update, declares: what has ``tools``."""
    for tool in declaring.get("tools", ()):
        yield from tool.get("functionDeclarations", ())


def non_blocking_functions(declaring: Mapping[str, Any]) -> dict[str, bool]:
    """Tell of each function that is declared with a behavior whether the model goes on while it runs.

    Args:
        declaring: The setup, or the tools of a context update: what has ``tools``.
    """
    return {
        function.get("name", ""): function["behavior"] == "NON_BLOCKING"
        for function in declared_functions(declaring)
        if function.get("behavior", "UNSPECIFIED") != "UNSPECIFIED"
    }


class InputRules:
    """Checks what a client says in one connection.

    Args:
        setup: The connection's setup, in normal form.
        model: The model that is talked to.
        endpoint: The service that is spoken for.
        memory: Knows what came before, in other connections of the session too.
    """

    def __init__(self, setup: Mapping[str, Any], model: Model, endpoint: Endpoint, memory: Memory) -> None:
        realtime = setup.get("realtimeInputConfig", {})
        self._detects_activity = not realtime.get("automaticActivityDetection", {}).get("disabled")
        self._affective = bool(setup.get("generationConfig", {}).get("enableAffectiveDialog"))
        self._model = model
        self._endpoint = endpoint
        self._memory = memory

    def check(self, message: Mapping[str, Any]) -> None:
        """Check a message in normal form.

        Raises:
            Refusal: The service does not take it.
        """
        if "realtimeInput" in message:
            self._check_realtime(message["realtimeInput"])
            self._memory.realtime_came = True
        if "clientContent" in message:
            self._check_content(message["clientContent"])
        # 3.8 takes the setting, and then no content (protocol notes, 3.7).
        if self._affective and self._model.profile.name == "3.8":
            raise Refusal(1007, INVALID_ARGUMENT)

    def _check_realtime(self, realtime: Mapping[str, Any]) -> None:
        explicit = not realtime.keys().isdisjoint({"activityStart", "activityEnd"})
        if explicit and self._detects_activity:
            raise Refusal(1007, _NO_EXPLICIT_ACTIVITY)
        if "mediaChunks" in realtime and not self._model.profile.media_chunks:
            raise Refusal(1007, _NO_MEDIA_CHUNKS)
        # Manual activity and text do not go together on 3.1 (protocol notes, 4).
        if "text" in realtime and not self._detects_activity and self._model.profile.name == "3.1":
            raise Refusal(1007, FAILED_PRECONDITION)
        video = realtime.get("video", {}).get("mimeType", "image/")
        if not video.startswith("image/"):
            raise Refusal(1007, INVALID_ARGUMENT)

    def _check_content(self, content: Mapping[str, Any]) -> None:
        turns = content.get("turns", ())
        roles = [turn.get("role") for turn in turns]
        profile = self._model.profile
        refused = (
            profile.requires_role and not all(roles),
            self._endpoint.surface == "gemini" and "system" in roles,
            self._memory.realtime_came and not profile.content_after_realtime,
        )
        if any(refused):
            raise Refusal(1007, INVALID_ARGUMENT)
        if any(_is_audio(part) for turn in turns for part in turn.get("parts", ())):
            raise Refusal(1007, FAILED_PRECONDITION)


def _is_audio(part: Mapping[str, Any]) -> bool:
    return bool(part.get("inlineData", {}).get("mimeType", "").startswith("audio/"))
