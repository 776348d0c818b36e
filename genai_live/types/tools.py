"""What the model may call. No threads, sockets or clock.

Source: google.ai.generativelanguage.v1beta, content.proto; names of google-genai 3.4.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from attrs import field

from genai_live import signatures
from genai_live.record import define
from genai_live.types.content import FunctionCall, FunctionResponse, Part
from genai_live.types.model import Model
from genai_live.types.open_enum import OpenEnum
from genai_live.types.retrieval import AuthConfig, Retrieval
from genai_live.types.schema import Schema


class Behavior(OpenEnum):
    """Whether the model waits for a function's answer."""

    UNSPECIFIED = "UNSPECIFIED"
    """The model's own default: BLOCKING up to 3.1 and on Vertex, NON_BLOCKING on 3.8."""
    BLOCKING = "BLOCKING"
    """The conversation waits for the answer."""
    NON_BLOCKING = "NON_BLOCKING"
    """The conversation goes on; see FunctionResponseScheduling."""


@define(kw_only=True)
class FunctionDeclaration(Model):
    """A function that the model may call, and that this program answers."""

    name: str | None = None
    """Letters, digits, ``_``, ``.``, ``:`` and ``-``, at most 128, the first a letter or ``_``."""
    description: str | None = None
    """When to call it and what it does; the model reads it."""
    parameters: Schema | None = None
    """The arguments: a Schema of type OBJECT."""
    parameters_json_schema: Any = None
    """The arguments as JSON Schema; instead of ``parameters``. Sent as it is."""
    response: Schema | None = None
    """The shape of the answer."""
    response_json_schema: Any = None
    """The shape of the answer as JSON Schema; instead of ``response``. Sent as it is."""
    behavior: Behavior | None = None
    """Whether the model waits for the answer."""

    @classmethod
    def from_callable(
        cls,
        *,
        callable: Callable[..., Any],  # noqa: A002 - google-genai's name
        behavior: Behavior | None = None,
    ) -> FunctionDeclaration:
        """Declares a Python function by its signature, as ``tools=[function]`` does.

        Args:
            callable: A function or a bound method, with a type hint for each parameter.
            behavior: Whether the model waits for the answer.

        Raises:
            ConfigurationError: It cannot be declared: which parameter, and why.
        """
        return cls(behavior=behavior, **signatures.describe(callable, "callable"))


@define(kw_only=True)
class Interval(Model):
    """A time from ``start_time`` on and before ``end_time``. Both with a time zone."""

    start_time: datetime | None = None
    """The first moment of it."""
    end_time: datetime | None = None
    """The first moment after it."""


@define(kw_only=True)
class WebSearch(Model):
    """A search for web pages."""


@define(kw_only=True)
class ImageSearch(Model):
    """A search for pictures."""


@define(kw_only=True)
class SearchTypes(Model):
    """What to search for: set those that are wanted."""

    web_search: WebSearch | None = None
    """Web pages."""
    image_search: ImageSearch | None = None
    """Pictures."""


class PhishBlockThreshold(OpenEnum):
    """From which risk of phishing on a site is left out of a search."""

    PHISH_BLOCK_THRESHOLD_UNSPECIFIED = "PHISH_BLOCK_THRESHOLD_UNSPECIFIED"
    """The default."""
    BLOCK_LOW_AND_ABOVE = "BLOCK_LOW_AND_ABOVE"
    """Low."""
    BLOCK_MEDIUM_AND_ABOVE = "BLOCK_MEDIUM_AND_ABOVE"
    """Medium."""
    BLOCK_HIGH_AND_ABOVE = "BLOCK_HIGH_AND_ABOVE"
    """High."""
    BLOCK_HIGHER_AND_ABOVE = "BLOCK_HIGHER_AND_ABOVE"
    """Higher."""
    BLOCK_VERY_HIGH_AND_ABOVE = "BLOCK_VERY_HIGH_AND_ABOVE"
    """Very high."""
    BLOCK_ONLY_EXTREMELY_HIGH = "BLOCK_ONLY_EXTREMELY_HIGH"
    """Extremely high."""


@define(kw_only=True)
class GoogleSearch(Model):
    """The model may search with Google."""

    time_range_filter: Interval | None = None
    """Only pages of this time; not on Vertex."""
    search_types: SearchTypes | None = None
    """What to search for; web pages where it is not given."""
    blocking_confidence: PhishBlockThreshold | None = None
    """Which sites to leave out by their risk; Vertex only."""
    exclude_domains: list[str] | None = None
    """Which sites to leave out by name, at most 2000; Vertex only."""


