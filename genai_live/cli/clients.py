"""The client that a command talks with: to the service, or to an emulator of its own. Main thread."""

from __future__ import annotations

from contextlib import ExitStack

import click

from genai_live.cli.emulator import load_emulator
from genai_live.client import Client
from genai_live.errors import AuthenticationError
from genai_live.transport import WebSocketClientFactory


def service_client(*, vertexai: bool, base_url: str | None) -> Client:
    """A client of the service that the options and the environment name.

    Raises:
        ClickException: There are no credentials; says how to give some.
    """
    try:
        return Client(vertexai=vertexai or None, http_options={"base_url": base_url})
    except AuthenticationError as error:
        raise click.ClickException(
            "there are no credentials: set GOOGLE_API_KEY or GEMINI_API_KEY, for Vertex AI"
            " GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION; or use --emulator, which needs none"
        ) from error


def emulator_client(stack: ExitStack, *, script: str | None = None, profile: str | None = None) -> Client:
    """A client of an emulator that serves until the stack is left."""
    emulator = stack.enter_context(load_emulator()(script=script, profile=profile))
    return Client(
        api_key="any",
        vertexai=False,
        http_options={"base_url": emulator.url},
        # The default one would ask a proxy to connect to this machine, if the environment names a proxy.
        websocket_factory=WebSocketClientFactory(),
    )
