"""All sessions of one client, and the workers that they share. Any thread."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from genai_live import forking
from genai_live.errors import StateError
from genai_live.runtime.alarms import Alarms
from genai_live.runtime.driver import Driver
from genai_live.runtime.pool import WorkerPool
from genai_live.waiting import Deadline

_numbers = itertools.count(1)


class SessionRegistry:
    """Knows the sessions that live, so that they can be ended together."""

    def __init__(self) -> None:
        self.pool = WorkerPool("genai-live worker")
        self.functions_pool = WorkerPool("genai-live function")
        self.alarms = Alarms()
        self._drivers: set[Driver[Any]] = set()
        self._closed = False
        self._lock = threading.Lock()
        forking.register(self)

    def add(self, driver: Driver[Any]) -> str:
        """Registers a session that is about to connect. Returns a name for its thread.

        Raises:
            StateError: The client is closed.
        """
        with self._lock:
            if self._closed:
                raise StateError("the client is closed; make a new one")
            self._drivers.add(driver)
        return f"genai-live reader {next(_numbers)}"

    def remove(self, driver: Driver[Any]) -> None:
        """The session has ended."""
        with self._lock:
            self._drivers.discard(driver)

    def close(self, timeout: float | None) -> None:
        """Ends every session and the workers, all within the timeout. Idempotent."""
        deadline = Deadline(timeout)
        with self._lock:
            self._closed = True
            drivers = tuple(self._drivers)
        for driver in drivers:
            driver.begin_close(1000, "", timeout)
        for driver in drivers:
            driver.close(1000, "", timeout=deadline.remaining())
        self.alarms.close(deadline.remaining())
        self.pool.close(deadline.remaining())
        self.functions_pool.close(deadline.remaining())

    def after_fork_in_child(self) -> None:
        """The sessions belong to the parent."""
        self._lock = threading.Lock()
        self._drivers = set()
