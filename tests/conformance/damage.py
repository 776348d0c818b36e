"""Client messages with something wrong in them, for readers to agree on. No threads, sockets or clock."""

from __future__ import annotations

import copy
import re
from typing import Any

from hypothesis import strategies as st

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.0, 1.5, 2**31, -(2**31) - 1, 2**63, 1e300),
    *("", "x", "1", "1.0", "1e3", "true", "NaN", "-Infinity", "1.5s", "s"),
    *("audio", "AUDIO", "OBJECT", "object", "BLOCKING", "2025-01-01T00:00:00Z", "2025-01-01"),
    *("!!!", "AAA", "-_8=", "+/8=", "AAAAA"),
    *([], [None], [{}], ["x"], ["1"], {}, {"x": 1}, {"text": "x"}),
)
"""What may stand anywhere, right here and wrong there."""
_WRONG = st.sampled_from(VALUES).map(copy.deepcopy)
_NAMES = st.sampled_from(
    [
        "nonsense",
        "text",
        "parts",
        "role",
        "data",
        "mimeType",
        "mime_type",
        "setup",
        "model",
        "args",
        "name",
        "functionCall",
    ]
)


def messages(bases: list[Any]) -> st.SearchStrategy[Any]:
    """Messages, each made from one of the bases by one to three changes, or none."""

    @st.composite
    def damaged(draw: st.DrawFn) -> Any:
        message = copy.deepcopy(draw(st.sampled_from(bases)))
        for _ in range(draw(st.integers(0, 3))):
            message = _changed(draw, message)
        return message

    return damaged()


def _changed(draw: st.DrawFn, message: Any) -> Any:
    places = list(_places(message))
    if not places or draw(st.integers(0, 30)) == 0:
        return draw(_WRONG)
    holder, key = draw(st.sampled_from(places))
    match draw(st.sampled_from(["value", "value", "spelling", "name", "more", "list", "less"])):
        case "value":
            holder[key] = draw(_WRONG)
        case "spelling" if isinstance(holder, dict):
            holder[re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), key)] = holder.pop(key)
        case "name" if isinstance(holder, dict):
            holder[draw(_NAMES)] = holder.pop(key)
        case "more" if isinstance(holder, dict):
            holder[draw(_NAMES)] = draw(_WRONG)
        case "list":
            holder[key] = [holder[key]]
        case _:
            del holder[key]
    return message


def _places(value: Any) -> Any:
    """Every key of every object, and index of every list."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)
