"""How to reach the service. No threads, sockets or clock."""

from __future__ import annotations

from attrs import field

from genai_live.record import Record, define


@define(kw_only=True)
class HttpOptions(Record):
    """How to reach the service: for a whole client, or for one session in its config.

    The names are those of google-genai, ``allow_insecure`` apart.
    """

    base_url: str | None = None
    """Where the service is, such as ``https://host/path``; ``http://`` is for loopback only."""
    api_version: str | None = None
    """``v1``, ``v1beta`` or ``v1alpha``."""
    headers: dict[str, str] | None = field(default=None, repr=False)
    """Sent along with every request. Never printed, as they may hold credentials."""
    timeout: int | None = None
    """For each REST request, in milliseconds, as in google-genai. (Other timeouts here are in seconds.)"""
    allow_insecure: bool | None = None
    """Whether credentials may travel unencrypted to a host other than loopback."""
