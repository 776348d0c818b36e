"""The time, and whether the machine has slept. Asked by the reader thread."""

from __future__ import annotations

import time

SLEPT_SECONDS = 10.0
"""By how much the wall clock must have run ahead for a sleep. If it was only set, we ask once too often."""


class Clock:
    """Time that stands still while the machine sleeps, beside time that does not."""

    def __init__(self) -> None:
        self._ahead = self.wall() - self.now()

    def now(self) -> float:
        """Seconds from some point on, never backwards."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds of the wall clock."""
        return time.time()

    def slept(self) -> bool:
        """Whether the machine has slept since this was asked the last time."""
        ahead = self.wall() - self.now()
        jump, self._ahead = ahead - self._ahead, ahead
        return jump > SLEPT_SECONDS
