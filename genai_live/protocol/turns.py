"""Where a turn ends, and whether one is unread. No threads, sockets or clock.

A turn is complete when ``turnComplete`` came and ``interactionStatus`` is absent or IDLE. The status may come
in the server content or beside it, and its IDLE in a message of its own (protocol notes, 2.4 and 3.7).

Models that only transcribe never send ``turnComplete``; with ``generationComplete`` the transcript is there
(protocol notes, 3.7).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from genai_live.types import InteractionStatus, LiveServerMessage

_NO_STATUS = (None, InteractionStatus.INTERACTION_STATUS_UNSPECIFIED)


def ends_turn(message: LiveServerMessage) -> bool:
    """Whether this is the last message of a turn."""
    content = message.server_content
    if content is None:
        return message.interaction_status is InteractionStatus.IDLE
    status = content.interaction_status
    if status in _NO_STATUS:
        status = message.interaction_status
    return status is InteractionStatus.IDLE or bool(content.turn_complete and status in _NO_STATUS)


def ends_transcript(message: LiveServerMessage) -> bool:
    """Whether this is the last message about a piece of speech, of a model that only transcribes."""
    content = message.server_content
    return ends_turn(message) or bool(content and content.generation_complete)


def turn_end(model: str) -> Callable[[LiveServerMessage], bool]:
    """Which messages of this model are the last of their turn.

    Args:
        model: Its name, in any form.
    """
    return ends_transcript if re.search(r"-transcribe(-|$)", model) else ends_turn


def belongs_to_turn(message: LiveServerMessage) -> bool:
    """Whether the message is a part of some turn, and not news of the session."""
    content = message.server_content
    if content is None:
        return message.tool_call is not None
    return (
        content.model_turn is not None
        or content.output_transcription is not None
        or content.input_transcription is not None
        or content.interim_input_transcription is not None
        or bool(content.turn_complete or content.generation_complete or content.interrupted)
    )


class TurnTracker:
    """Knows whether a reader could mistake an earlier turn's messages for a later one's.

    It counts the turns that were asked for and whose end has not been read. An interrupted turn ends as well
    (``interrupted``, then ``turnComplete``), so the count holds for turns that cut into each other.

    Args:
        ends: Whether a message is the last of its turn.
    """

    def __init__(self, ends: Callable[[LiveServerMessage], bool] = ends_turn) -> None:
        self._ends = ends
        self._expected = 0
        self._waiting = 0
        self._inside = False

    @property
    def unread(self) -> bool:
        """Whether a turn was asked for, begun, or has come, and has not been read to its end."""
        return self._expected > 0 or self._waiting > 0 or self._inside

    def asked(self) -> None:
        """A message that makes the model answer is about to be sent."""
        self._expected += 1

    def not_asked(self) -> None:
        """It could not be sent after all."""
        self._expected = max(0, self._expected - 1)

    def came(self, message: LiveServerMessage) -> None:
        """The message waits to be read."""
        self._waiting += belongs_to_turn(message)

    def read(self, message: LiveServerMessage) -> None:
        """A reader got the message."""
        belongs = belongs_to_turn(message)
        self._waiting -= belongs
        if self._ends(message):
            self._expected = max(0, self._expected - 1)
            self._inside = False
        else:
            self._inside = self._inside or belongs
