"""How a session ended, and the exceptions that say so. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from genai_live.errors import (
    AuthenticationError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    HandshakeError,
    LiveError,
    LiveTimeout,
    Phase,
)
from genai_live.protocol.failures import Failure, classify

IN_ORDER = frozenset({1000, 1001, 1005})


@attrs.frozen
class Ending:
    """How a session ended.

    Attributes:
        code: The close code; 1006 when the connection ended without a close frame.
        reason: The reason text, or what broke.
        error: What everyone is told who still uses the session; raise a ``fresh()`` one.
    """

    code: int
    reason: str
    error: LiveError

    @property
    def in_order(self) -> bool:
        """Whether it ended as somebody wanted."""
        return isinstance(self.error, ConnectionClosedOK)

    def leaving(self, unsent: Sequence[Any], in_doubt: Sequence[Any]) -> Ending:
        """The same, with what nobody knows the fate of; a close that somebody wanted leaves nothing."""
        if not self.in_order:
            self.error.unsent, self.error.in_doubt = tuple(unsent), tuple(in_doubt)
        return self


def closed_by_us(code: int, reason: str, handle: str | None) -> Ending:
    """The user closed, whatever the server made of it."""
    error = ConnectionClosedOK(
        f"the session was closed here{_told(code, reason)}",
        code=code,
        reason=reason,
        phase="closing",
        resumption_handle=handle,
    )
    return Ending(code, reason, error)


def closed_by_server(
    code: int,
    reason: str,
    phase: Phase,
    handle: str | None,
    cause: BaseException | None = None,
    *,
    but: str = "",
) -> Ending:
    """The server closed, or the connection broke (code 1006).

    Args:
        code: The close code.
        reason: The reason text, or what broke.
        phase: What the session was doing.
        handle: The newest resumption handle.
        cause: What told us.
        but: Why the session did not go on.
    """
    failure = classify(code, reason)
    in_order = code in IN_ORDER and phase == "open" and not but
    kind: type[ConnectionClosed] = ConnectionClosedOK if in_order else ConnectionClosedError
    closed = kind(
        f"{'the connection ended' if code == 1006 else 'the server closed the connection'}"
        f" while {phase}{_told(code, reason)}{but}",
        code=code,
        reason=reason,
        phase=phase,
        retryable=failure in (Failure.PASSING, Failure.EXPIRED),
        resumption_handle=handle,
    )
    closed.__cause__ = cause
    if in_order or failure not in (Failure.CREDENTIALS, Failure.EXPIRED):
        return Ending(code, reason, closed)
    refusal = AuthenticationError(
        f"the service refused the credentials{_told(code, reason)}", retryable=closed.retryable
    )
    refusal.__cause__ = closed
    return Ending(code, reason, refusal)


def not_resumed(lost: ConnectionClosed, why: str, cause: LiveError | None = None) -> Ending:
    """The connection was lost, and no other one took its place.

    Args:
        lost: How it was lost.
        why: Why there is no other.
        cause: The last attempt's error.
    """
    closed = ConnectionClosedError(
        f"{lost}; {why}",
        code=lost.code,
        reason=lost.reason,
        phase="resuming",
        retryable=False,
        resumption_handle=lost.resumption_handle,
    )
    closed.__cause__ = cause or lost
    return Ending(lost.code, lost.reason, closed)


def given_up(reason: str, handle: str | None) -> ConnectionClosedError:
    """A watchdog of the user's struck."""
    error = ConnectionClosedError(
        f"the session was given up by a watchdog: {reason}",
        code=1006,
        reason=reason,
        phase="open",
        retryable=True,
        resumption_handle=handle,
    )
    error.__cause__ = LiveTimeout(reason)
    return error


def failed(error: LiveError, code: int = 1006) -> Ending:
    """We ended it, because of the error."""
    if isinstance(error, ConnectionClosed):
        return Ending(error.code, error.reason, error)
    if isinstance(error, HandshakeError) and error.status in (401, 403):
        refusal = AuthenticationError(f"the service refused the credentials: {error}")
        refusal.__cause__ = error
        error = refusal
    return Ending(code, str(error), error)


def _told(code: int, reason: str) -> str:
    return f": {code} {reason}" if reason else f": {code}"
