"""From bytes to messages and back: the frames of RFC 6455, section 5, bounded.

Reading runs in the reader thread, writing in any. No sockets: bytes come from the function that it is given.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import NamedTuple

from websocket import ABNF

from genai_live.errors import ProtocolError
from genai_live.redaction import without_message_secrets
from genai_live.transport import masking

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The bound on one received message. The service documents none; its largest, video, are below 1 MiB."""

_CLOSE_CODES = {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}
"""Those that may be sent (RFC 6455, section 7.4, and IANA's registry)."""

_BROKEN = "the server broke the WebSocket protocol"


class ControlFrame(NamedTuple):
    """A ping, pong or close frame as it came."""

    opcode: int
    payload: bytes

    def __repr__(self) -> str:
        # A close frame's reason may repeat the key, and a traceback could show this.
        return f"ControlFrame(opcode={self.opcode}, <{len(self.payload)} bytes>)"


class _FrameReader:
    """Reads frame by frame. Where ``receive`` raises, it goes on where it stood when it is called again."""

    def __init__(self, receive: Callable[[int], bytes], limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._head = b""
        self._length: int | None = None
        self._partial = bytearray()

    def read(self) -> tuple[int, bool, bytes]:
        """The next frame: its opcode, whether it is the last of its message, and its payload.

        Raises:
            ProtocolError: It breaks a rule, or is over the bound; before any of its payload is held.
        """
        head = self._head = self._head or self._exactly(2)
        length = self._length = self._checked_length(head) if self._length is None else self._length
        payload = self._exactly(length) if length else b""
        self._head, self._length = b"", None
        return head[0] & 0x0F, head[0] >= 0x80, payload

    def _exactly(self, size: int) -> bytes:
        """So many bytes."""
        if not self._partial:
            data = self._receive(size)
            if len(data) == size:
                return data
            self._partial += data
        while missing := size - len(self._partial):
            # Not a list of pieces: an object for each would take 30 times the bytes, where they are small.
            self._partial += self._receive(missing)
        data, self._partial = bytes(self._partial), bytearray()
        return data

    def _checked_length(self, head: bytes) -> int:
        """How long the payload is, of a frame that may begin so."""
        first, second = head
        opcode, length = first & 0x0F, second & 0x7F
        if first & 0x70:
            raise ProtocolError(f"{_BROKEN}: a reserved bit is set, and no extension was agreed on")
        if opcode not in ABNF.OPCODES:
            raise ProtocolError(f"{_BROKEN}: there is no opcode {opcode}")
        if second & 0x80:
            raise ProtocolError("the server masked a frame (RFC 6455, section 5.1)")
        if opcode >= ABNF.OPCODE_CLOSE:
            if length > 125 or first < 0x80:
                raise ProtocolError("the server sent a control frame that is fragmented or over 125 bytes")
        elif length == 126:
            (length,) = struct.unpack("!H", self._exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._exactly(8))
        if length > self._limit:
            raise ProtocolError(f"a frame declares {length} bytes; the bound is {self._limit}")
        return length


class MessageReader:
    """Joins frames to messages.

    Args:
        receive: Returns at most the number of bytes asked for. It may raise; reading then goes on where it
            stood.
        limit: The bound on one message, in bytes.
    """

    def __init__(self, receive: Callable[[int], bytes], limit: int = MAX_MESSAGE_BYTES) -> None:
        self._frames = _FrameReader(receive, limit)
        self._limit = limit
        self._message = bytearray()  # not a list: fragments may be tiny or empty, and come without end
        self._opcode = 0

    def read(self) -> bytes | str | ControlFrame:
        """Returns the next message (binary as bytes, text as str) or control frame.

        Raises:
            ProtocolError: RFC 6455 is broken, text is not UTF-8, or the message is over the bound.
        """
        while True:
            opcode, is_last, payload = self._frames.read()
            if opcode >= ABNF.OPCODE_CLOSE:
                if opcode == ABNF.OPCODE_CLOSE:
                    _check_close(payload)
                return ControlFrame(opcode, payload)
            if (message := self._add(opcode, is_last, payload)) is not None:
                return message

    def _add(self, opcode: int, is_last: bool, payload: bytes) -> bytes | str | None:
        if (opcode == ABNF.OPCODE_CONT) != bool(self._opcode):
            raise ProtocolError(f"{_BROKEN}: fragments out of order")
        if self._opcode == 0:
            if is_last:
                return _message(opcode, payload)
            self._opcode = opcode
        if len(self._message) + len(payload) > self._limit:
            raise ProtocolError(f"a message has over {self._limit} bytes, which is the bound")
        self._message += payload
        if not is_last:
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


def _check_close(payload: bytes) -> None:
    """Refuses what is no code, or one that nobody may send.

    Raises:
        ProtocolError: It does.
    """
    if len(payload) == 1:
        raise ProtocolError(f"{_BROKEN}: a close frame with half a code")
    if payload:
        (code,) = struct.unpack("!H", payload[:2])
        if code not in _CLOSE_CODES:
            raise ProtocolError(f"{_BROKEN}: a close frame with the code {code}")


def frame_bytes(opcode: int, payload: bytes) -> bytes:
    """A whole masked frame, as a client sends it."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    key = _masking_key()
    return b"".join((head, key, masking.mask(payload, key)))


_keys: list[bytes] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keys.clear)


def _masking_key() -> bytes:
    """Four bytes that nobody can predict (RFC 6455, section 5.3), drawn by the hundred for speed."""
    try:
        return _keys.pop()
    except IndexError:
        drawn = os.urandom(4 * 128)
        _keys.extend([drawn[start : start + 4] for start in range(4, len(drawn), 4)])
        return drawn[:4]
