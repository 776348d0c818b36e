"""The shapes of values. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, content.proto; names of google-genai 3.4.0.
"""

from __future__ import annotations

from typing import Any

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


class Type(OpenEnum):
    """The type of a value in a Schema."""

    TYPE_UNSPECIFIED = "TYPE_UNSPECIFIED"
    """Unused."""
    STRING = "STRING"
    """Text."""
    NUMBER = "NUMBER"
    """A number."""
    INTEGER = "INTEGER"
    """A whole number."""
    BOOLEAN = "BOOLEAN"
    """True or false."""
    ARRAY = "ARRAY"
    """A list."""
    OBJECT = "OBJECT"
    """A mapping from names to values."""
    NULL = "NULL"
    """None."""


@define(kw_only=True)
class Schema(Model):
    """The shape of a value: a part of OpenAPI 3.0's schema object."""

    type: Type | None = None
    """What kind of value it is."""
    title: str | None = None
    """A title."""
    description: str | None = None
    """What the value is for; the model reads it."""
    nullable: bool | None = None
    """Whether the value may be null."""
    enum: list[str] | None = None
    """The values that are allowed."""
    format: str | None = None
    """Such as ``int32``, ``int64``, ``float``, ``double``, ``enum``, ``date-time``."""
    pattern: str | None = None
    """A regular expression that a STRING must match."""
    min_length: int | None = None
    """The fewest characters of a STRING."""
    max_length: int | None = None
    """The most characters of a STRING."""
    minimum: float | None = None
    """The least INTEGER or NUMBER."""
    maximum: float | None = None
    """The greatest INTEGER or NUMBER."""
    items: Schema | None = None
    """The shape of each item of an ARRAY."""
    min_items: int | None = None
    """The fewest items of an ARRAY."""
    max_items: int | None = None
    """The most items of an ARRAY."""
    properties: dict[str, Schema] | None = None
    """The shapes of an OBJECT's values by name; the names are never converted."""
    required: list[str] | None = None
    """The names that an OBJECT must have."""
    property_ordering: list[str] | None = None
    """The order of an OBJECT's names."""
    min_properties: int | None = None
    """The fewest names of an OBJECT."""
    max_properties: int | None = None
    """The most names of an OBJECT."""
    any_of: list[Schema] | None = None
    """The value has to fit one of these or more."""
    additional_properties: Any = None
    """Whether an OBJECT may have other names: a bool, or the shape of their values. Vertex only."""
    defs: dict[str, Schema] | None = None
    """Shapes by name, in the outermost Schema only; Vertex only."""
    ref: str | None = None
    """A shape by reference, such as ``#/defs/Pet``; Vertex only."""
    default: Any = None
    """The value when there is none; documentation for the model."""
    example: Any = None
    """An example of the value; documentation for the model."""
