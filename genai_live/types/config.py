"""The settings of a session. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, BidiGenerateContentSetup; names of google-genai 3.4.0.
"""

from __future__ import annotations

from attrs import field

from genai_live.options import HttpOptions
from genai_live.record import define
from genai_live.types.content import Content
from genai_live.types.generation import GenerationConfig, MediaResolution, Modality, ThinkingConfig
from genai_live.types.model import Model
from genai_live.types.realtime import RealtimeInputConfig
from genai_live.types.safety import SafetySetting
from genai_live.types.speech import AudioTranscriptionConfig, SpeechConfig, TranslationConfig
from genai_live.types.tools import ToolUnion


@define(kw_only=True)
class SessionResumptionConfig(Model):
    """Asks for resumption handles; an empty one does."""

    handle: str | None = field(default=None, repr=False)
    """The handle of the session to resume; a new session where it is not given. Never printed."""
    transparent: bool | None = None
    """Whether the service says which messages of the client a handle holds; Vertex only."""


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
class ProactivityConfig(Model):
    """What the model does unasked; ``v1alpha`` on the Gemini API."""

    proactive_audio: bool | None = None
    """Whether it may stay silent when it is not spoken to. 3.8 always does, and refuses False."""
    proactive_video: bool | None = None
    """Whether it may speak of each picture that comes; asks for ``proactive_audio``, and costs."""


@define(kw_only=True)
class HistoryConfig(Model):
    """How the conversation so far is given."""

    initial_history_in_client_content: bool | None = None
    """True: the first client content, up to ``turn_complete``, is history and gets no answer."""


@define(kw_only=True)
class CustomizedAvatar(Model):
    """An avatar made from a picture."""

    image_mime_type: str | None = None
    """Such as ``image/jpeg``."""
    image_data: bytes | None = None
    """The picture: upright, 9:16, 704 x 1280 pixels or more."""


@define(kw_only=True)
class AvatarConfig(Model):
    """The avatar that speaks, as video; Vertex only."""

    avatar_name: str | None = None
    """One of the service's avatars."""
    customized_avatar: CustomizedAvatar | None = None
    """One made from a picture."""
    audio_bitrate_bps: int | None = None
    """Of the compressed sound, in bits a second."""
    video_bitrate_bps: int | None = None
    """Of the compressed video, in bits a second."""


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
    enable_affective_dialog: bool | None = None
    """Whether the model hears moods and answers accordingly; ``v1alpha`` on the Gemini API."""
    translation_config: TranslationConfig | None = None
    """Live translation."""
    system_instruction: Content | None = None
    """How the model is to behave: text."""
    tools: list[ToolUnion] | None = None
    """What the model may call; a Python function is declared by its signature."""
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
    """Whether the service says when speech starts and ends, by VoiceActivityDetectionSignal; Vertex only."""
    history_config: HistoryConfig | None = None
    """How the conversation so far is given."""
    avatar_config: AvatarConfig | None = None
    """The avatar that speaks; Vertex only."""
    safety_settings: list[SafetySetting] | None = None
    """What the service blocks; Vertex only."""
    labels: dict[str, str] | None = None
    """The program's own labels, for bills and reports; Vertex only.

    Names and values: at most 63 lower-case letters, digits, ``_`` and ``-``; a name begins with a letter.
    """
