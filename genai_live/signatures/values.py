"""Python's values as JSON says them. No threads, sockets or clock."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Callable, Mapping, Set
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any
from uuid import UUID

import attrs

from genai_live.signatures.kinds import is_for_pydantic
from genai_live.signatures.problem import Undeclarable
from genai_live.signatures.times import duration_to_text

Replace = Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def to_json(value: Any, replace: Replace = _as_it_is) -> Any:  # noqa: C901, PLR0911, PLR0912 - one for each kind
    """A value in JSON's own types. A class is an object of its members; bytes are UTF-8, as to pydantic.

    Args:
        value: The value; it is not changed.
        replace: Is given each value in it first, and returns what to say instead, or the value itself.

    Raises:
        Undeclarable: JSON has no way to say it.
        RecursionError: It contains itself.
    """
    value = replace(value)
    if isinstance(value, Enum):
        return to_json(value.value, replace)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Integral):  # of numpy, for instance
        return int(value)
    if isinstance(value, Real):
        return _finite(value)
    if isinstance(value, Mapping):
        return _object(value, replace)
    if isinstance(value, (list, tuple, Set)):
        return [to_json(item, replace) for item in value]
    if isinstance(value, (date, time)):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_to_text(value)
    if isinstance(value, (Decimal, PurePath, UUID)):
        return str(value)
    if isinstance(value, bytes):
        return _text(value)
    if not isinstance(value, type):
        if is_for_pydantic(type(value)) and "pydantic" in sys.modules:
            return to_json(_dumped(value), replace)
        if dataclasses.is_dataclass(value):
            return {
                field.name: to_json(getattr(value, field.name), replace)
                for field in dataclasses.fields(value)
            }
        if attrs.has(type(value)):
            return {
                field.alias or field.name: to_json(getattr(value, field.name), replace)
                for field in attrs.fields(type(value))
            }
    raise Undeclarable(f"JSON cannot say {_called(value)}")


def _finite(value: Real) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Undeclarable(f"JSON cannot say {number}")
    return number


def _object(value: Mapping[Any, Any], replace: Replace) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, item in value.items():
        name = to_json(key)
        if not isinstance(name, str):
            name = json.dumps(name)
        if name in said:
            raise Undeclarable(f"JSON cannot say a dict with two keys {name!r}")
        said[name] = to_json(item, replace)
    return said


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Undeclarable("JSON cannot say bytes that are no UTF-8") from error


def _dumped(value: Any) -> Any:
    try:
        adapter = sys.modules["pydantic"].TypeAdapter(type(value))
        return adapter.dump_python(value, mode="json", by_alias=True)
    except Exception as error:
        first_line = str(error).partition("\n")[0]
        raise Undeclarable(f"pydantic cannot say {_called(value)} in JSON: {first_line}") from error


def _called(value: Any) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else f"a {type(value).__name__}"
