"""How a session ended, and the exceptions that say so. No threads, sockets or clock."""

from __future__ import annotations

import attrs

from genai_live.errors import (
    AuthenticationError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    HandshakeError,
    LiveError,
    Phase,
)
from genai_live.protocol.close_reasons import Failure, classify

_IN_ORDER = frozenset({1000, 1001, 1005})


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
    code: int, reason: str, phase: Phase, handle: str | None, cause: BaseException | None = None
) -> Ending:
    """The server closed, or the connection broke (code 1006)."""
    failure = classify(code, reason)
    in_order = code in _IN_ORDER and phase == "open"
    kind: type[ConnectionClosed] = ConnectionClosedOK if in_order else ConnectionClosedError
    closed = kind(
        f"{'the connection ended' if code == 1006 else 'the server closed the connection'}"
        f" while {phase}{_told(code, reason)}",
        code=code,
        reason=reason,
        phase=phase,
        retryable=failure is Failure.PASSING,
        resumption_handle=handle,
    )
    closed.__cause__ = cause
    if in_order or failure is not Failure.CREDENTIALS:
        return Ending(code, reason, closed)
    refusal = AuthenticationError(f"the service refused the credentials{_told(code, reason)}")
    refusal.__cause__ = closed
    return Ending(code, reason, refusal)


def failed(error: LiveError, code: int = 1006) -> Ending:
    """We ended it, because of the error."""
    if isinstance(error, HandshakeError) and error.status in (401, 403):
        refusal = AuthenticationError(f"the service refused the credentials: {error}")
        refusal.__cause__ = error
        error = refusal
    return Ending(code, str(error), error)


def _told(code: int, reason: str) -> str:
    return f": {code} {reason}" if reason else f": {code}"
