"""A blocking, thread-based client for the Gemini Live API.

Importing it loads neither requests nor google-auth.
"""

import logging

from genai_live import errors, types
from genai_live.auth import ApiKeyAuth, Auth, GoogleAuth, NoAuth, TokenAuth
from genai_live.client import ApiClient, Client, Live, LiveMusic
from genai_live.errors import (
    APIError,
    AuthenticationError,
    ConcurrentReceiveError,
    ConfigurationError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    HandshakeError,
    LiveError,
    LiveTimeout,
    ModeError,
    ProtocolError,
    ReceiveBufferFull,
    StateError,
    ToolError,
    TurnLostError,
    TurnTimeout,
    UnreadTurnError,
)
from genai_live.music import MusicSession
from genai_live.options import AutomaticFunctionCalling, ReconnectPolicy, Watchdogs
from genai_live.protocol import FunctionAnswered, GoingAway, Reconnected, Reconnecting, State
from genai_live.runtime import LiveCallbacks, LiveMusicCallbacks, MessageIterator, SessionStats
from genai_live.session import Session
from genai_live.tokens import Tokens
from genai_live.transport import Transport, WebSocketClientFactory, WebSocketFactory
from genai_live.types import Turn
from genai_live.version import __version__

__all__ = [
    "APIError",
    "ApiClient",
    "ApiKeyAuth",
    "Auth",
    "AuthenticationError",
    "AutomaticFunctionCalling",
    "Client",
    "ConcurrentReceiveError",
    "ConfigurationError",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "FunctionAnswered",
    "GoingAway",
    "GoogleAuth",
    "HandshakeError",
    "Live",
    "LiveCallbacks",
    "LiveError",
    "LiveMusic",
    "LiveMusicCallbacks",
    "LiveTimeout",
    "MessageIterator",
    "ModeError",
    "MusicSession",
    "NoAuth",
    "ProtocolError",
    "ReceiveBufferFull",
    "ReconnectPolicy",
    "Reconnected",
    "Reconnecting",
    "Session",
    "SessionStats",
    "State",
    "StateError",
    "TokenAuth",
    "Tokens",
    "ToolError",
    "Transport",
    "Turn",
    "TurnLostError",
    "TurnTimeout",
    "UnreadTurnError",
    "Watchdogs",
    "WebSocketClientFactory",
    "WebSocketFactory",
    "__version__",
    "errors",
    "types",
]

logging.getLogger("genai_live").addHandler(logging.NullHandler())
