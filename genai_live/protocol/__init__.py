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
from genai_live.protocol.messages import ClientMessage, Message
from genai_live.protocol.states import State
from genai_live.protocol.turns import TurnTracker, ends_turn, no_turns, turn_end, turns_of

__all__ = [
    "Action",
    "ClientMessage",
    "Connection",
    "Deliver",
    "Ended",
    "Ending",
    "GoingAway",
    "Message",
    "Opened",
    "SendClose",
    "SendMessage",
    "State",
    "TurnTracker",
    "ends_turn",
    "no_turns",
    "turn_end",
    "turns_of",
]
