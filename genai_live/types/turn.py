"""One whole turn of the model. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field

from genai_live.record import Record, define
from genai_live.types.content import FunctionCall
from genai_live.types.server_messages import LiveServerMessage, TurnCompleteReason
from genai_live.types.usage import UsageMetadata


@define(kw_only=True)
class Turn(Record):
    """What came of one turn, put together from its messages."""

    text: str = ""
    """The text that is not a thought; where there is none, the output transcription."""
    audio: bytes = b""
    """The speech: 16-bit little-endian mono PCM, 24 kHz unless ``audio_mime_type`` says otherwise."""
    audio_mime_type: str | None = None
    """The type of the first piece of audio, such as ``audio/pcm;rate=24000``."""
    input_transcription: str = ""
    """What the user said."""
    output_transcription: str = ""
    """What the model said."""
    tool_calls: list[FunctionCall] = field(factory=list)
    """The functions that the model called."""
    usage: UsageMetadata | None = None
    """The tokens, as the last message that counts them has them."""
    interrupted: bool = False
    """Whether the user interrupted the model."""
    restarted: bool = False
    """Whether it began anew after a reconnection; only the second attempt is in here."""
    complete_reason: TurnCompleteReason | None = None
    """Why the turn ended, where something was wrong."""
    messages: list[LiveServerMessage] = field(factory=list, repr=False)
    """The messages, in the server's order."""

    @classmethod
    def from_messages(cls, messages: Iterable[LiveServerMessage]) -> Turn:
        """Puts a turn together, complete or not, from the messages that came of it."""
        all_messages = list(messages)
        begun = max((i + 1 for i, message in enumerate(all_messages) if message.turn_restarted), default=0)
        turn = cls(messages=all_messages[begun:], restarted=begun > 0)
        text: list[str] = []
        audio: list[bytes] = []
        heard: list[str] = []
        spoken: list[str] = []
        for message in turn.messages:
            if message.usage_metadata is not None:
                turn.usage = message.usage_metadata
            if message.tool_call is not None:
                turn.tool_calls += message.tool_call.function_calls or []
            content = message.server_content
            if content is None:
                continue
            turn.interrupted = turn.interrupted or bool(content.interrupted)
            turn.complete_reason = content.turn_complete_reason or turn.complete_reason
            if content.input_transcription is not None:
                heard.append(content.input_transcription.text or "")
            if content.output_transcription is not None:
                spoken.append(content.output_transcription.text or "")
            if content.model_turn is None:
                continue
            text.append(message.text or "")
            for part in content.model_turn.parts or []:
                blob = part.inline_data
                if blob is not None and blob.data and (blob.mime_type or "").startswith("audio/"):
                    turn.audio_mime_type = turn.audio_mime_type or blob.mime_type
                    audio.append(blob.data)
        turn.audio = b"".join(audio)
        turn.input_transcription = "".join(heard)
        turn.output_transcription = "".join(spoken)
        turn.text = "".join(text) or turn.output_transcription
        return turn
