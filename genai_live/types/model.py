"""The base of every message and of its parts. No threads, sockets or clock."""

from __future__ import annotations

from typing import Any

from attrs import field

from genai_live.record import Record, define


@define(kw_only=True)
class Model(Record):
    """A message of the Live API, or a part of one. Every field may be unset: None.

    A field's name on the wire is its name here in camelCase, unless its metadata say ``wire_name``.
    """

    unknown_fields: dict[str, Any] = field(factory=dict)
    """Fields that this class does not know, under their wire names: kept when read, sent when set."""
