"""The sources of an answer. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, GroundingMetadata and UrlContextMetadata; names of google-genai
3.4.0.
"""

from __future__ import annotations

from datetime import timedelta

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


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
class GroundingChunkImage(Model):
    """A picture from the web."""

    image_uri: str | None = None
    """Its address."""
    source_uri: str | None = None
    """The address of the page that it is on."""
    title: str | None = None
    """That page's title."""
    domain: str | None = None
    """That page's domain."""


@define(kw_only=True)
class GroundingChunkMapsPlaceAnswerSourcesAuthorAttribution(Model):
    """Who wrote a review."""

    display_name: str | None = None
    """The author's name."""
    photo_uri: str | None = None
    """The address of the author's picture."""
    uri: str | None = None
    """The address of the author's page."""


@define(kw_only=True)
class GroundingChunkMapsPlaceAnswerSourcesReviewSnippet(Model):
    """A passage of a review on Google Maps."""

    title: str | None = None
    """The review's title."""
    review_id: str | None = None
    """The review's id."""
    review: str | None = None
    """The review's name, to look it up by; Vertex only."""
    google_maps_uri: str | None = None
    """Where it can be read."""
    relative_publish_time_description: str | None = None
    """How old it is, in words; Vertex only."""
    author_attribution: GroundingChunkMapsPlaceAnswerSourcesAuthorAttribution | None = None
    """Who wrote it; Vertex only."""
    flag_content_uri: str | None = None
    """Where to report it; Vertex only."""


@define(kw_only=True)
class GroundingChunkMapsPlaceAnswerSources(Model):
    """What is said of a place."""

    review_snippets: list[GroundingChunkMapsPlaceAnswerSourcesReviewSnippet] | None = None
    """Passages of reviews."""
    review_snippet: list[GroundingChunkMapsPlaceAnswerSourcesReviewSnippet] | None = None
    """The same under Vertex's name."""
    flag_content_uri: str | None = None
    """Where to report it; Vertex only."""


@define(kw_only=True)
class GroundingChunkMapsRoute(Model):
    """A route; Vertex only."""

    distance_meters: int | None = None
    """Its length, in metres."""
    duration: timedelta | None = None
    """How long it takes."""
    encoded_polyline: str | None = None
    """Its course, as an encoded polyline of Google Maps."""


@define(kw_only=True)
class GroundingChunkMaps(Model):
    """A place or a route from Google Maps."""

    uri: str | None = None
    """Its address on Google Maps."""
    title: str | None = None
    """Its name."""
    text: str | None = None
    """What is said of it."""
    place_id: str | None = None
    """``places/P``."""
    place_answer_sources: GroundingChunkMapsPlaceAnswerSources | None = None
    """Where that comes from."""
    route: GroundingChunkMapsRoute | None = None
    """The route."""


@define(kw_only=True)
class GroundingChunkStringList(Model):
    """Several texts."""

    values: list[str] | None = None
    """The texts."""


@define(kw_only=True)
class GroundingChunkCustomMetadata(Model):
    """A note that the user made on a document: a name and one value."""

    key: str | None = None
    """The name."""
    string_value: str | None = None
    """A text."""
    string_list_value: GroundingChunkStringList | None = None
    """Several texts."""
    numeric_value: float | None = None
    """A number."""


@define(kw_only=True)
class RagChunkPageSpan(Model):
    """Pages of a document, from 1."""

    first_page: int | None = None
    """The first."""
    last_page: int | None = None
    """The last, itself included."""


@define(kw_only=True)
class RagChunk(Model):
    """A passage of a file in the Vertex RAG store."""

    text: str | None = None
    """The passage."""
    page_span: RagChunkPageSpan | None = None
    """Where in the file it stands."""
    chunk_id: str | None = None
    """Its id."""
    file_id: str | None = None
    """The file's id."""


