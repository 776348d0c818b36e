"""What a session has done so far. Written by the reader and by senders, read by anyone."""

from __future__ import annotations

import threading
from typing import Any

import attrs

from genai_live.runtime.mailbox import Mailbox


@attrs.frozen
class SessionStats:
    """A snapshot of a session's counters.

    Attributes:
        messages_received: Messages from the server, those of the setup included.
        bytes_received: Their bytes, without framing.
        messages_sent: Messages written whole.
        bytes_sent: Their bytes, without framing.
        queued_messages: Messages that wait to be read or passed to a callback.
        queued_bytes: What they hold, roughly.
        peak_queued_bytes: The most that waited at one time.
    """

    messages_received: int
    bytes_received: int
    messages_sent: int
    bytes_sent: int
    queued_messages: int
    queued_bytes: int
    peak_queued_bytes: int


class Counters:
    """The running counts: the reader thread adds what came, senders what went out."""

    def __init__(self) -> None:
        self.reset_lock()
        self._messages_received = 0
        self._bytes_received = 0
        self._messages_sent = 0
        self._bytes_sent = 0

    def reset_lock(self) -> None:
        """For a forked child."""
        self._lock = threading.Lock()

    def received(self, size: int) -> None:
        """A message of so many bytes came. Only the reader thread counts these, so no lock is needed."""
        self._messages_received += 1
        self._bytes_received += size

    def sent(self, size: int) -> None:
        """A message of so many bytes was written."""
        with self._lock:
            self._messages_sent += 1
            self._bytes_sent += size

    def snapshot(self, queue: Mailbox[Any]) -> SessionStats:
        """The counters as they are now, with those of the queue."""
        return SessionStats(
            messages_received=self._messages_received,
            bytes_received=self._bytes_received,
            messages_sent=self._messages_sent,
            bytes_sent=self._bytes_sent,
            queued_messages=len(queue),
            queued_bytes=queue.bytes,
            peak_queued_bytes=queue.peak_bytes,
        )
