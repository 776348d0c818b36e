"""Ephemeral tokens: what each allows, and until when (protocol notes, 3.8).

Their times are points on the wall clock, which is asked here; the emulator's scale of time does not change
them. Runs in the emulator's thread.
"""

from __future__ import annotations

import copy
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from genai_live.emulator.endpoints import BAD_TOKEN
from genai_live.emulator.refusal import INVALID_ARGUMENT, Refusal
from genai_live.emulator.validation import find_field_path

_LIFETIME = timedelta(minutes=30)
_LONGEST_LIFETIME = timedelta(hours=20)
_TIME_TO_BEGIN = timedelta(seconds=60)
_TOO_FAR = "expire_time is too far in the future. Maximum lifetime is 20h"

EXPIRED_IN_SESSION = "auth token has expired"
"""What ends a session when its token expires."""


class Token:
    """One token.

    Args:
        request: What was asked for, in normal form.

    Attributes:
        name: The token itself.

    Raises:
        Refusal: There cannot be such a token.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        now = _now()
        self.name = f"auth_tokens/{secrets.token_hex(32)}"
        self._expire_time = _time(request, "expireTime", now + _LIFETIME)
        self._new_session_expire_time = _time(request, "newSessionExpireTime", now + _TIME_TO_BEGIN)
        if self._expire_time > now + _LONGEST_LIFETIME:
            raise Refusal(1007, _TOO_FAR)
        self._uses: int = request.get("uses", 1)
        if self._uses < 0:
            raise Refusal(1007, INVALID_ARGUMENT)
        self._uses_left = self._uses or None
        self._setup: Mapping[str, Any] = request.get("bidiGenerateContentSetup", {})
        self._locked = _read_mask(request.get("fieldMask", ""))

    def describe(self) -> dict[str, Any]:
        """What the service answers to the request."""
        return {
            "name": self.name,
            "expireTime": _text(self._expire_time),
            "newSessionExpireTime": _text(self._new_session_expire_time),
            "uses": self._uses,
        }

    @property
    def seconds_left(self) -> float:
        """How long the token, and a session that was opened with it, may still last."""
        return (self._expire_time - _now()).total_seconds()

    def open_session(self, setup: Mapping[str, Any]) -> Mapping[str, Any]:
        """Open or resume a session; opening takes one of the uses.

        Args:
            setup: The client's setup, in normal form.

        Returns:
            The setup that holds, with the client's handle: that says which session, and not how one is to be.

        Raises:
            Refusal: The token does not allow it, or does not any more.
        """
        now = _now()
        if now >= self._expire_time:
            raise Refusal(1011, "Token has expired")
        if now >= self._new_session_expire_time:
            raise Refusal(1011, "new_session_expire_time deadline exceeded")
        handle = setup.get("sessionResumption", {}).get("handle")
        if self._uses_left is not None and not handle:
            if not self._uses_left:
                raise Refusal(1011, "Token has been used too many times")
            self._uses_left -= 1
        locked = _overwritten(setup, self._setup, self._locked) if self._locked else self._setup or setup
        return {**locked, "sessionResumption": {"handle": handle}} if handle else locked


class Tokens:
    """All tokens of one emulator."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def create(self, request: Mapping[str, Any]) -> Token:
        """Create a token; see Token."""
        token = Token(request)
        self._tokens[token.name] = token
        return token

    def find(self, name: str) -> Token:
        """Find a token by its name.

        Raises:
            Refusal: There is no such token.
        """
        if name not in self._tokens:
            raise Refusal(1008, BAD_TOKEN)
        return self._tokens[name]


def _overwritten(
    setup: Mapping[str, Any], by: Mapping[str, Any], paths: Sequence[tuple[str, ...]]
) -> Mapping[str, Any]:
    """Take the fields at the paths from another setup; they are unset where they are unset there."""
    result: dict[str, Any] = copy.deepcopy(dict(setup))
    for path in paths:
        *parents, name = path
        source: Mapping[str, Any] = by
        target = result
        for parent in parents:
            source = source.get(parent, {})
            target = target.setdefault(parent, {})
        if name in source:
            target[name] = source[name]
        else:
            target.pop(name, None)
    return result


def _read_mask(mask: str) -> list[tuple[str, ...]]:
    paths = []
    for text in filter(None, mask.split(",")):
        path = find_field_path("BidiGenerateContentSetup", text)
        if path is None:
            raise Refusal(1007, f"Invalid field mask: there is no '{text}' in BidiGenerateContentSetup.")
        paths.append(path)
    return paths


def _time(request: Mapping[str, Any], name: str, default: datetime) -> datetime:
    if name not in request:
        return default
    text: str = request[name]
    try:
        # Python 3.10 reads neither the Z nor nine digits.
        in_microseconds = re.sub(r"\.(\d+)", lambda match: f".{match[1]:0<6.6}", text)
        return datetime.fromisoformat(in_microseconds.replace("Z", "+00:00"))
    except ValueError as error:
        raise Refusal(1007, f"Invalid value at 'auth_token' (Timestamp), \"{text}\"") from error


def _text(time: datetime) -> str:
    return time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _now() -> datetime:
    return datetime.now(timezone.utc)
