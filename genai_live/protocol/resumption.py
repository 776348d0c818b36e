"""Handles, goAway, and when to leave a connection. No threads, sockets or clock: times come in.

A handle counts only where it is resumable. 3.8 gives one a connection, and it names the session itself; 3.1
gives them again and again, and each holds the state as it was then: what happened after the newest one would
be lost (protocol notes, 3.5).
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Generic

from genai_live.protocol.ledger import Ledger
from genai_live.protocol.messages import Message
from genai_live.types import LiveServerMessage

UNKNOWN_TIME_LEFT = 10.0
"""Seconds that a goAway gives us which does not say how many."""

MARGIN = 5.0
"""Seconds before the announced end at which we leave at the latest, or half of the time if it is shorter."""


class Resumption(Generic[Message]):
    """Whether the conversation can be taken up elsewhere, and when it should be.

    Args:
        ledger: Knows of the turns.
        handle: The one that the session began with, if any.

    Attributes:
        handle: The newest one that is good.
        leave_by: The time by which to leave the connection; None while the server has not said that it ends.
        handles_recur: Whether handles come again and again.
    """

    def __init__(self, ledger: Ledger[Message], handle: str | None) -> None:
        self._ledger = ledger
        self.handle = handle
        self.leave_by: float | None = None
        self.handles_recur = False
        self._handles_here = 0
        self._holds_turn = True
        self._said_since = 0

    def connected(self) -> None:
        """A connection begins."""
        self.leave_by = None
        self._handles_here = 0
        self._holds_turn = True
        self._said_since = 0

    def sending(self) -> None:
        """Something is about to be written that changes the conversation."""
        self._said_since += 1

    def not_sent(self) -> None:
        """It was not written whole, so it has changed nothing."""
        self._said_since = max(0, self._said_since - 1)  # 0 where a handle came meanwhile

    def received(self, message: LiveServerMessage, now: float, *, of_turn: bool) -> None:
        """A message came.

        Args:
            message: The message.
            now: When, in seconds.
            of_turn: Whether it is a part of a turn.
        """
        if of_turn:
            self._holds_turn = False
        update = message.session_resumption_update
        if update is not None:
            usable = bool(update.resumable and update.new_handle)
            if usable:
                self.handle = update.new_handle
                self._handles_here += 1
                self.handles_recur = self.handles_recur or self._handles_here > 1
                self._said_since = 0
            self._holds_turn = usable
        if message.go_away is not None:
            left = _seconds(message.go_away.time_left)
            self.leave_by = now + max(left - MARGIN, left / 2)

    @property
    def _fresh(self) -> bool:
        """Whether the newest handle came after all that was said, by either side."""
        return self._holds_turn and self._said_since == 0

    @property
    def calls_survive(self) -> bool:
        """Whether the session that the handle names knows of the calls that wait for an answer.

        A handle that holds the state as it was knows of them only if it came after them. What the user said
        since then is no matter where it is sent again.
        """
        if self._ledger.index_came:
            return self._holds_turn
        return self._fresh or not (self.handles_recur or self._ledger.transparent)

    def should_leave(self, now: float) -> bool:
        """Whether it is time to leave: between two turns, or when there is no more time."""
        if self.leave_by is None:
            return False
        return now >= self.leave_by or self._is_quiet

    @property
    def _is_quiet(self) -> bool:
        if self.handles_recur and not self._fresh:
            return False
        if self._ledger.stands_still:
            # Where handles recur, this one holds the call.
            return self.handles_recur
        return not self._ledger.turn_is_open


def _seconds(time_left: timedelta | None) -> float:
    seconds = UNKNOWN_TIME_LEFT if time_left is None else time_left.total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else UNKNOWN_TIME_LEFT
