"""The enums of the Live API, under google-genai's names. No threads, sockets or clock."""

from __future__ import annotations

from enum import Enum
from typing import Any


class OpenEnum(str, Enum):
    """An enum that is read in any case, and keeps values that are newer than this library.

    ``Modality("audio") is Modality.AUDIO``; ``Modality("SMELL")`` is a member-like value of its own, equal
    to another of the same name. Members print as their value on every Python.
    """

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

    @classmethod
    def known(cls, value: str) -> OpenEnum | None:
        """The defined member of this name, in any case, or None."""
        return cls.__members__.get(value.upper())

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, str):
            return None
        if (member := cls.known(value)) is not None:
            return member
        stranger = str.__new__(cls, value)
        stranger._name_ = stranger._value_ = value
        # The cache is bounded, as a server could make up names without end; others are equal all the same.
        if len(cls._value2member_map_) < 1000:
            return cls._value2member_map_.setdefault(value, stranger)
        return stranger


class ActivityHandling(OpenEnum):
    """What the start of the user's activity does to the model's answer."""

    ACTIVITY_HANDLING_UNSPECIFIED = "ACTIVITY_HANDLING_UNSPECIFIED"
    """The default: START_OF_ACTIVITY_INTERRUPTS."""
    START_OF_ACTIVITY_INTERRUPTS = "START_OF_ACTIVITY_INTERRUPTS"
    """It interrupts the answer (barge-in)."""
    NO_INTERRUPTION = "NO_INTERRUPTION"
    """The answer goes on."""


class Behavior(OpenEnum):
    """Whether the model waits for a function's answer."""

    UNSPECIFIED = "UNSPECIFIED"
    """The model's own default: BLOCKING up to 3.1 and on Vertex, NON_BLOCKING on 3.8."""
    BLOCKING = "BLOCKING"
    """The conversation waits for the answer."""
    NON_BLOCKING = "NON_BLOCKING"
    """The conversation goes on; see FunctionResponseScheduling."""


class EndSensitivity(OpenEnum):
    """How readily the end of speech is detected."""

    END_SENSITIVITY_UNSPECIFIED = "END_SENSITIVITY_UNSPECIFIED"
    """The default: HIGH on the Gemini API, LOW on Vertex."""
    END_SENSITIVITY_HIGH = "END_SENSITIVITY_HIGH"
    """Speech ends more often."""
    END_SENSITIVITY_LOW = "END_SENSITIVITY_LOW"
    """Speech ends less often."""


class FunctionResponseScheduling(OpenEnum):
    """What the answer of a NON_BLOCKING function does to the conversation."""

    SCHEDULING_UNSPECIFIED = "SCHEDULING_UNSPECIFIED"
    """Unused."""
    SILENT = "SILENT"
    """It goes into the context only."""
    WHEN_IDLE = "WHEN_IDLE"
    """The model speaks of it after its current output. The default."""
    INTERRUPT = "INTERRUPT"
    """The model stops its output and speaks of it now."""


class InteractionStatus(OpenEnum):
    """What the session is doing; extended-thinking models send it with every ``turn_complete``."""

    INTERACTION_STATUS_UNSPECIFIED = "INTERACTION_STATUS_UNSPECIFIED"
    """Says nothing."""
    IN_PROGRESS = "IN_PROGRESS"
    """Still working on the user's input: more output may follow."""
    REQUIRES_ACTION = "REQUIRES_ACTION"
    """Deprecated for IDLE."""
    IDLE = "IDLE"
    """All that was asked for is done."""


class Language(OpenEnum):
    """The language of code that the model wrote."""

    LANGUAGE_UNSPECIFIED = "LANGUAGE_UNSPECIFIED"
    """Unused."""
    PYTHON = "PYTHON"
    """Python 3.10 or newer, with numpy and simpy."""


class MediaModality(OpenEnum):
    """What a count of tokens is for."""

    MODALITY_UNSPECIFIED = "MODALITY_UNSPECIFIED"
    """Counts as TEXT."""
    TEXT = "TEXT"
    """Text."""
    IMAGE = "IMAGE"
    """Images."""
    VIDEO = "VIDEO"
    """Video."""
    AUDIO = "AUDIO"
    """Audio, 25 tokens a second."""
    DOCUMENT = "DOCUMENT"
    """Documents, such as PDF."""


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


class Outcome(OpenEnum):
    """How the execution of code ended."""

    OUTCOME_UNSPECIFIED = "OUTCOME_UNSPECIFIED"
    """Unused."""
    OUTCOME_OK = "OUTCOME_OK"
    """It ended well; the output is its stdout."""
    OUTCOME_FAILED = "OUTCOME_FAILED"
    """It failed; the output is its stderr and stdout."""
    OUTCOME_DEADLINE_EXCEEDED = "OUTCOME_DEADLINE_EXCEEDED"
    """It ran too long and was stopped; there may be some output."""


class StartSensitivity(OpenEnum):
    """How readily the start of speech is detected."""

    START_SENSITIVITY_UNSPECIFIED = "START_SENSITIVITY_UNSPECIFIED"
    """The default: HIGH on the Gemini API, LOW on Vertex."""
    START_SENSITIVITY_HIGH = "START_SENSITIVITY_HIGH"
    """Speech starts more often."""
    START_SENSITIVITY_LOW = "START_SENSITIVITY_LOW"
    """Speech starts less often."""


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


