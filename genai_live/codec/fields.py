"""The fields of a class, what they are called on the wire, and their types. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs

from genai_live.record import Record


@attrs.frozen
class Field:
    """A field of a class."""

    name: str
    wire_name: str
    type: Any
    """Without the None that every field may be."""
    metadata: Mapping[str, Any]


@cache
def fields_of(cls: type[Record]) -> tuple[Field, ...]:
    """The fields of a class that are on the wire, ``unknown_fields`` apart."""
    return tuple(
        Field(
            attribute.name,
            attribute.metadata.get("wire_name") or _camel_case(attribute.name),
            _without_none(attribute.type),
            attribute.metadata,
        )
        for attribute in attrs.fields(attrs.resolve_types(cls))
        if attribute.name != "unknown_fields" and not attribute.metadata.get("local")
    )


@cache
def fields_by_spelling(cls: type[Record]) -> dict[str, Field]:
    """The same by each of the names that they are read under: ours, its camelCase, and that of the wire."""
    spellings: dict[str, Field] = {}
    for field in fields_of(cls):
        for spelling in (field.name, _camel_case(field.name), field.wire_name):
            spellings[spelling] = field
    return spellings


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (argument for argument in get_args(annotation) if argument is not type(None))
    return annotation


def is_subclass(base: type) -> Callable[[Any], bool]:
    """For cattrs: whether a rule for this class and those under it applies."""
    return lambda annotation: isinstance(annotation, type) and issubclass(annotation, base)


def is_list(annotation: Any) -> bool:
    """For cattrs: whether the rule for lists applies."""
    return get_origin(annotation) is list


def is_dict(annotation: Any) -> bool:
    """For cattrs: whether the rule for dicts with values of a type applies."""
    return get_origin(annotation) is dict and get_args(annotation)[1] is not Any


def is_user_map(annotation: Any) -> bool:
    """For cattrs: whether the rule for the user's own JSON objects applies."""
    return bool(annotation == dict[str, Any])


def is_any(annotation: Any) -> bool:
    """For cattrs: whether the rule for the user's own JSON values applies."""
    return annotation is Any
