"""What a turn cost. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, UsageMetadata, and frames recorded from the service; names of
google-genai 3.4.0.
"""

from __future__ import annotations

from attrs import field

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


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


@define(kw_only=True)
class ModalityTokenCount(Model):
    """Tokens of one modality."""

    modality: MediaModality | None = None
    """Which."""
    token_count: int | None = None
    """How many."""


class TrafficType(OpenEnum):
    """Which quota a request was counted to; Vertex only."""

    TRAFFIC_TYPE_UNSPECIFIED = "TRAFFIC_TYPE_UNSPECIFIED"
    """Says nothing."""
    ON_DEMAND = "ON_DEMAND"
    """Pay as you go."""
    ON_DEMAND_PRIORITY = "ON_DEMAND_PRIORITY"
    """Pay as you go, ahead of others."""
    ON_DEMAND_FLEX = "ON_DEMAND_FLEX"
    """Pay as you go, flexible."""
    ON_DEMAND_OFFPEAK = "ON_DEMAND_OFFPEAK"
    """Pay as you go, off-peak."""
    PROVISIONED_THROUGHPUT = "PROVISIONED_THROUGHPUT"
    """Reserved throughput."""


class ServiceTier(OpenEnum):
    """How a request was served, and what it cost. In lower case on the wire."""

    UNSPECIFIED = "unspecified"
    """The default: STANDARD."""
    FLEX = "flex"
    """Cheaper and slower."""
    STANDARD = "standard"
    """As usual."""
    PRIORITY = "priority"
    """Dearer, and ahead of others."""


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
    traffic_type: TrafficType | None = None
    """Which quota they were counted to; Vertex only."""
    service_tier: ServiceTier | None = None
    """How the request was served; not on Vertex."""

    def __attrs_post_init__(self) -> None:
        if self.response_token_count is None:
            self.response_token_count = self.candidates_token_count
        if self.response_tokens_details is None:
            self.response_tokens_details = self.candidates_tokens_details