class TurnCompleteReason(OpenEnum):
    """Why a turn ended other than by the model's having said everything."""

    TURN_COMPLETE_REASON_UNSPECIFIED = "TURN_COMPLETE_REASON_UNSPECIFIED"
    """No reason given."""
    MALFORMED_FUNCTION_CALL = "MALFORMED_FUNCTION_CALL"
    """The model's function call is invalid."""
    RESPONSE_REJECTED = "RESPONSE_REJECTED"
    """The model rejected its answer."""
    NEED_MORE_INPUT = "NEED_MORE_INPUT"
    """The user has to say more."""
    PROHIBITED_INPUT_CONTENT = "PROHIBITED_INPUT_CONTENT"
    """The input is prohibited."""
    IMAGE_PROHIBITED_INPUT_CONTENT = "IMAGE_PROHIBITED_INPUT_CONTENT"
    """The input image is prohibited."""
    INPUT_TEXT_CONTAIN_PROMINENT_PERSON_PROHIBITED = "INPUT_TEXT_CONTAIN_PROMINENT_PERSON_PROHIBITED"
    """The input text refers to a prominent person."""
    INPUT_IMAGE_CELEBRITY = "INPUT_IMAGE_CELEBRITY"
    """The input image shows a celebrity."""
    INPUT_IMAGE_PHOTO_REALISTIC_CHILD_PROHIBITED = "INPUT_IMAGE_PHOTO_REALISTIC_CHILD_PROHIBITED"
    """The input image shows a photo-realistic child."""
    INPUT_TEXT_NCII_PROHIBITED = "INPUT_TEXT_NCII_PROHIBITED"
    """The input text contains intimate content without consent."""
    INPUT_OTHER = "INPUT_OTHER"
    """Another safety issue of the input."""
    INPUT_IP_PROHIBITED = "INPUT_IP_PROHIBITED"
    """The input violates intellectual property."""
    BLOCKLIST = "BLOCKLIST"
    """The input matched a block list."""
    UNSAFE_PROMPT_FOR_IMAGE_GENERATION = "UNSAFE_PROMPT_FOR_IMAGE_GENERATION"
    """The input is unsafe for making images."""
    GENERATED_IMAGE_SAFETY = "GENERATED_IMAGE_SAFETY"
    """The generated image failed the safety check."""
    GENERATED_CONTENT_SAFETY = "GENERATED_CONTENT_SAFETY"
    """The generated content failed the safety check."""
    GENERATED_AUDIO_SAFETY = "GENERATED_AUDIO_SAFETY"
    """The generated audio failed the safety check."""
    GENERATED_VIDEO_SAFETY = "GENERATED_VIDEO_SAFETY"
    """The generated video failed the safety check."""
    GENERATED_CONTENT_PROHIBITED = "GENERATED_CONTENT_PROHIBITED"
    """The generated content is prohibited."""
    GENERATED_CONTENT_BLOCKLIST = "GENERATED_CONTENT_BLOCKLIST"
    """The generated content matched a block list."""
    GENERATED_IMAGE_PROHIBITED = "GENERATED_IMAGE_PROHIBITED"
    """The generated image is prohibited."""
    GENERATED_IMAGE_CELEBRITY = "GENERATED_IMAGE_CELEBRITY"
    """The generated image shows a celebrity."""
    GENERATED_IMAGE_PROMINENT_PEOPLE_DETECTED_BY_REWRITER = (
        "GENERATED_IMAGE_PROMINENT_PEOPLE_DETECTED_BY_REWRITER"
    )
    """The generated image shows prominent people."""
    GENERATED_IMAGE_IDENTIFIABLE_PEOPLE = "GENERATED_IMAGE_IDENTIFIABLE_PEOPLE"
    """The generated image shows identifiable people."""
    GENERATED_IMAGE_MINORS = "GENERATED_IMAGE_MINORS"
    """The generated image shows minors."""
    OUTPUT_IMAGE_IP_PROHIBITED = "OUTPUT_IMAGE_IP_PROHIBITED"
    """The generated image violates intellectual property."""
    GENERATED_OTHER = "GENERATED_OTHER"
    """Another issue of the generated content."""
    MAX_REGENERATION_REACHED = "MAX_REGENERATION_REACHED"
    """The model tried too often."""


class TurnCoverage(OpenEnum):
    """Which of the input belongs to the user's turn."""

    TURN_COVERAGE_UNSPECIFIED = "TURN_COVERAGE_UNSPECIFIED"
    """The model's own default: activity only on 2.5, audio activity and all video on 3.1 and 3.8."""
    TURN_INCLUDES_ONLY_ACTIVITY = "TURN_INCLUDES_ONLY_ACTIVITY"
    """What came during activity, without the silence around it."""
    TURN_INCLUDES_ALL_INPUT = "TURN_INCLUDES_ALL_INPUT"
    """All that came since the last turn."""
    TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO = "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"
    """Audio during activity, and all video. Vertex refuses it."""


class Type(OpenEnum):
    """The type of a value in a Schema."""

    TYPE_UNSPECIFIED = "TYPE_UNSPECIFIED"
    """Unused."""
    STRING = "STRING"
    """Text."""
    NUMBER = "NUMBER"
    """A number."""
    INTEGER = "INTEGER"
    """A whole number."""
    BOOLEAN = "BOOLEAN"
    """True or false."""
    ARRAY = "ARRAY"
    """A list."""
    OBJECT = "OBJECT"
    """A mapping from names to values."""
    NULL = "NULL"
    """None."""


class VoiceActivityType(OpenEnum):
    """What happened to the user's voice."""

    TYPE_UNSPECIFIED = "TYPE_UNSPECIFIED"
    """Says nothing."""
    ACTIVITY_START = "ACTIVITY_START"
    """Speech started."""
    ACTIVITY_END = "ACTIVITY_END"
    """Speech ended."""
