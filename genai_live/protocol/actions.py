"""What the protocol wants done. No threads, sockets or clock."""

from __future__ import annotations

from typing import Generic

import attrs

from genai_live.errors import APIError, LiveError
from genai_live.protocol.ending import Ending
from genai_live.protocol.events import Reconnected, Reconnecting
from genai_live.protocol.messages import ClientMessage, Message
from genai_live.protocol.turns import TurnLost
from genai_live.types import FunctionCall


@attrs.frozen
class SendMessage:
    """Write this message."""

    message: ClientMessage


@attrs.frozen
class SendClose:
    """Write a close frame."""

    code: int
    reason: str


@attrs.frozen
class Opened:
    """The session is ready to be used."""


@attrs.frozen
class Reopened:
    """It is ready again, once what the ledger holds in ``again`` is written, before anything else."""

    event: Reconnected


@attrs.frozen
class Leaving:
    """Nothing more is to be written to this connection."""

    event: Reconnecting


@attrs.frozen
class Dial:
    """Make another connection.

    Attributes:
        pause: Seconds to wait before, at most.
        event: What to tell the user, the first time.
    """

    pause: float
    event: Reconnecting | None


@attrs.frozen
class Deliver(Generic[Message]):
    """Hand this to whoever reads: a message, an error to raise there, or news of a turn."""

    item: Message | APIError | TurnLost


@attrs.frozen
class RunCalls:
    """Run these functions."""

    calls: tuple[FunctionCall, ...]


@attrs.frozen
class CancelCalls:
    """Tell the functions of these calls that nobody waits for their answers any more."""

    ids: tuple[str, ...]
    reason: str


@attrs.frozen
class AnswerAgain:
    """Send the answers of these calls once more."""

    calls: tuple[FunctionCall, ...]


@attrs.frozen
class GiveUp:
    """End the session because of this."""

    error: LiveError


@attrs.frozen
class CutOff:
    """End the connection at once, as if it had broken."""

    reason: str


@attrs.frozen
class Ended:
    """Nothing more will come."""

    ending: Ending


Action = (
    SendMessage
    | SendClose
    | Opened
    | Reopened
    | Leaving
    | Dial
    | Deliver[Message]
    | RunCalls
    | CancelCalls
    | AnswerAgain
    | GiveUp
    | CutOff
    | Ended
)
