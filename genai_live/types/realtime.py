"""How realtime input is taken. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, RealtimeInputConfig; names of google-genai 3.4.0.
"""

from __future__ import annotations

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


class StartSensitivity(OpenEnum):
    """How readily the start of speech is detected."""

    START_SENSITIVITY_UNSPECIFIED = "START_SENSITIVITY_UNSPECIFIED"
    """The default: HIGH on the Gemini API, LOW on Vertex."""
    START_SENSITIVITY_HIGH = "START_SENSITIVITY_HIGH"
    """Speech starts more often."""
    START_SENSITIVITY_LOW = "START_SENSITIVITY_LOW"
    """Speech starts less often."""


class EndSensitivity(OpenEnum):
    """How readily the end of speech is detected."""

    END_SENSITIVITY_UNSPECIFIED = "END_SENSITIVITY_UNSPECIFIED"
    """The default: HIGH on the Gemini API, LOW on Vertex."""
    END_SENSITIVITY_HIGH = "END_SENSITIVITY_HIGH"
    """Speech ends more often."""
    END_SENSITIVITY_LOW = "END_SENSITIVITY_LOW"
    """Speech ends less often."""


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


class ActivityHandling(OpenEnum):
    """What the start of the user's activity does to the model's answer."""

    ACTIVITY_HANDLING_UNSPECIFIED = "ACTIVITY_HANDLING_UNSPECIFIED"
    """The default: START_OF_ACTIVITY_INTERRUPTS."""
    START_OF_ACTIVITY_INTERRUPTS = "START_OF_ACTIVITY_INTERRUPTS"
    """It interrupts the answer (barge-in)."""
    NO_INTERRUPTION = "NO_INTERRUPTION"
    """The answer goes on."""


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


@define(kw_only=True)
class RealtimeInputConfig(Model):
    """How realtime input is taken."""

    automatic_activity_detection: AutomaticActivityDetection | None = None
    """How speech is detected."""
    activity_handling: ActivityHandling | None = None
    """What the start of activity does to the answer."""
    turn_coverage: TurnCoverage | None = None
    """Which of the input belongs to the turn."""
    interim_transcript_timestamp_enabled: bool | None = None
    """Whether interim transcriptions say when they were said."""
