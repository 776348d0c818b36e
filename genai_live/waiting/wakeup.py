"""A descriptor that makes a thread return from poll(). Set by any thread, waited for by one."""

from __future__ import annotations

import contextlib
import os
import select
import threading

from genai_live import forking
from genai_live.waiting.deadline import Deadline

_LONGEST_POLL = 2**31 - 1
"""What poll() takes at most, in milliseconds."""

_LONGEST_EPOLL = _LONGEST_POLL // 1000
"""The same for epoll, in seconds."""


class Wakeup:
    """A flag with a descriptor, so that one wait can cover a socket and a request to stop.

    ``set`` may be called by a finalizer in the middle of anything: its lock is reentrant and held for one
    system call that cannot block.

    Attributes:
        interrupted: Whether the waiting thread has been asked, for good, to give up what it waits for.
    """

    def __init__(self) -> None:
        self._open()
        forking.register(self)

    def _open(self) -> None:
        self._lock = threading.RLock()
        self._closed = False
        self.interrupted = False
        if hasattr(os, "eventfd"):
            self._read_end = self._write_end = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        else:
            self._read_end, self._write_end = os.pipe()
            os.set_blocking(self._read_end, False)
            os.set_blocking(self._write_end, False)

    def fileno(self) -> int:
        """The descriptor, readable once ``set`` was called."""
        return self._read_end

    def set(self) -> None:
        """Wakes the waiting thread, or the next one to wait. Does nothing once closed."""
        with self._lock:
            if not self._closed:
                # A full pipe is already readable, which is all that is wanted.
                with contextlib.suppress(BlockingIOError):
                    os.write(self._write_end, b"\x01\0\0\0\0\0\0\0")

    def interrupt(self) -> None:
        """Asks the waiting thread to give up, now and in every later wait."""
        self.interrupted = True
        self.set()

    def clear(self) -> None:
        """Takes back every ``set`` so far. Does nothing once closed."""
        with self._lock, contextlib.suppress(BlockingIOError):
            if not self._closed:
                os.read(self._read_end, 4096)

    def wait(self, deadline: Deadline) -> bool:
        """Waits until set or the deadline; clears it. Returns whether it was set."""
        woken = bool(poll({self._read_end: select.POLLIN}, deadline))
        if woken:
            self.clear()
        return woken

    def close(self) -> None:
        """Closes the descriptor; idempotent. Only the thread that waits may call it."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            os.close(self._read_end)
            if self._write_end != self._read_end:
                os.close(self._write_end)

    def after_fork_in_child(self) -> None:
        """Gives up the descriptor shared with the parent."""
        self._lock = threading.RLock()
        self.close()


class Poller:
    """Waits for events on descriptors, as ``select.poll`` does; for one thread, again and again.

    Args:
        interest: The events of each descriptor.
    """

    def __init__(self, interest: dict[int, int]) -> None:
        self._poll = select.poll()
        self._interest = dict(interest)
        for descriptor, events in interest.items():
            self._poll.register(descriptor, events)

    def watch(self, descriptor: int, events: int) -> None:
        """Waits for other events there from now on; for none, not even an error, with 0."""
        if self._interest.get(descriptor, 0) == events:
            return
        if events:
            self._poll.register(descriptor, events)
        else:
            self._poll.unregister(descriptor)
        self._interest[descriptor] = events

    def wait(self, deadline: Deadline) -> list[tuple[int, int]]:
        """Waits until the deadline; returns what happened, as pairs of descriptor and events."""
        remaining = deadline.remaining()
        # Rounded up: a wait must not end, and spin, in the last millisecond. It may end early, after weeks.
        milliseconds = None if remaining is None else min(int(remaining * 1000) + 1, _LONGEST_POLL)
        return self._poll.poll(milliseconds)


class Readiness:
    """Waits in several threads for one socket to be readable, each with a place of its own.

    What comes wakes only the first place in which a thread waits; all that wait are woken by the wake-up, and
    by the end of the connection. Linux only: it is what EPOLLEXCLUSIVE means (epoll_ctl(2)).

    Args:
        descriptor: The socket's.
        wakeup: Ends the waits.
        places: How many threads may wait.

    Raises:
        OSError: There are no descriptors left, or the kernel does not know EPOLLEXCLUSIVE.
    """

    available = hasattr(select, "epoll") and hasattr(select, "EPOLLEXCLUSIVE")
    """Not where gevent has replaced the module either: a wait in epoll would stop all greenlets."""

    def __init__(self, descriptor: int, wakeup: Wakeup, places: int) -> None:
        self._descriptor = descriptor
        self._places: list[select.epoll] = []
        try:
            for _ in range(places):  # the kernel asks who waits in the order of registration
                place = select.epoll()
                self._places.append(place)
                place.register(descriptor, select.EPOLLIN | select.EPOLLEXCLUSIVE)
                place.register(wakeup.fileno(), select.EPOLLIN)
        except BaseException:
            self.close()
            raise

    def wait(self, place: int, deadline: Deadline) -> tuple[bool, bool]:
        """Waits there. Returns whether the socket is readable, and whether the wake-up was set."""
        remaining = deadline.remaining()
        events = self._places[place].poll(-1 if remaining is None else min(remaining, _LONGEST_EPOLL), 2)
        readable = woken = False
        for descriptor, _ in events:
            if descriptor == self._descriptor:
                readable = True
            else:
                woken = True
        return readable, woken

    def close(self) -> None:
        """Closes the descriptors that it made; idempotent."""
        for place in self._places:
            place.close()


def poll(interest: dict[int, int], deadline: Deadline) -> dict[int, int]:
    """Waits once for events on descriptors, until the deadline."""
    return dict(Poller(interest).wait(deadline))
