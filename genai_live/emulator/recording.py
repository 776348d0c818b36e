"""What each connection did, for tests to look at.

The emulator's thread writes; any thread reads and waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from genai_live.errors import LiveTimeout

_T = TypeVar("_T")


class Connection:
    """One connection, as the emulator saw it.

    Attributes:
        path: The request's path, without the query.
        query: The request's query parameters. An API key may be among them.
        headers: The request's headers; names match in any case. Credentials are among them.
        close_code: The code of the close frame that came or went first; 1005 when the client's had none, 1006
            when the connection ended without one; None while the connection is open.
        close_reason: The reason in that frame.
        closed_by: Who ended the connection; None while it is open.
    """

    def __init__(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str], notify: Callable[[], None]
    ) -> None:
        self.path = path
        self.query = query
        self.headers = headers
        self.close_code: int | None = None
        self.close_reason = ""
        self.closed_by: Literal["client", "emulator"] | None = None
        self._received: list[Any] = []
        self._notify = notify

    @property
    def received(self) -> tuple[Any, ...]:
        """The frames of the client so far: parsed JSON, or the text or bytes that are no JSON."""
        return tuple(self._received)

    def add_received(self, frame: Any) -> None:
        """Record a frame of the client."""
        self._received.append(frame)
        self._notify()

    def set_closed(self, by: Literal["client", "emulator"], code: int, reason: str) -> None:
        """Record how the connection ended; what comes after the first close is only its echo."""
        if self.closed_by is None:
            self.close_code, self.close_reason, self.closed_by = code, reason, by
            self._notify()

    def __repr__(self) -> str:
        state = f"closed by the {self.closed_by} with {self.close_code}" if self.closed_by else "open"
        return f"<Connection {self.path}: {len(self._received)} frames received, {state}>"


class Recorder:
    """All connections of one emulator, and what went wrong in them."""

    def __init__(self) -> None:
        self._connections: list[Connection] = []
        self._mismatches: list[str] = []
        self._failures: list[Exception] = []
        self._changed = threading.Condition()
        self._changes = 0

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Every connection so far, in the order in which they came."""
        return tuple(self._connections)

    @property
    def mismatches(self) -> tuple[str, ...]:
        """Where clients did not do what the scenario expected."""
        return tuple(self._mismatches)

    @property
    def failures(self) -> tuple[Exception, ...]:
        """The emulator's own faults."""
        return tuple(self._failures)

    def add_connection(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Connection:
        """Record a new connection."""
        connection = Connection(path, query, headers, self._notify)
        self._connections.append(connection)
        self._notify()
        return connection

    def add_mismatch(self, connection: Connection, mismatch: str) -> None:
        """Record that a client did not do what the scenario expected."""
        number = self._connections.index(connection)
        self._mismatches.append(f"connections[{number}]: {mismatch}")
        self._notify()

    def add_failure(self, failure: Exception) -> None:
        """Record a fault of the emulator itself."""
        self._failures.append(failure)
        self._notify()

    def wait_until(self, condition: Callable[[], _T], timeout: float) -> _T:
        """Wait until a condition over what is recorded holds; see ``Emulator.wait_until``."""
        deadline = time.monotonic() + timeout
        while True:
            with self._changed:
                seen = self._changes
            if result := condition():
                return result
            with self._changed:
                while self._changes == seen:
                    if not self._changed.wait(deadline - time.monotonic()):
                        raise LiveTimeout(
                            f"the condition did not hold within {timeout:g} s; recorded: {self.connections}"
                        )

    def _notify(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()
