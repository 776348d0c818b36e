"""``genai-live token``: creates an ephemeral token. Runs in the main thread."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import Any

import click

from genai_live.client import Client
from genai_live.errors import AuthenticationError

_EXAMPLES = """\b
Examples:
  genai-live token --model gemini-3.8-live --expire-in 600
  GOOGLE_API_KEY=$(genai-live token) GOOGLE_GENAI_API_VERSION=v1alpha genai-live chat
"""


@click.command(epilog=_EXAMPLES)
@click.option(
    "--uses",
    metavar="N",
    type=click.IntRange(min=0),
    help="How many sessions it opens; 0 for any number.  [default: 1]",
)
@click.option(
    "--expire-in",
    metavar="SECONDS",
    type=click.FloatRange(min=0, max=20 * 3600, min_open=True),
    help="When its sessions end.  [default: 1800]",
)
@click.option(
    "--begin-within",
    metavar="SECONDS",
    type=click.FloatRange(min=0, max=20 * 3600, min_open=True),
    help="Until when sessions begin.  [default: 60]",
)
@click.option("--model", metavar="NAME", help="The only model that its sessions talk to.")
@click.option("--system", metavar="TEXT", help="The system instruction of its sessions.")
@click.option("--base-url", metavar="URL", help="Where the service is, if not at Google.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="The longest wait for the token.",
)
def token(
    *,
    uses: int | None,
    expire_in: float | None,
    begin_within: float | None,
    model: str | None,
    system: str | None,
    base_url: str | None,
    timeout: float,
) -> None:
    """Print a new ephemeral token of the Gemini API.

    Whoever has it opens sessions with it, as with an API key, and can do nothing else. What --model and
    --system say, its sessions cannot change; all other settings are theirs.

    The key is taken from GOOGLE_API_KEY or GEMINI_API_KEY. Without GOOGLE_GENAI_API_VERSION the version is
    v1alpha, the one for which tokens are documented.
    """
    locked = {"system_instruction": system} if system else {}
    config: dict[str, Any] = {
        "uses": uses,
        "expire_time": _ahead(expire_in),
        "new_session_expire_time": _ahead(begin_within),
        "live_connect_constraints": {"model": model or None, "config": locked},
        "lock_additional_fields": [],
    }
    with _client(base_url) as client:
        click.echo(client.auth_tokens.create(config, timeout=timeout).name)


def _ahead(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.now(timezone.utc) + timedelta(seconds=seconds)


def _client(base_url: str | None) -> Client:
    version = os.environ.get("GOOGLE_GENAI_API_VERSION") or "v1alpha"
    try:
        return Client(vertexai=False, http_options={"base_url": base_url, "api_version": version})
    except AuthenticationError as error:
        raise click.ClickException("there is no API key: set GOOGLE_API_KEY or GEMINI_API_KEY") from error
