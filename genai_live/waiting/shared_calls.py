"""Calls that CPython cannot cancel (DNS, refreshing credentials), made on daemon threads of their own.

Whoever needs the result waits with a deadline and can be interrupted; the call itself goes on, and a later
caller with the same key shares it instead of starting another. These are the only threads of the library
that may outlive ``close``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from genai_live import forking
from genai_live.errors import LiveTimeout
from genai_live.waiting.deadline import Deadline
from genai_live.waiting.wakeup import Wakeup

Result = TypeVar("Result")


class Interrupted(Exception):  # it is a request, not an error
    """The wait was given up because the session is closing."""


class _Call:
    def __init__(self) -> None:
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.waiters: set[Wakeup] = set()


class SharedCalls:
    """At most one running call a key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Hashable, _Call] = {}
        forking.register(self)

    def run(
        self,
        key: Hashable,
        function: Callable[[], Result],
        *,
        what: str,
        deadline: Deadline,
        wakeup: Wakeup,
    ) -> Result:
        """Returns what ``function`` returns, or raises what it raises.

        Args:
            key: Callers with an equal key share one running call.
            function: The call.
            what: Names the call, in thread names and messages.
            deadline: Until when to wait.
            wakeup: Interrupts the wait; the call sets it when it is done.

        Raises:
            LiveTimeout: The deadline passed.
            Interrupted: ``wakeup.interrupt()`` was called.
        """
        call = self._join(key, function, what, wakeup)
        try:
            while not call.done:
                if wakeup.interrupted:
                    raise Interrupted(what)
                if deadline.expired:
                    raise LiveTimeout(f"{what}: no result before the deadline")
                wakeup.wait(deadline)
        finally:
            with self._lock:
                call.waiters.discard(wakeup)
        if call.error is not None:
            raise call.error
        result: Result = call.result
        return result

    def _join(self, key: Hashable, function: Callable[[], Any], what: str, wakeup: Wakeup) -> _Call:
        with self._lock:
            call = self._running.get(key)
            if call is not None:
                call.waiters.add(wakeup)
                return call
            call = self._running[key] = _Call()
            call.waiters.add(wakeup)
        thread = threading.Thread(
            target=self._perform, args=(key, call, function), name=f"genai-live {what}", daemon=True
        )
        try:
            thread.start()
        except BaseException:
            with self._lock:
                self._running.pop(key, None)
            raise
        return call

    def _perform(self, key: Hashable, call: _Call, function: Callable[[], Any]) -> None:
        try:
            call.result = function()
        except BaseException as error:  # handed to every caller
            call.error = error
        with self._lock:
            call.done = True
            # A fork may have given us a new table in the meantime.
            if self._running.get(key) is call:
                del self._running[key]
            waiters = tuple(call.waiters)
        for wakeup in waiters:
            wakeup.set()

    def after_fork_in_child(self) -> None:
        """Forgets calls whose threads stayed in the parent."""
        self._lock = threading.Lock()
        self._running = {}


SHARED_CALLS = SharedCalls()
"""The one instance of the process."""
