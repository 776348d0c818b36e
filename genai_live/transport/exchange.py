"""Requests and answers during the dial: whole writes, bounded reads, one deadline. In the reader thread."""

from __future__ import annotations

import re
import select
from typing import NamedTuple

from genai_live.errors import HandshakeError
from genai_live.transport.interface import TransportClosed
from genai_live.transport.stream import Stream
from genai_live.waiting import Deadline, Wakeup

MAX_HEAD_BYTES = 64 * 1024
"""The bound on a response's status line and headers, and on what is kept of a refusal's body."""

MAX_HEADERS = 100
"""The bound on their number, which is that of http.client."""

_BODY_SECONDS = 1.0
_FOLD = re.compile(r"\r?\n[ \t]+")


class ResponseHead(NamedTuple):
    """The beginning of an HTTP response. Its repr leaves out what may repeat the request."""

    status: int
    phrase: str
    headers: dict[str, str]
    raw: bytes

    def __repr__(self) -> str:
        return f"ResponseHead(status={self.status})"


class Exchange:
    """Talks over a stream that is not a WebSocket yet.

    Args:
        stream: The connected stream.
        deadline: For everything.
        wakeup: Interrupts every wait.
        what: Names the step in messages, such as "the upgrade".
    """

    def __init__(self, stream: Stream, deadline: Deadline, wakeup: Wakeup, what: str) -> None:
        self._stream = stream
        self.deadline = deadline
        self.wakeup = wakeup
        self._what = what
        self._buffer = b""

    def send(self, data: memoryview) -> None:
        """Writes all of it: a view, as it may hold credentials, and a traceback could show bytes."""
        while data:
            try:
                written = self._stream.write(data)
            except OSError as error:
                raise HandshakeError(f"{self._what} failed: {error}") from error
            data = data[written:]
            if not written:
                self._stream.wait_while_connecting(select.POLLOUT, self.deadline, self._what)

    def receive(self) -> bytes:
        """Some bytes, as they come.

        Raises:
            HandshakeError: The peer ended the connection.
            LiveTimeout: The time was up.
            TransportClosed: Interrupted.
        """
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        while True:
            try:
                received = self._stream.read()
            except OSError as error:
                raise HandshakeError(f"{self._what} failed: {error}") from error
            if received == b"":
                raise HandshakeError(f"{self._what} failed: the peer closed the connection")
            if received is not None:
                return received
            self._stream.wait_while_connecting(select.POLLIN, self.deadline, self._what)

    def receive_exactly(self, size: int) -> bytes:
        """That many bytes, for protocols that announce their lengths."""
        data = b""
        while len(data) < size:
            data += self.receive()
        data, self._buffer = data[:size], data[size:]
        return data

    def receive_head(self) -> ResponseHead:
        """The head of an HTTP response; what came after it stays for ``rest``.

        Raises:
            HandshakeError: It is no HTTP, or over the bound.
        """
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0 and len(data) <= MAX_HEAD_BYTES:
            data += self.receive()
        if not 0 <= end <= MAX_HEAD_BYTES:
            raise HandshakeError(f"{self._what} failed: the response's head is over {MAX_HEAD_BYTES} bytes")
        head, self._buffer = data[: end + 4], data[end + 4 :]
        status_line, _, fields = head.partition(b"\r\n")
        version, _, rest = status_line.decode("latin-1").partition(" ")
        status, _, phrase = rest.partition(" ")
        if not version.startswith("HTTP/1.") or not (status.isascii() and status.isdigit()):
            # What only echoes shows us our own request line, in whose query a key may be.
            shown = status_line.partition(b"?")[0][:100]
            raise HandshakeError(f"{self._what} failed: the answer is not HTTP: {shown!r}")
        return ResponseHead(int(status), phrase, self._headers(fields), head)

    def _headers(self, fields: bytes) -> dict[str, str]:
        """By their names in lower case, of equal ones the last."""
        # Not by http.client, as that and the email package take as long to import as ssl.
        unfolded = _FOLD.sub(" ", fields.decode("latin-1"))  # RFC 9112, section 5.2
        lines = unfolded.strip().split("\n")
        if len(lines) > MAX_HEADERS:
            raise HandshakeError(f"{self._what} failed: got more than {MAX_HEADERS} headers")
        named = (line.partition(":") for line in lines)
        return {name.lower(): value.strip() for name, colon, value in named if colon}

    def receive_body(self, head: ResponseHead) -> bytes:
        """The beginning of a refusal's body: what is announced, or what comes within a second."""
        self.deadline = self.deadline.sooner(_BODY_SECONDS)
        length = head.headers.get("content-length", "")
        wanted = min(int(length), MAX_HEAD_BYTES) if length.isascii() and length.isdigit() else MAX_HEAD_BYTES
        body = b""
        try:
            while len(body) < wanted:
                body += self.receive()
        except (HandshakeError, TransportClosed, TimeoutError):
            # The refusal itself is the news, whatever becomes of its text.
            return body
        return body[:wanted]

    def rest(self) -> bytes:
        """What was read beyond the head."""
        data, self._buffer = self._buffer, b""
        return data
