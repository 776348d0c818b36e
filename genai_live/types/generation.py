"""How the model answers. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, GenerationConfig; names of google-genai 3.4.0.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum
from genai_live.types.schema import Schema
from genai_live.types.speech import AudioTranscriptionConfig, SpeechConfig, TranslationConfig


class Modality(OpenEnum):
    """In what form the model answers."""

    MODALITY_UNSPECIFIED = "MODALITY_UNSPECIFIED"
    """Treated as text."""
    TEXT = "TEXT"
    """Text; native-audio models refuse it."""
    IMAGE = "IMAGE"
    """Images."""
    AUDIO = "AUDIO"
    """Speech: 24 kHz 16-bit mono PCM."""
    VIDEO = "VIDEO"
    """Video of an avatar; Vertex only."""


class MediaResolution(OpenEnum):
    """How finely media in the input are seen; it decides how many tokens they cost."""

    MEDIA_RESOLUTION_UNSPECIFIED = "MEDIA_RESOLUTION_UNSPECIFIED"
    """The model's own default."""
    MEDIA_RESOLUTION_LOW = "MEDIA_RESOLUTION_LOW"
    """64 tokens a frame."""
    MEDIA_RESOLUTION_MEDIUM = "MEDIA_RESOLUTION_MEDIUM"
    """256 tokens a frame."""
    MEDIA_RESOLUTION_HIGH = "MEDIA_RESOLUTION_HIGH"
    """256 tokens a frame, and more for zoomed parts."""


class ThinkingLevel(OpenEnum):
    """How much the model thinks; 2.5 has a budget instead, and 3.8 refuses both."""

    THINKING_LEVEL_UNSPECIFIED = "THINKING_LEVEL_UNSPECIFIED"
    """The model's own default."""
    MINIMAL = "MINIMAL"
    """Hardly; the default of 3.1."""
    LOW = "LOW"
    """A little."""
    MEDIUM = "MEDIUM"
    """Some."""
    HIGH = "HIGH"
    """Much."""
    XHIGH = "XHIGH"
    """Very much."""


@define(kw_only=True)
class ThinkingConfig(Model):
    """Whether and how much the model thinks before it answers."""

    include_thoughts: bool | None = None
    """Whether summaries of its thoughts are sent, as parts with ``thought``."""
    thinking_budget: int | None = None
    """In tokens; 0 is off, -1 leaves it to the model. 2.5 only."""
    thinking_level: ThinkingLevel | None = None
    """How much; 3.1 and the extended-thinking models."""


class FeatureSelectionPreference(OpenEnum):
    """What to choose a model by."""

    FEATURE_SELECTION_PREFERENCE_UNSPECIFIED = "FEATURE_SELECTION_PREFERENCE_UNSPECIFIED"
    """Unused."""
    PRIORITIZE_QUALITY = "PRIORITIZE_QUALITY"
    """By quality."""
    BALANCED = "BALANCED"
    """By both."""
    PRIORITIZE_COST = "PRIORITIZE_COST"
    """By cost."""


@define(kw_only=True)
class ModelSelectionConfig(Model):
    """How a model is chosen; Vertex only."""

    feature_selection_preference: FeatureSelectionPreference | None = None
    """What by."""


@define(kw_only=True)
class GenerationConfigRoutingConfigAutoRoutingMode(Model):
    """The service chooses the model by what is asked."""

    model_routing_preference: str | None = None
    """``UNKNOWN``, ``PRIORITIZE_QUALITY``, ``BALANCED`` or ``PRIORITIZE_COST``."""


@define(kw_only=True)
class GenerationConfigRoutingConfigManualRoutingMode(Model):
    """The program chooses the model."""

    model_name: str | None = None
    """Its name."""


@define(kw_only=True)
class GenerationConfigRoutingConfig(Model):
    """Which model a request goes to; Vertex only."""

    auto_mode: GenerationConfigRoutingConfigAutoRoutingMode | None = None
    """The service chooses."""
    manual_mode: GenerationConfigRoutingConfigManualRoutingMode | None = None
    """The program chooses."""


class Delivery(OpenEnum):
    """How generated media are handed over."""

    DELIVERY_UNSPECIFIED = "DELIVERY_UNSPECIFIED"
    """Unused."""
    INLINE = "INLINE"
    """As bytes."""
    URI = "URI"
    """By address."""


