"""Data sources of one's own, which the service searches on Vertex. No threads, sockets or clock.

Source: google.cloud.aiplatform.v1beta1, tool.proto; names of google-genai 3.4.0. The Gemini API has
none of it.
"""

from __future__ import annotations

from attrs import field

from genai_live.record import define
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum


@define(kw_only=True)
class VertexAISearchDataStoreSpec(Model):
    """One data store of an engine."""

    data_store: str | None = None
    """``projects/P/locations/L/collections/C/dataStores/D``."""
    filter: str | None = None
    """Which documents to look in."""


@define(kw_only=True)
class VertexAISearch(Model):
    """Vertex AI Search: a data store or an engine."""

    datastore: str | None = None
    """``projects/P/locations/L/collections/C/dataStores/D``."""
    engine: str | None = None
    """``projects/P/locations/L/collections/C/engines/E``."""
    data_store_specs: list[VertexAISearchDataStoreSpec] | None = None
    """Which data stores of the engine."""
    filter: str | None = None
    """Which documents to look in."""
    max_results: int | None = None
    """At most 10; 10 where it is not given."""


@define(kw_only=True)
class VertexRagStoreRagResource(Model):
    """A corpus, or some files of one."""

    rag_corpus: str | None = None
    """``projects/P/locations/L/ragCorpora/C``."""
    rag_file_ids: list[str] | None = None
    """The ids of files in it."""


@define(kw_only=True)
class RagRetrievalConfigFilter(Model):
    """Which passages to take."""

    metadata_filter: str | None = None
    """By their files' metadata."""
    vector_distance_threshold: float | None = None
    """By distance: those that are nearer."""
    vector_similarity_threshold: float | None = None
    """By similarity: those that are more alike."""


@define(kw_only=True)
class RagRetrievalConfigHybridSearch(Model):
    """A search by words and by meaning."""

    alpha: float | None = None
    """0 (words only) to 1 (meaning only); 0.5 where it is not given."""


@define(kw_only=True)
class RagRetrievalConfigRankingLlmRanker(Model):
    """A model puts the passages in order."""

    model_name: str | None = None
    """Which."""


@define(kw_only=True)
class RagRetrievalConfigRankingRankService(Model):
    """The ranking service puts the passages in order."""

    model_name: str | None = None
    """Such as ``semantic-ranker-512@latest``."""


@define(kw_only=True)
class RagRetrievalConfigRanking(Model):
    """What puts the passages in order: one of these."""

    llm_ranker: RagRetrievalConfigRankingLlmRanker | None = None
    """A model."""
    rank_service: RagRetrievalConfigRankingRankService | None = None
    """The ranking service."""


@define(kw_only=True)
class RagRetrievalConfig(Model):
    """How to search."""

    top_k: int | None = None
    """How many passages to find."""
    filter: RagRetrievalConfigFilter | None = None
    """Which passages to take."""
    hybrid_search: RagRetrievalConfigHybridSearch | None = None
    """A search by words and by meaning."""
    ranking: RagRetrievalConfigRanking | None = None
    """What puts the passages in order."""


@define(kw_only=True)
class VertexRagStore(Model):
    """The Vertex RAG store."""

    rag_resources: list[VertexRagStoreRagResource] | None = None
    """One corpus, or several files of one."""
    rag_retrieval_config: RagRetrievalConfig | None = None
    """How to search."""
    store_context: bool | None = None
    """Live only: whether the conversation itself is remembered there."""
    rag_corpora: list[str] | None = None
    """Deprecated for ``rag_resources``."""
    similarity_top_k: int | None = None
    """Deprecated for ``RagRetrievalConfig.top_k``."""
    vector_distance_threshold: float | None = None
    """Deprecated for ``RagRetrievalConfigFilter``'s."""


class AuthType(OpenEnum):
    """How the service signs in."""

    AUTH_TYPE_UNSPECIFIED = "AUTH_TYPE_UNSPECIFIED"
    """Unused."""
    NO_AUTH = "NO_AUTH"
    """Not at all."""
    API_KEY_AUTH = "API_KEY_AUTH"
    """By ApiKeyConfig."""
    HTTP_BASIC_AUTH = "HTTP_BASIC_AUTH"
    """By AuthConfigHttpBasicAuthConfig."""
    GOOGLE_SERVICE_ACCOUNT_AUTH = "GOOGLE_SERVICE_ACCOUNT_AUTH"
    """By AuthConfigGoogleServiceAccountConfig."""
    OAUTH = "OAUTH"
    """By AuthConfigOauthConfig."""
    OIDC_AUTH = "OIDC_AUTH"
    """By AuthConfigOidcConfig."""


