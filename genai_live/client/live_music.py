"""``client.live.music``: makes sessions that make music."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genai_live.client.api_client import ApiClient
from genai_live.errors import ConfigurationError
from genai_live.music import MusicSession
from genai_live.protocol import no_turns
from genai_live.runtime import Callbacks, Dialer, Driver, LiveMusicCallbacks, SessionRegistry
from genai_live.transport import WebSocketFactory
from genai_live.types import LiveMusicClientMessage, LiveMusicClientSetup, LiveMusicServerMessage
from genai_live.waiting import Deadline, seconds

if TYPE_CHECKING:
    from genai_live.auth import Auth


class LiveMusic:
    """The music of one client: Lyria RealTime. The Gemini API has it, Vertex AI does not.

    Args:
        api_client: Where the service is.
        auth: Signs in.
        websocket_factory: Makes the connections.
        registry: The client's sessions.
    """

    def __init__(
        self,
        api_client: ApiClient,
        auth: Auth,
        websocket_factory: WebSocketFactory,
        registry: SessionRegistry,
    ) -> None:
        self._api_client = api_client
        self._auth = auth
        self._websocket_factory = websocket_factory
        self._registry = registry

    def connect(
        self, *, model: str, callbacks: LiveMusicCallbacks | None = None, timeout: float | None = 30.0
    ) -> MusicSession:
        """Connects to a model. Returns once the service has accepted it.

        Args:
            model: The model's name, such as ``lyria-realtime-exp``, short or full.
            callbacks: What to call when something happens.
            timeout: Seconds for all of it: credentials, DNS, TCP, a proxy, TLS, upgrade and setup.

        Raises:
            ConfigurationError: An argument cannot be used, or the client is one of Vertex AI; nothing was
                sent.
            AuthenticationError: There are no credentials, or the service refused them.
            HandshakeError: The service cannot be reached, or refused the upgrade.
            ConnectionClosedError: The service refused the model; ``reason`` says why.
            LiveTimeout: The time was up.
            StateError: The client is closed.

        Example:
            >>> with client.live.music.connect(model="lyria-realtime-exp") as session:
            ...     session.set_weighted_prompts(prompts="a calm piano")
            ...     session.play()
        """
        deadline = Deadline(seconds(timeout))
        if callbacks is not None and not isinstance(callbacks, Callbacks):
            raise ConfigurationError(f"expected LiveMusicCallbacks, got {callbacks!r}", where="callbacks")
        self._api_client.music_url()  # raises where there is none
        setup = LiveMusicClientSetup(model=self._api_client.model_name(model))
        driver = Driver(
            dialer=Dialer(
                self._api_client.music_url,
                auth=self._auth,
                request_headers=self._api_client.request_headers,
                factory=self._websocket_factory,
            ),
            setup=LiveMusicClientMessage(setup=setup),
            messages_are=LiveMusicServerMessage,
            turns=no_turns(),
            pool=self._registry.pool,
            callbacks=callbacks,
            on_end=self._registry.remove,
        )
        session = MusicSession(driver)
        driver.open(deadline, self._registry.add(driver))
        return session
