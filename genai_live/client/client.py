"""The client: one for a program is enough; any thread may use it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

from genai_live import codec
from genai_live.client.api_client import ApiClient, base_url_of_the_environment
from genai_live.client.live import Live
from genai_live.client.sign_in import chosen_surface, sign_in_to_gemini_api, sign_in_to_vertex_ai
from genai_live.errors import ConfigurationError
from genai_live.options import HttpOptions
from genai_live.rest import RestClient
from genai_live.rest.proxies import guarded_proxy_for
from genai_live.tokens import Tokens
from genai_live.transport import WebSocketClientFactory, WebSocketFactory
from genai_live.transport.tls import ContextOnce
from genai_live.verification import hold_to_verification
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
        api_key: A key of the Gemini API or the name of an ephemeral token, or a key of Vertex AI in express
            mode.
        vertexai: Vertex AI instead of the Gemini API.
        enterprise: The same, as google-genai calls it now.
        project: The Google Cloud project; Vertex AI only.
        location: The region; Vertex AI only, and by default ``global``.
        credentials: Credentials of google-auth; Vertex AI only. By default the application default ones.
        http_options: Address, API version and headers: an HttpOptions, or a dict of its fields. On Vertex AI
            a base URL without a key, or a project and location, is a gateway's: it is dialled as it stands,
            and nothing is signed in.
        ssl_context: For TLS, with the client's certificate if there is one; by default it trusts what
            ``REQUESTS_CA_BUNDLE``, ``SSL_CERT_FILE`` or certifi say. One that does not check certificates and
            host names is refused, unless ``http_options`` has ``allow_insecure``.
        websocket_factory: Makes the connections, in place of the built-in one.

    Raises:
        AuthenticationError: There is no key, and no project.
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
        enterprise: bool | None = None,
        project: str | None = None,
        location: str | None = None,
        credentials: google.auth.credentials.Credentials | None = None,
        http_options: HttpOptions | Mapping[str, object] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        websocket_factory: WebSocketFactory | None = None,
    ) -> None:
        if credentials is not None and api_key is not None:
            raise ConfigurationError("give api_key or credentials, not both", where="credentials")
        options = codec.structure(http_options or {}, HttpOptions, "http_options")
        allow_insecure = bool(options.allow_insecure)
        hold_to_verification(ssl_context, allow_insecure=allow_insecure)
        vertexai = chosen_surface(vertexai, enterprise)
        if vertexai:
            sign_in = sign_in_to_vertex_ai(
                api_key,
                project=project,
                location=location,
                credentials=credentials,
                base_url=options.base_url or base_url_of_the_environment(vertexai),
            )
        else:
            sign_in = sign_in_to_gemini_api(
                api_key, project=project, location=location, credentials=credentials
            )
        api_client = ApiClient(
            vertexai=vertexai,
            project=sign_in.project,
            location=sign_in.location,
            http_options=options,
            gateway=sign_in.gateway,
        )
        find_proxy = partial(guarded_proxy_for, allow_insecure=allow_insecure)
        factory = websocket_factory or WebSocketClientFactory(ssl_context, find_proxy=find_proxy)
        self._live = Live(api_client, sign_in.auth, factory)
        self._rest_client = RestClient(ContextOnce(ssl_context).get, find_proxy)
        self._auth_tokens = Tokens(api_client, sign_in.auth, self._rest_client)

    @property
    def live(self) -> Live:
        """Makes sessions."""
        return self._live

    @property
    def auth_tokens(self) -> Tokens:
        """Creates ephemeral tokens, with which others open sessions without seeing the API key."""
        return self._auth_tokens

    def close(self, timeout: float | None = 5.0) -> None:
        """Ends every session of the client, and its threads. Idempotent.

        Args:
            timeout: Seconds for all of it.
        """
        limit = seconds(timeout)
        self._rest_client.close()
        self._live.close(limit)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
