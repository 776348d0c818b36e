"""The load server: asyncio, in a process of its own, whose CPU time does not count.

It speaks TLS on loopback, takes any path for an upgrade, and then does what the name of the model asks for.
After the setup it reads no payload: what a client sends is only counted. So no client waits for it.
"""

import asyncio
import base64
import hashlib
import json
import random
import struct
import sys
import time
from collections.abc import Callable

from tests.bench import messages
from tests.certificates import authority_pem, server_context
from tests.raw_server import CLOSE, PING, PONG, frame

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class _Connection(asyncio.Protocol):
    """One client, from the upgrade to its end."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._unread = bytearray()
        self._to_skip = 0
        self._read_next = self._read_request
        self._on_message: Callable[[], None] | None = None
        self._count = 0
        self._speaking: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._speaking is not None:
            self._speaking.cancel()

    def data_received(self, data: bytes) -> None:
        if self._to_skip >= len(data):
            self._to_skip -= len(data)
            return
        self._unread += memoryview(data)[self._to_skip :]
        self._to_skip = 0
        while self._read_next():
            pass

    def _read_request(self) -> bool:
        """Answers the upgrade; returns whether it was all there."""
        end = self._unread.find(b"\r\n\r\n")
        if end < 0:
            return False
        lines = bytes(self._unread[:end]).split(b"\r\n")[1:]
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)
        }
        accepted = base64.b64encode(hashlib.sha1(headers[b"sec-websocket-key"] + _GUID).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"
        )
        del self._unread[: end + 4]
        self._read_next = self._read_frame
        return True

    def _read_frame(self) -> bool:
        """Acts on the next frame; returns whether enough of it was there."""
        unread = self._unread
        if len(unread) < 2:
            return False
        opcode, size, start = unread[0] & 15, unread[1] & 127, 6
        if size > 125:
            start = 8 if size == 126 else 14
            if len(unread) < start:
                return False
            (size,) = struct.unpack_from("!H" if size == 126 else "!Q", unread, 2)
        end = start + size
        if opcode < CLOSE and self._on_message is not None:
            self._to_skip = max(0, end - len(unread))
            del unread[:end]
            self._on_message()
            return True
        if len(unread) < end:
            return False
        mask, payload = unread[start - 4 : start], unread[start:end]
        del unread[:end]
        self._on_payload(opcode, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))
        return True

    def _on_payload(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE:
            self.transport.write(frame(CLOSE, payload[:2]))
            self.transport.close()
        elif opcode == PING:
            self.transport.write(frame(PONG, payload))
        elif opcode < CLOSE:
            self._set_up(json.loads(payload)["setup"]["model"].rpartition("/")[2])

    # -- what the model's name asks for --------------------------------------------------------------------

    def _set_up(self, model: str) -> None:
        match model.split("-"):
            case ["flood", kind, size, count]:
                flood = messages.flood(kind, int(size), int(count))
                self._on_message = lambda: self.transport.write(flood)
            case ["sink", count]:
                self._on_message = lambda: self._sink(int(count))
            case ["echo", milliseconds]:
                self._on_message = lambda: self._echo(int(milliseconds) / 1000)
            case ["voice", size, rate]:
                self._on_message = lambda: self._speak(int(size), int(rate))
            case _:
                raise ValueError(f"no model does {model}")
        self.transport.write(messages.SETUP_COMPLETE)

    def _echo(self, seconds: float) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self.transport.write, messages.WHOLE_TURN)
        else:
            self.transport.write(messages.WHOLE_TURN)

    def _sink(self, until: int) -> None:
        self._count += 1
        if self._count == until:
            self._count = 0
            self.transport.write(messages.TURN_COMPLETE)

    def _speak(self, size: int, rate: int) -> None:
        """Speaks until the client goes, from its first message on."""

        async def speak() -> None:
            due = time.monotonic() + random.random() / rate  # sessions speak at different moments
            while True:
                await asyncio.sleep(due - time.monotonic())
                self.transport.write(messages.audio(size))
                due += 1 / rate

        if self._speaking is None:
            self._speaking = asyncio.get_running_loop().create_task(speak())


async def _serve() -> None:
    """Serves until stdin ends, and so no longer than the benchmark runs."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, ssl=server_context(), backlog=200)
    started = {"port": server.sockets[0].getsockname()[1], "authority": authority_pem().decode()}
    print(json.dumps(started), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