class HttpElementLocation(OpenEnum):
    """Where in a request the key stands."""

    HTTP_IN_UNSPECIFIED = "HTTP_IN_UNSPECIFIED"
    """Unused."""
    HTTP_IN_QUERY = "HTTP_IN_QUERY"
    """In the query."""
    HTTP_IN_HEADER = "HTTP_IN_HEADER"
    """In a header."""
    HTTP_IN_PATH = "HTTP_IN_PATH"
    """In the path."""
    HTTP_IN_BODY = "HTTP_IN_BODY"
    """In the body."""
    HTTP_IN_COOKIE = "HTTP_IN_COOKIE"
    """In a cookie."""


@define(kw_only=True)
class ApiKeyConfig(Model):
    """Signing in by key."""

    name: str | None = None
    """The name of the parameter or header."""
    api_key_secret: str | None = None
    """Where Secret Manager keeps the key: ``projects/P/secrets/S/versions/V``."""
    api_key_string: str | None = field(default=None, repr=False)
    """The key itself, where it is not kept there. Never printed."""
    http_element_location: HttpElementLocation | None = None
    """Where in a request it stands."""


@define(kw_only=True)
class AuthConfigGoogleServiceAccountConfig(Model):
    """Signing in as a service account."""

    service_account: str | None = None
    """Which; that of the Vertex AI extension service where it is not given."""


@define(kw_only=True)
class AuthConfigHttpBasicAuthConfig(Model):
    """Signing in by name and password (RFC 7617)."""

    credential_secret: str | None = None
    """Where Secret Manager keeps them: ``projects/P/secrets/S/versions/V``."""


@define(kw_only=True)
class AuthConfigOauthConfig(Model):
    """Signing in by OAuth: one of these."""

    access_token: str | None = field(default=None, repr=False)
    """The token. Never printed."""
    service_account: str | None = None
    """The account that tokens are made for."""


@define(kw_only=True)
class AuthConfigOidcConfig(Model):
    """Signing in by OpenID Connect: one of these."""

    id_token: str | None = field(default=None, repr=False)
    """The token. Never printed."""
    service_account: str | None = None
    """The account that tokens are made for."""


@define(kw_only=True)
class AuthConfig(Model):
    """How the service signs in at a data source: the one that ``auth_type`` names."""

    auth_type: AuthType | None = None
    """Which way."""
    api_key_config: ApiKeyConfig | None = None
    """By key."""
    google_service_account_config: AuthConfigGoogleServiceAccountConfig | None = None
    """As a service account."""
    http_basic_auth_config: AuthConfigHttpBasicAuthConfig | None = None
    """By name and password."""
    oauth_config: AuthConfigOauthConfig | None = None
    """By OAuth."""
    oidc_config: AuthConfigOidcConfig | None = None
    """By OpenID Connect."""
    api_key: str | None = field(default=None, repr=False)
    """The key itself, for Google Maps. Never printed."""


class ApiSpec(OpenEnum):
    """What a data source's API looks like."""

    API_SPEC_UNSPECIFIED = "API_SPEC_UNSPECIFIED"
    """Unused."""
    SIMPLE_SEARCH = "SIMPLE_SEARCH"
    """Google's simple search API."""
    ELASTIC_SEARCH = "ELASTIC_SEARCH"
    """Elasticsearch."""


@define(kw_only=True)
class ApiAuthApiKeyConfig(Model):
    """A key."""

    api_key_secret_version: str | None = None
    """Where Secret Manager keeps it: ``projects/P/secrets/S/versions/V``."""
    api_key_string: str | None = field(default=None, repr=False)
    """The key itself, where it is not kept there. Never printed."""


@define(kw_only=True)
class ApiAuth(Model):
    """Deprecated for AuthConfig."""

    api_key_config: ApiAuthApiKeyConfig | None = None
    """A key."""


@define(kw_only=True)
class ExternalApiElasticSearchParams(Model):
    """How to ask Elasticsearch."""

    index: str | None = None
    """Which index."""
    num_hits: int | None = None
    """How many passages to find."""
    search_template: str | None = None
    """Which template."""


@define(kw_only=True)
class ExternalApiSimpleSearchParams(Model):
    """How to ask a simple search API."""


@define(kw_only=True)
class ExternalApi(Model):
    """A data source that is not Google's."""

    api_spec: ApiSpec | None = None
    """What its API looks like."""
    endpoint: str | None = None
    """Where it is, such as ``https://acme.com:443/search``."""
    auth_config: AuthConfig | None = None
    """How to sign in."""
    elastic_search_params: ExternalApiElasticSearchParams | None = None
    """How to ask it, for ELASTIC_SEARCH."""
    simple_search_params: ExternalApiSimpleSearchParams | None = None
    """How to ask it, for SIMPLE_SEARCH."""
    api_auth: ApiAuth | None = None
    """Deprecated for ``auth_config``."""


@define(kw_only=True)
class Retrieval(Model):
    """Which data source the service searches: one of these."""

    vertex_ai_search: VertexAISearch | None = None
    """Vertex AI Search."""
    vertex_rag_store: VertexRagStore | None = None
    """The Vertex RAG store."""
    external_api: ExternalApi | None = None
    """A data source that is not Google's."""
    disable_attribution: bool | None = None
    """Deprecated, and without effect."""
