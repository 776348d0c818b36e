"""A connected socket, plain or TLS, for one reading and one writing thread at a time.

Two threads may wait for it to be readable: the reader, and one that stands in for it.

OpenSSL's connection object must not be entered by two threads at once. So every call into it is
non-blocking and under one lock, and all waiting is done outside of that lock.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import threading
import traceback

from genai_live.errors import HandshakeError, LiveTimeout
from genai_live.transport.interface import TransportClosed
from genai_live.verification import advice
from genai_live.waiting import Deadline, Wakeup, give_way
from genai_live.waiting.wakeup import Poller, Readiness, poll

_CHUNK = 16384
"""What one read asks for. A TLS record holds no more; so much is allocated each time, and mostly given back:
larger pieces would leave the heap full of holes."""

_STAND_IN, _READER = 0, 1
"""The places to wait at; who stands in is woken first, as the reader would only have to wake it."""


class Stream:
    """Non-blocking reads and writes, and the waits between them.

    Args:
        sock: A connected, non-blocking socket. The stream owns it.
        wakeup: Ends the waits for something to read.
    """

    def __init__(self, sock: socket.socket, wakeup: Wakeup) -> None:
        self._sock = sock
        self._descriptor = sock.fileno()  # also while TLS takes over the socket, which has none then
        self._wakeup = wakeup
        self._tls_lock = threading.Lock()
        self._closed = False
        # What OpenSSL waits for before it can go on with a read or a write: not always the obvious one.
        self._read_wants = select.POLLIN
        self._write_wants = select.POLLOUT
        self._seems_dry = False
        self._glance = select.poll()
        self._glance.register(sock.fileno(), select.POLLIN)
        # Made once: there is a wait for each message.
        self._poller = Poller({wakeup.fileno(): select.POLLIN})
        self._readiness: Readiness | None = None
        self._can_make_places = Readiness.available
        self._reading = threading.Lock()  # the reader's place: whoever has it may read
        self._reading.acquire()

    def start_tls(self, context: ssl.SSLContext, hostname: str, deadline: Deadline) -> None:
        """Wraps the socket in TLS and shakes hands.

        Raises:
            HandshakeError: The handshake failed, or the certificate is not trusted.
            LiveTimeout: The time was up.
            TransportClosed: Interrupted.
        """
        what = f"TLS handshake with {hostname}"
        try:
            self._sock = secure = self._wrapped(context, hostname)
            while (events := _shake_hands(secure)) is not None:
                self.wait_while_connecting(events, deadline, what)
        except LiveTimeout:  # which is an OSError, too
            raise
        except (OSError, ValueError) as error:
            raise HandshakeError(f"{what} failed: {error}{advice(error)}") from error

    def _wrapped(self, context: ssl.SSLContext, hostname: str) -> ssl.SSLSocket:
        try:
            return context.wrap_socket(self._sock, server_hostname=hostname, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            self._closed = True  # first: a forked child must not close what takes the descriptor's number
            _close_half_made(error)
            raise

    def wait_while_connecting(self, events: int, deadline: Deadline, what: str) -> None:
        """Waits for the socket during the dial.

        Raises:
            LiveTimeout: The time was up.
            TransportClosed: Interrupted.
        """
        if self._wakeup.interrupted:
            raise TransportClosed(1006, f"{what} was interrupted")
        if deadline.expired:
            raise LiveTimeout(f"{what} took too long")
        ready = poll({self._sock.fileno(): events, self._wakeup.fileno(): select.POLLIN}, deadline)
        if self._wakeup.fileno() in ready:
            self._wakeup.clear()

    def read(self) -> bytes | None:
        """One attempt: what has come, b"" at the end of the stream, None if nothing is there yet."""
        give_way()  # there may always be more, and then nobody waits
        if self.is_dry():
            return None
        with self._tls_lock:
            try:
                data = self._sock.recv(_CHUNK)
                self._seems_dry = len(data) < _CHUNK
                return data
            except (BlockingIOError, ssl.SSLWantReadError):
                self._read_wants = select.POLLIN
            except ssl.SSLWantWriteError:
                self._read_wants = select.POLLOUT
        return None

    def is_dry(self) -> bool:
        """Whether nothing is there for certain. Asking takes less time than an attempt to read that fails."""
        return self._seems_dry and not self._glance.poll(0)

    def write(self, data: memoryview | bytes) -> int:
        """One attempt: how many bytes were taken, 0 if there is no room yet.

        After 0 on a TLS stream the next write must begin with the same bytes: OpenSSL may hold a part.
        """
        with self._tls_lock:
            try:
                return self._sock.send(data)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._write_wants = select.POLLOUT
            except ssl.SSLWantReadError:
                self._write_wants = select.POLLIN
        return 0

    @property
    def is_tls(self) -> bool:
        """Whether a write of 0 bytes may have left a part inside OpenSSL."""
        return isinstance(self._sock, ssl.SSLSocket)

    def wait_as_reader(self, deadline: Deadline, *, reading: bool, writing: bool) -> None:
        """Waits for something to read, room to write, a wake-up, or the deadline.

        While it waits for something to read only, another thread may stand in.
        """
        if self._readiness is not None and reading and not writing and self._read_wants == select.POLLIN:
            self._wait_replaceably(self._readiness, deadline)
            return
        events = (self._read_wants if reading else 0) | (self._write_wants if writing else 0)
        self._poller.watch(self._sock.fileno(), events)
        ready = self._poller.wait(deadline)
        if ready:
            self._seems_dry = False
        if (self._wakeup.fileno(), select.POLLIN) in ready:
            self._wakeup.clear()

    def _wait_replaceably(self, readiness: Readiness, deadline: Deadline) -> None:
        readable = woken = False
        self._reading.release()
        try:
            readable, woken = readiness.wait(_READER, deadline)
        finally:
            # What came, who stands in will read; for all else that thread has to leave.
            if not self._reading.acquire(timeout=deadline.for_lock() if readable and not woken else 0):
                woken = True
                self._wakeup.set()
                self._reading.acquire()
        if woken:
            self._wakeup.clear()
        self._seems_dry = self._seems_dry and not readable

    def stand_in(self) -> bool:
        """Takes the reader's place, if it waits and can be replaced; ``stand_down`` must follow."""
        if self._readiness is None:
            if self._can_make_places:
                self._make_places()
            return False
        return self._reading.acquire(blocking=False)

    def _make_places(self) -> None:
        """They take two descriptors, and most programs need none."""
        with self._tls_lock:
            if not self._closed:
                try:
                    self._readiness = Readiness(self._sock.fileno(), self._wakeup, places=2)
                except OSError:  # too many are open, or the kernel is older than 4.5
                    self._can_make_places = False
        self._wakeup.set()  # the reader takes its own place

    def wait_as_stand_in(self, deadline: Deadline) -> bool:
        """Waits in the reader's place. Returns whether to read; else the reader is wanted, or time is up."""
        assert self._readiness is not None  # noqa: S101 - nobody gets the place without
        readable, woken = self._readiness.wait(_STAND_IN, deadline)
        self._seems_dry = self._seems_dry and not readable
        return readable and not woken

    def stand_down(self) -> None:
        """Gives the reader its place back."""
        self._reading.release()

    def wait_as_writer(self, deadline: Deadline) -> None:
        """Waits for room to write, the end of the stream, or the deadline."""
        poll({self._sock.fileno(): self._write_wants}, deadline)

    def shutdown(self) -> None:
        """Ends both directions at once, and so every wait on the socket; from any thread."""
        # The method of SSLSocket would first drop its TLS object, and a racing send go out in the clear.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Frees the descriptor. No other thread may be inside; idempotent."""
        with self._tls_lock:
            self._closed = True
            self._sock.close()
            if self._readiness is not None:
                self._readiness.close()

    def abandon_after_fork(self) -> None:
        """Closes the child's copy of the descriptor; TLS says nothing, no lock is taken."""
        if not self._closed:
            self._closed = True
            inherited, self._sock = self._sock, socket.socket()
            self._sock.close()
            if self._readiness is not None:
                self._readiness.close()
            # Under gevent the reader lives on in the child. It must not find the TLS object, which would go
            # on with the descriptor's number: the parent's connection, or what is opened next.
            socket.socket.detach(inherited)
            os.close(self._descriptor)


def _close_half_made(error: Exception) -> None:
    """Wrapping a socket that was reset fails half way, with the descriptor in an object that nobody gets."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        made = frame.f_locals.get("self")
        if isinstance(made, ssl.SSLSocket):
            made.close()


def _shake_hands(secure: ssl.SSLSocket) -> int | None:
    """One attempt: what to wait for before the next one, None when it is done."""
    try:
        secure.do_handshake()
    except ssl.SSLWantReadError:
        return select.POLLIN
    except ssl.SSLWantWriteError:
        return select.POLLOUT
    return None
