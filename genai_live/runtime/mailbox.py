"""A queue between the reader thread and whoever consumes, bounded in bytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
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


MOST_UNANNOUNCED = 256 * 1024
"""Bytes for which a consumer that waits is not woken, while more come without a pause: that many are read
in a millisecond or two."""


class MailboxEnded(Exception):
    """Everything has been taken, and nothing more will come."""


class Mailbox(Generic[Item]):
    """Filled by the reader thread, which never waits; emptied by one consumer at a time.

    A consumer that waits is not woken for each item, which would cost more than the item: it is when ``wake``
    is called, or when enough have come.

    Args:
        on_room: Called, outside of any lock, by the consumer that makes room in a full mailbox.
        fill: Called by the consumer that finds it empty, before it waits: whether something was put in.
        high_mark: Bytes from which the mailbox counts as full, until half of it has been taken.
        hard_limit: Bytes that it never holds more of.
    """

    def __init__(
        self,
        on_room: Callable[[], None],
        fill: Callable[[Deadline], bool] | None = None,
        *,
        high_mark: int = HIGH_MARK,
        hard_limit: int = HARD_LIMIT,
    ) -> None:
        self._on_room = on_room
        self._fill = fill
        self._high_mark = high_mark
        self._hard_limit = hard_limit
        self._reset()
        self.peak_bytes = 0
        forking.register(self)

    def _reset(self) -> None:
        self._items: deque[tuple[Item, int]] = deque()
        self._lock = threading.Lock()  # of those who put
        self._put_bytes = self._unannounced = 0
        self._taken_bytes = 0  # of the one who takes
        self._waiting = False  # set by the one who takes, before a last look
        self._wakeups: SimpleQueue[None] = SimpleQueue()
        self._full = False
        self._ended = False

    def __len__(self) -> int:
        return len(self._items)

    @property
    def bytes(self) -> int:
        """What it holds now, roughly."""
        return self._put_bytes - self._taken_bytes

    @property
    def full(self) -> bool:
        """Whether nothing more should be read for now. To be asked by the reader thread."""
        if self._full and self.bytes <= self._high_mark // 2:
            self._full = False
        return self._full

    def put(self, item: Item, size: int) -> None:
        """Adds an item of ``size`` bytes on the wire; ``wake`` must follow, if only after more of them.

        Raises:
            ReceiveBufferFull: It would go over the hard limit.
        """
        cost = size + ITEM_OVERHEAD
        if self._put_bytes - self._taken_bytes + cost > self._hard_limit:
            raise ReceiveBufferFull(
                f"{len(self._items)} unread messages hold {self.bytes} bytes; the limit is"
                f" {self._hard_limit}. Read the session, or close it."
            )
        self._put(item, cost)
        self._unannounced += cost
        if self._unannounced >= MOST_UNANNOUNCED:
            self.wake()

    def put_always(self, item: Item) -> None:
        """Adds one of the few items that must not be refused: news of the session's life. In any thread."""
        self._put(item, ITEM_OVERHEAD)
        self.wake()

    def _put(self, item: Item, cost: int) -> None:
        with self._lock:
            self._put_bytes += cost
            held = self._put_bytes - self._taken_bytes
            self.peak_bytes = max(self.peak_bytes, held)
            if held >= self._high_mark:
                self._full = True
            self._items.append((item, cost))

    def wake(self) -> None:
        """Wakes the consumer, if it waits."""
        self._unannounced = 0
        if self._waiting:
            self._waiting = False
            if self._wakeups.empty():  # else it has not yet heard of the last one
                self._wakeups.put(None)

    def get(self, deadline: Deadline) -> Item:
        """Takes the oldest item, waiting for one until the deadline.

        Raises:
            LiveTimeout: None came in time.
            MailboxEnded: None will come.
        """
        while not self._items:
            if self._fill is not None and not deadline.expired and self._fill(deadline):
                continue
            self._waiting = True
            if self._ended and not self._items:
                raise MailboxEnded
            if self._items:
                break
            try:
                self._wakeups.get(timeout=deadline.remaining())
            except Empty:
                if not self._items and not self._ended:
                    raise LiveTimeout("no message came before the deadline") from None
        return self._take()

    def get_nowait(self) -> Item | None:
        """Takes the oldest item, or returns None if there is none now."""
        return self._take() if self._items else None

    def _take(self) -> Item:
        item, cost = self._items.popleft()
        self._taken_bytes += cost
        # Where it has just become full, the reader does not know yet, and finds the room by itself.
        if self._full and self.bytes <= self._high_mark // 2 < self.bytes + cost:
            self._on_room()
        return item

    def end(self) -> None:
        """Nothing more will come; what has come can still be taken."""
        self._ended = True
        self.wake()

    def after_fork_in_child(self) -> None:
        """The messages belong to the parent."""
        self._reset()
        self._ended = True
