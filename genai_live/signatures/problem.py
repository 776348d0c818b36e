"""Why a signature cannot be declared, and why a value does not fit a hint. No threads, sockets or clock."""

from __future__ import annotations


class Undeclarable(Exception):
    """A part of a signature, or a value, that JSON cannot say. The message says which, and why."""


class Misfit(Exception):
    """A value of JSON that does not fit a type hint; collects its path on the way out.

    Attributes:
        expected: What would fit, in the words of JSON Schema; empty where the value is of the right kind, and
            something else is wrong with it.
    """

    def __init__(self, message: str, *, expected: str = "") -> None:
        super().__init__(message)
        self.expected = expected
        self._path = ""

    def under(self, step: str | int) -> Misfit:
        """Notes the name, or the position in an array, that the value was found under."""
        self._path = (f"[{step}]" if isinstance(step, int) else f".{step}") + self._path
        return self

    @property
    def is_deep(self) -> bool:
        """Whether it is something within the value that does not fit."""
        return bool(self._path)

    def __str__(self) -> str:
        message = super().__str__()
        return f"{self._path.removeprefix('.')}: {message}" if self._path else message
