"""Defaults and choices as JSON says them. No threads, sockets or clock."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

import attrs

from genai_live.signatures.problem import Undeclarable


def to_json(value: Any) -> Any:  # noqa: C901, PLR0911 - one line for each kind
    """A value in JSON's own types.

    Raises:
        Undeclarable: JSON has no way to say it.
    """
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {str(to_json(key)): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, Set)):
        return [to_json(item) for item in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, PurePath, UUID)):
        return str(value)
    if not isinstance(value, type):
        if dataclasses.is_dataclass(value):
            return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if attrs.has(type(value)):
            return to_json(attrs.asdict(value, recurse=False))
        if (pydantic := sys.modules.get("pydantic")) and isinstance(value, pydantic.BaseModel):
            return value.model_dump(mode="json")
    raise Undeclarable(f"JSON cannot say {value!r:.60}")
