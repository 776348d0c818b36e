"""JSON (RFC 8259) as bytes, with orjson where it is installed. No threads, sockets or clock.

Both engines do the same: UTF-8 only, no NaN or Infinity in either direction, no lone surrogates, the last of
equal names wins, and a whole number that does not fit into 64 bits is read as a float.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, Protocol

DEEPEST = 100
"""The levels of nesting that protobuf's own JSON readers take."""


class Engine(Protocol):
    """Reads and writes JSON."""

    def loads(self, payload: bytes | str) -> Any:
        """Raises ValueError for what is no JSON."""

    def dumps(self, tree: object) -> bytes:
        """Takes what ``json_values.json_value`` has made."""


class StandardEngine:
    """The standard library, held to orjson's stricter rules."""

    def loads(self, payload: bytes | str) -> Any:
        """See Engine."""
        if isinstance(payload, str):
            payload.encode("utf-8")  # raises UnicodeEncodeError for a lone surrogate
        text = payload if isinstance(payload, str) else payload.decode("utf-8")
        try:
            tree = _decoder.decode(text)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        # A single character is looked for forty times as fast, and media has none of it.
        if "\\" in text and _SURROGATE_ESCAPE.search(text):
            self.dumps(tree)  # raises the same for one that was escaped
        return tree

    def dumps(self, tree: object) -> bytes:
        """See Engine."""
        return _encoder.encode(tree).encode("utf-8")


def _whole_number(digits: str) -> int | float:
    if len(digits) < 22:
        number = int(digits)
        if -(2**63) <= number < 2**64:
            return number
    return _finite(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]}… is too large")
    return number


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_int=_whole_number, parse_float=_finite, parse_constant=_no_json)
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")

engine: Engine
try:
    import orjson
except ImportError:
    engine = StandardEngine()
else:

    class OrjsonEngine:
        """Three times faster."""

        def loads(self, payload: bytes | str) -> Any:
            """See Engine."""
            return orjson.loads(payload)

        def dumps(self, tree: object) -> bytes:
            """See Engine."""
            try:
                return orjson.dumps(tree)
            except orjson.JSONEncodeError:  # whole numbers beyond 64 bits are JSON, but not orjson's
                return StandardEngine().dumps(tree)

    engine = OrjsonEngine()


def loads(payload: bytes | str) -> Any:
    """Reads JSON; raises ValueError for what is none."""
    return engine.loads(payload)


def dumps(tree: object) -> bytes:
    """Writes JSON, compactly, of what ``json_values.json_value`` has made."""
    return engine.dumps(tree)


def deeper_than(limit: int, tree: object) -> bool:
    """Whether lists and objects are nested in more than so many levels."""
    level = [tree] if type(tree) is dict or type(tree) is list else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)
