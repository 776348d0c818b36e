"""Who uses the session: what they sent, what they read, and what must still be unread for them."""

from __future__ import annotations

import copy
from collections import deque
from typing import Any

import attrs

from genai_live.errors import APIError
from genai_live.protocol import Purpose, Reconnected, Reconnecting, TurnLost, TurnTracker
from tests.protocol.model.server import Frame, Mine


@attrs.frozen(eq=False)
class Item:
    """What waits to be read.

    Attributes:
        item: As it is delivered.
        frame: The server's message that it was, or None.
        lost: Of the news that a turn was lost: the questions that will not be answered.
    """

    item: Any
    frame: Frame | None = None
    lost: tuple[Mine, ...] = ()

    @property
    def is_of_turn(self) -> bool:
        """Whether it stands between the user and a later answer."""
        return isinstance(self.item, TurnLost) or bool(self.frame and self.frame.turn)


class User:
    """Reads as ``runtime.incoming`` does, and knows by the server's own tags what is still to come.

    Attributes:
        waits_for: The questions whose answers have neither been read to their end nor reported lost.
        inbox: What waits to be read.
    """

    def __init__(self, tracker: TurnTracker[Any]) -> None:
        self._tracker = tracker
        self._inside = False
        self.waits_for: list[Mine] = []
        self.inbox: deque[Item] = deque()

    def asks(self, sent: Mine) -> None:
        """A call to send begins."""
        if sent.purpose is Purpose.ASKS:
            self._tracker.asked()
            self.waits_for.append(sent)

    def is_refused(self, sent: Mine) -> None:
        """The call raised: nothing was sent."""
        sent.raised = True
        if sent.purpose is Purpose.ASKS:
            self._tracker.not_asked()
            self.waits_for.remove(sent)

    def is_given(self, item: Item) -> None:
        """The reader thread delivers."""
        if not isinstance(item.item, APIError | TurnLost | Reconnecting | Reconnected):
            self._tracker.came(item.item)
        self.inbox.append(item)

    def read(self) -> None:
        """The next item is taken."""
        item = self.inbox.popleft()
        _tell(self._tracker, item)
        if isinstance(item.item, TurnLost):
            self._inside = False
            self.waits_for = [sent for sent in self.waits_for if sent not in item.lost]
        elif item.frame is not None and item.frame.turn is not None:
            self._inside = not item.frame.ends
            if item.frame.ends and item.frame.turn.ask in self.waits_for:
                self.waits_for.remove(item.frame.turn.ask)

    @property
    def has_unread_turn(self) -> bool:
        """Whether a turn is to come or waits, or is being read."""
        return bool(self.waits_for) or self._inside or any(item.is_of_turn for item in self.inbox)

    def check(self) -> None:
        """``ask`` is refused exactly as long as an earlier turn is unread: now, and if all were read now."""
        assert self._tracker.unread == self.has_unread_turn
        later = copy.copy(self)
        later._tracker = copy.copy(self._tracker)
        later.waits_for, later.inbox = list(self.waits_for), self.inbox.copy()
        while later.inbox:
            later.read()
        assert later._tracker.unread == later.has_unread_turn


def _tell(tracker: TurnTracker[Any], item: Item) -> None:
    """As ``runtime.incoming`` does."""
    if isinstance(item.item, TurnLost):
        tracker.lost(item.item.asked)
    elif not isinstance(item.item, APIError | Reconnecting | Reconnected):
        tracker.read(item.item)
