"""What every session shows its users, whatever it carries. Any thread may call it.

Sending happens in the caller's thread, so that an error is raised where it was caused. Receiving takes from
an inbox that the session's reader thread fills, or whoever waits fills in its place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Generic, TypeVar

from genai_live import codec
from genai_live.errors import ConfigurationError, ConnectionClosedOK, ModeError
from genai_live.protocol import (
    LIVE,
    Message,
    Purpose,
    State,
    TurnLost,
)
from genai_live.runtime.driver import Driver
from genai_live.runtime.incoming import NEWS, Event
from genai_live.runtime.mailbox import MailboxEnded
from genai_live.runtime.reading import Item, MessageIterator, ReaderClaim
from genai_live.runtime.statistics import SessionStats
from genai_live.transport import Transport
from genai_live.waiting import Deadline, seconds

_NO_MESSAGE = (TurnLost, *NEWS)

_Self = TypeVar("_Self", bound="Face[Any]")


class Face(Generic[Message]):
    """The part of a session's face that does not depend on what is said in it.

    Args:
        driver: The session's machinery.
    """

    def __init__(self, driver: Driver[Message]) -> None:
        self._driver = driver
        self._claim = ReaderClaim()
        driver.attach(self)

    # -- what it is ------------------------------------------------------------------------------------

    @property
    def conn(self) -> Transport | None:
        """The current connection, or None; writing through it is not supported."""
        return self._driver.transport

    @property
    def state(self) -> State:
        """What the session is doing."""
        return self._driver.state

    @property
    def close_code(self) -> int | None:
        """How the connection ended (RFC 6455, section 7.4); None while it has not."""
        ending = self._driver.protocol.ending
        return ending.code if ending else None

    @property
    def close_reason(self) -> str | None:
        """Why the connection ended; None while it has not."""
        ending = self._driver.protocol.ending
        return ending.reason if ending else None

    @property
    def stats(self) -> SessionStats:
        """A snapshot of the session's counters."""
        return self._driver.stats()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.state.value}>"

    # -- sending -----------------------------------------------------------------------------------------

    def send_raw(self, message: dict[str, Any], timeout: float | None = 30.0) -> None:
        """Sends a message as it is: for what a newer server has and this library does not know.

        Args:
            message: What can be written as a JSON object.
            timeout: Seconds until the message must be written.

        Raises:
            ConfigurationError: It cannot be written as JSON; nothing was sent.
            ConnectionClosed: The session has ended.
            LiveTimeout: The message could not be written in time.
        """
        self._send(message, codec.encode_json(message), self._purpose_of_raw(message), timeout)

    def _purpose_of_raw(self, _: dict[str, Any]) -> Purpose | None:
        """What a raw message does in the conversation; None where nobody follows that."""
        return None

    def _send(self, message: Any, payload: bytes, purpose: Purpose | None, timeout: float | None) -> None:
        self._driver.send(message, payload, purpose, seconds(timeout))

    # -- receiving ---------------------------------------------------------------------------------------

    def messages(self, timeout: float | None = None) -> MessageIterator[Message]:
        """Iterates over every message until the session ends. ``iter(session)`` is the same.

        A close in order ends the iteration quietly. Arguments and errors are those of ``receive``.
        """
        limit = seconds(timeout)
        return self._iterator("messages", lambda: self._next_message_or_stop(Deadline(limit)))

    def __iter__(self) -> Iterator[Message]:
        return self.messages()

    def _iterator(
        self, name: str, take: Callable[[], Item], is_last: Callable[[Item], bool] | None = None
    ) -> MessageIterator[Item]:
        if self._driver.incoming.pushes:
            raise ModeError(f"{name}() cannot be used: the messages go to callbacks.on_message")
        return MessageIterator(self._claim, take, is_last)

    def _next(self, deadline: Deadline) -> Message | TurnLost | Event:
        """The next message or piece of news.

        Raises:
            LiveTimeout: None came in time.
            APIError: The server sent an error instead.
            ConnectionClosed: Everything has been read, and the session has ended.
        """
        try:
            return self._driver.incoming.take(deadline)
        except MailboxEnded:
            self._driver.raise_ending()

    def _next_message(self, deadline: Deadline) -> Message:
        while True:
            item = self._next(deadline)
            if not isinstance(item, _NO_MESSAGE):
                return item

    def _next_message_or_stop(self, deadline: Deadline) -> Message:
        try:
            return self._next_message(deadline)
        except ConnectionClosedOK:
            raise StopIteration from None

    # -- ending ------------------------------------------------------------------------------------------

    def close(self, code: int = 1000, reason: str = "", timeout: float | None = 5.0) -> None:
        """Ends the session: a close frame, the server's answer, the end of the reader thread.

        Idempotent. In a callback of this session it starts closing and returns at once.

        Args:
            code: 1000, or 3000 to 4999 (RFC 6455, section 7.4).
            reason: Told to the server; cut at 123 bytes.
            timeout: Seconds after which the connection is cut, whatever the server does.

        Raises:
            ConfigurationError: The code or the timeout cannot be used.
        """
        if code != 1000 and not 3000 <= code <= 4999:
            raise ConfigurationError(f"expected 1000, or 3000 to 4999, got {code!r}", where="code")
        self._driver.close(code, reason, timeout=seconds(timeout))

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        driver = getattr(self, "_driver", None)
        if driver is not None and driver.state in LIVE:
            warnings.warn(f"{self!r} was dropped without close()", ResourceWarning, source=self, stacklevel=2)
            driver.abandon()
