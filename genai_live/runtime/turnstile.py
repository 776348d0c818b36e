"""Lets one sender at a time through, in order, while there is a connection. Entered by the senders' threads.

It has no lock of its own: all of it is called with the session's lock held, which waiting releases.
"""

from __future__ import annotations

import bisect
import itertools
import threading
from operator import attrgetter
from typing import Any

import attrs

from genai_live.errors import LiveTimeout
from genai_live.protocol import Purpose
from genai_live.waiting import Deadline

_numbers = itertools.count()


class SessionOver(Exception):
    """Nothing can be sent any more."""


class NoConnection(Exception):
    """There is none now, and what is to be sent would be worth nothing later."""


@attrs.define(eq=False)
class Ticket:
    """A place in the queue: answers to function calls go ahead, else who came first is first.

    Attributes:
        place: By what places are compared.
        message: What is to be sent.
        waits: Whether it waits for another connection.
    """

    place: tuple[int, int]
    message: Any
    waits: bool

    @classmethod
    def draw(cls, message: Any, purpose: Purpose | None, *, waits: bool) -> Ticket:
        """The next one."""
        return cls((0 if purpose is Purpose.ANSWERS else 1, next(_numbers)), message, waits)


_place = attrgetter("place")


class Turnstile:
    """Who may write.

    Args:
        lock: The session's lock.
    """

    def __init__(self, lock: threading.Lock) -> None:
        self.reset(lock)

    def reset(self, lock: threading.Lock, *, ended: bool = False) -> None:
        """With another lock, and nobody near: for a forked child. Tells nobody; see ``forking``."""
        self._changed = threading.Condition(lock)
        self._inside: Ticket | None = None
        self._waiting: list[Ticket] = []
        self._is_open = False
        self._ended = ended

    def enter(self, ticket: Ticket, deadline: Deadline) -> None:
        """Returns when the ticket's holder may write; ``leave`` must follow.

        Raises:
            SessionOver: Nobody may, any more.
            NoConnection: There is no connection, and the ticket does not wait for one.
            LiveTimeout: The time was up.
        """
        if self._is_open and self._inside is None and not self._waiting:
            self._inside = ticket
            return
        bisect.insort(self._waiting, ticket, key=_place)
        try:
            while not (self._is_open and self._inside is None and self._waiting[0] is ticket):
                self._check(ticket, deadline)
                self._changed.wait(deadline.remaining())
            self._inside = ticket
        finally:
            self._waiting.remove(ticket)
            self._changed.notify_all()

    def _check(self, ticket: Ticket, deadline: Deadline) -> None:
        if self._ended:
            raise SessionOver
        if not (self._is_open or ticket.waits):
            raise NoConnection
        if deadline.expired:
            what = "another message was still being written" if self._is_open else "there was no connection"
            raise LiveTimeout(f"{what} at the deadline; nothing was sent")

    def leave(self, ticket: Ticket) -> None:
        """The holder of the ticket writes no more; does nothing if it did not."""
        if self._inside is ticket:
            self._inside = None
            if self._waiting or not self._is_open:
                self._changed.notify_all()

    def open(self) -> None:
        """There is a connection; of no use once it has ended."""
        self._is_open = not self._ended
        self._changed.notify_all()

    def shut(self) -> None:
        """There is none, or nothing more is to be written to it."""
        self._is_open = False
        self._changed.notify_all()

    def end(self) -> None:
        """There will be none."""
        self._is_open = False
        self._ended = True
        self._changed.notify_all()

    def settle(self, deadline: Deadline) -> None:
        """Waits until nobody writes, or for the deadline."""
        while self._inside is not None and not deadline.expired:
            self._changed.wait(deadline.remaining())

    @property
    def waiting(self) -> int:
        """How many wait to write."""
        return len(self._waiting)

    @property
    def unsent(self) -> tuple[Any, ...]:
        """What waits to be written, in order."""
        return tuple(ticket.message for ticket in self._waiting if ticket.waits)
