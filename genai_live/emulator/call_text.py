"""Reads the calls that a user writes out for the echo: ``get_weather({"city": "Oslo"})``.

No threads, sockets or clock.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Container
from typing import Any

_BEGIN = re.compile(r"\s*([A-Za-z_][\w.:-]*)\(\s*")
_END = re.compile(r"\s*\)[^\S\n]*(?:[;\n]\s*|\Z)")


def read_calls(text: str, declared: Container[str]) -> tuple[dict[str, Any], ...]:
    """Read a text that is one call or several, with ``;`` or a new line between them.

    Args:
        text: What the user says.
        declared: The names of the functions that can be called.

    Returns:
        The calls, each with a ``name`` and ``args``; none if the text is anything else.
    """
    calls = []
    position = 0
    while position < len(text):
        begin = _BEGIN.match(text, position)
        if begin is None or begin[1] not in declared:
            return ()
        args: Any = {}
        position = begin.end()
        if text.startswith("{", position):
            try:
                args, position = _DECODER.raw_decode(text, position)
                # A half of a surrogate pair cannot be sent.
                json.dumps(args, ensure_ascii=False).encode()
            except (ValueError, RecursionError):
                return ()
        end = _END.match(text, position)
        if end is None:
            return ()
        position = end.end()
        calls.append({"name": begin[1], "args": args})
    return tuple(calls)


def _refuse(number: str) -> float:
    raise ValueError(f"{number} is no JSON")


def _read_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_read_float)
