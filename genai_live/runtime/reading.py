"""Who may read a session, and how: one reader at a time, with iterators that outlive a timeout.

Runs in the reading thread.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from genai_live.errors import ConcurrentReceiveError, StateError, TurnLostError

Item = TypeVar("Item")


class MessageIterator(Iterator[Item], Generic[Item]):
    """What ``receive``, ``messages`` and ``events`` return.

    It reads until it ends, is closed, or nobody holds it. A LiveTimeout does not end it: ``next`` can be
    called again.
    """

    def __init__(
        self, claim: ReaderClaim, take: Callable[[], Item], is_last: Callable[[Item], bool] | None = None
    ) -> None:
        self._claim = claim
        self._take = take
        self._is_last = is_last
        claim.take_over(self)

    def __next__(self) -> Item:
        if not self._claim.holds(self):
            raise StopIteration
        try:
            item = self._take()
        except (StopIteration, TurnLostError):
            self.close()
            raise
        if self._is_last is not None and self._is_last(item):
            self.close()
        return item

    def close(self) -> None:
        """Stops reading; the messages that were not read stay for the next reader."""
        self._claim.release(self)


class ReaderClaim:
    """Which iterator may read. A session's messages are never split between two.

    A thread that begins to read again ends its own earlier iterator: within one thread nobody can be
    surprised by that. Another thread is refused while the iterator lives and its thread does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._iterator: weakref.ref[MessageIterator[Any]] | None = None
        self._thread: threading.Thread | None = None

    def take_over(self, iterator: MessageIterator[Any]) -> None:
        """Makes the iterator the one that reads.

        Raises:
            ConcurrentReceiveError: Another thread is reading.
        """
        here = threading.current_thread()
        with self._lock:
            other, thread = self._current()
            if other is not None and thread is not None and thread is not here and thread.is_alive():
                raise ConcurrentReceiveError(
                    f"thread {thread.name!r} is reading this session; let one thread read, or end its"
                    " iterator with close()"
                )
            self._iterator, self._thread = weakref.ref(iterator), here

    def _current(self) -> tuple[object, threading.Thread | None]:
        return (self._iterator() if self._iterator else None), self._thread

    def holds(self, iterator: MessageIterator[Any]) -> bool:
        """Whether this iterator may read.

        Raises:
            StateError: A later iterator took over.
        """
        claimed = self._iterator  # one look: the lock would protect nothing
        current = claimed() if claimed is not None else None
        if current is iterator:
            return True
        if current is None:
            return False
        raise StateError("a later reader of this thread has taken over from this iterator")

    def release(self, iterator: MessageIterator[Any]) -> None:
        """The iterator reads no more."""
        with self._lock:
            if self._current()[0] is iterator:
                self._iterator = self._thread = None

    def after_fork_in_child(self) -> None:
        """The reader stayed in the parent."""
        self._lock = threading.Lock()
        self._iterator = self._thread = None
