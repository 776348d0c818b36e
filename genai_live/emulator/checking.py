"""Checks of what stands in a script; each error names the place. No threads, sockets or clock."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from genai_live.errors import ConfigurationError


def check_keys(value: Any, allowed: Collection[str], where: str) -> None:
    """Check that a value is a mapping, and has no other keys than these."""
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"must be a mapping with {', '.join(allowed)}", where=where)
    for key in value:
        if key not in allowed:
            nearest = get_close_matches(str(key), allowed, n=1)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(allowed)}"
            raise ConfigurationError(f"{key!r} is not known here; {hint}", where=where)


def check_text(value: Any, where: str) -> str:
    """Check that a value is a text, and return it."""
    if not isinstance(value, str):
        raise ConfigurationError("must be a text; in YAML, put it in quotes", where=where)
    return value


def check_object(value: Any, where: str) -> Mapping[str, Any]:
    """Check that a value is a mapping that can be said in JSON, and return it."""
    if not isinstance(value, Mapping):
        raise ConfigurationError("must be a mapping", where=where)
    _check_json(value, where)
    return value


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_json(value: Any, where: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ConfigurationError(f"the key {key!r} must be a text; put it in quotes", where=where)
            _check_json(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _check_json(item, f"{where}[{i}]")
    elif not (value is None or isinstance(value, str | bool) or (is_number(value) and math.isfinite(value))):
        raise ConfigurationError(f"{value!r} cannot be said in JSON", where=where)
