"""From a host name to a connected TCP socket, within one deadline. Runs in the reader thread.

Addresses are tried in turn, the next one a quarter of a second after the last, or at once when that fails
(RFC 8305): an address that swallows packets is passed over while it is still being tried.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any

from genai_live import forking
from genai_live.errors import HandshakeError, LiveTimeout
from genai_live.transport.interface import TransportClosed
from genai_live.waiting import SHARED_CALLS, Deadline, Interrupted, Wakeup
from genai_live.waiting.wakeup import poll

NEXT_ADDRESS_AFTER = 0.25
"""Seconds until the next address is tried beside those still pending (RFC 8305, section 5)."""

_KEEPALIVE = (
    ("TCP_KEEPIDLE", 30),
    ("TCP_KEEPINTVL", 10),
    ("TCP_KEEPCNT", 3),
    # While something of ours is on its way there are no probes, and a dead network shows after a quarter of
    # an hour only. The longest that a healthy server was seen not to take anything is 30 s.
    ("TCP_USER_TIMEOUT", 120_000),
)

Address = tuple[Any, ...]


def connect_tcp(host: str, port: int, deadline: Deadline, wakeup: Wakeup) -> socket.socket:
    """Returns a connected, non-blocking socket.

    Raises:
        HandshakeError: The name is unknown, or no address can be connected.
        LiveTimeout: The time was up.
        TransportClosed: Interrupted.
    """
    addresses = resolve(host, port, deadline, wakeup)
    return _Race(f"{host}:{port}", addresses, deadline, wakeup).run()


def resolve(host: str, port: int, deadline: Deadline, wakeup: Wakeup) -> Sequence[Address]:
    """The addresses of a host, in the order to try them; at least one.

    Raises:
        HandshakeError: The name is unknown.
        LiveTimeout: The time was up.
        TransportClosed: Interrupted.
    """

    def look_up(flags: int = 0) -> list[Address]:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags))

    with contextlib.suppress(socket.gaierror):
        return look_up(socket.AI_NUMERICHOST)
    what = f"resolving {host}"
    try:
        found = SHARED_CALLS.run(
            ("getaddrinfo", host, port), look_up, what=what, deadline=deadline, wakeup=wakeup
        )
    except Interrupted as error:
        raise TransportClosed(1006, f"{what} was interrupted") from error
    except LiveTimeout:
        raise
    except (OSError, UnicodeError) as error:
        raise HandshakeError(f"{what} failed: {error}") from error
    return _alternating(found)


def _alternating(addresses: Sequence[Address]) -> list[Address]:
    first = [item for item in addresses if item[0] == addresses[0][0]]
    others = [item for item in addresses if item[0] != addresses[0][0]]
    return [item for item in chain.from_iterable(zip_longest(first, others)) if item is not None]


class _Race:
    """The attempts of one dial; the first to connect wins."""

    def __init__(self, target: str, addresses: Sequence[Address], deadline: Deadline, wakeup: Wakeup) -> None:
        self._target = target
        self._untried = list(addresses)
        self._pending: dict[int, tuple[socket.socket, str]] = {}
        self._failures: list[str] = []
        self._deadline = deadline
        self._wakeup = wakeup
        forking.register(self)

    def run(self) -> socket.socket:
        try:
            while True:
                if self._untried:
                    self._start(self._untried.pop(0))
                elif not self._pending:
                    raise HandshakeError(f"cannot connect to {self._target}: {'; '.join(self._failures)}")
                if self._pending and (winner := self._wait()):
                    return winner
        finally:
            for loser, _ in self._pending.values():
                loser.close()

    def _start(self, address: Address) -> None:
        family, kind, protocol, _, target = address
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            self._failures.append(f"{target[0]}: {error}")
            return
        descriptor = sock.fileno()
        self._pending[descriptor] = sock, target[0]
        sock.setblocking(False)
        code = sock.connect_ex(target)
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            self._fail(descriptor, code)

    def _fail(self, descriptor: int, code: int) -> None:
        sock, target = self._pending.pop(descriptor)
        sock.close()
        self._failures.append(f"{target}: {os.strerror(code)}")

    def _wait(self) -> socket.socket | None:
        """Until one connects (returned), one fails, or it is time for the next address."""
        if self._wakeup.interrupted:
            raise TransportClosed(1006, f"connecting to {self._target} was interrupted")
        if self._deadline.expired:
            raise LiveTimeout(f"connecting to {self._target} took too long")
        until = self._deadline.sooner(NEXT_ADDRESS_AFTER) if self._untried else self._deadline
        interest = dict.fromkeys(self._pending, select.POLLOUT)
        ready = poll({**interest, self._wakeup.fileno(): select.POLLIN}, until)
        if ready.pop(self._wakeup.fileno(), 0):
            self._wakeup.clear()
        for descriptor in ready:
            code = self._pending[descriptor][0].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code == 0:
                winner, _ = self._pending.pop(descriptor)
                _tune(winner)
                return winner
            self._fail(descriptor, code)
        return None

    def after_fork_in_child(self) -> None:
        """Closes the child's copies of the descriptors."""
        for sock, _ in self._pending.values():
            sock.close()


def _tune(sock: socket.socket) -> None:
    """No delay for small messages; the kernel notices a peer that has gone."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
