"""A connected socket, plain or TLS, for one reading and one writing thread at a time.

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

from genai_live.errors import HandshakeError, LiveTimeout
from genai_live.transport.interface import TransportClosed
from genai_live.verification import advice
from genai_live.waiting import Deadline, Wakeup, give_way
from genai_live.waiting.wakeup import Poller, poll

_CHUNK = 16384
"""What one read asks for. A TLS record holds no more; so much is allocated each time, and mostly given back:
larger pieces would leave the heap full of holes."""


class Stream:
    """Non-blocking reads and writes, and the waits between them.

    Args:
        sock: A connected, non-blocking socket. The stream owns it.
        wakeup: Ends the reading thread's waits.
    """

    def __init__(self, sock: socket.socket, wakeup: Wakeup) -> None:
        self._sock = sock
        self._wakeup = wakeup
        self._tls_lock = threading.Lock()
        self._closed = False
        # What OpenSSL waits for before it can go on with a read or a write: not always the obvious one.
        self._read_wants = select.POLLIN
        self._write_wants = select.POLLOUT
        self._seems_dry = False
        self._glance = select.poll()
        self._glance.register(sock.fileno(), select.POLLIN)
        self._poller = Poller({wakeup.fileno(): select.POLLIN})  # made once: there is a wait for each message

    def start_tls(self, context: ssl.SSLContext, hostname: str, deadline: Deadline) -> None:
        """Wraps the socket in TLS and shakes hands.

        Raises:
            HandshakeError: The handshake failed, or the certificate is not trusted.
            LiveTimeout: The time was up.
            TransportClosed: Interrupted.
        """
        what = f"TLS handshake with {hostname}"
        try:
            self._sock.getpeername()  # wrapping one that was reset fails, and leaves its descriptor open
            self._sock = secure = context.wrap_socket(
                self._sock, server_hostname=hostname, do_handshake_on_connect=False
            )
            while (events := _shake_hands(secure)) is not None:
                self.wait_while_connecting(events, deadline, what)
        except LiveTimeout:  # which is an OSError, too
            raise
        except (OSError, ValueError) as error:
            raise HandshakeError(f"{what} failed: {error}{advice(error)}") from error

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
        if self._seems_dry and not self._glance.poll(0):
            return None
        with self._tls_lock:
            try:
                data = self._sock.recv(_CHUNK)
                # Asking the socket then takes less time than OpenSSL, which would have to make an exception.
                self._seems_dry = len(data) < _CHUNK
                return data
            except (BlockingIOError, ssl.SSLWantReadError):
                self._read_wants = select.POLLIN
            except ssl.SSLWantWriteError:
                self._read_wants = select.POLLOUT
        return None

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
        """Waits for something to read, room to write, a wake-up, or the deadline."""
        events = (self._read_wants if reading else 0) | (self._write_wants if writing else 0)
        self._poller.watch(self._sock.fileno(), events)
        if self._poller.wait(deadline):
            self._seems_dry = False

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

    def abandon_after_fork(self) -> None:
        """Closes the child's copy of the descriptor; TLS says nothing, no lock is taken."""
        if not self._closed:
            self._closed = True
            inherited, self._sock = self._sock, socket.socket()
            self._sock.close()
            # Under gevent the reader lives on in the child. It must not find the TLS object, which would go
            # on with the descriptor's number: the parent's connection, or what is opened next.
            os.close(socket.socket.detach(inherited))


def _shake_hands(secure: ssl.SSLSocket) -> int | None:
    """One attempt: what to wait for before the next one, None when it is done."""
    try:
        secure.do_handshake()
    except ssl.SSLWantReadError:
        return select.POLLIN
    except ssl.SSLWantWriteError:
        return select.POLLOUT
    return None
