"""Alarms of a client: one daemon thread for all, started when there is one, ended when there is none."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

from genai_live import forking

IDLE_SECONDS = 10.0
"""How long the thread waits for another alarm before it ends."""


class Alarms:
    """Calls functions at their times. What they do must not take long, and must not raise."""

    def __init__(self) -> None:
        self._reset()
        forking.register(self)

    def _reset(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._numbers = itertools.count()
        self._alarms: list[tuple[float, int, Callable[[], None]]] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def set(self, seconds: float, ring: Callable[[], None]) -> Callable[[], None]:
        """Has ``ring`` called in so many seconds.

        Returns:
            What calls it off; of no effect once it rang.
        """
        with self._changed:
            number = next(self._numbers)
            heapq.heappush(self._alarms, (time.monotonic() + seconds, number, ring))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="genai-live alarms", daemon=True)
                self._thread.start()
            self._changed.notify()

        def call_off() -> None:
            with self._changed:
                self._alarms = [alarm for alarm in self._alarms if alarm[1] != number]
                heapq.heapify(self._alarms)
                self._changed.notify()

        return call_off

    def _run(self) -> None:
        while (ring := self._next()) is not None:
            ring()

    def _next(self) -> Callable[[], None] | None:
        """Waits for the next alarm to be due; None when there has been none for long."""
        with self._changed:
            while True:
                if self._alarms:
                    left = self._alarms[0][0] - time.monotonic()
                    if left <= 0:
                        return heapq.heappop(self._alarms)[2]
                    self._changed.wait(left)
                elif (self._closed or not self._changed.wait(IDLE_SECONDS)) and not self._alarms:
                    self._thread = None
                    return None

    def close(self, timeout: float | None) -> None:
        """Drops all alarms, and waits for the thread to end."""
        with self._changed:
            self._closed = True
            self._alarms = []
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def after_fork_in_child(self) -> None:
        """The thread stayed in the parent."""
        self._reset()
