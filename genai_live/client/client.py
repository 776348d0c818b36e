"""The client: one for a program is enough; any thread may use it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from genai_live.auth import ApiKeyAuth, Auth, GoogleAuth
from genai_live.client.api_client import ApiClient
from genai_live.client.live import Live
from genai_live.errors import AuthenticationError, ConfigurationError
from genai_live.options import HttpOptions
from genai_live.rest.proxies import proxy_for
from genai_live.transport import WebSocketClientFactory, WebSocketFactory
from genai_live.waiting import seconds

if TYPE_CHECKING:
    import ssl

    import google.auth.credentials


class Client:
    """A client of the Gemini Live API, without an event loop.

    What is not given comes from the environment: ``GOOGLE_API_KEY`` or ``GEMINI_API_KEY``,
    ``GOOGLE_GENAI_USE_VERTEXAI`` or ``GOOGLE_GENAI_USE_ENTERPRISE``, ``GOOGLE_CLOUD_PROJECT``,
    ``GOOGLE_CLOUD_LOCATION``, ``GOOGLE_GENAI_API_VERSION``, ``GOOGLE_GEMINI_BASE_URL``,
    ``GOOGLE_VERTEX_BASE_URL``.

    Args:
        api_key: A key of the Gemini API, or of Vertex AI in express mode.
        vertexai: Vertex AI instead of the Gemini API.
        project: The Google Cloud project; Vertex AI only.
        location: The region; Vertex AI only.
        credentials: Credentials of google-auth; Vertex AI only. By default the application default ones.
        http_options: Address, API version and headers: an HttpOptions, or a dict of its fields.
        ssl_context: For TLS; by default one that trusts what ``REQUESTS_CA_BUNDLE``, ``SSL_CERT_FILE`` or
            certifi say.
        websocket_factory: Makes the connections, in place of the built-in one.

    Raises:
        AuthenticationError: There is no key.
        ConfigurationError: An argument or variable cannot be used.

    Example:
        >>> with Client(api_key="…") as client:
        ...     config = {"output_audio_transcription": {}}
        ...     with client.live.connect(model="gemini-3.8-live", config=config) as session:
        ...         print(session.ask("Hello?").text)
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        vertexai: bool | None = None,
        project: str | None = None,
        location: str | None = None,
        credentials: google.auth.credentials.Credentials | None = None,
        http_options: HttpOptions | Mapping[str, object] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        websocket_factory: WebSocketFactory | None = None,
    ) -> None:
        if vertexai is None:
            vertexai = _is_set("GOOGLE_GENAI_USE_VERTEXAI") or _is_set("GOOGLE_GENAI_USE_ENTERPRISE")
        if credentials is not None and api_key is not None:
            raise ConfigurationError("give api_key or credentials, not both", where="credentials")
        if not vertexai and (credentials or project or location):
            raise ConfigurationError("credentials, project and location are for vertexai=True")
        if vertexai and api_key is None:
            project = project or os.environ.get("GOOGLE_CLOUD_PROJECT")
            location = location or os.environ.get("GOOGLE_CLOUD_LOCATION")
        auth = _auth(api_key, vertexai, credentials, project, location)
        api_client = ApiClient(
            vertexai=vertexai, project=project, location=location, http_options=http_options
        )
        factory = websocket_factory or WebSocketClientFactory(ssl_context, find_proxy=proxy_for)
        self._live = Live(api_client, auth, factory)

    @property
    def live(self) -> Live:
        """Makes sessions."""
        return self._live

    def close(self, timeout: float | None = 5.0) -> None:
        """Ends every session of the client, and its threads. Idempotent.

        Args:
            timeout: Seconds for all of it.
        """
        self._live.close(seconds(timeout))

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _auth(
    api_key: str | None,
    vertexai: bool,
    credentials: google.auth.credentials.Credentials | None,
    project: str | None,
    location: str | None,
) -> Auth:
    if vertexai and api_key is None and (credentials is not None or project):
        if not (project and location):
            raise ConfigurationError("Vertex AI needs both: project and location", where="project")
        return GoogleAuth(credentials)
    api_key = api_key or _key_of_the_environment()
    if not api_key:
        raise AuthenticationError(
            "no API key: give Client(api_key=…), or set GOOGLE_API_KEY or GEMINI_API_KEY"
            + (", or give project and location for Vertex AI" if vertexai else "")
        )
    return ApiKeyAuth(api_key)


def _key_of_the_environment() -> str | None:
    return os.environ.get("GOOGLE_API_KEY") or os.environ.get("GEMINI_API_KEY")


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in ("true", "1")
