"""What a session is, without threads, sockets or a clock: messages go in, actions come out."""

from genai_live.protocol.connection import (
    Action,
    Connection,
    Deliver,
    Ended,
    Opened,
    SendClose,
    SendMessage,
)
from genai_live.protocol.ending import Ending
from genai_live.protocol.events import GoingAway
from genai_live.protocol.states import State
from genai_live.protocol.turns import TurnTracker, ends_turn, turn_end

__all__ = [
    "Action",
    "Connection",
    "Deliver",
    "Ended",
    "Ending",
    "GoingAway",
    "Opened",
    "SendClose",
    "SendMessage",
    "State",
    "TurnTracker",
    "ends_turn",
    "turn_end",
]
