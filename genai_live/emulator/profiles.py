"""How each family of models behaves on the wire: one row for each, with the source of every fact.

"Notes" are the project's protocol notes, which name the document or the measurement behind each fact. No
threads, sockets or clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

DELIVERY_SPEED = 10.56 / 4.35
"""Seconds of audio that are sent in a second: 10.56 s of audio were through after 4.35 s (notes, 2.5)."""

WORD_SECONDS = 0.05
"""Between two written words: brisk reading. The service's own pace is not known."""

INPUT_TRANSCRIPTION_SECONDS = 0.55
"""From noticing the end of speech to its transcription: 1.2 to 1.3 s after speech, of which the silence that
ends it takes 0.7 s (notes, 2.5 and 3.3)."""

HANDLE_SECONDS = 1.2
"""Between two resumption handles of 3.1 (notes, 3.5)."""

CALL_AGAIN_SECONDS = 0.6
"""From the interruption that dropped a call to the one in its place: 0.5 to 0.8 s (notes, 3.4)."""

IDLE_SECONDS = 150.0
"""Without a message of the client, until the connection is aborted (notes, 3.5)."""

GO_AWAY_SECONDS = 540.5
"""From the setup to goAway (notes, 3.5)."""

GO_AWAY_TIME_LEFT = 50.0
"""What goAway announces (notes, 3.5)."""

VERTEX_GO_AWAY_TIME_LEFT = 30.0
"""Likewise, on Vertex AI (notes, 3.5)."""

GO_AWAY_GRACE_SECONDS = 0.8
"""From the end of the announced time to the abort: goAway at 540.5 s with 50 s left, abort at 591.3 s (notes,
3.5)."""


class Words(Enum):
    """Where the transcription of the model's speech stands (notes, 2.5)."""

    BETWEEN_AUDIO = "in frames of their own, between those of the audio"
    WITH_AUDIO = "in the frames of the audio"
    BEFORE_AUDIO = "all before the audio, opened by an empty one, ended by `finished`"


class Handles(Enum):
    """When the service gives a resumption handle (notes, 3.5)."""

    WHEN_ASKED = "after the setup, where it was asked for"
    ONCE = "after the setup, always"
    OFTEN = "after the setup, tool responses and turns, and every 1.2 s; always"
    NEVER = "never"


_OTHER_MODALITY = (
    "The requested combination of response modalities ({}) is not supported by the model. {} accepts the "
    "following combinations."
)


@dataclass(frozen=True)
class Profile:
    """One family of models.

    Attributes:
        name: As ``Emulator(profile=…)`` takes it.
        modalities: What it answers in; the first is the one where the setup names none.
        other_modality: The close reason where another one is asked for; ``{}`` is that modality, then the
            model's resource name.
        frame_seconds: Audio in one frame, on average (notes, 2.5).
        mime_type: Of the audio (notes, 2.5).
        role: Whether the parts of an answer have ``"role": "model"`` (notes, 2.5).
        words: Where the transcription of its own speech stands.
        thinks: Whether an answer opens with a thought (notes, 2.5).
        opening: The empty frames that come first after a prompt and after a tool response (notes, 2.4).
        empty_frames: Whether empty frames come while it generates (notes, 2.4).
        hears_in_fragments: Whether the transcription of the user's speech comes word by word; else it comes
            at once (notes, 2.5).
        reports_activity: Whether ``voiceActivity`` is sent, unasked (notes, 2.4).
        transcribes_only: Whether it writes down what the user says, and does not answer: no ``turnComplete``,
            no usage, no end of speech but ``audioStreamEnd`` (notes, 3.7).
        behaviors: How functions may be declared (notes, 3.4); the first is the default.
        call_ends_turn: Whether the turn ends at the call of a BLOCKING function too, and the answer is a new
            one (notes, 2.5).
        calls_again: Whether an interruption drops the calls that wait, in silence, and they are made again;
            else it cancels those that the model waits with (notes, 3.4).
        call_id: The form of a call's id (notes, 2.4).
        handles: When resumption handles come.
        requires_role: Whether a turn without a role is refused (notes, 3.2).
        content_after_realtime: Whether content is taken once realtime input has come (notes, 3.2).
        media_chunks: Whether the deprecated field is taken (notes, 4).
        thinking_level: Whether ``thinkingLevel`` is taken (notes, 3.7).
        candidates: Whether the usage has Vertex AI's names (notes, 2.4).
        grounding: Whether ``turnComplete`` comes with an empty ``groundingMetadata`` (notes, 2.5).
        go_away_time_left: Seconds that goAway announces (notes, 3.5).
    """

    name: str
    modalities: tuple[Literal["AUDIO", "TEXT"], ...] = ("AUDIO",)
    other_modality: str = _OTHER_MODALITY
    frame_seconds: float = 0.19
    mime_type: str = "audio/pcm;rate=24000"
    role: bool = False
    words: Words = Words.WITH_AUDIO
    thinks: bool = False
    opening: tuple[Mapping[str, Any], ...] = ()
    empty_frames: bool = False
    hears_in_fragments: bool = False
    reports_activity: bool = False
    transcribes_only: bool = False
    behaviors: tuple[Literal["BLOCKING", "NON_BLOCKING"], ...] = ("BLOCKING", "NON_BLOCKING")
    call_ends_turn: bool = False
    calls_again: bool = False
    call_id: Literal["function-call-", "fc_", "uuid"] = "fc_"
    handles: Handles = Handles.WHEN_ASKED
    requires_role: bool = False
    content_after_realtime: bool = True
    media_chunks: bool = True
    thinking_level: bool = True
    candidates: bool = False
    grounding: bool = False
    go_away_time_left: float = GO_AWAY_TIME_LEFT


_20 = Profile(
    "2.0",
    modalities=("TEXT", "AUDIO"),
    frame_seconds=0.06,
    role=True,
    words=Words.BETWEEN_AUDIO,
    hears_in_fragments=True,
    call_id="function-call-",
)
_25 = Profile(
    "2.5",
    other_modality="Cannot extract voices from a non-audio request.",
    frame_seconds=0.06,
    words=Words.BETWEEN_AUDIO,
    thinks=True,
    hears_in_fragments=True,
    call_id="function-call-",
)
_31 = Profile(
    "3.1",
    opening=({"serverContent": {}},),
    behaviors=("BLOCKING",),
    handles=Handles.OFTEN,
    content_after_realtime=False,
    media_chunks=False,
)
_38 = Profile(
    "3.8",
    role=True,
    opening=({"serverContent": {}}, {}),
    empty_frames=True,
    reports_activity=True,
    behaviors=("NON_BLOCKING", "BLOCKING"),
    calls_again=True,
    handles=Handles.ONCE,
    requires_role=True,
    thinking_level=False,
)
_TRANSCRIBE = Profile(
    "transcribe",
    modalities=("TEXT",),
    reports_activity=True,
    transcribes_only=True,
    handles=Handles.NEVER,
)
_VERTEX_25 = Profile(
    "vertex-2.5",
    modalities=("AUDIO", "TEXT"),
    mime_type="audio/pcm",
    role=True,
    words=Words.BEFORE_AUDIO,
    hears_in_fragments=True,
    call_ends_turn=True,
    call_id="uuid",
    candidates=True,
    grounding=True,
    go_away_time_left=VERTEX_GO_AWAY_TIME_LEFT,
)

PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (_20, _25, _31, _38, _TRANSCRIBE, _VERTEX_25)
}
