"""The settings of a session. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, BidiGenerateContentSetup and GenerationConfig; names of
google-genai 3.4.0.
"""

from __future__ import annotations

from genai_live.options import HttpOptions
from genai_live.record import define
from genai_live.types.content import Content
from genai_live.types.enums import (
    ActivityHandling,
    EndSensitivity,
    MediaResolution,
    Modality,
    StartSensitivity,
    ThinkingLevel,
    TurnCoverage,
)
from genai_live.types.model import Model
from genai_live.types.tools import Tool


@define(kw_only=True)
class PrebuiltVoiceConfig(Model):
    """One of the service's voices."""

    voice_name: str | None = None
    """Such as ``Puck`` or ``Kore``."""


@define(kw_only=True)
class VoiceConfig(Model):
    """The voice that the model speaks with."""

    prebuilt_voice_config: PrebuiltVoiceConfig | None = None
    """One of the service's voices."""


@define(kw_only=True)
class SpeechConfig(Model):
    """How the model speaks."""

    voice_config: VoiceConfig | None = None
    """With which voice."""
    language_code: str | None = None
    """In which language (BCP 47), such as ``de-DE``."""


@define(kw_only=True)
class ThinkingConfig(Model):
    """Whether and how much the model thinks before it answers."""

    include_thoughts: bool | None = None
    """Whether summaries of its thoughts are sent, as parts with ``thought``."""
    thinking_budget: int | None = None
    """In tokens; 0 is off, -1 leaves it to the model. 2.5 only."""
    thinking_level: ThinkingLevel | None = None
    """How much; 3.1 and the extended-thinking models."""


@define(kw_only=True)
class GenerationConfig(Model):
    """How the model answers; the part of it that Live uses."""

    response_modalities: list[Modality] | None = None
    """In what form; AUDIO where it is not given."""
    temperature: float | None = None
    """0 to 2: how varied the answers are."""
    top_p: float | None = None
    """0 to 1: tokens are chosen from the likeliest that add up to this."""
    top_k: float | None = None
    """Tokens are chosen from this many of the likeliest."""
    candidate_count: int | None = None
    """How many answers to make."""
    max_output_tokens: int | None = None
    """The most tokens of an answer."""
    presence_penalty: float | None = None
    """-2 to 2: above 0, words that were used are used less."""
    frequency_penalty: float | None = None
    """-2 to 2: above 0, words are used less the more often they were used."""
    seed: int | None = None
    """The same seed makes much the same answer."""
    media_resolution: MediaResolution | None = None
    """How finely media in the input are seen."""
    speech_config: SpeechConfig | None = None
    """How the model speaks."""
    thinking_config: ThinkingConfig | None = None
    """How much the model thinks."""


@define(kw_only=True)
class AudioTranscriptionConfig(Model):
    """Asks for a transcription; an empty one does."""

    language_codes: list[str] | None = None
    """The languages to expect (BCP 47); any where it is not given."""


@define(kw_only=True)
class AutomaticActivityDetection(Model):
    """How the service detects speech."""

    disabled: bool | None = None
    """True: it does not, and the program sends ActivityStart and ActivityEnd."""
    start_of_speech_sensitivity: StartSensitivity | None = None
    """How readily speech starts."""
    end_of_speech_sensitivity: EndSensitivity | None = None
    """How readily speech ends."""
    prefix_padding_ms: int | None = None
    """How much speech makes a start, in milliseconds."""
    silence_duration_ms: int | None = None
    """How much silence makes an end, in milliseconds."""


@define(kw_only=True)
class RealtimeInputConfig(Model):
    """How realtime input is taken."""

    automatic_activity_detection: AutomaticActivityDetection | None = None
    """How speech is detected."""
    activity_handling: ActivityHandling | None = None
    """What the start of activity does to the answer."""
    turn_coverage: TurnCoverage | None = None
    """Which of the input belongs to the turn."""


@define(kw_only=True)
class SessionResumptionConfig(Model):
    """Asks for resumption handles; an empty one does."""

    handle: str | None = None
    """The handle of the session to resume; a new session where it is not given."""


@define(kw_only=True)
class SlidingWindow(Model):
    """Keeps the end of the conversation, from the start of a user's turn on."""

    target_tokens: int | None = None
    """How many tokens to keep; half of ``trigger_tokens`` where it is not given."""


@define(kw_only=True)
class ContextWindowCompressionConfig(Model):
    """Keeps a long conversation within the model's context. The service refuses an empty one."""

    trigger_tokens: int | None = None
    """Compress when there are this many tokens; 80 % of the context where it is not given."""
    sliding_window: SlidingWindow | None = None
    """How to compress."""


@define(kw_only=True)
class LiveConnectConfig(Model):
    """The settings of a session, as ``live.connect`` takes them."""

    http_options: HttpOptions | None = None
    """How to reach the service in this session; goes before the client's."""
    generation_config: GenerationConfig | None = None
    """How the model answers. The fields below of the same names go before it."""
    response_modalities: list[Modality] | None = None
    """In what form the model answers; AUDIO where it is not given."""
    temperature: float | None = None
    """0 to 2: how varied the answers are."""
    top_p: float | None = None
    """0 to 1: tokens are chosen from the likeliest that add up to this."""
    top_k: float | None = None
    """Tokens are chosen from this many of the likeliest."""
    max_output_tokens: int | None = None
    """The most tokens of an answer."""
    media_resolution: MediaResolution | None = None
    """How finely media in the input are seen."""
    seed: int | None = None
    """The same seed makes much the same answer."""
    speech_config: SpeechConfig | None = None
    """How the model speaks."""
    thinking_config: ThinkingConfig | None = None
    """How much the model thinks."""
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
