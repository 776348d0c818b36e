"""``client.auth_tokens``: creates ephemeral tokens. Runs in the caller's thread, which waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from genai_live import codec
from genai_live.errors import APIError, AuthenticationError, ConfigurationError, ProtocolError
from genai_live.protocol.failures import Failure, classify
from genai_live.protocol.setup import setup_message
from genai_live.protocol.surfaces import hold_settings_to_surface
from genai_live.rest import RestClient
from genai_live.tokens.field_mask import field_mask
from genai_live.tools import declared
from genai_live.types import AuthToken, CreateAuthTokenConfig, LiveConnectConfig, LiveConnectConstraints
from genai_live.waiting import Deadline, seconds

if TYPE_CHECKING:
    from genai_live.auth import Auth
    from genai_live.client import ApiClient


class Tokens:
    """The ephemeral tokens of one client; the Gemini API only.

    Args:
        api_client: Where the service is.
        auth: Signs in.
        rest_client: Makes the requests.
    """

    def __init__(self, api_client: ApiClient, auth: Auth, rest_client: RestClient) -> None:
        self._api_client = api_client
        self._auth = auth
        self._rest_client = rest_client

    def create(
        self,
        config: CreateAuthTokenConfig | Mapping[str, Any] | None = None,
        *,
        timeout: float | None = 30.0,
    ) -> AuthToken:
        """Creates a token, whose ``name`` stands where an API key would: ``Client(api_key=token.name)``.

        Where the service is overloaded or fails, it is asked up to four times, after growing pauses or as
        long as it says (``Retry-After``).

        Args:
            config: What the token allows; a dict in snake_case or camelCase will do. By default it opens one
                session with any settings, within a minute, for half an hour.
            timeout: Seconds for all of it. ``http_options.timeout`` limits each single request, in
                milliseconds.

        Raises:
            ConfigurationError: An argument cannot be used, or the client is for Vertex AI; nothing was sent.
            AuthenticationError: The service refused the API key.
            APIError: The service refused in another way; ``status`` and ``body`` say why.
            HandshakeError: The service cannot be reached.
            LiveTimeout: The time was up.
            StateError: The client is closed, or was closed meanwhile.

        Example:
            >>> constraints = {"model": "gemini-3.8-live", "config": {"system_instruction": "Be brief."}}
            >>> token = client.auth_tokens.create({"live_connect_constraints": constraints})
            >>> print(token.name)
        """
        deadline = Deadline(seconds(timeout))
        settings = codec.structure(config if config is not None else {}, CreateAuthTokenConfig, "config")
        if self._api_client.vertexai:
            raise ConfigurationError(
                "only the Gemini API has ephemeral tokens, not Vertex AI", where="vertexai"
            )
        options = settings.http_options
        milliseconds = (
            options.timeout if options and options.timeout is not None else self._api_client.timeout
        )
        api_client = self._api_client.for_session(attrs.evolve(options, timeout=None) if options else None)
        url = api_client.rest_url("auth_tokens")
        try:
            answer = self._rest_client.post(
                url,
                codec.encode_json(_request(settings, api_client)),
                lambda limit: api_client.request_headers(self._auth.headers(url, timeout=limit)),
                deadline=deadline,
                attempt_timeout=None if milliseconds is None else milliseconds / 1000,
            )
        except APIError as error:
            if error.code in (401, 403) or classify(0, str(error)) is Failure.CREDENTIALS:
                raise AuthenticationError(str(error)) from error
            raise
        return _read(answer)


def _request(settings: CreateAuthTokenConfig, api_client: ApiClient) -> dict[str, Any]:
    """The request's body: what is asked for, with the constraints as the setup that they stand for."""
    asked = attrs.evolve(
        settings, http_options=None, live_connect_constraints=None, lock_additional_fields=None
    )
    body = codec.to_json_dict(asked)
    setup = _setup(settings.live_connect_constraints or LiveConnectConstraints(), api_client)
    if setup:
        body["bidiGenerateContentSetup"] = setup
    if settings.lock_additional_fields is not None:
        mask = field_mask(setup, settings.lock_additional_fields, "config.lock_additional_fields")
        if mask:
            body["fieldMask"] = mask
    return body


def _setup(constraints: LiveConnectConstraints, api_client: ApiClient) -> dict[str, Any]:
    config = constraints.config or LiveConnectConfig()
    where = "config.live_connect_constraints.config"
    hold_settings_to_surface(config, where, vertexai=False)
    if config.tools:
        config = attrs.evolve(config, tools=[*declared(config.tools, f"{where}.tools")])
    model = api_client.model_name(constraints.model) if constraints.model is not None else None
    return codec.to_json_dict(setup_message(model, config, vertexai=False))


def _read(answer: bytes) -> AuthToken:
    try:
        token = codec.decode(answer, AuthToken)
    except ProtocolError:
        token = AuthToken()
    if not token.name:
        # Without a cause, which would show the answer: a token may stand in it.
        raise ProtocolError("the service answered with something other than a token")
    return token
