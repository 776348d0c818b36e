"""A point in time that a chain of waits must not pass. Runs in any thread; holds no state but the time."""

from __future__ import annotations

import time

from genai_live.errors import ConfigurationError

_FOREVER = 1e9


def seconds(value: float | None, where: str = "timeout") -> float | None:
    """Checks a timeout as a user gives it: seconds, 0 or more, or None for no limit.

    Raises:
        ConfigurationError: It is not a number, or negative, or NaN.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigurationError(f"expected seconds as a number or None, got {value!r}", where=where)
    if not value >= 0:  # NaN is not, either
        raise ConfigurationError(f"expected 0 seconds or more, got {value!r}", where=where)
    # A lock or a condition takes no more than some hundreds of years, and says so with an OverflowError.
    return None if value > _FOREVER else float(value)


class Deadline:
    """Turns one timeout into the remaining time of each wait that it covers.

    Args:
        timeout: Seconds from now, or None for no limit.
    """

    __slots__ = ("_at",)

    def __init__(self, timeout: float | None) -> None:
        self._at = None if timeout is None else time.monotonic() + timeout

    def remaining(self) -> float | None:
        """Seconds left, never negative; None when there is no limit."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())

    @property
    def expired(self) -> bool:
        """Whether the time is up."""
        return self._at is not None and time.monotonic() >= self._at

    def sooner(self, other: Deadline | float) -> Deadline:
        """The earlier one of this and another deadline, or of this and so many seconds from now."""
        if not isinstance(other, Deadline):
            other = Deadline(other)
        if self._at is None or (other._at is not None and other._at < self._at):
            return other
        return self

    def for_lock(self) -> float:
        """The remaining time in the form that ``Lock.acquire(timeout=)`` takes: -1 means no limit."""
        remaining = self.remaining()
        return -1 if remaining is None else remaining
