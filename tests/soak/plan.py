"""What kinds of sessions there are: it follows from a session's number, in all three processes."""

from typing import Literal

import attrs

SESSION_HEADER = "x-soak-session"
"""Tells the service with the upgrade which session it is, beside the handle, which says so as well."""

CHUNK_SECONDS = 0.1
"""Audio of the user: one message in so many seconds."""
SPEECH_SECONDS = 0.04
"""Audio of the model: likewise."""
IDLE_SECONDS = 5.0
"""The idle watchdog of sessions whose connections freeze for good; healthy ones are never silent so long."""


@attrs.frozen
class Plan:
    """What one session does.

    Attributes:
        number: Which one it is.
        handles: As gemini-3.8-live gives them, once a connection; as 3.1 does, again and again; or with the
            index of transparent mode, on Vertex AI.
        reading: How the answers are read.
        freezes_for_good: Whether its connections may go silent for ever; an idle watchdog ends them.
        resends: Whether what is in doubt is sent again.
        keeps_media: Seconds of audio that are kept while there is no connection.
    """

    number: int
    handles: Literal["once", "recurring", "transparent"]
    reading: Literal["receive", "events", "callbacks"]
    freezes_for_good: bool
    resends: bool
    keeps_media: float

    @property
    def is_transparent(self) -> bool:
        """Whether nothing may be lost."""
        return self.handles == "transparent"

    @property
    def model(self) -> str:
        """By which the service knows how to behave."""
        return "gemini-3.1-flash-live-preview" if self.handles == "recurring" else "gemini-3.8-live"


def plan_of(number: int) -> Plan:
    """The plan of a session. Half of them read with ``receive``, a tenth is transparent."""
    pair = number // 2
    transparent = number % 10 == 9
    return Plan(
        number=number,
        handles="transparent" if transparent else ("once", "recurring")[number % 2],
        reading="receive" if transparent else ("receive", "events", "receive", "callbacks")[pair % 4],
        freezes_for_good=number % 5 < 2,
        resends=pair % 7 == 3 and not transparent,
        keeps_media=2.0 if pair % 5 == 2 else 0.0,
    )
