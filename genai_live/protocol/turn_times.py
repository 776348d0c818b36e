"""How long the model takes, and when that is too long. No threads, sockets or clock: times come in."""

from __future__ import annotations

from genai_live.options import Watchdogs


class TurnTimes:
    """Times the turns that were asked for, for the statistics and for the watchdogs.

    Args:
        watchdogs: What is too long.

    Attributes:
        first_byte_seconds: From asking to the first message of the answer, of the newest turn that has one.
        turn_seconds: From asking to the end of the turn, of the newest that has ended.
    """

    def __init__(self, watchdogs: Watchdogs) -> None:
        self._watchdogs = watchdogs
        self._watched = watchdogs.turn is not None or watchdogs.first_byte is not None
        self._asked_at: float | None = None
        self._first_byte_came = False
        self._patient_since: float | None = None
        self.first_byte_seconds: float | None = None
        self.turn_seconds: float | None = None

    def asked(self, now: float) -> None:
        """Something was written that makes the model answer."""
        if self._asked_at is None or self._first_byte_came:
            self._asked_at = self._patient_since = now
            self._first_byte_came = False

    def came(self, now: float, *, ends: bool) -> None:
        """A message of a turn came."""
        if self._asked_at is None:
            return
        if not self._first_byte_came:
            self._first_byte_came = True
            self.first_byte_seconds = now - self._asked_at
        if ends:
            self.turn_seconds = now - self._asked_at
            self.forget()

    def forget(self) -> None:
        """No answer is waited for any more."""
        self._asked_at = self._patient_since = None

    def was_paused(self, now: float) -> None:
        """Until now nothing was read, so nothing that came late says anything about the service."""
        if self._patient_since is not None:
            self._patient_since = now

    @property
    def due(self) -> float | None:
        """When the next watchdog strikes, if nothing happens."""
        if self._patient_since is None or not self._watched:
            return None
        limits = [self._watchdogs.turn, None if self._first_byte_came else self._watchdogs.first_byte]
        return min((self._patient_since + limit for limit in limits if limit is not None), default=None)

    def overdue(self, now: float) -> str | None:
        """Which watchdog strikes, in words; None for none."""
        due = self.due
        if due is None or now < due or self._patient_since is None:
            return None
        first = self._watchdogs.first_byte
        if first is not None and not self._first_byte_came and now >= self._patient_since + first:
            return f"the model did not begin to answer within {first:g} s"
        return f"the model's turn did not end within {self._watchdogs.turn:g} s"
