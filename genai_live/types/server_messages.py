"""What the server sends. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, BidiGenerateContentServerMessage, and frames recorded from the
service; names of google-genai 3.4.0.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import field

from genai_live.record import define
from genai_live.types.content import Content, FunctionCall
from genai_live.types.grounding import GroundingMetadata, UrlContextMetadata
from genai_live.types.media import Transcription
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum
from genai_live.types.speech import VoiceConsentSignature
from genai_live.types.usage import UsageMetadata


@define(kw_only=True)
class LiveServerSetupComplete(Model):
    """The settings were accepted."""

    session_id: str | None = None
    """Vertex only."""
    voice_consent_signature: VoiceConsentSignature | None = None
    """The consent of ReplicatedVoiceConfig was accepted; to be given instead of it from now on."""


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


@define(kw_only=True)
class LiveServerContent(Model):
    """A piece of the model's answer, or news of it."""

    model_turn: Content | None = None
    """What the model says; often a single part."""
    turn_complete: bool | None = None
    """True: the turn is over. For audio it comes when it would have been played."""
    interrupted: bool | None = None
    """True: the user interrupted; throw away audio that is not played yet."""
    grounding_metadata: GroundingMetadata | None = None
    """The sources of the answer."""
    generation_complete: bool | None = None
    """True: the whole answer was sent. Does not come after an interruption."""
    input_transcription: Transcription | None = None
    """What the user said; in no fixed order to the rest."""
    interim_input_transcription: Transcription | None = None
    """A first guess of it, to be replaced."""
    output_transcription: Transcription | None = None
    """What the model says; comes before ``generation_complete`` or ``interrupted``."""
    turn_complete_reason: TurnCompleteReason | None = None
    """Why the turn is over, where something was wrong."""
    url_context_metadata: UrlContextMetadata | None = None
    """The pages that were read for the answer."""
    waiting_for_input: bool | None = None
    """True: the model waits for the user to go on."""
    interaction_status: InteractionStatus | None = None
    """Whether more is to come after this turn."""


@define(kw_only=True)
class LiveServerToolCall(Model):
    """Functions to call; each is to be answered."""

    function_calls: list[FunctionCall] | None = None
    """The calls."""


@define(kw_only=True)
class LiveServerToolCallCancellation(Model):
    """Calls that need no answer any more."""

    ids: list[str] | None = None
    """Their ids."""


@define(kw_only=True)
class LiveServerGoAway(Model):
    """The connection will end soon."""

    time_left: timedelta | None = None
    """How soon."""


@define(kw_only=True)
class LiveServerSessionResumptionUpdate(Model):
    """A handle to resume the session with, on a new connection."""

    new_handle: str | None = field(default=None, repr=False)
    """The handle; valid for 2 hours on the Gemini API. Never printed: it opens the session."""
    resumable: bool | None = None
    """Whether the session can be resumed at this point."""
    last_consumed_client_message_index: int | None = None
    """The last client message that the handle's state holds, from 1 in each connection; Vertex only."""


class VoiceActivityType(OpenEnum):
    """What happened to the user's voice."""

    TYPE_UNSPECIFIED = "TYPE_UNSPECIFIED"
    """Says nothing."""
    ACTIVITY_START = "ACTIVITY_START"
    """Speech started."""
    ACTIVITY_END = "ACTIVITY_END"
    """Speech ended."""


@define(kw_only=True)
class VoiceActivity(Model):
    """The user's speech started or ended. 3.8 sends it unasked."""

    voice_activity_type: VoiceActivityType | None = field(default=None, metadata={"wire_name": "type"})
    """Which of the two."""
    audio_offset: timedelta | None = None
    """When, in audio received since the session began, earlier connections included."""


class VadSignalType(OpenEnum):
    """What happened to the user's speech."""

    VAD_SIGNAL_TYPE_UNSPECIFIED = "VAD_SIGNAL_TYPE_UNSPECIFIED"
    """Says nothing."""
    VAD_SIGNAL_TYPE_SOS = "VAD_SIGNAL_TYPE_SOS"
    """A sentence started."""
    VAD_SIGNAL_TYPE_EOS = "VAD_SIGNAL_TYPE_EOS"
    """A sentence ended."""


@define(kw_only=True)
class VoiceActivityDetectionSignal(Model):
    """The user's speech started or ended, where ``explicit_vad_signal`` asked for it; for chosen projects."""

    vad_signal_type: VadSignalType | None = None
    """Which of the two."""


@define(kw_only=True)
class LiveServerMessage(Model):
    """A message from the service. It may say several things at once, or nothing."""

    setup_complete: LiveServerSetupComplete | None = None
    """The settings were accepted; the first message of a connection."""
    server_content: LiveServerContent | None = None
    """A piece of the answer."""
    tool_call: LiveServerToolCall | None = None
    """Functions to call."""
    tool_call_cancellation: LiveServerToolCallCancellation | None = None
    """Calls that need no answer any more."""
    usage_metadata: UsageMetadata | None = None
    """The tokens of the turn; comes with ``turn_complete``."""
    go_away: LiveServerGoAway | None = None
    """The connection will end soon."""
    session_resumption_update: LiveServerSessionResumptionUpdate | None = None
    """A handle to resume the session with."""
    voice_activity: VoiceActivity | None = None
    """The user's speech started or ended."""
    voice_activity_detection_signal: VoiceActivityDetectionSignal | None = None
    """The user's speech started or ended, where ``explicit_vad_signal`` asked for it."""
    interaction_status: InteractionStatus | None = None
    """Whether more is to come; also seen here, beside ``tool_call``."""
    turn_restarted: bool | None = field(default=None, metadata={"local": True})
    """Not the service's, and then alone in its message: what had come of the turn is void, as it begins anew
    after a reconnection. Only under ``ReconnectPolicy(resend_in_doubt=True)`` and in transparent mode."""

    @property
    def text(self) -> str | None:
        """The text of this message that is not a thought, or None."""
        content = self.server_content
        if content is None or content.model_turn is None:
            return None
        parts = content.model_turn.parts or []
        return "".join([part.text for part in parts if part.text and not part.thought]) or None

    @property
    def data(self) -> bytes | None:
        """The media of this message (audio, as a rule), or None."""
        content = self.server_content
        if content is None or content.model_turn is None:
            return None
        blobs = (part.inline_data for part in content.model_turn.parts or [])
        return b"".join(blob.data for blob in blobs if blob is not None and blob.data) or None
