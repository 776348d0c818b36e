"""What happens to a connection, for ``Session.events``. No threads, sockets or clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

from genai_live.types import FunctionCall, FunctionResponse, LiveServerMessage


@attrs.frozen
class GoingAway:
    """The server will end this connection soon.

    Attributes:
        time_left: Until it does, as the server says; None if it does not say.
        message: The ``goAway`` message itself.
    """

    time_left: timedelta | None
    message: LiveServerMessage


@attrs.frozen
class Reconnecting:
    """The connection has ended, or is being left, and another one is about to be made.

    Attributes:
        code: The close code, 1006 if there was no close frame; 1000 where we leave after a goAway.
        reason: The reason that came with it, or what broke.
    """

    code: int
    reason: str


@attrs.frozen
class Reconnected:
    """The session goes on, on another connection.

    Attributes:
        state_restored: Whether the server took up the conversation where it was; False after a fresh start.
        in_doubt: Messages that were written before, and of which nobody knows whether the model saw them: a
            LiveClientMessage each, or a dict from ``send_raw``.
        turn_lost: Whether the reconnection cut through a turn that is now over; see TurnLostError.
        sent_again: How many messages were sent again.
    """

    state_restored: bool
    in_doubt: tuple[Any, ...] = ()
    turn_lost: bool = False
    sent_again: int = 0


@attrs.frozen
class FunctionAnswered:
    """A function that the model called was run by the session, and its answer is about to be sent.

    Attributes:
        call: The call.
        response: The answer, an error or a part of it included; None where the call was cancelled.
        seconds: How long it took.
    """

    call: FunctionCall
    response: FunctionResponse | None
    seconds: float
