"""Dates, times and durations as JSON Schema's formats have them (RFC 3339). No threads, sockets or clock."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from fractions import Fraction

_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = re.compile(
    r"(\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+-]\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?", re.ASCII
)
_DATE = re.compile(_DAY, re.ASCII)
_DATE_TIME = re.compile(rf"({_DAY})(?:[Tt ](.+))?", re.ASCII)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"([+-]?)P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.ASCII
)
_UNITS = (7 * 86_400, 86_400, 3600, 60, 1)
"""Seconds of each part of a duration. A year and a month are no number of seconds, so they are not read."""


def date_from_text(text: str) -> date:
    """Reads such as ``2026-01-31``.

    Raises:
        ValueError: It is no date.
    """
    if not _DATE.fullmatch(text):  # from Python 3.11 on, fromisoformat reads more
        raise ValueError("no date")
    return date.fromisoformat(text)


def time_from_text(text: str) -> time:
    """Reads such as ``12:00:00``, with or without seconds, their fraction, and a zone.

    Raises:
        ValueError: It is no time.
    """
    return time.fromisoformat(_clock(text))


def datetime_from_text(text: str) -> datetime:
    """Reads such as ``2026-01-31T12:00:00Z``; also a day alone, which means its beginning.

    Raises:
        ValueError: It is no date and time.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise ValueError("no date and time")
    return datetime.fromisoformat(f"{match[1]}T{_clock(match[2] or '00:00')}")


def duration_from_text(text: str) -> timedelta:
    """Reads such as ``PT1H30M`` or ``-P1DT0.5S`` (ISO 8601), cut off at the microsecond.

    Raises:
        ValueError: It is no duration.
        OverflowError: It is too long.
    """
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise ValueError("no duration")
    sign, *parts = match.groups(default="0")
    seconds = sum(unit * Fraction(part.replace(",", ".")) for unit, part in zip(_UNITS, parts, strict=True))
    duration = timedelta(microseconds=int(seconds * 10**6))
    return -duration if sign == "-" else duration


def duration_to_text(duration: timedelta) -> str:
    """Writes it in days, hours, minutes and seconds, without those that are 0."""
    sign, positive = ("-", -duration) if duration < timedelta(0) else ("", duration)
    minutes, seconds = divmod(positive.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{positive.microseconds:06}".rstrip("0") if positive.microseconds else ""
    parts = ((str(hours), "H"), (str(minutes), "M"), (f"{seconds}{fraction}", "S"))
    clock = "".join(number + unit for number, unit in parts if number != "0")
    days = f"{positive.days}D" if positive.days else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


def _clock(text: str) -> str:
    """The time in the form that every Python reads."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError("no time")
    minutes, seconds, fraction, utc, offset = match.groups(default="")
    zone = "+00:00" if utc else offset
    return f"{minutes}:{seconds or '00'}.{fraction.ljust(6, '0')[:6]}{zone}"
