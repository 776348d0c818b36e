"""Ephemeral tokens, with which a program that must not see the API key opens sessions. No threads.

Source: ai.google.dev/gemini-api/docs/ephemeral-tokens; names of google-genai 3.4.0.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field

from genai_live.options import HttpOptions
from genai_live.record import define
from genai_live.types.config import LiveConnectConfig
from genai_live.types.model import Model


@define(kw_only=True)
class LiveConnectConstraints(Model):
    """What sessions opened with a token are bound to."""

    model: str | None = None
    """The model, such as ``gemini-3.8-live``."""
    config: LiveConnectConfig | None = None
    """The settings. Which of them the session cannot change is in ``lock_additional_fields``."""


@define(kw_only=True)
class CreateAuthTokenConfig(Model):
    """What a new token allows. All times with a time zone."""

    http_options: HttpOptions | None = None
    """How to reach the service for this request; goes before the client's."""
    expire_time: datetime | None = None
    """Sessions end then; 30 minutes from now where it is not given, at most 20 hours."""
    new_session_expire_time: datetime | None = None
    """No session starts or resumes after it; 60 seconds from now where it is not given, at most 20 hours."""
    uses: int | None = None
    """How many sessions it opens, resumptions not counted; 1 where it is not given, 0 is no limit."""
    live_connect_constraints: LiveConnectConstraints | None = None
    """What its sessions are bound to."""
    lock_additional_fields: list[str] | None = None
    """Which settings the session cannot change.

    Not given: it can change none, and those of the constraints hold. An empty list: it cannot change those
    that the constraints set. Names of fields, such as ``temperature``: nor these.
    """


@define(kw_only=True)
class AuthToken(Model):
    """A new token."""

    name: str | None = field(default=None, repr=False)
    """The token itself, ``auth_tokens/…``: it stands where an API key would. Never printed."""
    expire_time: datetime | None = None
    """Sessions end then."""
    new_session_expire_time: datetime | None = None
    """No session starts or resumes after it."""
    uses: int | None = None
    """How many sessions it opens; 0 is no limit."""
