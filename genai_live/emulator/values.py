"""Reads single values by the rules of proto3 JSON. No threads, sockets or clock.

The rules: https://protobuf.dev/programming-guides/json. Each reader returns the value in normal form, and
raises ValueError for what is none of its type.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Collection
from typing import Any

_INTEGER = re.compile(r"-?[0-9]+")
_LARGEST_FLOAT = 3.4028234663852886e38
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?|NaN|-?Infinity")
_DURATION = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?s")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[-+]\d\d:\d\d)", re.ASCII)
_URL_SAFE = str.maketrans("-_", "+/")


def _read_integer(bits: int) -> Callable[[Any], int]:
    def read(item: Any) -> int:
        if isinstance(item, str) and _INTEGER.fullmatch(item):
            number = int(item)
        else:
            value = _read_number(item)
            if not math.isfinite(value) or int(value) != value:
                raise ValueError
            number = int(value)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError
        return number

    return read


_read_int32 = _read_integer(32)


def read_enum(names: Collection[str], item: Any) -> str | int:
    """Read an enum by its name in any case, or by its number, known or not, as proto3 enums are open."""
    if isinstance(item, str) and item.upper() in names:
        return item.upper()
    if isinstance(item, str) and not _INTEGER.fullmatch(item):
        raise ValueError
    return _read_int32(item)


def _read_number(item: Any) -> float | int:
    if isinstance(item, str) and _NUMBER.fullmatch(item):
        return float(item)
    if isinstance(item, float | int) and not isinstance(item, bool):
        return item
    raise ValueError


def _read_float(item: Any) -> float | int:
    number = _read_number(item)
    if math.isfinite(number) and abs(number) > _LARGEST_FLOAT:
        raise ValueError
    return number


def _read_bool(item: Any) -> bool:
    if isinstance(item, bool):
        return item
    raise ValueError


def _read_string(item: Any) -> str:
    if isinstance(item, str):
        return item
    raise ValueError


def _read_base64(item: Any) -> str:
    """Either alphabet is read, with or without padding: the official Python SDK sends the URL-safe one."""
    text = _read_string(item)
    standard = text.translate(_URL_SAFE) if "-" in text or "_" in text else text
    padded = standard + "=" * (-len(standard) % 4)
    try:
        base64.b64decode(padded, validate=True)
    except ValueError as error:
        raise binascii.Error from error
    return padded


def _read_pattern(pattern: re.Pattern[str]) -> Callable[[Any], str]:
    def read(item: Any) -> str:
        if isinstance(item, str) and pattern.fullmatch(item):
            return item
        raise ValueError

    return read


def _read_struct(item: Any) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    raise ValueError


def _read_anything(item: Any) -> Any:
    return item


WELL_KNOWN: dict[str, Callable[[Any], Any]] = {
    "Struct": _read_struct,
    "Value": _read_anything,
    "Duration": _read_pattern(_DURATION),
    "Timestamp": _read_pattern(_TIMESTAMP),
    "FieldMask": _read_string,
}
SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": _read_string,
    "bytes": _read_base64,
    "bool": _read_bool,
    "int32": _read_int32,
    "int64": _read_integer(64),
    "float": _read_float,
    "double": _read_number,
}
