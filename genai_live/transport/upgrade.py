"""The WebSocket upgrade, by websocket-client over a stream of ours. Runs in the reader thread.

websocket-client makes the request and checks the answer. What it must not do is kept from it: it never
sees credentials, the query of the address, in which a gateway's key may be, or headers that may repeat them
(its trace log prints all that), cookies (it shares one jar in the whole process), a redirect (it would send
the credentials along) or a refusal (it reads its body without a bound).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import websocket

from genai_live.errors import HandshakeError, LiveTimeout
from genai_live.redaction import without_credentials
from genai_live.transport.exchange import Exchange, ResponseHead

_CHECKED_HEADERS = (b"upgrade:", b"connection:", b"sec-websocket-")


def upgrade(exchange: Exchange, url: str, headers: Mapping[str, str]) -> bytes:
    """Makes the stream a WebSocket. Returns what the server has already sent after its answer.

    Raises:
        HandshakeError: The server refused, or its answer breaks RFC 6455, section 4.
        LiveTimeout: The time was up.
        TransportClosed: Interrupted.
    """
    connection = websocket.WebSocket(skip_utf8_validation=True)
    sock = _UpgradeSocket(exchange, url, headers)
    try:
        connection.connect(  # type: ignore[no-untyped-call]
            url.partition("?")[0], socket=sock, suppress_origin=True, redirect_limit=0
        )
    except websocket.WebSocketTimeoutException:
        # It takes every TimeoutError for its own; ours says more.
        raise sock.timeout or LiveTimeout("the upgrade took too long") from None
    except (websocket.WebSocketException, ValueError) as error:
        raise HandshakeError(f"the answer to the upgrade breaks RFC 6455: {error}", status=101) from error
    return exchange.rest()


class _UpgradeSocket:
    """What websocket-client takes for a socket during the upgrade."""

    def __init__(self, exchange: Exchange, url: str, headers: Mapping[str, str]) -> None:
        self._exchange = exchange
        self._url = url
        self._headers = headers
        self._answer = b""
        self.timeout: LiveTimeout | None = None

    def send(self, data: bytes) -> int:
        self._exchange.send(memoryview(self._request(data)))
        return len(data)

    def _request(self, data: bytes) -> bytes:
        request_line, *lines = data.split(b"\r\n")
        if query := urlsplit(self._url).query:
            request_line = request_line.replace(b" HTTP/", f"?{query} HTTP/".encode())
        own = [f"{name}: {value}".encode("latin-1") for name, value in self._headers.items()]
        kept = [line for line in lines if not line.lower().startswith(b"cookie:")]
        return b"\r\n".join([request_line, *own, *kept])

    def recv(self, size: int) -> bytes:
        if not self._answer:
            try:
                head = self._exchange.receive_head()
            except LiveTimeout as error:
                self.timeout = error
                raise
            if head.status != 101:
                raise self._refusal(head, self._exchange.receive_body(head))
            checked = [line for line in head.raw.split(b"\r\n") if line.lower().startswith(_CHECKED_HEADERS)]
            self._answer = b"\r\n".join([b"HTTP/1.1 101 Switching Protocols", *checked, b"", b""])
        data, self._answer = self._answer[:size], self._answer[size:]
        return data

    def gettimeout(self) -> float:
        return 0  # our recv and send keep the deadline

    def settimeout(self, timeout: float | None) -> None:
        """The deadline is kept by the exchange."""

    def close(self) -> None:
        """The stream is closed by its owner."""

    def _refusal(self, head: ResponseHead, body: bytes) -> HandshakeError:
        def cleaned(text: str) -> str:
            return without_credentials(text, self._headers, self._url)

        text = cleaned(body.decode("utf-8", "surrogateescape"))
        body = text.encode("utf-8", "surrogateescape")
        if 300 <= head.status < 400:
            explanation = "a redirect, which is not followed: it would carry the credentials along"
        else:
            explanation = body[:200].decode(errors="replace").strip() or "no explanation"
        return HandshakeError(
            f"the server refused the upgrade with {head.status} {cleaned(head.phrase)}: {explanation}",
            status=head.status,
            headers={name: cleaned(value) for name, value in head.headers.items()},
            body=body,
        )
