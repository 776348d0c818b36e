"""What a failure is about, and whether another attempt may fare better. No threads, sockets or clock.

The service has no error message: it closes, and the reason text tells failures apart that share a code
(1011 is a failure, a quota or a spent token; 1008 a wrong model, an idle session or a connection past its
time). The texts are those collected from the service's users; a reason is cut at 123 bytes, so a row
holds a beginning or a part of it.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from genai_live.errors import (
    APIError,
    AuthenticationError,
    ConnectionClosed,
    HandshakeError,
    LiveError,
    LiveTimeout,
)


class Failure(enum.Enum):
    """What a close is about."""

    CREDENTIALS = enum.auto()
    """The key, token or project: asking again with the same gives the same answer."""
    EXPIRED = enum.auto()
    """The token's time ran out during the session: a new one opens another connection."""
    REQUEST = enum.auto()
    """What was sent or asked for: a replay fails the same way."""
    HANDLE = enum.auto()
    """The resumption handle: the session that it names is not there any more."""
    PASSING = enum.auto()
    """A new connection may fare better."""


class _Row(NamedTuple):
    part_of_reason: str
    failure: Failure


REASONS: tuple[_Row, ...] = (
    _Row("API key", Failure.CREDENTIALS),
    _Row("unregistered callers", Failure.CREDENTIALS),
    _Row("invalid authentication credentials", Failure.CREDENTIALS),
    _Row("Generative Language API has not been used", Failure.CREDENTIALS),
    _Row("Token has been used too many times", Failure.CREDENTIALS),
    _Row("auth token has expired", Failure.EXPIRED),
    _Row("oken has expired", Failure.CREDENTIALS),
    _Row("new_session_expire_time", Failure.CREDENTIALS),
    _Row("exceeded your current quota", Failure.REQUEST),
    _Row("Requested entity was not found", Failure.HANDLE),
    _Row("session not found", Failure.HANDLE),
    _Row("Invalid session handle", Failure.HANDLE),
    _Row("The operation was aborted", Failure.PASSING),
    _Row("failed to close the connection after receiving a GoAway", Failure.PASSING),
    _Row("Resource has been exhausted", Failure.PASSING),
)
"""Looked through in order, before the code is asked."""

PASSING_CODES = frozenset({1001, 1006, 1011, 1012, 1013, 1014})
"""Codes that, with no reason known above, are worth another attempt (RFC 6455, 7.4.1, and its registry)."""


def classify(code: int, reason: str) -> Failure:
    """What a close that was not asked for is about."""
    for row in REASONS:
        if row.part_of_reason in reason:
            return row.failure
    return Failure.PASSING if code in PASSING_CODES else Failure.REQUEST


def worth_another_attempt(error: LiveError) -> bool:
    """Whether what kept us from a connection may have passed the next time."""
    match error:
        case ConnectionClosed() | HandshakeError() | AuthenticationError():
            return error.retryable
        case APIError():
            return error.code is not None and (error.code == 429 or error.code >= 500)
        case _:
            return isinstance(error, LiveTimeout)
