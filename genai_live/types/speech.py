"""How the model speaks, and what is written down of what is said. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, SpeechConfig and AudioTranscriptionConfig; names of google-genai
3.4.0.
"""

from __future__ import annotations

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


@define(kw_only=True)
class PrebuiltVoiceConfig(Model):
    """One of the service's voices."""

    voice_name: str | None = None
    """Such as ``Puck`` or ``Kore``."""


@define(kw_only=True)
class VoiceConsentSignature(Model):
    """The service's word that a consent was checked; spares sending the recording again."""

    signature: str | None = None
    """Opaque."""


@define(kw_only=True)
class ReplicatedVoiceConfig(Model):
    """A voice copied from a recording, with its owner's consent."""

    mime_type: str | None = None
    """``audio/wav``: 24 kHz 16-bit little-endian PCM. Nothing else is taken."""
    voice_sample_audio: bytes | None = None
    """The voice."""
    consent_audio: bytes | None = None
    """The owner's consent, spoken, in the same form."""
    voice_consent_signature: VoiceConsentSignature | None = None
    """Instead of ``consent_audio``, from an earlier LiveServerSetupComplete."""


@define(kw_only=True)
class VoiceConfig(Model):
    """The voice that the model speaks with: one of these."""

    prebuilt_voice_config: PrebuiltVoiceConfig | None = None
    """One of the service's voices."""
    replicated_voice_config: ReplicatedVoiceConfig | None = None
    """A copied voice."""
    voice: str | None = None
    """A speaker by id."""


@define(kw_only=True)
class SpeakerVoiceConfig(Model):
    """The voice of one of several speakers."""

    speaker: str | None = None
    """The speaker's name, as the prompt has it."""
    voice_config: VoiceConfig | None = None
    """The voice."""


@define(kw_only=True)
class MultiSpeakerVoiceConfig(Model):
    """Several speakers."""

    speaker_voice_configs: list[SpeakerVoiceConfig] | None = None
    """Exactly two."""


@define(kw_only=True)
class SpeechConfig(Model):
    """How the model speaks."""

    voice_config: VoiceConfig | None = None
    """With which voice."""
    language_code: str | None = None
    """In which language (BCP 47), such as ``de-DE``."""
    multi_speaker_voice_config: MultiSpeakerVoiceConfig | None = None
    """With several voices; the Live API refuses it."""


@define(kw_only=True)
class TranslationConfig(Model):
    """Live translation, for the models that are made for it."""

    target_language_code: str | None = None
    """Into which language (BCP 47), such as ``en``."""
    echo_target_language: bool | None = None
    """Whether speech that is in this language already is repeated; otherwise it is passed over."""


class AudioTranscriptionConfigMode(OpenEnum):
    """How close a transcription keeps to what was said."""

    MODE_UNSPECIFIED = "MODE_UNSPECIFIED"
    """The default: VERBATIM."""
    VERBATIM = "VERBATIM"
    """Word by word."""
    SMART = "SMART"
    """Without filler words, repetitions and false starts, with some grammar and layout."""


@define(kw_only=True)
class LanguageAuto(Model):
    """Deprecated: languages are detected where none are given."""


@define(kw_only=True)
class LanguageHints(Model):
    """Deprecated for ``AudioTranscriptionConfig.language_codes``."""

    language_codes: list[str] | None = None
    """The languages to expect (BCP 47)."""


@define(kw_only=True)
class AudioTranscriptionConfig(Model):
    """Asks for a transcription; an empty one does."""

    language_codes: list[str] | None = None
    """The languages to expect (BCP 47); any where it is not given."""
    custom_vocabulary: list[str] | None = None
    """Words and phrases to listen for."""
    word_timestamp: bool | None = None
    """Whether to say when each word was said."""
    diarization: bool | None = None
    """Whether to say who speaks."""
    mode: AudioTranscriptionConfigMode | None = None
    """How close it keeps to what was said."""
    source_text: str | None = None
    """In SMART mode, a text that the speech says how to change; the whole new text is sent."""
    language_auto: LanguageAuto | None = None
    """Deprecated: leave ``language_codes`` out."""
    language_hints: LanguageHints | None = None
    """Deprecated for ``language_codes``."""
    adaptation_phrases: list[str] | None = None
    """Deprecated for ``custom_vocabulary``."""
