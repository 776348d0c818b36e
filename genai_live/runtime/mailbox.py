"""A queue between the reader thread and whoever consumes, bounded in bytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from genai_live import forking
from genai_live.errors import LiveTimeout, ReceiveBufferFull
from genai_live.waiting import Deadline

Item = TypeVar("Item")

HIGH_MARK = 16 * 1024 * 1024
"""Bytes at which the reader pauses: about four minutes of spoken answer as it is on the wire."""

HARD_LIMIT = 64 * 1024 * 1024
"""Bytes at which the session is ended; reached only while a send needs the reader to go on."""

ITEM_OVERHEAD = 1024
"""What a small message costs in memory beyond its bytes on the wire, roughly."""


class MailboxEnded(Exception):
    """Everything has been taken, and nothing more will come."""


class Mailbox(Generic[Item]):
    """Filled by the reader thread, which never waits; emptied by one consumer at a time.

    Args:
        on_room: Called, outside of any lock, by the consumer that makes room in a full mailbox.
        high_mark: Bytes from which the mailbox counts as full, until half of it has been taken.
        hard_limit: Bytes that it never holds more of.
    """

    def __init__(
        self,
        on_room: Callable[[], None],
        *,
        high_mark: int = HIGH_MARK,
        hard_limit: int = HARD_LIMIT,
    ) -> None:
        self._on_room = on_room
        self._high_mark = high_mark
        self._hard_limit = hard_limit
        self._items: deque[tuple[Item, int]] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._ended = False
        self.full = False
        self.bytes = 0
        self.peak_bytes = 0
        forking.register(self)

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item, size: int) -> None:
        """Adds an item of ``size`` bytes on the wire.

        Raises:
            ReceiveBufferFull: It would go over the hard limit.
        """
        cost = size + ITEM_OVERHEAD
        with self._changed:
            if self.bytes + cost > self._hard_limit:
                raise ReceiveBufferFull(
                    f"{len(self._items)} unread messages hold {self.bytes} bytes; the limit is"
                    f" {self._hard_limit}. Read the session, or close it."
                )
            self._append(item, cost)

    def put_always(self, item: Item) -> None:
        """Adds one of the few items that must not be refused: news of the session's life."""
        with self._changed:
            self._append(item, ITEM_OVERHEAD)

    def _append(self, item: Item, cost: int) -> None:
        self.bytes += cost
        self.peak_bytes = max(self.peak_bytes, self.bytes)
        self.full = self.full or self.bytes >= self._high_mark
        self._items.append((item, cost))
        self._changed.notify()

    def get(self, deadline: Deadline) -> Item:
        """Takes the oldest item, waiting for one until the deadline.

        Raises:
            LiveTimeout: None came in time.
            MailboxEnded: None will come.
        """
        with self._changed:
            while not self._items:
                if self._ended:
                    raise MailboxEnded
                if not self._changed.wait(deadline.remaining()) and not self._items and not self._ended:
                    raise LiveTimeout("no message came before the deadline")
            item, room = self._take()
        if room:
            self._on_room()
        return item

    def get_nowait(self) -> Item | None:
        """Takes the oldest item, or returns None if there is none now."""
        with self._changed:
            if not self._items:
                return None
            item, room = self._take()
        if room:
            self._on_room()
        return item

    def _take(self) -> tuple[Item, bool]:
        item, cost = self._items.popleft()
        self.bytes -= cost
        room = self.full and self.bytes <= self._high_mark // 2
        if room:
            self.full = False
        return item, room

    def end(self) -> None:
        """Nothing more will come; what has come can still be taken."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def after_fork_in_child(self) -> None:
        """The messages belong to the parent."""
        self._changed = threading.Condition(threading.Lock())
        self._items = deque()
        self._ended = True
