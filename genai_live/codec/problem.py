"""How the rules say that a value is wrong. No threads, sockets or clock."""

from __future__ import annotations


class Problem(Exception):
    """A value that does not fit; collects its path on the way out. Never leaves the codec."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self._steps: list[str | int] = []

    def under(self, step: str | int) -> Problem:
        """Notes the field, or the position in a list, that the value was found under."""
        self._steps.append(step)
        return self

    def path(self, start: str = "") -> str:
        """The whole path, such as ``turns[0].parts[1].text``."""
        path = start
        for step in reversed(self._steps):
            if isinstance(step, int):
                path += f"[{step}]"
            else:
                path += f".{step}" if path else step
        return path


def wrong_type(expected: str, value: object) -> Problem:
    """The problem of a value of the wrong type. Names the type only: the value may be a secret."""
    return Problem(f"expected {expected}, got {'nothing' if value is None else type(value).__name__}")
