"""What the signature of a function says: its schema and its arguments. No threads, sockets or clock.

Programs without functions need none of it. What does the work is imported when it is asked for, so that those
above import the package and say ``signatures.describe``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from genai_live.signatures.problem import Misfit, Undeclarable

if TYPE_CHECKING:
    from genai_live.signatures.functions import describe, given_parameters, hint_of, named_parameters
    from genai_live.signatures.structuring import is_default, taker
    from genai_live.signatures.values import to_json

__all__ = [
    "Misfit",
    "Undeclarable",
    "describe",
    "given_parameters",
    "hint_of",
    "is_default",
    "named_parameters",
    "taker",
    "to_json",
]

_MODULES = {
    "describe": "functions",
    "given_parameters": "functions",
    "hint_of": "functions",
    "is_default": "structuring",
    "named_parameters": "functions",
    "taker": "structuring",
    "to_json": "values",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
