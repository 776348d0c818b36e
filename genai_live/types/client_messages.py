"""What the client sends. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, BidiGenerateContentClientMessage; names of google-genai 3.4.0.
"""

from __future__ import annotations

from attrs import field

from genai_live.record import define
from genai_live.types.config import (
    AvatarConfig,
    ContextWindowCompressionConfig,
    HistoryConfig,
    ProactivityConfig,
    SessionResumptionConfig,
)
from genai_live.types.content import Content, FunctionResponse
from genai_live.types.generation import GenerationConfig
from genai_live.types.media import Blob
from genai_live.types.model import Model
from genai_live.types.realtime import RealtimeInputConfig
from genai_live.types.safety import SafetySetting
from genai_live.types.speech import AudioTranscriptionConfig
from genai_live.types.tools import Tool


@define(kw_only=True)
class LiveClientSetup(Model):
    """The first message of a connection."""

    model: str | None = None
    """The full name, such as ``models/gemini-3.8-live``."""
    generation_config: GenerationConfig | None = None
    """How the model answers."""
    system_instruction: Content | None = None
    """How the model is to behave: text."""
    tools: list[Tool] | None = None
    """What the model may call."""
    session_resumption: SessionResumptionConfig | None = None
    """Asks for handles to resume the session with."""
    input_audio_transcription: AudioTranscriptionConfig | None = None
    """Asks for what the user said, as text."""
    output_audio_transcription: AudioTranscriptionConfig | None = None
    """Asks for what the model said, as text."""
    realtime_input_config: RealtimeInputConfig | None = None
    """How realtime input is taken."""
    context_window_compression: ContextWindowCompressionConfig | None = None
    """Keeps a long conversation within the model's context."""
    proactivity: ProactivityConfig | None = None
    """What the model does unasked."""
    explicit_vad_signal: bool | None = None
    """Whether the service says when speech starts and ends; Vertex only."""
    history_config: HistoryConfig | None = None
    """How the conversation so far is given."""
    avatar_config: AvatarConfig | None = None
    """The avatar that speaks; Vertex only."""
    safety_settings: list[SafetySetting] | None = None
    """What the service blocks; Vertex only."""
    labels: dict[str, str] | None = None
    """The program's own labels; Vertex only. The names are never converted."""


@define(kw_only=True)
class LiveClientContent(Model):
    """Turns for the conversation; they interrupt an answer that is being made."""

    turns: list[Content] | None = None
    """The turns, in order."""
    turn_complete: bool | None = None
    """True: answer now. False: wait for more."""


@define(kw_only=True)
class ActivityStart(Model):
    """The user's activity starts; only where automatic detection is disabled."""


@define(kw_only=True)
class ActivityEnd(Model):
    """The user's activity ends; only where automatic detection is disabled."""


@define(kw_only=True)
class LiveClientRealtimeInput(Model):
    """Input as it happens. Audio, video and text are streams of their own: their order is not kept."""

    media_chunks: list[Blob] | None = None
    """Deprecated for ``audio`` and ``video``; 3.1 refuses it."""
    audio: Blob | None = field(
        default=None, metadata={"mime_type": "audio/", "bytes_mean": "audio/pcm;rate=16000"}
    )
    """16-bit little-endian mono PCM. Bare bytes are taken to be that at 16 kHz."""
    audio_stream_end: bool | None = None
    """True: the microphone was turned off. Only where activity is detected automatically."""
    video: Blob | None = field(default=None, metadata={"mime_type": "image/"})
    """A frame, JPEG or PNG; at most one a second is looked at."""
    text: str | None = None
    """Text; it counts as activity."""
    activity_start: ActivityStart | None = None
    """The user's activity starts."""
    activity_end: ActivityEnd | None = None
    """The user's activity ends."""


@define(kw_only=True)
class LiveClientToolResponse(Model):
    """Answers to function calls."""

    function_responses: list[FunctionResponse] | None = None
    """The answers; each names its call by ``id``."""


@define(kw_only=True)
class LiveClientContextUpdateTools(Model):
    """The new tools of a context update; an empty list clears them."""

    tools: list[Tool] | None = None
    """All tools from now on."""


@define(kw_only=True)
class LiveClientContextUpdate(Model):
    """Changes settings in the middle of a session; only what is set changes."""

    system_instruction: Content | None = None
    """The new system instruction."""
    tools: LiveClientContextUpdateTools | None = None
    """The new tools."""


@define(kw_only=True)
class LiveClientMessage(Model):
    """A message to the service: exactly one of its fields is set."""

    setup: LiveClientSetup | None = None
    """The settings; the first message and only the first."""
    client_content: LiveClientContent | None = None
    """Turns for the conversation."""
    realtime_input: LiveClientRealtimeInput | None = None
    """Input as it happens."""
    tool_response: LiveClientToolResponse | None = None
    """Answers to function calls."""
    context_update: LiveClientContextUpdate | None = None
    """New settings; documented for Vertex only."""
