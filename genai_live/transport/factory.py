"""The default factory of connections. Runs in the reader thread of each session."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping

from genai_live.transport.frames import MAX_MESSAGE_BYTES
from genai_live.transport.tls import ContextOnce
from genai_live.transport.websocket import WebSocketTransport
from genai_live.waiting import Deadline


def _no_proxy(url: str) -> None:
    """The connection is direct, whatever the address."""


class WebSocketClientFactory:
    """Makes connections, with websocket-client's handshake. The default factory of a client.

    Args:
        ssl_context: For ``wss://``; by default one that trusts what ``REQUESTS_CA_BUNDLE``,
            ``SSL_CERT_FILE`` or certifi say, built once.
        find_proxy: Returns the proxy's URL for an ``http(s)://`` URL, or None.
        max_message_bytes: The bound on one received message.
    """

    def __init__(
        self,
        ssl_context: ssl.SSLContext | None = None,
        *,
        find_proxy: Callable[[str], str | None] = _no_proxy,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
    ) -> None:
        self._context = ContextOnce(ssl_context)
        self._find_proxy = find_proxy
        self._max_message_bytes = max_message_bytes

    def __call__(self, url: str, headers: Mapping[str, str], *, timeout: float | None) -> WebSocketTransport:
        """See WebSocketFactory."""
        return WebSocketTransport(
            url,
            headers,
            deadline=Deadline(timeout),
            context=self._context,
            find_proxy=self._find_proxy,
            max_message_bytes=self._max_message_bytes,
        )
