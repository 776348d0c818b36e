"""JSON as the service reads and writes it. No threads, sockets or clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from genai_live.emulator.refusal import Refusal

_MAX_DEPTH = 100
"""Of objects and lists within each other: the limit of protobuf's own JSON readers."""

_CONTEXT = 20
"""Characters of the payload that the service's parser shows on either side of an error."""


def write_json(message: Mapping[str, Any]) -> bytes:
    """Write a message as the service does: indented by two, a newline at the end (protocol notes, 2.1)."""
    return (json.dumps(message, indent=2, ensure_ascii=False) + "\n").encode()


def read_json(payload: str | bytes) -> Any:
    """Read a frame.

    Raises:
        Refusal: It is no JSON: also for NaN, Infinity, a number beyond a double, half a surrogate pair,
            invalid UTF-8, and more than 100 levels of nesting.
    """
    try:
        text = payload.decode() if isinstance(payload, bytes) else payload
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_read_float)
        if _is_deeper(value, _MAX_DEPTH):
            raise RecursionError
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _malformed(error.doc, error.pos) from error
    except UnicodeDecodeError as error:
        raise Refusal(1007, "Invalid JSON payload received. Encountered non UTF-8 code points.") from error
    except UnicodeEncodeError as error:
        raise Refusal(1007, "Invalid JSON payload received. Illegal hex string.") from error
    except RecursionError as error:
        raise Refusal(1007, "Invalid JSON payload received. Message too deep.") from error
    except ValueError as error:
        raise Refusal(1007, f"Invalid JSON payload received. {error}") from error
    return value


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        contents = [
            item.values() if isinstance(item, dict) else item for item in level if _is_container(item)
        ]
        if not contents:
            return False
        level = [child for content in contents for child in content]
    return True


def _is_container(value: Any) -> bool:
    return isinstance(value, dict | list)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"Unexpected token.\n{name}\n^")


def _read_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"Number exceeds the range of double.\n{text}\n^")
    return number


def _malformed(text: str, position: int) -> Refusal:
    begin = max(position - _CONTEXT, 0)
    shown = text[begin : position + _CONTEXT]
    what = "Unexpected token." if text[position:].strip() else "Unexpected end of string. Expected a value."
    return Refusal(1007, f"Invalid JSON payload received. {what}\n{shown}\n{' ' * (position - begin)}^")