class AspectRatio(OpenEnum):
    """Width to height."""

    ASPECT_RATIO_UNSPECIFIED = "ASPECT_RATIO_UNSPECIFIED"
    """Unused."""
    ASPECT_RATIO_ONE_BY_ONE = "ASPECT_RATIO_ONE_BY_ONE"
    """1:1"""
    ASPECT_RATIO_TWO_BY_THREE = "ASPECT_RATIO_TWO_BY_THREE"
    """2:3"""
    ASPECT_RATIO_THREE_BY_TWO = "ASPECT_RATIO_THREE_BY_TWO"
    """3:2"""
    ASPECT_RATIO_THREE_BY_FOUR = "ASPECT_RATIO_THREE_BY_FOUR"
    """3:4"""
    ASPECT_RATIO_FOUR_BY_THREE = "ASPECT_RATIO_FOUR_BY_THREE"
    """4:3"""
    ASPECT_RATIO_FOUR_BY_FIVE = "ASPECT_RATIO_FOUR_BY_FIVE"
    """4:5"""
    ASPECT_RATIO_FIVE_BY_FOUR = "ASPECT_RATIO_FIVE_BY_FOUR"
    """5:4"""
    ASPECT_RATIO_NINE_BY_SIXTEEN = "ASPECT_RATIO_NINE_BY_SIXTEEN"
    """9:16"""
    ASPECT_RATIO_SIXTEEN_BY_NINE = "ASPECT_RATIO_SIXTEEN_BY_NINE"
    """16:9"""
    ASPECT_RATIO_TWENTY_ONE_BY_NINE = "ASPECT_RATIO_TWENTY_ONE_BY_NINE"
    """21:9"""
    ASPECT_RATIO_ONE_BY_EIGHT = "ASPECT_RATIO_ONE_BY_EIGHT"
    """1:8"""
    ASPECT_RATIO_EIGHT_BY_ONE = "ASPECT_RATIO_EIGHT_BY_ONE"
    """8:1"""
    ASPECT_RATIO_ONE_BY_FOUR = "ASPECT_RATIO_ONE_BY_FOUR"
    """1:4"""
    ASPECT_RATIO_FOUR_BY_ONE = "ASPECT_RATIO_FOUR_BY_ONE"
    """4:1"""


class ImageSize(OpenEnum):
    """The length of a picture's sides, in pixels."""

    IMAGE_SIZE_UNSPECIFIED = "IMAGE_SIZE_UNSPECIFIED"
    """Unused."""
    IMAGE_SIZE_FIVE_TWELVE = "IMAGE_SIZE_FIVE_TWELVE"
    """About 512."""
    IMAGE_SIZE_ONE_K = "IMAGE_SIZE_ONE_K"
    """About 1024."""
    IMAGE_SIZE_TWO_K = "IMAGE_SIZE_TWO_K"
    """About 2048."""
    IMAGE_SIZE_FOUR_K = "IMAGE_SIZE_FOUR_K"
    """About 4096."""


@define(kw_only=True)
class AudioResponseFormat(Model):
    """How audio is made."""

    mime_type: str | None = None
    """Its type."""
    sample_rate: int | None = None
    """In samples a second."""
    bit_rate: int | None = None
    """In bits a second; MP3 and Opus only."""
    delivery: Delivery | None = None
    """How it is handed over."""


@define(kw_only=True)
class ImageResponseFormat(Model):
    """How pictures are made."""

    mime_type: str | None = None
    """Their type."""
    aspect_ratio: AspectRatio | None = None
    """Their shape."""
    image_size: ImageSize | None = None
    """Their size."""
    delivery: Delivery | None = None
    """How they are handed over."""


@define(kw_only=True)
class TextResponseFormat(Model):
    """How text is made."""

    mime_type: str | None = None
    """Its type."""
    schema: Any = None
    """Its shape as JSON Schema, for ``application/json``; sent as it is. google-genai: ``jsonSchema``."""


@define(kw_only=True)
class VideoResponseFormat(Model):
    """How videos are made."""

    aspect_ratio: AspectRatio | None = None
    """Their shape."""
    resolution: str | None = None
    """``360p``, ``720p``, ``1080p`` or ``4k``."""
    duration: timedelta | None = None
    """How long they are."""
    delivery: Delivery | None = None
    """How they are handed over."""
    gcs_uri: str | None = None
    """Where to put them in Google Cloud Storage, for Delivery.URI."""


@define(kw_only=True)
class ResponseFormat(Model):
    """How one form of the answer is made; Vertex only."""

    audio: AudioResponseFormat | None = None
    """Audio."""
    image: ImageResponseFormat | None = None
    """Pictures."""
    text: TextResponseFormat | None = None
    """Text."""
    video: VideoResponseFormat | None = None
    """Videos."""


@define(kw_only=True)
class GenerationConfig(Model):
    """How the model answers.

    The Live API takes the fields up to ``translation_config``. The others belong to the same message, and it
    documents that it does not support most of them.
    """

    response_modalities: list[Modality] | None = None
    """In what form; AUDIO where it is not given."""
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
    candidate_count: int | None = None
    """How many answers to make."""
    presence_penalty: float | None = None
    """-2 to 2: above 0, words that were used are used less."""
    frequency_penalty: float | None = None
    """-2 to 2: above 0, words are used less the more often they were used."""
    translation_config: TranslationConfig | None = None
    """Live translation."""
    audio_transcription_config: AudioTranscriptionConfig | None = None
    """How speech is recognised."""
    audio_timestamp: bool | None = None
    """Whether the model is told the times of audio; Vertex only."""
    stop_sequences: list[str] | None = None
    """Texts that end an answer."""
    logprobs: int | None = None
    """For how many of the likeliest tokens to give probabilities."""
    response_logprobs: bool | None = None
    """Whether to give the probabilities of tokens."""
    response_mime_type: str | None = None
    """The type of an answer in text."""
    response_schema: Schema | None = None
    """The shape of an answer in JSON."""
    response_json_schema: Any = None
    """The same as JSON Schema; sent as it is."""
    response_format: list[ResponseFormat] | None = None
    """How each form of the answer is made; Vertex only."""
    model_selection_config: ModelSelectionConfig | None = None
    """How a model is chosen; Vertex only."""
    routing_config: GenerationConfigRoutingConfig | None = None
    """Which model the request goes to; Vertex only."""
    enable_enhanced_civic_answers: bool | None = None
    """Whether questions of politics are answered more fully; not on Vertex."""
