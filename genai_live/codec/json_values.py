"""The values that JSON cannot say by itself, and the user's own JSON. No threads, sockets or clock."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from numbers import Integral, Real
from typing import Any

from genai_live.codec import base64_text
from genai_live.codec.problem import Problem, wrong_type

_DURATION = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)
_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-]\d\d:\d\d))", re.ASCII
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_LONGEST_DURATION = 315_576_000_000
"""In seconds: some 10,000 years (google/protobuf/duration.proto)."""


def duration_from_text(text: str) -> timedelta:
    """Reads a proto3 duration, such as ``50s`` or ``-0.200s``, cut off at the microsecond."""
    match = _DURATION.fullmatch(text)
    if match is None or int(match[2]) > _LONGEST_DURATION:
        raise Problem(f"expected a duration such as '1.5s', got {text[:40]!r}")
    sign, seconds, fraction = match.groups(default="")
    duration = timedelta(seconds=int(seconds), microseconds=int(fraction.ljust(6, "0")[:6]))
    return -duration if sign else duration


def duration_to_text(duration: timedelta) -> str:
    """Writes a proto3 duration with 0, 3 or 6 decimals."""
    microseconds = duration // timedelta(microseconds=1)
    if abs(microseconds) > _LONGEST_DURATION * 10**6:
        raise Problem(f"a duration may be {_LONGEST_DURATION} seconds long at most")
    seconds, fraction = divmod(abs(microseconds), 10**6)
    return f"{'-' if microseconds < 0 else ''}{seconds}{_decimals(fraction)}s"


def timestamp_from_text(text: str) -> datetime:
    """Reads a time of RFC 3339 with its zone, cut off at the microsecond."""
    match = _TIMESTAMP.fullmatch(text)
    try:
        if match is None:
            raise ValueError("not of the form YYYY-MM-DDThh:mm:ssZ")
        date, time, fraction, _, offset = match.groups(default="")
        return datetime.fromisoformat(f"{date}T{time}.{fraction.ljust(6, '0')[:6]}{offset or '+00:00'}")
    except ValueError as error:
        raise Problem(f"expected a time such as '2026-01-31T12:00:00Z', got {text[:40]!r}") from error


def timestamp_to_text(time: datetime) -> str:
    """Writes a time of RFC 3339 in UTC with 0, 3 or 6 decimals."""
    if time.tzinfo is None:
        raise Problem("a time needs a zone, such as datetime(…, tzinfo=timezone.utc)")
    try:
        time = time.astimezone(timezone.utc)
    except OverflowError as error:
        raise Problem("the time is out of range in UTC") from error
    return f"{time.replace(tzinfo=None, microsecond=0).isoformat()}{_decimals(time.microsecond)}Z"


def _decimals(microseconds: int) -> str:
    if microseconds == 0:
        return ""
    if microseconds % 1000 == 0:
        return f".{microseconds // 1000:03}"
    return f".{microseconds:06}"


def bytes_from_text(text: str) -> bytes:
    """Reads base64 of either alphabet."""
    try:
        return base64_text.decode(text)
    except ValueError as error:
        raise Problem("expected base64; a character or the length is wrong") from error


def bytes_to_text(data: object) -> str:
    """Writes standard base64."""
    if type(data) is not bytes:
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise wrong_type("bytes", data)
        data = bytes(data)
    return base64_text.encode(data)


def number_from_text(text: str) -> int | float:
    """Reads a number that was given as a string."""
    if len(text) > 400 or _NUMBER.fullmatch(text) is None:
        raise Problem(f"expected a number, got {text[:40]!r}")
    try:
        return int(text)
    except ValueError:  # it has a fraction or an exponent
        return finite(float(text))


def finite(number: Real | float) -> float:
    """The number as a float, unless it is NaN or infinite, which JSON cannot say."""
    try:
        result = float(number)
    except OverflowError as error:
        raise Problem("the number is too large") from error
    if not math.isfinite(result):
        raise Problem(f"{result} cannot be sent: JSON has no NaN and no Infinity")
    return result


def plain(number: float) -> int | float:
    """A whole number without a decimal point, as JSON's readers of integers like it."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def text(value: str) -> str:
    """The string itself, unless it cannot be written as UTF-8."""
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Problem("the text has a lone surrogate, which UTF-8 cannot say") from error
    return value if type(value) is str else str.__str__(value)


def json_value(value: object) -> Any:  # noqa: C901, PLR0911 - one line for each kind of value
    """A copy of the user's own JSON in JSON's types: bytes as base64, dates as ISO 8601, names unchanged."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return json_value(value.value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return finite(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes_to_text(value)
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, Mapping):
        return json_object(value)
    if isinstance(value, (list, tuple)):
        copy: list[Any] = []
        try:
            for item in value:
                copy.append(json_value(item))  # noqa: PERF401 - the length tells where it failed
        except Problem as problem:
            problem.under(len(copy))
            raise
        return copy
    raise Problem(f"{type(value).__name__} cannot be written as JSON")


def json_object(value: object) -> dict[str, Any]:
    """The same of a mapping, which has to have strings for its names."""
    if not isinstance(value, (dict, Mapping)):  # nearly always a dict, and so found sooner
        raise wrong_type("dict", value)
    copy = {}
    name = ""
    try:
        for name, item in value.items():
            if not isinstance(name, str):
                raise Problem("the names in JSON are strings")
            copy[text(name)] = json_value(item)
    except Problem as problem:
        problem.under(str(name))
        raise
    return copy
