"""How to reach the service, and what to do when that fails. No threads, sockets or clock."""

from __future__ import annotations

from typing import Any

import attrs
from attrs import field

from genai_live.errors import ConfigurationError
from genai_live.record import Record, define
from genai_live.waiting import seconds


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
    """Whether credentials may go unencrypted to other machines, and ``ssl_context`` may verify nobody."""


def _seconds_or_none(_: Any, attribute: attrs.Attribute[float | None], value: float | None) -> None:
    seconds(value, attribute.name)


def _seconds(_: Any, attribute: attrs.Attribute[float], value: float) -> None:
    if seconds(value, attribute.name) is None:
        raise ConfigurationError("expected a number of seconds", where=attribute.name)


def _at_least_one(_: Any, attribute: attrs.Attribute[int], value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"expected 1 or more, got {value!r}", where=attribute.name)


@attrs.frozen(kw_only=True)
class ReconnectPolicy:
    """How a session goes on when its connection ends. ``reconnect=True`` means one with the defaults.

    Attributes:
        attempts: How many times in a row a new connection is tried before the session ends. The count
            begins anew once the model has answered, or the connection has lasted ten seconds.
        attempt_timeout: Seconds that each of them may take: credentials, DNS, TCP, a proxy, TLS, upgrade and
            setup.
        first_pause: Seconds between the first and the second attempt, at most; the first comes at once. The
            pauses double, and each is cut by chance to between a half of it and the whole.
        longest_pause: What they grow to, in seconds.
        fresh_start: Whether to begin a new conversation where the old one cannot be resumed: the server gave
            no handle, or takes it no more. Otherwise the session ends.
        resend_in_doubt: Whether messages that are in doubt are sent again. The model may then see them twice.
        keep_media: Seconds of audio and video to keep while there is no connection, and to send late. By
            default they are dropped.

    Raises:
        ConfigurationError: A value cannot be used.
    """

    attempts: int = field(default=10, validator=_at_least_one)
    attempt_timeout: float = field(default=20.0, validator=_seconds)
    first_pause: float = field(default=1.0, validator=_seconds)
    longest_pause: float = field(default=15.0, validator=_seconds)
    fresh_start: bool = False
    resend_in_doubt: bool = False
    keep_media: float = field(default=0.0, validator=_seconds)


_CALL_SECONDS: float | None = 60.0


@attrs.frozen(kw_only=True)
class AutomaticFunctionCalling:
    """How the functions among the ``tools`` are run when the model calls them. True means the defaults.

    Attributes:
        timeout: Seconds that a call may take, waiting for others included, before the model is told that it
            took too long; None for no limit. ``@tool(timeout=…)`` goes before it.
        max_calls: How many calls of a session run at once; others wait.
        hide_errors: Whether the model is told only that a function failed; by default it is told the type
            and message of what was raised.

    Raises:
        ConfigurationError: A value cannot be used.
    """

    timeout: float | None = field(default=_CALL_SECONDS, validator=_seconds_or_none)
    max_calls: int = field(default=16, validator=_at_least_one)
    hide_errors: bool = False


@attrs.frozen(kw_only=True)
class Watchdogs:
    """What to take for a failure of the service, when it says nothing of one. All are off by default.

    A watchdog that strikes ends the session with ConnectionClosedError, or only its connection. Time in which
    the program itself does not read, so that the reader thread pauses, does not count.

    Attributes:
        first_byte: Seconds from asking the model something to the first message of its answer.
        turn: Seconds from asking it something to the end of its turn.
        idle: Seconds in which nothing at all is received, not even the answers to our pings, which are sent
            after twenty silent seconds. Answers of up to 30 seconds have been measured; less than 60 would
            end healthy sessions.
        reconnect: Whether to go on with a new connection; see ReconnectPolicy.

    Raises:
        ConfigurationError: A value cannot be used.
    """

    first_byte: float | None = field(default=None, validator=_seconds_or_none)
    turn: float | None = field(default=None, validator=_seconds_or_none)
    idle: float | None = field(default=None, validator=_seconds_or_none)
    reconnect: bool = False
