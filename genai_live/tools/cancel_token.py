"""Tells a function that nobody waits for its answer any more. Set by any thread, read by the function's."""

from __future__ import annotations

import threading

from genai_live import forking
from genai_live.errors import ToolError


class CancelToken:
    """Whether a function call was cancelled. A function that takes long should look at it now and then.

    Attributes:
        reason: Why; empty while it was not.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._make_locks()
        forking.register(self)

    def _make_locks(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the answer would not be sent any more."""
        return self._event.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the call is cancelled; a pause that ends early.

        Args:
            timeout: Seconds, or None for no limit.

        Returns:
            Whether it was cancelled.
        """
        return self._event.wait(timeout)

    def raise_if_cancelled(self) -> None:
        """Ends the function where it was cancelled.

        Raises:
            ToolError: It was; the reason is its message.
        """
        if self.cancelled:
            raise ToolError(f"the call was cancelled: {self.reason}")

    def cancel(self, reason: str) -> None:
        """Cancels the call; the first reason stays."""
        with self._lock:
            if not self._event.is_set():
                self.reason = reason
                self._event.set()

    def after_fork_in_child(self) -> None:
        """What was cancelled stays so."""
        cancelled = self.cancelled  # which takes no lock
        self._make_locks()
        if cancelled:
            self._event.set()

    def __repr__(self) -> str:
        return f"<CancelToken {f'cancelled: {self.reason}' if self.cancelled else 'not cancelled'}>"
