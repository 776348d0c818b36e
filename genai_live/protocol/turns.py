"""Where a turn ends, and whether one is unread. No threads, sockets or clock.

A turn is complete when ``turnComplete`` came and ``interactionStatus`` is absent or IDLE. The status may come
in the server content or beside it, and its IDLE in a message of its own (protocol notes, 2.4 and 3.7).

Models that only transcribe never send ``turnComplete``; with ``generationComplete`` the transcript is there
(protocol notes, 3.7).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic

import attrs

from genai_live.errors import ConnectionClosed
from genai_live.protocol.messages import Message
from genai_live.types import InteractionStatus, LiveMusicServerMessage, LiveServerMessage

_NO_STATUS = (None, InteractionStatus.INTERACTION_STATUS_UNSPECIFIED)


def ends_turn(message: LiveServerMessage) -> bool:
    """Whether this is the last message of a turn."""
    content = message.server_content
    beside = message.interaction_status
    if content is None:
        return beside is InteractionStatus.IDLE
    status = content.interaction_status
    if status is None and beside is None:  # as nearly always
        return bool(content.turn_complete)
    if status in _NO_STATUS:
        status = beside
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
    if content is not None and (
        content.model_turn is not None
        or content.output_transcription is not None
        or content.input_transcription is not None
        or content.interim_input_transcription is not None
        or content.turn_complete
        or content.generation_complete
        or content.interrupted
    ):
        return True
    return message.tool_call is not None or ends_turn(message)


class TurnTracker(Generic[Message]):
    """Knows whether a reader could mistake an earlier turn's messages for a later one's.

    It counts the turns that were asked for and whose end has not come, and the messages that wait to be read.
    An interrupted turn ends as well (``interrupted``, then ``turnComplete``), so the count holds for turns
    that cut into each other.

    Args:
        ends: Whether a message is the last of its turn.
        belongs: Whether a message is a part of some turn.

    Attributes:
        ends: The same.
        belongs: The same.
    """

    def __init__(self, ends: Callable[[Message], bool], belongs: Callable[[Message], bool]) -> None:
        self.ends = ends
        self.belongs = belongs
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

    def end_came(self, *, asked: bool) -> None:
        """The last message of a turn has come, and is about to wait to be read.

        Args:
            asked: Whether the turn was asked for; the model also speaks by itself.
        """
        self._waiting += 1
        if asked:
            self.not_asked()

    def loss_came(self) -> None:
        """The news that a turn is lost is about to wait to be read."""
        self._waiting += 1

    def came(self, message: Message) -> None:
        """The message waits to be read."""
        self._waiting += self.belongs(message) and not self.ends(message)

    def read(self, message: Message) -> None:
        """A reader got the message."""
        belongs = self.belongs(message)
        self._waiting -= belongs
        self._inside = not self.ends(message) and (self._inside or belongs)

    def lost(self, asked: int) -> None:
        """A reader got the news that the turn being read, and so many that were asked for, will not end."""
        self._waiting -= 1
        self._expected = max(0, self._expected - asked)
        self._inside = False


@attrs.frozen
class TurnLost:
    """Stands among the messages where a reconnection cut through a turn.

    Attributes:
        asked: How many turns that were asked for will not come.
        in_doubt: See TurnLostError.
        cause: How the connection ended.
    """

    asked: int
    in_doubt: tuple[Any, ...]
    cause: ConnectionClosed


def turns_of(model: str) -> TurnTracker[LiveServerMessage]:
    """Tracks the turns of a conversation.

    Args:
        model: With which model, its name in any form.
    """
    return TurnTracker(turn_end(model), belongs_to_turn)


def no_turns() -> TurnTracker[LiveMusicServerMessage]:
    """Of music, which has none."""
    return TurnTracker(_never, _never)


def _never(_: LiveMusicServerMessage) -> bool:
    return False
