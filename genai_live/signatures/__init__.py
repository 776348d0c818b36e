"""What the signature of a function says: its schema and its arguments. No threads, sockets or clock."""

from genai_live.signatures.functions import describe, given_parameters, hint_of, named_parameters
from genai_live.signatures.problem import Misfit, Undeclarable
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
