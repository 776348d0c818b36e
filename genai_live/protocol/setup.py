"""From the user's settings to the setup message. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from genai_live import codec
from genai_live.record import field_names
from genai_live.types import (
    GenerationConfig,
    LiveClientMessage,
    LiveClientSetup,
    LiveConnectConfig,
    Modality,
    Model,
    ModelSelectionConfig,
    SessionResumptionConfig,
    Tool,
)

_OF_GENERATION = {field.name for field in attrs.fields(GenerationConfig)} - {"unknown_fields"}
_OF_SETUP = {field.name for field in attrs.fields(LiveClientSetup)} - {"unknown_fields", "generation_config"}


def setup_message(model: str | None, config: LiveConnectConfig, *, vertexai: bool) -> LiveClientSetup:
    """Puts each setting where the service wants it.

    A setting of its own wins over the same one inside ``generation_config``, a falsy one too; where both are
    classes, by each of their fields. Empty tools are left out.

    Args:
        model: The full name of the model, or None where it is left open (ephemeral tokens).
        config: The user's settings, which are not changed.
        vertexai: On Vertex AI, audio is asked for when no modality is, as the official SDKs do.
    """
    given = {
        field.name: value
        for field in attrs.fields(LiveConnectConfig)
        if (value := getattr(config, field.name)) is not None
    }
    if "tools" in given:
        given["tools"] = [tool for tool in given["tools"] if tool != Tool()] or None
    of_generation = {name: value for name, value in given.items() if name in _OF_GENERATION}
    generation = config.generation_config
    if generation is not None or of_generation:
        generation = _over(generation or GenerationConfig(), of_generation)
    if vertexai and (generation is None or generation.response_modalities is None):
        generation = attrs.evolve(generation or GenerationConfig(), response_modalities=[Modality.AUDIO])
    if vertexai and generation is not None and generation.model_selection_config is not None:
        generation = _with_model_config(generation, generation.model_selection_config)
    return LiveClientSetup(
        model=model,
        generation_config=generation,
        unknown_fields=dict(config.unknown_fields),
        **{name: value for name, value in given.items() if name in _OF_SETUP},
    )


def resuming(setup: LiveClientMessage, handle: str | None) -> LiveClientMessage:
    """The setup of a session's later connection: the same, with the handle; with none it starts anew."""
    first = setup.setup or LiveClientSetup()
    asked = first.session_resumption or SessionResumptionConfig()
    return LiveClientMessage(setup=attrs.evolve(first, session_resumption=attrs.evolve(asked, handle=handle)))


def _with_model_config(generation: GenerationConfig, selection: ModelSelectionConfig) -> GenerationConfig:
    """Vertex AI has another name for ``model_selection_config``."""
    unknown_fields = {**generation.unknown_fields, "modelConfig": codec.to_json_dict(selection)}
    return attrs.evolve(generation, model_selection_config=None, unknown_fields=unknown_fields)


def _over(base: GenerationConfig, own: Mapping[str, Any]) -> GenerationConfig:
    merged = dict(own)
    for name, value in own.items():
        below = getattr(base, name)
        if isinstance(value, Model) and below is not None:
            merged[name] = attrs.evolve(below, **_given(value))
    return attrs.evolve(base, **merged)


def _given(value: Model) -> dict[str, Any]:
    given = {name: getattr(value, name) for name in field_names(type(value))}
    return {name: item for name, item in given.items() if item is not None and item != {}}
