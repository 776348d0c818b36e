"""What a message of the client's does in the conversation. No threads, sockets or clock."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from genai_live.types import LiveClientMessage


class Purpose(enum.Enum):
    """What a message does in the conversation."""

    ASKS = enum.auto()
    """It makes the model answer with a turn."""
    FEEDS = enum.auto()
    """It adds to a turn that comes later: content that is not complete, a context update, activity."""
    ANSWERS = enum.auto()
    """It answers function calls."""
    MEDIA = enum.auto()
    """Audio or video as it happens: worth little once it is late."""


def purpose_of(message: LiveClientMessage) -> Purpose:
    """What a message does."""
    if message.client_content is not None:
        return Purpose.ASKS if message.client_content.turn_complete else Purpose.FEEDS
    if message.tool_response is not None:
        return Purpose.ANSWERS
    realtime = message.realtime_input
    if realtime is None:
        return Purpose.FEEDS
    if realtime.text is not None:
        return Purpose.ASKS
    is_media = realtime.audio is not None or realtime.video is not None or realtime.media_chunks
    return Purpose.MEDIA if is_media else Purpose.FEEDS


def purpose_of_raw(message: Mapping[str, Any]) -> Purpose:
    """What a message from ``send_raw`` does, as far as its names tell, in either casing."""
    content = message.get("clientContent", message.get("client_content"))
    if isinstance(content, Mapping):
        complete = content.get("turnComplete", content.get("turn_complete"))
        return Purpose.ASKS if complete else Purpose.FEEDS
    if "toolResponse" in message or "tool_response" in message:
        return Purpose.ANSWERS
    realtime = message.get("realtimeInput", message.get("realtime_input"))
    if not isinstance(realtime, Mapping):
        return Purpose.FEEDS
    if "text" in realtime:
        return Purpose.ASKS
    media = {"audio", "video", "mediaChunks", "media_chunks"}
    return Purpose.FEEDS if media.isdisjoint(realtime) else Purpose.MEDIA
