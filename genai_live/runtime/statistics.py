"""What a session has done so far. Written by the reader and by senders, read by anyone."""

from __future__ import annotations

from typing import Any

import attrs

from genai_live.protocol import LiveProtocol
from genai_live.runtime.mailbox import Mailbox


@attrs.frozen
class SessionStats:
    """A snapshot of a session's counters, over all of its connections.

    Attributes:
        messages_received: Messages from the server, those of the setup included.
        bytes_received: Their bytes, without framing.
        messages_waiting: Messages whose senders wait: for another sender, or for a connection.
        messages_sent: Messages written whole.
        bytes_sent: Their bytes, without framing.
        queued_messages: Messages that wait to be read or passed to a callback.
        queued_bytes: What they hold, roughly.
        peak_queued_bytes: The most that waited at one time.
        reconnections: How often the session went on, on another connection.
        media_dropped: Messages with audio or video that were not sent, as there was no connection.
        media_in_doubt: Those that were written, and of which nobody knows whether the model heard or saw
            them, as a reconnection came between.
        repeated_calls: Function calls that came again while they were being answered, and were not delivered.
        first_byte_seconds: From asking something to the first message of the answer, the last time; None
            before there was one.
        turn_seconds: From asking something to the end of the turn, the last time; None likewise.
    """

    messages_received: int
    bytes_received: int
    messages_waiting: int
    messages_sent: int
    bytes_sent: int
    queued_messages: int
    queued_bytes: int
    peak_queued_bytes: int
    reconnections: int
    media_dropped: int
    media_in_doubt: int
    repeated_calls: int
    first_byte_seconds: float | None
    turn_seconds: float | None


class Counters:
    """The running counts: the reader adds what came; senders, with the session's lock, what went out."""

    def __init__(self) -> None:
        self._messages_received = 0
        self._bytes_received = 0
        self._messages_sent = 0
        self._bytes_sent = 0
        self._media_dropped = 0

    def received(self, size: int) -> None:
        """A message of so many bytes came."""
        self._messages_received += 1
        self._bytes_received += size

    def sent(self, size: int) -> None:
        """A message of so many bytes was written."""
        self._messages_sent += 1
        self._bytes_sent += size

    def dropped(self) -> None:
        """A message with media was not sent."""
        self._media_dropped += 1

    def snapshot(self, queue: Mailbox[Any], waiting: int, protocol: LiveProtocol[Any]) -> SessionStats:
        """The counters as they are now, with what waits and what the protocol has counted."""
        return SessionStats(
            messages_received=self._messages_received,
            bytes_received=self._bytes_received,
            messages_waiting=waiting,
            messages_sent=self._messages_sent,
            bytes_sent=self._bytes_sent,
            queued_messages=len(queue),
            queued_bytes=queue.bytes,
            peak_queued_bytes=queue.peak_bytes,
            reconnections=protocol.reconnections,
            media_dropped=self._media_dropped + protocol.ledger.media_dropped,
            media_in_doubt=protocol.media_in_doubt,
            repeated_calls=protocol.repeated_calls,
            first_byte_seconds=protocol.times.first_byte_seconds,
            turn_seconds=protocol.times.turn_seconds,
        )
