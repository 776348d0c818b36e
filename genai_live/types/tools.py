"""What the model may call. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, content.proto; names of google-genai 3.4.0.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from genai_live.record import define
from genai_live.types.enums import Behavior, Type
from genai_live.types.model import Model


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
    default: Any = None
    """The value when there is none; documentation for the model."""
    example: Any = None
    """An example of the value; documentation for the model."""


@define(kw_only=True)
class FunctionDeclaration(Model):
    """A function that the model may call, and that this program answers."""

    name: str | None = None
    """Letters, digits, ``_``, ``.``, ``:`` and ``-``, at most 128, the first a letter or ``_``."""
    description: str | None = None
    """When to call it and what it does; the model reads it."""
    parameters: Schema | None = None
    """The arguments: a Schema of type OBJECT."""
    parameters_json_schema: Any = None
    """The arguments as JSON Schema; instead of ``parameters``. Sent as it is."""
    response: Schema | None = None
    """The shape of the answer."""
    response_json_schema: Any = None
    """The shape of the answer as JSON Schema; instead of ``response``. Sent as it is."""
    behavior: Behavior | None = None
    """Whether the model waits for the answer."""


@define(kw_only=True)
class Interval(Model):
    """A time from ``start_time`` on and before ``end_time``. Both with a time zone."""

    start_time: datetime | None = None
    """The first moment of it."""
    end_time: datetime | None = None
    """The first moment after it."""


@define(kw_only=True)
class GoogleSearch(Model):
    """The model may search with Google."""

    time_range_filter: Interval | None = None
    """Only pages of this time; not on Vertex."""


@define(kw_only=True)
class ToolCodeExecution(Model):
    """The model may write code that the service runs."""


@define(kw_only=True)
class Tool(Model):
    """What the model may call: functions of this program, or a tool of the service."""

    function_declarations: list[FunctionDeclaration] | None = None
    """Functions of this program; at most 512."""
    google_search: GoogleSearch | None = None
    """Search with Google."""
    code_execution: ToolCodeExecution | None = None
    """Running code; not on 3.8."""
