"""Media, and how the model is to look at them. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, content.proto; names of google-genai 3.4.0.
"""

from __future__ import annotations

from datetime import timedelta

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


@define(kw_only=True)
class Blob(Model):
    """Media as bytes. Audio for the model: 16-bit little-endian mono PCM; from it: the same at 24 kHz."""

    data: bytes | None = None
    """The media themselves; standard base64 on the wire."""
    mime_type: str | None = None
    """Such as ``audio/pcm;rate=16000`` or ``image/jpeg``."""
    display_name: str | None = None
    """A name to refer to it by; Vertex only."""


@define(kw_only=True)
class FileData(Model):
    """Media by address."""

    file_uri: str | None = None
    """Where the file is, such as ``gs://bucket/picture.png``."""
    mime_type: str | None = None
    """Such as ``image/png``."""
    display_name: str | None = None
    """A name to refer to it by; Vertex only."""


class PartMediaResolutionLevel(OpenEnum):
    """How finely one piece of media is seen; it decides how many tokens it costs."""

    MEDIA_RESOLUTION_UNSPECIFIED = "MEDIA_RESOLUTION_UNSPECIFIED"
    """As the session's MediaResolution says."""
    MEDIA_RESOLUTION_LOW = "MEDIA_RESOLUTION_LOW"
    """Coarsely."""
    MEDIA_RESOLUTION_MEDIUM = "MEDIA_RESOLUTION_MEDIUM"
    """Moderately."""
    MEDIA_RESOLUTION_HIGH = "MEDIA_RESOLUTION_HIGH"
    """Finely."""
    MEDIA_RESOLUTION_ULTRA_HIGH = "MEDIA_RESOLUTION_ULTRA_HIGH"
    """Very finely."""


@define(kw_only=True)
class PartMediaResolution(Model):
    """How finely one piece of media is seen."""

    level: PartMediaResolutionLevel | None = None
    """By level."""
    num_tokens: int | None = None
    """By the tokens that it may cost."""


class MediaProcessing(OpenEnum):
    """How a video is looked at."""

    MEDIA_PROCESSING_UNSPECIFIED = "MEDIA_PROCESSING_UNSPECIFIED"
    """The model's own default."""
    STATIC = "STATIC"
    """At a fixed rate of frames, all of them in the context."""
    AGENTIC = "AGENTIC"
    """The model decides where to look."""


class VideoMetadataContentLayer(OpenEnum):
    """What to take from a video."""

    CONTENT_LAYER_UNSPECIFIED = "CONTENT_LAYER_UNSPECIFIED"
    """The default."""
    FRAMES = "FRAMES"
    """The pictures."""
    AUDIO = "AUDIO"
    """The sound."""
    TRANSCRIPT = "TRANSCRIPT"
    """What is said, as text."""


@define(kw_only=True)
class VideoMetadata(Model):
    """Which part of a video to look at, and how."""

    start_offset: timedelta | None = None
    """From here on; from the beginning where it is not given."""
    end_offset: timedelta | None = None
    """Up to here; to the end where it is not given."""
    fps: float | None = None
    """Frames a second, above 0 and up to 24; 1 where it is not given."""
    content_layers: list[VideoMetadataContentLayer] | None = None
    """What to take from it; FRAMES and AUDIO where it is not given."""


class DocumentMetadataContentLayer(OpenEnum):
    """What to take from a document."""

    CONTENT_LAYER_UNSPECIFIED = "CONTENT_LAYER_UNSPECIFIED"
    """The default."""
    PAGE_IMAGE = "PAGE_IMAGE"
    """The pages as pictures."""
    PAGE_TEXT = "PAGE_TEXT"
    """The text on them."""


@define(kw_only=True)
class DocumentMetadata(Model):
    """Which part of a document to look at, and how."""

    start_page: int | None = None
    """The first page, from 1."""
    end_page: int | None = None
    """The last page, itself included."""
    content_layers: list[DocumentMetadataContentLayer] | None = None
    """What to take from it; PAGE_IMAGE where it is not given."""


class SpreadsheetMetadataContentLayer(OpenEnum):
    """What to take from a spreadsheet."""

    CONTENT_LAYER_UNSPECIFIED = "CONTENT_LAYER_UNSPECIFIED"
    """The default."""
    DATA = "DATA"
    """Values, merged cells and formats."""
    FORMULAS = "FORMULAS"
    """Formulas and their results."""
    VISUAL = "VISUAL"
    """A picture of the sheet."""


@define(kw_only=True)
class SpreadsheetMetadata(Model):
    """Which part of a spreadsheet to look at, and how."""

    visible_cells: str | None = None
    """The cells, such as ``A1:D10``; all that are filled where it is not given."""
    sheet_index: int | None = None
    """Which sheet, from 1; the first where it is not given."""
    content_layers: list[SpreadsheetMetadataContentLayer] | None = None
    """What to take from it; DATA and FORMULAS where it is not given."""


@define(kw_only=True)
class AudioMetadata(Model):
    """Which part of a recording to listen to."""

    start_offset: timedelta | None = None
    """From here on."""
    end_offset: timedelta | None = None
    """Up to here."""


@define(kw_only=True)
class SpeechMetadata(Model):
    """How a text is to be spoken."""

    speaker: str | None = None
    """By whom: a ``speaker`` of MultiSpeakerVoiceConfig."""
    style: str | None = None
    """In which manner, such as ``excited, fast-paced``."""


@define(kw_only=True)
class WordInfo(Model):
    """A word of a transcription. Its times count from the beginning of the audio."""

    word: str | None = None
    """The word."""
    start_offset: timedelta | None = None
    """When it starts."""
    end_offset: timedelta | None = None
    """When it ends."""


@define(kw_only=True)
class Transcription(Model):
    """Speech as text: a fragment of it, or the whole utterance, depending on the model.

    Its times count from the beginning of the audio.
    """

    text: str | None = None
    """The text; fragments bring their own spaces."""
    finished: bool | None = None
    """True: the utterance ends here. Many models never say so; do not wait for it."""
    language_code: str | None = None
    """The language (BCP 47)."""
    speaker_label: str | None = None
    """Who speaks, such as ``spk_1``; where diarization was asked for."""
    words: list[WordInfo] | None = None
    """The words; where their times were asked for."""
    start_offset: timedelta | None = None
    """When it starts."""
    end_offset: timedelta | None = None
    """When it ends."""
