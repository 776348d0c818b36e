"""Configurations and messages, as dicts in snake_case, drawn by the fields of our classes."""

from __future__ import annotations

import datetime as dt
import types as python_types
from functools import cache
from typing import Any, Union, get_args, get_origin

import attrs
from hypothesis import strategies as st

from genai_live import types
from genai_live.types import Model
from genai_live.types.open_enum import OpenEnum

_DEPTH = 6
"""Of models within models; a Schema holds schemas."""

_TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
_WHOLE = st.integers(0, 2**31 - 1)
_NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=32)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _NUMBER | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)
_USERS_MAP = st.dictionaries(_TEXT, _JSON, max_size=2)
_DURATION = _WHOLE.map("{}s".format)
_FIRST, _LAST = dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)  # noqa: DTZ001 - the strategy adds the zone
_TIME = st.datetimes(timezones=st.just(dt.timezone.utc), min_value=_FIRST, max_value=_LAST).map(
    lambda time: time.replace(microsecond=0)
)


def of_class(cls: type[Model], *, depth: int = 0, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Dicts of the fields of a class, any of which may be missing.

    Args:
        cls: The class.
        depth: How deep it stands already.
        fields: In place of what the fields' types say; ``nothing()`` leaves one out.
    """
    if not fields:
        return _of_class(cls, depth)
    return _of_class(cls, depth, tuple(fields.items()))


@cache
def _of_class(
    cls: type[Model], depth: int, given: tuple[tuple[str, st.SearchStrategy[Any]], ...] = ()
) -> st.SearchStrategy[Any]:
    fields = {**_FIELDS.get(cls, {}), **dict(given)}
    optional = {
        field.name: fields[field.name] if field.name in fields else _of_type(field.type, depth + 1)
        for field in attrs.fields(attrs.resolve_types(cls))
        if field.name != "unknown_fields" and not field.metadata.get("local")
    }
    allowed = {name: strategy for name, strategy in optional.items() if not strategy.is_empty}
    if not allowed:
        return st.builds(dict)
    # A few fields at a time: all of them at once make one case of everything.
    return st.sets(st.sampled_from(sorted(allowed)), max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: allowed[name] for name in sorted(names)})
    )


def _of_type(annotation: Any, depth: int) -> st.SearchStrategy[Any]:
    if get_origin(annotation) in (Union, python_types.UnionType):
        annotation = next(option for option in get_args(annotation) if option is not type(None))
    if get_origin(annotation) is list:
        (item,) = get_args(annotation)
        return st.lists(_of_type(item, depth), min_size=1, max_size=2)
    if get_origin(annotation) is dict:
        _, value = get_args(annotation)
        return _USERS_MAP if value is Any else st.dictionaries(_TEXT, _of_type(value, depth), max_size=2)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if issubclass(annotation, OpenEnum):
        return st.sampled_from([member.value for member in annotation])
    return st.nothing() if depth > _DEPTH else of_class(annotation, depth=depth)


_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: _JSON,
    str: _TEXT,
    bytes: st.binary(max_size=5),
    bool: st.booleans(),
    int: _WHOLE,
    float: _NUMBER,
    dt.timedelta: _DURATION,
    dt.datetime: _TIME,
}

_BEYOND_THE_PROTO = {"additional_properties": st.nothing(), "defs": st.nothing(), "ref": st.nothing()}
"""JSON Schema in a Schema: google-genai sends it as it is, we as JSON Schema (3: additional_properties)."""
_PREFERENCES = st.sampled_from(["UNKNOWN", "PRIORITIZE_QUALITY", "BALANCED", "PRIORITIZE_COST"])
_FIELDS: dict[type[Model], dict[str, st.SearchStrategy[Any]]] = {
    types.GenerationConfigRoutingConfigAutoRoutingMode: {"model_routing_preference": _PREFERENCES},
    types.Tool: {
        "mcp_servers": st.just([{"name": "server", "streamable_http_transport": {"url": "https://host"}}])
    },
    # Live does not support it (6), and google-genai sends it under its own name, jsonSchema.
    types.TextResponseFormat: {"schema": st.nothing()},
    types.PartialArg: {"null_value": st.just("NULL_VALUE")},
    types.LiveConnectConfig: {"http_options": st.nothing(), "top_k": _WHOLE.map(float)},
    types.GenerationConfig: {"top_k": _WHOLE.map(float)},
    types.Schema: _BEYOND_THE_PROTO,
}
_AUDIO = st.fixed_dictionaries({"data": st.binary(max_size=5), "mime_type": st.just("audio/pcm;rate=16000")})
_VIDEO = st.fixed_dictionaries({"data": st.binary(max_size=5), "mime_type": st.just("image/jpeg")})
_NAME = st.text("abc_", min_size=1, max_size=4)
_RESPONSE = of_class(types.FunctionResponse, id=_NAME, name=_NAME).map(
    lambda fields: {"id": "call", "name": "function", "response": {}, **fields}
)


def configs(surface: str) -> st.SearchStrategy[dict[str, Any]]:
    """Configurations of a session."""
    return of_class(types.LiveConnectConfig)


def _client_content(surface: str) -> st.SearchStrategy[dict[str, Any]]:
    turns = st.lists(of_class(types.Content), max_size=3)
    return st.fixed_dictionaries({"turns": turns, "turn_complete": st.booleans()})


def _realtime_input(surface: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.fixed_dictionaries({name: value})
        for name, value in {
            "audio": _AUDIO,
            "video": _VIDEO,
            "text": _TEXT,
            "audio_stream_end": st.booleans(),
            "activity_start": st.just({}),
            "activity_end": st.just({}),
        }.items()
    )


def _tool_response(surface: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"function_responses": st.lists(_RESPONSE, min_size=1, max_size=3)})


def _context_update(surface: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {}, optional={"system_instruction": _TEXT, "tools": st.lists(of_class(types.Tool), max_size=2)}
    )


def _weighted_prompts(surface: str) -> st.SearchStrategy[dict[str, Any]]:
    weight = _NUMBER.filter(bool)  # 0 is refused by the service
    prompt = st.fixed_dictionaries({"text": _TEXT, "weight": weight})
    return st.fixed_dictionaries({"prompts": st.lists(prompt, min_size=1, max_size=3)})


def _music_generation_config(surface: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"config": of_class(types.LiveMusicGenerationConfig)})


MUSIC_MESSAGES = {
    "set_weighted_prompts": _weighted_prompts,
    "set_music_generation_config": _music_generation_config,
}
"""The same for a session of music, which the Gemini API has."""
MESSAGES = {
    "send_client_content": _client_content,
    "send_realtime_input": _realtime_input,
    "send_tool_response": _tool_response,
    "send_context_update": _context_update,
}
"""The arguments of each method that sends a message."""
