"""Both kinds of messages that a connection carries. No threads, sockets or clock."""

from __future__ import annotations

from typing import TypeVar

from genai_live.types import (
    LiveClientMessage,
    LiveMusicClientMessage,
    LiveMusicServerMessage,
    LiveServerMessage,
)

ClientMessage = LiveClientMessage | LiveMusicClientMessage

Message = TypeVar("Message", bound=LiveServerMessage | LiveMusicServerMessage)
"""What the server of a connection sends: it is one or the other, all along."""
