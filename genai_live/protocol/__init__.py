"""What a session is, without threads, sockets or a clock: messages go in, actions come out."""

from genai_live.protocol.actions import (
    Action,
    AnswerAgain,
    CancelCalls,
    CutOff,
    Deliver,
    Dial,
    Ended,
    GiveUp,
    Leaving,
    Opened,
    Reopened,
    RunCalls,
    SendClose,
    SendMessage,
)
from genai_live.protocol.ending import Ending
from genai_live.protocol.events import FunctionAnswered, GoingAway, Reconnected, Reconnecting
from genai_live.protocol.ledger import Ledger, Sent
from genai_live.protocol.live_protocol import LiveProtocol
from genai_live.protocol.messages import ClientMessage, Message
from genai_live.protocol.purposes import Purpose, purpose_of, purpose_of_raw
from genai_live.protocol.states import LIVE, State
from genai_live.protocol.turns import TurnLost, TurnTracker, ends_turn, no_turns, turn_end, turns_of

__all__ = [
    "LIVE",
    "Action",
    "AnswerAgain",
    "CancelCalls",
    "ClientMessage",
    "CutOff",
    "Deliver",
    "Dial",
    "Ended",
    "Ending",
    "FunctionAnswered",
    "GiveUp",
    "GoingAway",
    "Leaving",
    "Ledger",
    "LiveProtocol",
    "Message",
    "Opened",
    "Purpose",
    "Reconnected",
    "Reconnecting",
    "Reopened",
    "RunCalls",
    "SendClose",
    "SendMessage",
    "Sent",
    "State",
    "TurnLost",
    "TurnTracker",
    "ends_turn",
    "no_turns",
    "purpose_of",
    "purpose_of_raw",
    "turn_end",
    "turns_of",
]
