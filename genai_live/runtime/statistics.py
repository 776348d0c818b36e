"""What a session has done so far. Written by the reader and by senders, read by anyone."""

from __future__ import annotations

import attrs


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
        self.messages_received = 0
        self.bytes_received = 0
        self.messages_sent = 0
        self.bytes_sent = 0
