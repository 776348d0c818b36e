"""Keeps secrets out of texts that people read. No threads, sockets or clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

_OPEN_HEADERS = ("accept-encoding", "content-type", "user-agent", "x-goog-api-client", "x-goog-user-project")
_SHORTEST_SECRET = 8
"""Shorter values are no keys, and taking them out would spoil the text."""

_STRING = r'"(?:[^"\\]|\\.)*'
_IN_MESSAGES = re.compile(
    r'("(?:new_?handle|handle|api_?key(?:_?string)?|access_?token|id_?token)"\s*:\s*")(?:[^"\\]|\\.)*'
    rf'|("headers"\s*:\s*\{{)(?:[^{{}}"]|{_STRING}"?)*',
    re.IGNORECASE,
)
"""Up to the end of the text, where it is cut off. The keys and headers are those of tools of the service."""


class SecretHeaders(dict[str, str]):
    """Headers that print as their names: what shows tracebacks with local variables would show a key."""

    def __repr__(self) -> str:
        return f"<headers {', '.join(self)}>"


def without_credentials(text: str, headers: Mapping[str, str], url: str = "") -> str:
    """What the server says, without what we sent it: some answers repeat the key.

    Args:
        text: The server's words.
        headers: The headers that it was sent. Those that can hold no secret are no reason to change the text.
        url: The address that it was asked at, whose query may hold a gateway's key.
    """
    secrets = {value for value in _values(headers, url) if len(value) >= _SHORTEST_SECRET}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _values(headers: Mapping[str, str], url: str) -> Iterator[str]:
    for name, value in headers.items():
        if name.lower() not in _OPEN_HEADERS:
            yield value
            yield from value.split()
    query = urlsplit(url).query
    yield from (item.partition("=")[2] for item in query.split("&"))
    yield from (value for _, value in parse_qsl(query))


def without_message_secrets(json_text: str) -> str:
    """A message's text, whole or its beginning, without resumption handles and what tools sign in with."""
    return _IN_MESSAGES.sub(r"\1\2…", json_text)
