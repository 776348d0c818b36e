"""Reads one turn of the model, and how functions are answered meanwhile. Runs in the main thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from genai_live.cli.called_functions import CalledFunctions
from genai_live.errors import LiveTimeout, TurnLostError
from genai_live.protocol import FunctionAnswered, GoingAway, Reconnected, Reconnecting
from genai_live.protocol.turns import belongs_to_turn
from genai_live.session import Session
from genai_live.types import LiveServerMessage, Turn


class TurnReader(Iterator[LiveServerMessage]):
    """Iterates over the messages up to the end of a turn, as ``Session.receive``.

    It also ends where functions were waited for, and the model has nothing to say of their answers. A
    LiveTimeout does not end it.

    Args:
        session: The session.
        timeout: Seconds to wait for each message of a turn; others, such as new handles, come all the time.
        functions: Is told of the calls, and how they are answered.
        ends_turn: Whether a message is the last of its turn.

    Attributes:
        heard_at: When something happened last that shows that more may come, by ``time.monotonic``.
    """

    def __init__(
        self,
        session: Session,
        timeout: float,
        functions: CalledFunctions,
        ends_turn: Callable[[LiveServerMessage], bool],
    ) -> None:
        self._session = session
        self._timeout = timeout
        self._functions = functions
        self._ends_turn = ends_turn
        self._lost_by = ""
        self._inside = False
        self._ended = False
        self.heard_at = self._waits_since = time.monotonic()

    @property
    def inside(self) -> bool:
        """Whether something of the turn has come, and not its end."""
        return self._inside

    def __next__(self) -> LiveServerMessage:
        while not self._ended:
            item = self._next_event()
            if isinstance(item, GoingAway):
                return item.message
            if isinstance(item, LiveServerMessage):
                self._ended = self._ends_turn(item)
                self._inside = not self._ended
                self._functions.came(item, ends_turn=self._ended)
                return item
            if isinstance(item, FunctionAnswered):
                waited = self._functions.pending
                self._functions.answered(item)
                self._ended = waited and not (self._functions.pending or self._inside)
            elif isinstance(item, Reconnecting):
                self._lost_by = f"{item.code} {item.reason}".strip()
            elif item.turn_lost:
                self._ended, self._inside = True, False
                raise self._turn_lost(item)
        raise StopIteration

    def _next_event(
        self,
    ) -> LiveServerMessage | GoingAway | Reconnecting | Reconnected | FunctionAnswered:
        remaining = max(0.0, self._waits_since + self._timeout - time.monotonic())
        try:
            item = next(self._session.events(remaining))
        except LiveTimeout:
            self._waits_since = time.monotonic()
            raise
        except StopIteration:
            # The session was closed in order, which the events do not say, and other readers do.
            next(self._session.receive(0))
            raise
        if not _is_news(item):
            self.heard_at = self._waits_since = time.monotonic()
        return item

    def _turn_lost(self, event: Reconnected) -> TurnLostError:
        return TurnLostError(
            f"a reconnection cut through the turn ({self._lost_by}): nothing more comes of it, and the"
            " session goes on",
            partial=Turn(),
            in_doubt=event.in_doubt,
        )


def _is_news(item: object) -> bool:
    """Whether it says nothing about the conversation."""
    return isinstance(item, GoingAway) or (isinstance(item, LiveServerMessage) and not belongs_to_turn(item))
