"""Whether the server is still there: silence, pings, the machine's sleep. Runs in the thread that reads."""

from __future__ import annotations

from genai_live.runtime.clock import Clock
from genai_live.transport import Transport, TransportClosed

PING_SECONDS = 20.0
"""Silence after which we ping, so that nothing between us and the server takes the connection for dead."""

AWAKE_SECONDS = 40.0
"""How long the server has to answer a ping after the machine has slept. Answers took up to 30 s elsewhere."""


class Keepalive:
    """Follows one connection after the other.

    Args:
        clock: The time.

    Attributes:
        silent_since: When the last byte came, as far as anybody looked.
        look_at: When to look around at the latest.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bytes_seen = 0
        self._answer_by: float | None = None
        self.silent_since = self.look_at = 0.0

    def connected(self, transport: Transport) -> None:
        """There is a new connection."""
        self._clock.slept()
        self.look_at = self.heard(transport) + PING_SECONDS

    def heard(self, transport: Transport) -> float:
        """A message came. Returns the time."""
        now = self.silent_since = self._clock.now()
        self._bytes_seen = transport.received_bytes
        self._answer_by = None
        return now

    def look_around(self, transport: Transport, *, paused: bool) -> float:
        """Time may have passed: is a ping due, or the answer to one? Returns the time.

        Args:
            transport: The connection.
            paused: Whether nothing was read, so that nothing could come.

        Raises:
            TransportClosed: The machine has slept, and the server has not answered since.
        """
        now = self._clock.now()
        if paused:
            self.silent_since, self._answer_by = now, None  # whether the machine has slept is asked later
        elif transport.received_bytes != self._bytes_seen:
            self.heard(transport)
        if not paused and self._clock.slept():
            self.look_at = now
            self._answer_by = now + AWAKE_SECONDS
        if self._answer_by is not None and now >= self._answer_by:
            raise TransportClosed(1006, "the machine has slept, and the server does not answer")
        if now >= self.look_at:
            if now >= self.silent_since + PING_SECONDS or self._answer_by is not None:
                transport.ping()
                self.look_at = now + PING_SECONDS
            else:
                self.look_at = self.silent_since + PING_SECONDS
        return now
