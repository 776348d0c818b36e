"""Every exception of the library. No thread of its own: raised in whichever thread asked.

::

    LiveError
    ├── ConfigurationError (ValueError)     a wrong name, type or value of yours; nothing was sent
    ├── StateError (RuntimeError)           the call does not fit the state of the session
    │   ├── ModeError                       reading a session whose messages go to a callback
    │   ├── ConcurrentReceiveError          a second reader
    │   └── UnreadTurnError                 ask() while an earlier turn is unread
    ├── AuthenticationError                 the service refused, or we could not get, credentials
    ├── HandshakeError                      the WebSocket upgrade failed
    ├── ConnectionClosed                    the connection has ended
    │   ├── ConnectionClosedOK              in order
    │   └── ConnectionClosedError           in any other way
    ├── ProtocolError                       the server sent what cannot be understood
    ├── APIError                            the service answered with an error
    ├── LiveTimeout (TimeoutError)          a deadline passed
    │   └── TurnTimeout                     … inside ask(); carries what had come
    ├── TurnLostError                       a reconnection cut through a turn; the session goes on
    ├── ReceiveBufferFull                   unread messages reached the hard limit
    └── ToolError                           a function call that nobody can answer

No exception of a library underneath reaches the caller: it is chained as the ``__cause__``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from genai_live.types import Turn

Phase = Literal["connecting", "setting up", "open", "resuming", "closing"]
"""What the connection was doing when it ended."""


ErrorType = TypeVar("ErrorType", bound="LiveError")


def _restored(kind: type[ErrorType], arguments: tuple[Any, ...], attributes: Mapping[str, Any]) -> ErrorType:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(attributes)
    return error


class LiveError(Exception):
    """The base of all exceptions of this library.

    They can be pickled and copied, so they pass through task queues and process pools.

    Attributes:
        unsent: Where it ended a session: messages that waited to be sent, and were never fully written.
        in_doubt: Where it ended a session, or a turn: messages that were written, and of which nobody knows
            whether the model saw them. Media is not among them: ``session.stats`` counts it.
    """

    unsent: tuple[Any, ...] = ()
    in_doubt: tuple[Any, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.args, self.__dict__)

    def fresh(self: ErrorType) -> ErrorType:
        """A copy to raise once more, with the same cause: an instance raised twice mixes two tracebacks."""
        again = _restored(type(self), self.args, self.__dict__)
        again.__cause__ = self.__cause__
        return again


class ConfigurationError(LiveError, ValueError):
    """A name, type or value that cannot be used. Raised at the call; nothing was sent.

    Attributes:
        where: The path of the culprit, such as ``config.speech_config.voice_config``; may be empty.
    """

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


class StateError(LiveError, RuntimeError):
    """The call does not fit the state that the session or client is in."""


class ModeError(StateError):
    """The messages of this session go to ``callbacks.on_message``, so they cannot be read as well."""


class ConcurrentReceiveError(StateError):
    """Another reader is reading this session; messages are never split between readers."""


class UnreadTurnError(StateError):
    """An earlier turn has not been read to its end, so an answer could not be told from it."""


class AuthenticationError(LiveError):
    """Credentials are missing, could not be had, or were refused by the service.

    The service often refuses a key only after the upgrade, by closing the connection; that close is then
    the ``__cause__``.

    Attributes:
        retryable: Whether another attempt may fare better: the credentials could not be had for the moment.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


PASSING_STATUSES = frozenset({408, 425, 429})
"""HTTP statuses below 500 that are worth another attempt: the server wants it later (RFC 9110, RFC 6585)."""


class HandshakeError(LiveError):
    """The connection could not be made, or the server refused the WebSocket upgrade (RFC 6455, section 4).

    Attributes:
        status: The HTTP status, or None when the connection failed before there was one.
        headers: The response's headers, with lower-case names.
        body: The beginning of the response's body (64 KiB at most).
        retryable: Whether another attempt may fare better: the network failed, or the server is busy.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        passing = status is None or status in PASSING_STATUSES or status >= 500
        self.retryable = passing if retryable is None else retryable
        self.status = status
        self.headers = dict(headers or {})
        self.body = body


class ConnectionClosed(LiveError):
    """The connection has ended.

    Attributes:
        code: The close code (RFC 6455, section 7.4); 1006 when there was no close frame.
        reason: The server's reason text; may be empty.
        phase: What the connection was doing when it ended.
        retryable: Whether a new connection may fare better.
        resumption_handle: The newest handle that the server gave for resuming the session, or None.
        unsent: Messages that were never fully written.
        in_doubt: Messages that were written, and of which nobody knows whether the model saw them.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int,
        reason: str,
        phase: Phase,
        retryable: bool = False,
        resumption_handle: str | None = None,
        unsent: Sequence[Any] = (),
        in_doubt: Sequence[Any] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.phase = phase
        self.retryable = retryable
        self.resumption_handle = resumption_handle
        if unsent:
            self.unsent = tuple(unsent)
        if in_doubt:
            self.in_doubt = tuple(in_doubt)


class ConnectionClosedOK(ConnectionClosed):
    """The connection was closed in order: by us, or with code 1000, 1001, or none at all."""


class ConnectionClosedError(ConnectionClosed):
    """The connection was closed with an error code, or broke off."""


class ProtocolError(LiveError):
    """The server sent what cannot be decoded, is too large, or is out of order."""


class APIError(LiveError):
    """The service answered with an error of its own.

    Attributes:
        code: The error's code (an HTTP status number), or None.
        status: Its name, such as ``INVALID_ARGUMENT``, or None.
        body: The whole error as it came.
    """

    def __init__(
        self, message: str, *, code: int | None = None, status: str | None = None, body: Any = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.body = body


class LiveTimeout(LiveError, TimeoutError):
    """A deadline passed. The message says which wait it was."""


class TurnTimeout(LiveTimeout):
    """The answer was not complete when the deadline of ``ask`` passed.

    Attributes:
        partial: What had come of the turn.
    """

    def __init__(self, message: str, *, partial: Turn) -> None:
        super().__init__(message)
        self.partial = partial


class TurnLostError(LiveError):
    """A reconnection cut through a turn of the model. The session goes on: ask again, or say something else.

    How the connection ended is the ``__cause__``.

    Attributes:
        partial: What had come of the turn. From ``receive`` it has no audio, and no messages: the caller has
            had them.
        in_doubt: See LiveError.
    """

    def __init__(self, message: str, *, partial: Turn, in_doubt: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.partial = partial
        self.in_doubt = tuple(in_doubt)


class ReceiveBufferFull(LiveError):
    """The unread messages reached the hard limit, and the session was ended."""


class ToolError(LiveError):
    """The model called a function that nobody can answer.

    Attributes:
        partial: What had come of the turn, the calls included.
    """

    def __init__(self, message: str, *, partial: Turn | None = None) -> None:
        super().__init__(message)
        self.partial = partial
