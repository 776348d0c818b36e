"""Which fields of a setup a token locks, as the service wants it said. No threads, sockets or clock.

A path goes from the setup, not from the settings of ``connect``, some of which stand inside
``generationConfig``; and it is in camelCase, as protobuf's JSON mapping has it for a FieldMask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from genai_live.codec.fields import fields_by_spelling
from genai_live.errors import ConfigurationError
from genai_live.record import Record, field_names, suggestion
from genai_live.types import GenerationConfig, LiveClientSetup, LiveConnectConfig


def field_mask(setup: Mapping[str, Any], additional: Sequence[str], where: str) -> str:
    """The fields that a setup sets, down to the second level, and more.

    Args:
        setup: The setup, as JSON.
        additional: Fields by the names of LiveConnectConfig, or by paths in the setup; in either casing.
        where: What ``additional`` is called, for errors.

    Raises:
        ConfigurationError: There is no such field.
    """
    paths = [path for name, value in setup.items() for path in _paths_within(name, value)]
    for index, name in enumerate(additional):
        paths.append(_path(name, f"{where}[{index}]"))
    return ",".join(paths)


def _paths_within(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield from (f"{name}.{inner}" for inner in value)
    else:
        yield name


def _path(name: str, where: str) -> str:
    names = name.split(".")
    if names[0] not in fields_by_spelling(LiveClientSetup) and names[0] in fields_by_spelling(
        GenerationConfig
    ):
        names.insert(0, "generation_config")
    path = []
    message: Any = LiveClientSetup
    for part in names:
        field = fields_by_spelling(message).get(part) if _has_fields(message) else None
        if field is None:
            near = suggestion(
                name, [each for each in field_names(LiveConnectConfig) if each != "http_options"]
            )
            raise ConfigurationError(f"there is no field {name!r} that could be locked{near}", where=where)
        path.append(field.wire_name)
        message = field.type
    return ".".join(path)


def _has_fields(message: Any) -> bool:
    return isinstance(message, type) and issubclass(message, Record)
