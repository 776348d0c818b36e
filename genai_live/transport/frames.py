"""From bytes to messages: RFC 6455 framing by websocket-client, bounded, and our own reassembly.

Runs in the reader thread. No sockets: bytes come from the function that it is given.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

from websocket import ABNF, WebSocketProtocolException
from websocket import frame_buffer as _frame_buffer

from genai_live.errors import ProtocolError
from genai_live.redaction import without_message_secrets

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The bound on one received message. The service documents none; its largest, video, are below 1 MiB."""


class ControlFrame(NamedTuple):
    """A ping, pong or close frame as it came."""

    opcode: int
    payload: bytes

    def __repr__(self) -> str:
        # A close frame's reason may repeat the key, and a traceback could show this.
        return f"ControlFrame(opcode={self.opcode}, <{len(self.payload)} bytes>)"


class _BoundedFrames(_frame_buffer):
    """Refuses a frame by its header, before any of its payload is held in memory."""

    def __init__(self, receive: Callable[[int], bytes], limit: int) -> None:
        # Text is checked once, in C, when it is decoded.
        super().__init__(receive, skip_utf8_validation=True)
        self._limit = limit
        self._partial = bytearray()

    def recv_strict(self, bufsize: int) -> bytes:
        # The base class keeps each piece as an object of its own: 30 times the bytes, where they are small.
        while (missing := bufsize - len(self._partial)) > 0:
            piece = self.recv(missing)
            if len(piece) == bufsize:
                return piece
            self._partial += piece
        data, self._partial = bytes(self._partial), bytearray()
        return data

    def recv_header(self) -> None:
        super().recv_header()
        fin, _, _, _, opcode, masked, length = self.header  # type: ignore[misc]
        if masked:
            raise ProtocolError("the server masked a frame (RFC 6455, section 5.1)")
        if opcode >= ABNF.OPCODE_CLOSE and (length > 125 or not fin):
            raise ProtocolError("the server sent a control frame that is fragmented or over 125 bytes")

    def recv_length(self) -> None:
        super().recv_length()
        if self.length is not None and self.length > self._limit:
            raise ProtocolError(f"a frame declares {self.length} bytes; the bound is {self._limit}")


class MessageReader:
    """Joins frames to messages.

    Args:
        receive: Returns at most the number of bytes asked for. It may raise; reading then goes on where it
            stood.
        limit: The bound on one message, in bytes.
    """

    def __init__(self, receive: Callable[[int], bytes], limit: int = MAX_MESSAGE_BYTES) -> None:
        self._frames = _BoundedFrames(receive, limit)
        self._limit = limit
        self._message = bytearray()  # not a list: fragments may be tiny or empty, and come without end
        self._opcode = 0

    def read(self) -> bytes | str | ControlFrame:
        """Returns the next message (binary as bytes, text as str) or control frame.

        Raises:
            ProtocolError: RFC 6455 is broken, text is not UTF-8, or the message is over the bound.
        """
        while True:
            try:
                frame = self._frames.recv_frame()
            except WebSocketProtocolException as error:
                raise ProtocolError(f"the server broke the WebSocket protocol: {error}") from error
            data: bytes = frame.data  # type: ignore[assignment]
            if frame.opcode >= ABNF.OPCODE_CLOSE:
                return ControlFrame(frame.opcode, data)
            if (message := self._add(frame, data)) is not None:
                return message

    def _add(self, frame: ABNF, data: bytes) -> bytes | str | None:
        if (frame.opcode == ABNF.OPCODE_CONT) != bool(self._opcode):
            raise ProtocolError("the server broke the WebSocket protocol: fragments out of order")
        if self._opcode == 0:
            if frame.fin:
                return _message(frame.opcode, data)
            self._opcode = frame.opcode
        if len(self._message) + len(data) > self._limit:
            raise ProtocolError(f"a message has over {self._limit} bytes, which is the bound")
        self._message += data
        if not frame.fin:
            return None
        message = _message(self._opcode, bytes(self._message))
        self._message, self._opcode = bytearray(), 0
        return message


def _message(opcode: int, data: bytes) -> bytes | str:
    if opcode == ABNF.OPCODE_BINARY:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        beginning = without_message_secrets(data[:800].decode(errors="replace"))[:200]
        raise ProtocolError(f"a text message is not UTF-8: {beginning!r}") from error


def parse_close(payload: bytes) -> tuple[int, str]:
    """The code and reason of a close frame; 1005 where it has none (RFC 6455, section 7.1.5)."""
    if not payload:
        return 1005, ""
    return struct.unpack("!H", payload[:2])[0], payload[2:].decode(errors="replace")


def close_payload(code: int, reason: str) -> bytes:
    """The payload of a close frame; the reason is cut at 123 bytes (RFC 6455, section 5.5)."""
    text = reason.encode()[:123].decode(errors="ignore")
    return struct.pack("!H", code) + text.encode()


def frame_bytes(opcode: int, payload: bytes) -> bytes:
    """A whole masked frame, as a client sends it."""
    formatted: bytes = ABNF.create_frame(payload, opcode).format()
    return formatted
