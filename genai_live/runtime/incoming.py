"""What comes in: to the inbox of the session, or to its callbacks.

The reader thread delivers; the one consumer of the session takes, in its own thread.
"""

from __future__ import annotations

import threading
from typing import Any, Generic

from genai_live.errors import APIError, TurnLostError
from genai_live.protocol import (
    Ending,
    FunctionAnswered,
    Message,
    Reconnected,
    Reconnecting,
    TurnLost,
    TurnTracker,
)
from genai_live.runtime.callbacks import CallbackDispatcher
from genai_live.runtime.mailbox import Mailbox
from genai_live.types import Turn
from genai_live.waiting import Deadline

Event = Reconnecting | Reconnected | FunctionAnswered
"""News of the session's life, in its place among the messages."""

NEWS = (Reconnecting, Reconnected, FunctionAnswered)
"""The classes of Event."""

_NO_MESSAGE = (APIError, TurnLost, *NEWS)


class Incoming(Generic[Message]):
    """Hands on the messages and the news of one session.

    Args:
        lock: The session's lock.
        turns: Follows what the consumer has read.
        inbox: Where messages wait to be read.
        callbacks: The user's, or None.

    Attributes:
        pushes: Whether messages go to a callback instead of the inbox.
        mailbox: Where messages wait, for whichever of the two.
    """

    mailbox: Mailbox[Any]

    def __init__(
        self,
        *,
        lock: threading.Lock,
        turns: TurnTracker[Message],
        inbox: Mailbox[Message | APIError | TurnLost | Event],
        callbacks: CallbackDispatcher | None,
    ) -> None:
        self._lock = lock
        self._turns = turns
        self._inbox = inbox
        self._callbacks = callbacks
        self.pushes = callbacks is not None and callbacks.takes_messages
        self.mailbox = callbacks.mailbox if callbacks is not None and self.pushes else inbox

    def reset(self, lock: threading.Lock) -> None:
        """With another lock, for a forked child."""
        self._lock = lock

    # -- the reader thread -----------------------------------------------------------------------------------

    def deliver(self, item: Message | APIError | TurnLost, size: int) -> None:
        """A message of so many bytes came, or what stands in place of one.

        Raises:
            ReceiveBufferFull: Too many wait already.
        """
        if self._callbacks is not None and self.pushes:
            if isinstance(item, APIError):
                self._callbacks.error(item)
            elif isinstance(item, TurnLost):
                self._callbacks.error(turn_lost(item, Turn()))
            else:
                self._callbacks.message(item, size)
        elif isinstance(item, TurnLost):
            self._inbox.put_always(item)
        else:
            if not isinstance(item, APIError):
                with self._lock:
                    self._turns.came(item)
            self._inbox.put(item, size)

    def flush(self) -> None:
        """Wakes whoever waits for messages: they are announced together, where they come together."""
        if self._callbacks is not None and self.pushes:
            self._callbacks.flush()
        else:
            self._inbox.wake()

    def opened(self) -> None:
        """The session is ready."""
        if self._callbacks is not None:
            self._callbacks.opened()

    def reconnecting(self, event: Reconnecting) -> None:
        """The connection is gone, or being left."""
        if not self.pushes:
            self._inbox.put_always(event)
        if self._callbacks is not None:
            self._callbacks.reconnecting(event.code, event.reason)

    def reconnected(self, event: Reconnected) -> None:
        """There is another one."""
        if not self.pushes:
            self._inbox.put_always(event)
        if self._callbacks is not None:
            self._callbacks.reconnected(event.state_restored, event.in_doubt)

    def answered(self, event: FunctionAnswered) -> None:
        """A function was run, or its call cancelled. Called by workers too."""
        if not self.pushes:
            self._inbox.put_always(event)

    def end(self) -> None:
        """Nothing more will come."""
        self._inbox.end()

    def ended(self, ending: Ending) -> None:
        """Tells the callbacks how the session ended."""
        if self._callbacks is None:
            return
        if not ending.in_order:
            self._callbacks.error(ending.error.fresh())
        self._callbacks.closed(ending.code, ending.reason)

    # -- the consumer ----------------------------------------------------------------------------------------

    def take(self, deadline: Deadline) -> Message | TurnLost | Event:
        """The next item.

        Raises:
            LiveTimeout: None came in time.
            APIError: The server sent an error instead; the session goes on.
            MailboxEnded: Everything has been read, and the session has ended.
        """
        item = self._inbox.get(deadline)
        if not isinstance(item, _NO_MESSAGE):
            with self._lock:
                self._turns.read(item)
        elif isinstance(item, APIError):
            raise item
        elif isinstance(item, TurnLost):
            with self._lock:
                self._turns.lost(item.asked)
        return item

    def asked(self) -> None:
        """A message that makes the model answer is about to be sent."""
        with self._lock:
            self._turns.asked()

    def not_asked(self) -> None:
        """It could not be sent after all."""
        with self._lock:
            self._turns.not_asked()

    def ends_turn(self, message: Message) -> bool:
        """Whether this is the last message of a turn."""
        return self._turns.ends(message)

    @property
    def has_unread_turn(self) -> bool:
        """Whether messages of an earlier turn wait or are to come."""
        with self._lock:
            return self._turns.unread


def turn_lost(lost: TurnLost, partial: Turn) -> TurnLostError:
    """What the consumer is raised where a turn was lost."""
    cause = lost.cause
    how = f"{cause.code} {cause.reason}".strip()
    error = TurnLostError(
        f"a reconnection cut through the turn ({how}): nothing more comes of it, and the session goes on",
        partial=partial,
        in_doubt=lost.in_doubt,
    )
    error.__cause__ = cause
    return error
