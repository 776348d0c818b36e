"""What goes out: in order, each message once, on whatever connection there is.

``send`` runs in the senders' threads; the reader thread opens and shuts the way.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic

from genai_live import codec
from genai_live.options import ReconnectPolicy
from genai_live.protocol import LiveProtocol, Message, Purpose, Sent, State
from genai_live.runtime.clock import Clock
from genai_live.runtime.frame_log import log_frame
from genai_live.runtime.statistics import Counters
from genai_live.runtime.turnstile import NoConnection, Ticket, Turnstile
from genai_live.transport import Transport, TransportClosed
from genai_live.waiting import Deadline

_SETTLE_SECONDS = 1.0

MAX_KEPT_BYTES = 16 * 1024 * 1024
"""What is kept of media while there is no connection, whatever the policy says."""


class _Unwanted(Exception):  # not an error
    pass


class Outgoing(Generic[Message]):
    """Writes the messages of one session.

    Args:
        lock: The session's lock.
        protocol: The session's protocol.
        counters: The session's counters.
        clock: The time.
        policy: Whether media is dropped while there is no connection, or kept.
    """

    def __init__(
        self,
        *,
        lock: threading.Lock,
        protocol: LiveProtocol[Message],
        counters: Counters,
        clock: Clock,
        policy: ReconnectPolicy | None,
    ) -> None:
        self._lock = lock
        self._protocol = protocol
        self._counters = counters
        self._clock = clock
        self._policy = policy
        self._turnstile = Turnstile(lock)
        self._transport: Transport | None = None
        self._kept: deque[tuple[float, bytes]] = deque()
        self._kept_bytes = 0

    def reset(self, lock: threading.Lock) -> None:
        """With another lock, for a forked child."""
        self._lock = lock
        self._transport = None
        self._turnstile.reset(lock, ended=True)

    @property
    def waiting(self) -> int:
        """How many senders wait."""
        return self._turnstile.waiting

    # -- the senders' threads ------------------------------------------------------------------------------

    def send(
        self,
        message: Any,
        payload: bytes,
        purpose: Purpose | None,
        timeout: float | None,
        *,
        wanted: Callable[[], bool] | None = None,
        announce: Callable[[], None] | None = None,
    ) -> None:
        """Writes one message, on the next connection if there is none now.

        Args:
            message: What is written, for ``unsent`` and ``in_doubt``.
            payload: Its JSON text.
            purpose: What it does; None where nobody follows that.
            timeout: Seconds.
            wanted: Asked, with the lock held, when it is about to be written: whether it still should.
            announce: Called then, without the lock.

        Raises:
            SessionOver: The session has ended.
            LiveTimeout: It could not be written in time.
        """
        deadline = Deadline(timeout)
        waits = purpose is not Purpose.MEDIA or self._policy is None
        ticket = Ticket.draw(message, purpose, waits=waits)
        log_frame(">", payload)
        written = False
        try:
            self._write(ticket, payload, purpose, deadline=deadline, wanted=wanted, announce=announce)
            written = True
        except NoConnection:
            self._keep(payload)
        except _Unwanted:
            return
        finally:
            with self._lock:
                if written:
                    self._counters.sent(len(payload))
                self._turnstile.leave(ticket)

    def _write(
        self,
        ticket: Ticket,
        payload: bytes,
        purpose: Purpose | None,
        *,
        deadline: Deadline,
        wanted: Callable[[], bool] | None,
        announce: Callable[[], None] | None,
    ) -> None:
        """Writes, to one connection after the other until it is out."""
        size = len(payload)
        with self._lock:
            self._turnstile.enter(ticket, deadline)
            transport, sent = self._begin(ticket.message, purpose, size, wanted)
        while True:
            try:
                if transport is None:
                    raise TransportClosed(1006, "there is no connection")
                if announce is not None:
                    announcing, announce = announce, None
                    announcing()
                transport.send(payload, deadline.remaining())
                return
            except BaseException as error:  # noqa: PERF203 - each turn is another connection
                with self._lock:
                    if sent is not None:
                        self._protocol.not_sent(sent)
                    if not isinstance(error, TransportClosed):
                        raise
                    # The reader is about to learn why. In one go, so that this message is never out of sight.
                    self._turnstile.shut()
                    self._turnstile.leave(ticket)
                    self._turnstile.enter(ticket, deadline)
                    transport, sent = self._begin(ticket.message, purpose, size, wanted)

    def _begin(
        self, message: Any, purpose: Purpose | None, size: int, wanted: Callable[[], bool] | None
    ) -> tuple[Transport | None, Sent | None]:
        """Where to write to, and what the ledger knows of it. The caller holds the lock."""
        if wanted is not None and not wanted():
            raise _Unwanted
        # Nothing goes to a connection that is being left, though its turnstile may still stand open.
        transport = self._transport if self._protocol.state is State.OPEN else None
        if transport is None or purpose is None:
            return transport, None
        # Before it is written: its answer may be there before this thread goes on.
        return transport, self._protocol.sending(message, purpose, size, self._clock.now())

    def _keep(self, payload: bytes) -> None:
        now = self._clock.now()
        with self._lock:
            if self._policy is None or not self._policy.keep_media:
                self._counters.dropped()
                return
            self._kept.append((now, payload))
            self._kept_bytes += len(payload)
            self._drop_late(now)

    def _drop_late(self, now: float) -> None:
        assert self._policy is not None  # noqa: S101 - nothing is kept without one
        since = now - self._policy.keep_media
        while self._kept and (self._kept[0][0] < since or self._kept_bytes > MAX_KEPT_BYTES):
            self._kept_bytes -= len(self._kept.popleft()[1])
            self._counters.dropped()

    # -- the reader thread -----------------------------------------------------------------------------------

    def send_again(self, transport: Transport, deadline: Deadline) -> None:
        """Writes what was in doubt, before anything newer.

        Raises:
            TransportClosed: The connection broke; the rest is written on the next one.
            LiveTimeout: It took too long; likewise.
        """
        again = self._protocol.ledger.again
        while again:
            earlier = again[0]
            payload = (
                codec.encode_json(earlier.message)
                if isinstance(earlier.message, dict)
                else (codec.encode(earlier.message))
            )
            self._write_as_reader(transport, earlier.message, payload, earlier.purpose, deadline)
            with self._lock:
                again.popleft()

    def _write_as_reader(
        self, transport: Transport, message: Any, payload: bytes, purpose: Purpose, deadline: Deadline
    ) -> None:
        log_frame(">", payload)
        with self._lock:
            sent = self._protocol.sending(message, purpose, len(payload), self._clock.now())
        try:
            transport.send(payload, deadline.remaining())
        except BaseException:
            with self._lock:
                self._protocol.not_sent(sent)
            raise
        with self._lock:
            self._counters.sent(len(payload))

    def open(self, transport: Transport, deadline: Deadline) -> None:
        """Lets the senders through, once what was kept of media is written.

        Raises:
            TransportClosed: The connection broke meanwhile.
            LiveTimeout: It took too long.
        """
        while True:
            with self._lock:
                if self._kept:
                    self._drop_late(self._clock.now())
                if not self._kept:
                    self._transport = transport
                    self._turnstile.open()
                    return
                # Taken out first: one that grows old while it is written must not be dropped as well.
                oldest = self._kept.popleft()
            try:
                self._write_as_reader(transport, None, oldest[1], Purpose.MEDIA, deadline)
            except BaseException:
                with self._lock:
                    self._kept.appendleft(oldest)
                raise
            with self._lock:
                self._kept_bytes -= len(oldest[1])

    def shut(self) -> None:
        """Has the senders wait for the next connection."""
        with self._lock:
            self._turnstile.shut()

    def settle(self) -> tuple[Any, ...]:
        """Waits until no sender uses the connection, which has ended.

        Returns:
            What waits to be written, in order.
        """
        with self._lock:
            self._transport = None
            self._turnstile.shut()
            self._turnstile.settle(Deadline(_SETTLE_SECONDS))
            return self._turnstile.unsent

    def end(self) -> None:
        """Sends every sender away."""
        with self._lock:
            self._turnstile.end()
