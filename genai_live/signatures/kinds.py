"""Types that have a rule of their own, for schemas and for values alike. No threads, sockets or clock."""

from __future__ import annotations

from collections import abc
from typing import Any

ARRAYS = (list, abc.Sequence, abc.MutableSequence, abc.Iterable)
"""Arrays that become a list."""
SETS = (set, frozenset, abc.Set, abc.MutableSet)
"""Arrays without repetition."""
OBJECTS = (dict, abc.Mapping, abc.MutableMapping)
"""Objects that become a dict."""


def is_type_alias(annotation: Any) -> bool:
    """Whether ``type X = …`` made this, which Python has from 3.12 on, or its like in typing_extensions."""
    return type(annotation).__name__ == "TypeAliasType"


def is_for_pydantic(item: Any) -> bool:
    """Whether this class, or metadata of Annotated, is for pydantic to interpret."""
    package = type(item).__module__.partition(".")[0]
    return package in ("pydantic", "annotated_types") or any(
        hasattr(item, name)
        for name in (
            "__get_pydantic_core_schema__",
            "__get_pydantic_json_schema__",
            "__pydantic_core_schema__",
        )
    )
