"""From the user's settings to the setup message. No threads, sockets or clock."""

from __future__ import annotations

import attrs

from genai_live.types import GenerationConfig, LiveClientSetup, LiveConnectConfig, Modality

_OF_GENERATION = {field.name for field in attrs.fields(GenerationConfig)} - {"unknown_fields"}
_OF_SETUP = {field.name for field in attrs.fields(LiveClientSetup)} - {"unknown_fields", "generation_config"}


def setup_message(model: str, config: LiveConnectConfig, *, vertexai: bool) -> LiveClientSetup:
    """Puts each setting where the service wants it.

    A setting of its own wins over the same one inside ``generation_config``, a falsy one too.

    Args:
        model: The full name of the model.
        config: The user's settings, which are not changed.
        vertexai: On Vertex AI, audio is asked for when no modality is, as the official SDKs do.
    """
    given = {
        field.name: value
        for field in attrs.fields(LiveConnectConfig)
        if (value := getattr(config, field.name)) is not None
    }
    generation = attrs.evolve(
        config.generation_config or GenerationConfig(),
        **{name: value for name, value in given.items() if name in _OF_GENERATION},
    )
    if vertexai and not generation.response_modalities:
        generation = attrs.evolve(generation, response_modalities=[Modality.AUDIO])
    return LiveClientSetup(
        model=model,
        generation_config=generation if generation != GenerationConfig() else None,
        unknown_fields=dict(config.unknown_fields),
        **{name: value for name, value in given.items() if name in _OF_SETUP},
    )
