"""The sources of an answer that was grounded in Google Search. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, GroundingMetadata; names of google-genai 3.4.0.
"""

from __future__ import annotations

from genai_live.record import define
from genai_live.types.model import Model


@define(kw_only=True)
class GroundingChunkWeb(Model):
    """A web page."""

    uri: str | None = None
    """Its address."""
    title: str | None = None
    """Its title."""
    domain: str | None = None
    """Its domain; Vertex only."""


@define(kw_only=True)
class GroundingChunk(Model):
    """A source."""

    web: GroundingChunkWeb | None = None
    """A web page."""


@define(kw_only=True)
class Segment(Model):
    """A stretch of the answer, counted in bytes of UTF-8."""

    part_index: int | None = None
    """In which part, from 0."""
    start_index: int | None = None
    """Its first byte in the part, from 0."""
    end_index: int | None = None
    """The first byte after it."""
    text: str | None = None
    """The stretch itself."""


@define(kw_only=True)
class GroundingSupport(Model):
    """Which sources stand behind a stretch of the answer."""

    segment: Segment | None = None
    """The stretch."""
    grounding_chunk_indices: list[int] | None = None
    """The sources, as positions in ``GroundingMetadata.grounding_chunks``."""
    confidence_scores: list[float] | None = None
    """0 to 1 for each of the sources."""


@define(kw_only=True)
class SearchEntryPoint(Model):
    """What to show beside the answer."""

    rendered_content: str | None = None
    """HTML with suggestions for further searches."""
    sdk_blob: bytes | None = None
    """The searches and their addresses, as JSON."""


@define(kw_only=True)
class GroundingMetadata(Model):
    """The sources of an answer."""

    web_search_queries: list[str] | None = None
    """What was searched for."""
    grounding_chunks: list[GroundingChunk] | None = None
    """The sources."""
    grounding_supports: list[GroundingSupport] | None = None
    """Where the answer rests on them."""
    search_entry_point: SearchEntryPoint | None = None
    """What to show beside the answer."""