@define(kw_only=True)
class GroundingChunkRetrievedContext(Model):
    """A passage of the user's own documents."""

    uri: str | None = None
    """The document's address."""
    title: str | None = None
    """Its title."""
    text: str | None = None
    """The passage."""
    document_name: str | None = None
    """The document's name in Vertex AI Search."""
    rag_chunk: RagChunk | None = None
    """The passage in the RAG store; Vertex only."""
    custom_metadata: list[GroundingChunkCustomMetadata] | None = None
    """The user's notes on the document; not on Vertex."""
    file_search_store: str | None = None
    """``fileSearchStores/S``; not on Vertex."""
    page_number: int | None = None
    """The page; not on Vertex."""
    media_id: str | None = None
    """``fileSearchStores/S/media/M``; not on Vertex."""


@define(kw_only=True)
class GroundingChunk(Model):
    """A source: one of these."""

    web: GroundingChunkWeb | None = None
    """A web page."""
    image: GroundingChunkImage | None = None
    """A picture."""
    maps: GroundingChunkMaps | None = None
    """A place or a route."""
    retrieved_context: GroundingChunkRetrievedContext | None = None
    """A passage of the user's own documents."""


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
    rendered_parts: list[int] | None = None
    """Where it is rendered, as positions."""


@define(kw_only=True)
class SearchEntryPoint(Model):
    """What to show beside the answer."""

    rendered_content: str | None = None
    """HTML with suggestions for further searches."""
    sdk_blob: bytes | None = None
    """The searches and their addresses, as JSON."""


@define(kw_only=True)
class RetrievalMetadata(Model):
    """What the service thought of searching."""

    google_search_dynamic_retrieval_score: float | None = None
    """0 to 1: how much a search promised."""


@define(kw_only=True)
class GroundingMetadataSourceFlaggingUri(Model):
    """Where a place or a review can be reported; Vertex only."""

    source_id: str | None = None
    """The id of the place or review."""
    flag_content_uri: str | None = None
    """The address."""


@define(kw_only=True)
class GroundingMetadata(Model):
    """The sources of an answer."""

    web_search_queries: list[str] | None = None
    """What was searched for."""
    image_search_queries: list[str] | None = None
    """What pictures were searched for."""
    retrieval_queries: list[str] | None = None
    """What was searched for in the user's own documents; Vertex only."""
    grounding_chunks: list[GroundingChunk] | None = None
    """The sources."""
    grounding_supports: list[GroundingSupport] | None = None
    """Where the answer rests on them."""
    search_entry_point: SearchEntryPoint | None = None
    """What to show beside the answer."""
    retrieval_metadata: RetrievalMetadata | None = None
    """What the service thought of searching."""
    source_flagging_uris: list[GroundingMetadataSourceFlaggingUri] | None = None
    """Where places and reviews can be reported; Vertex only."""
    google_maps_widget_context_token: str | None = None
    """Deprecated: a token to show a map with."""


class UrlRetrievalStatus(OpenEnum):
    """What came of reading a page."""

    URL_RETRIEVAL_STATUS_UNSPECIFIED = "URL_RETRIEVAL_STATUS_UNSPECIFIED"
    """Says nothing."""
    URL_RETRIEVAL_STATUS_SUCCESS = "URL_RETRIEVAL_STATUS_SUCCESS"
    """It was read."""
    URL_RETRIEVAL_STATUS_ERROR = "URL_RETRIEVAL_STATUS_ERROR"
    """It could not be read."""
    URL_RETRIEVAL_STATUS_PAYWALL = "URL_RETRIEVAL_STATUS_PAYWALL"
    """It has to be paid for; not on Vertex."""
    URL_RETRIEVAL_STATUS_UNSAFE = "URL_RETRIEVAL_STATUS_UNSAFE"
    """It is not safe; not on Vertex."""


@define(kw_only=True)
class UrlMetadata(Model):
    """A page that ``Tool.url_context`` read."""

    retrieved_url: str | None = None
    """Its address."""
    url_retrieval_status: UrlRetrievalStatus | None = None
    """What came of it."""


@define(kw_only=True)
class UrlContextMetadata(Model):
    """The pages that ``Tool.url_context`` read."""

    url_metadata: list[UrlMetadata] | None = None
    """The pages."""
