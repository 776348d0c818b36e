"""``client.live``: makes sessions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from genai_live import codec, types
from genai_live.auth import TokenAuth
from genai_live.client.api_client import ApiClient
from genai_live.client.live_music import LiveMusic
from genai_live.errors import ConfigurationError
from genai_live.options import AutomaticFunctionCalling, HttpOptions, ReconnectPolicy, Watchdogs
from genai_live.protocol import turns_of
from genai_live.protocol.setup import setup_message
from genai_live.protocol.surfaces import hold_settings_to_surface
from genai_live.record import make_ready
from genai_live.runtime import Dialer, Driver, LiveCallbacks, SessionRegistry
from genai_live.session import FunctionHost, Session
from genai_live.tools import FunctionRunner, asked_once, declared, functions_of
from genai_live.transport import WebSocketFactory
from genai_live.types import LiveClientMessage, LiveConnectConfig, LiveServerMessage, SessionResumptionConfig
from genai_live.waiting import Deadline, seconds

if TYPE_CHECKING:
    from genai_live.auth import Auth

_VERSIONS_WITH_TOKENS = ("v1alpha", "v1beta")

# What every session needs is made ready by the import, not while somebody waits for the first answer.
make_ready(
    types.AudioTranscriptionConfig,
    types.Blob,
    types.Content,
    HttpOptions,
    types.LiveClientContent,
    types.LiveClientMessage,
    types.LiveConnectConfig,
    types.LiveServerContent,
    types.LiveServerMessage,
    types.LiveServerSessionResumptionUpdate,
    types.LiveServerSetupComplete,
    types.ModalityTokenCount,
    types.Part,
    types.SessionResumptionConfig,
    types.Transcription,
    types.Turn,
    types.UsageMetadata,
)


class Live:
    """The Live API of one client.

    Args:
        api_client: Where the service is.
        auth: Signs in.
        websocket_factory: Makes the connections.
    """

    def __init__(self, api_client: ApiClient, auth: Auth, websocket_factory: WebSocketFactory) -> None:
        self._api_client = api_client
        self._auth = auth
        self._websocket_factory = websocket_factory
        self._registry = SessionRegistry()
        self._music = LiveMusic(api_client, auth, websocket_factory, self._registry)

    @property
    def music(self) -> LiveMusic:
        """Makes sessions that make music."""
        return self._music

    def connect(
        self,
        *,
        model: str,
        config: LiveConnectConfig | Mapping[str, Any] | None = None,
        callbacks: LiveCallbacks | None = None,
        timeout: float | None = 30.0,
        reconnect: bool | ReconnectPolicy = True,
        watchdogs: Watchdogs | None = None,
        automatic_function_calling: bool | AutomaticFunctionCalling = True,
    ) -> Session:
        """Connects to a model. Returns once the service has accepted the setup.

        Args:
            model: The model's name, such as ``gemini-3.8-live``, short or full.
            config: The settings; a dict in snake_case or camelCase will do.
            callbacks: What to call when something happens.
            timeout: Seconds for all of it: credentials, DNS, TCP, a proxy, TLS, upgrade and setup.
            reconnect: Whether the session goes on, on another connection, when this one ends, and how. The
                service ends each after about ten minutes. False: the session ends with its connection.
            watchdogs: What to take for a failure of the service, such as a silence. By default nothing is.
            automatic_function_calling: Whether the functions among the tools are run when the model calls
                them, and how. False: they are only declared, and their calls answered by hand.

        Raises:
            ConfigurationError: An argument cannot be used; nothing was sent.
            AuthenticationError: There are no credentials, or the service refused them.
            HandshakeError: The service cannot be reached, or refused the upgrade.
            ConnectionClosedError: The service refused the setup; ``reason`` says why.
            LiveTimeout: The time was up.
            StateError: The client is closed.

        Example:
            >>> config = {"output_audio_transcription": {}}
            >>> with client.live.connect(model="gemini-3.8-live", config=config) as session:
            ...     session.ask("Hello?").text
        """
        deadline = Deadline(seconds(timeout))
        settings = codec.structure(config if config is not None else {}, LiveConnectConfig, "config")
        if callbacks is not None and not isinstance(callbacks, LiveCallbacks):
            raise ConfigurationError(f"expected LiveCallbacks, got {callbacks!r}", where="callbacks")
        api_client = self._api_client.for_session(settings.http_options)
        hold_settings_to_surface(settings, "config", vertexai=api_client.vertexai)
        runner, host = None, FunctionHost(self._registry.functions_pool, self._registry.alarms)
        if settings.tools:
            tools = asked_once(settings.tools, "config.tools", vertexai=api_client.vertexai)
            settings.tools = [*declared(tools, "config.tools", vertexai=api_client.vertexai)]
        else:
            tools = []
        calling = _calling(automatic_function_calling)
        if calling is not None:
            runner = FunctionRunner(functions_of(tools), calling, host)
        constrained = isinstance(self._auth, TokenAuth)
        if constrained and api_client.api_version not in _VERSIONS_WITH_TOKENS:
            warnings.warn(
                "ephemeral tokens are documented for v1alpha and v1beta: give"
                f" http_options={{'api_version': 'v1alpha'}} instead of {api_client.api_version!r}",
                stacklevel=2,
            )
        policy = _policy(reconnect, watchdogs)
        if policy is not None and settings.session_resumption is None:
            settings.session_resumption = SessionResumptionConfig()
        setup = setup_message(api_client.model_name(model), settings, vertexai=api_client.vertexai)
        driver = Driver(
            dialer=Dialer(
                lambda: api_client.live_url(constrained=constrained),
                auth=self._auth,
                request_headers=api_client.request_headers,
                factory=self._websocket_factory,
            ),
            setup=LiveClientMessage(setup=setup),
            messages_are=LiveServerMessage,
            turns=turns_of(model),
            pool=self._registry.pool,
            callbacks=callbacks,
            policy=policy,
            watchdogs=watchdogs,
            functions=runner,
            on_end=self._registry.remove,
        )
        session = Session(driver, vertexai=api_client.vertexai, functions=runner)
        host.attach(driver, session)
        driver.open(deadline, self._registry.add(driver))
        return session

    def close(self, timeout: float | None = 5.0) -> None:
        """Ends every session, and the threads that run callbacks, within so many seconds. Idempotent."""
        self._registry.close(timeout)


def _policy(reconnect: object, watchdogs: object) -> ReconnectPolicy | None:
    if not isinstance(reconnect, bool | ReconnectPolicy):
        raise ConfigurationError(
            f"expected True, False or a ReconnectPolicy, got {reconnect!r}", where="reconnect"
        )
    if watchdogs is not None and not isinstance(watchdogs, Watchdogs):
        raise ConfigurationError(f"expected Watchdogs, got {watchdogs!r}", where="watchdogs")
    if isinstance(watchdogs, Watchdogs) and watchdogs.reconnect and not reconnect:
        raise ConfigurationError("cannot be True where connect(reconnect=False)", where="watchdogs.reconnect")
    if isinstance(reconnect, ReconnectPolicy):
        return reconnect
    return ReconnectPolicy() if reconnect else None


def _calling(given: object) -> AutomaticFunctionCalling | None:
    if isinstance(given, AutomaticFunctionCalling):
        return given
    if not isinstance(given, bool):
        raise ConfigurationError(
            f"expected True, False or AutomaticFunctionCalling, got {given!r}",
            where="automatic_function_calling",
        )
    return AutomaticFunctionCalling() if given else None
