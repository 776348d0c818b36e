"""What the server sends. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, BidiGenerateContentServerMessage, and frames recorded from the
service; names of google-genai 3.4.0.
"""

from __future__ import annotations

from datetime import timedelta

from attrs import field

from genai_live.record import define
from genai_live.types.content import Content, FunctionCall
from genai_live.types.enums import InteractionStatus, MediaModality, TurnCompleteReason, VoiceActivityType
from genai_live.types.grounding import GroundingMetadata
from genai_live.types.model import Model


@define(kw_only=True)
class LiveServerSetupComplete(Model):
    """The settings were accepted."""

    session_id: str | None = None
    """Vertex only."""


@define(kw_only=True)
class Transcription(Model):
    """Speech as text: a fragment of it, or the whole utterance, depending on the model."""

    text: str | None = None
    """The text; fragments bring their own spaces."""
    finished: bool | None = None
    """True: the utterance ends here. Many models never say so; do not wait for it."""


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

    new_handle: str | None = None
    """The handle; valid for 2 hours on the Gemini API."""
    resumable: bool | None = None
    """Whether the session can be resumed at this point."""
    last_consumed_client_message_index: int | None = None
    """The last client message that the handle's state holds, from 1 in each connection; Vertex only."""


@define(kw_only=True)
class ModalityTokenCount(Model):
    """Tokens of one modality."""

    modality: MediaModality | None = None
    """Which."""
    token_count: int | None = None
    """How many."""


@define(kw_only=True)
class UsageMetadata(Model):
    """The tokens of one turn, all of them counts. Not cumulative; the history counts again in each prompt."""

    prompt_token_count: int | None = None
    """Of the prompt, history and cached content included."""
    cached_content_token_count: int | None = None
    """Of the prompt, those that were cached."""
    response_token_count: int | None = field(
        default=None, metadata={"unwritten_if_equal": "candidates_token_count"}
    )
    """Of the answer, on either surface."""
    tool_use_prompt_token_count: int | None = None
    """Of the results of the service's own tools."""
    thoughts_token_count: int | None = None
    """Of the model's thoughts."""
    total_token_count: int | None = None
    """Of everything."""
    prompt_tokens_details: list[ModalityTokenCount] | None = None
    """The prompt by modality; need not add up to the count."""
    cache_tokens_details: list[ModalityTokenCount] | None = None
    """The cached content by modality."""
    response_tokens_details: list[ModalityTokenCount] | None = field(
        default=None, metadata={"unwritten_if_equal": "candidates_tokens_details"}
    )
    """The answer by modality, on either surface."""
    tool_use_prompt_tokens_details: list[ModalityTokenCount] | None = None
    """The results of the service's own tools by modality."""
    candidates_token_count: int | None = None
    """Vertex's name for ``response_token_count``, which is set along with it."""
    candidates_tokens_details: list[ModalityTokenCount] | None = None
    """Vertex's name for ``response_tokens_details``, which is set along with it."""

    def __attrs_post_init__(self) -> None:
        if self.response_token_count is None:
            self.response_token_count = self.candidates_token_count
        if self.response_tokens_details is None:
            self.response_tokens_details = self.candidates_tokens_details


@define(kw_only=True)
class VoiceActivity(Model):
    """The user's speech started or ended. 3.8 sends it unasked."""

    voice_activity_type: VoiceActivityType | None = field(default=None, metadata={"wire_name": "type"})
    """Which of the two."""
    audio_offset: timedelta | None = None
    """When, in audio received since the session began, earlier connections included."""


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
    interaction_status: InteractionStatus | None = None
    """Whether more is to come; also seen here, beside ``tool_call``."""

    @property
    def text(self) -> str | None:
        """The text of this message that is not a thought, or None."""
        content = self.server_content
        if content is None or content.model_turn is None:
            return None
        parts = content.model_turn.parts or []
        return "".join(part.text for part in parts if part.text and not part.thought) or None

    @property
    def data(self) -> bytes | None:
        """The media of this message (audio, as a rule), or None."""
        content = self.server_content
        if content is None or content.model_turn is None:
            return None
        blobs = (part.inline_data for part in content.model_turn.parts or [])
        return b"".join(blob.data for blob in blobs if blob is not None and blob.data) or None