class DynamicRetrievalConfigMode(OpenEnum):
    """When to search."""

    MODE_UNSPECIFIED = "MODE_UNSPECIFIED"
    """Always."""
    MODE_DYNAMIC = "MODE_DYNAMIC"
    """When the service finds it needed."""


@define(kw_only=True)
class DynamicRetrievalConfig(Model):
    """When to search."""

    mode: DynamicRetrievalConfigMode | None = None
    """By which rule."""
    dynamic_threshold: float | None = None
    """0 to 1: how much a search has to promise."""


@define(kw_only=True)
class GoogleSearchRetrieval(Model):
    """The search of the 1.5 models; GoogleSearch has replaced it."""

    dynamic_retrieval_config: DynamicRetrievalConfig | None = None
    """When to search."""


@define(kw_only=True)
class EnterpriseWebSearch(Model):
    """The model may search the web within an enterprise's rules; Vertex only."""

    blocking_confidence: PhishBlockThreshold | None = None
    """Which sites to leave out by their risk."""
    exclude_domains: list[str] | None = None
    """Which sites to leave out by name, at most 2000."""


@define(kw_only=True)
class ToolParallelAiSearch(Model):
    """The model may search with Parallel.ai; Vertex only."""

    api_key: str | None = field(default=None, repr=False)
    """The key for it, where there is no subscription. Never printed."""
    custom_configs: dict[str, Any] | None = None
    """Settings of its own API; the names are never converted."""
    enable_zero_data_retention: bool | None = None
    """Whether it is to keep nothing."""
    enable_data_retention: bool | None = None
    """Deprecated for ``enable_zero_data_retention``."""


@define(kw_only=True)
class ToolExaAiSearch(Model):
    """The model may search with Exa.ai; Vertex only."""

    api_key: str | None = field(default=None, repr=False)
    """The key for it; required. Never printed."""
    custom_configs: dict[str, Any] | None = None
    """Settings of its own API; the names are never converted."""


@define(kw_only=True)
class GoogleMapsPlaces(Model):
    """Places."""


@define(kw_only=True)
class GoogleMapsRouting(Model):
    """Routes."""


@define(kw_only=True)
class GoogleMapsGroundingTypes(Model):
    """What to ask Google Maps for: set those that are wanted."""

    places: GoogleMapsPlaces | None = None
    """Places."""
    routing: GoogleMapsRouting | None = None
    """Routes."""


@define(kw_only=True)
class GoogleMaps(Model):
    """The model may look things up in Google Maps."""

    grounding_types: GoogleMapsGroundingTypes | None = None
    """What to ask for; places where it is not given. Vertex only."""
    auth_config: AuthConfig | None = None
    """How to sign in: by key. Vertex only."""
    enable_widget: bool | None = None
    """Deprecated: whether to send a token to show a map with."""


@define(kw_only=True)
class UrlContext(Model):
    """The model may read pages whose addresses it is given."""


@define(kw_only=True)
class FileSearch(Model):
    """The model may look things up in files that were uploaded; not on Vertex."""

    file_search_store_names: list[str] | None = None
    """Where, such as ``fileSearchStores/my-store``; required."""
    top_k: int | None = None
    """How many passages to find."""
    metadata_filter: str | None = None
    """Which files to look in."""


@define(kw_only=True)
class ToolCodeExecution(Model):
    """The model may write code that the service runs."""


class Environment(OpenEnum):
    """What kind of computer the model uses."""

    ENVIRONMENT_UNSPECIFIED = "ENVIRONMENT_UNSPECIFIED"
    """The default: a browser."""
    ENVIRONMENT_BROWSER = "ENVIRONMENT_BROWSER"
    """A browser."""
    ENVIRONMENT_MOBILE = "ENVIRONMENT_MOBILE"
    """A mobile device."""
    ENVIRONMENT_DESKTOP = "ENVIRONMENT_DESKTOP"
    """A desktop."""


class SafetyPolicy(OpenEnum):
    """What the model asks about before it does it on a computer."""

    SAFETY_POLICY_UNSPECIFIED = "SAFETY_POLICY_UNSPECIFIED"
    """Unused."""
    FINANCIAL_TRANSACTIONS = "FINANCIAL_TRANSACTIONS"
    """Payments."""
    SENSITIVE_DATA_MODIFICATION = "SENSITIVE_DATA_MODIFICATION"
    """Changes of sensitive data."""
    COMMUNICATION_TOOL = "COMMUNICATION_TOOL"
    """Messages to others."""
    ACCOUNT_CREATION = "ACCOUNT_CREATION"
    """New accounts."""
    DATA_MODIFICATION = "DATA_MODIFICATION"
    """Changes of any data."""
    USER_CONSENT_MANAGEMENT = "USER_CONSENT_MANAGEMENT"
    """The user's consent."""
    LEGAL_TERMS_AND_AGREEMENTS = "LEGAL_TERMS_AND_AGREEMENTS"
    """Terms and agreements."""


@define(kw_only=True)
class ComputerUse(Model):
    """The model may use a computer, by functions that this program answers."""

    environment: Environment | None = None
    """What kind; required."""
    excluded_predefined_functions: list[str] | None = None
    """Functions that it may not use."""
    enable_prompt_injection_detection: bool | None = None
    """Whether what is on the screen is searched for instructions to the model."""
    disabled_safety_policies: list[SafetyPolicy] | None = None
    """What it need not ask about."""


@define(kw_only=True)
class StreamableHttpTransport(Model):
    """How the service reaches an MCP server."""

    url: str | None = None
    """Where it is, such as ``https://api.example.com/mcp``."""
    headers: dict[str, str] | None = field(default=None, repr=False)
    """Sent along; the names are never converted. Never printed, as they may hold credentials."""
    timeout: timedelta | None = None
    """For each request."""
    sse_read_timeout: timedelta | None = None
    """For reading what is streamed."""
    terminate_on_close: bool | None = None
    """Whether the MCP session ends with the connection."""


@define(kw_only=True)
class McpServer(Model):
    """A server whose tools the service calls itself (Model Context Protocol); not on Vertex."""

    name: str | None = None
    """Its name."""
    streamable_http_transport: StreamableHttpTransport | None = None
    """How to reach it."""


@define(kw_only=True)
class Tool(Model):
    """What the model may call: functions of this program, or a tool of the service."""

    function_declarations: list[FunctionDeclaration] | None = None
    """Functions of this program; at most 512."""
    google_search: GoogleSearch | None = None
    """Search with Google."""
    code_execution: ToolCodeExecution | None = None
    """Running code; not on 3.8."""
    url_context: UrlContext | None = None
    """Reading pages; not on 3.8."""
    google_maps: GoogleMaps | None = None
    """Google Maps; not on 3.8."""
    file_search: FileSearch | None = None
    """Uploaded files; not on Vertex."""
    retrieval: Retrieval | None = None
    """Data sources of one's own; Vertex only."""
    enterprise_web_search: EnterpriseWebSearch | None = None
    """Search within an enterprise's rules; Vertex only."""
    parallel_ai_search: ToolParallelAiSearch | None = None
    """Search with Parallel.ai; Vertex only."""
    exa_ai_search: ToolExaAiSearch | None = None
    """Search with Exa.ai; Vertex only."""
    computer_use: ComputerUse | None = None
    """Using a computer."""
    mcp_servers: list[McpServer] | None = None
    """MCP servers that the service calls; not on Vertex."""
    google_search_retrieval: GoogleSearchRetrieval | None = None
    """The search of the 1.5 models."""


@runtime_checkable
class CallableTool(Protocol):
    """A tool that declares functions and answers their calls itself, as in @google/genai.

    Example:
        >>> class Shelf:
        ...     def tool(self) -> types.Tool:
        ...         declarations = [types.FunctionDeclaration(name="list_books")]
        ...         return types.Tool(function_declarations=declarations)
        ...
        ...     def call_tool(self, calls: Sequence[types.FunctionCall]) -> list[types.FunctionResponse]:
        ...         response = {"output": ["Walden"]}
        ...         return [types.FunctionResponse(id=call.id, response=response) for call in calls]
    """

    def tool(self) -> Tool:
        """What the model is told; asked once, when a session is made."""
        ...

    def call_tool(self, calls: Sequence[FunctionCall]) -> Sequence[Part | FunctionResponse]:
        """Answers calls of its functions.

        Args:
            calls: What the model wants to know.

        Returns:
            A FunctionResponse for each, or a Part that holds it.
        """
        ...


ToolUnion = Tool | Callable[..., Any] | CallableTool
"""A tool, or what becomes one: a Python function, or an object that answers calls itself."""
