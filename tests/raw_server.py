"""A server that does exactly what a test tells it, byte by byte: for what no proper server would do."""

import base64
import contextlib
import hashlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple

from tests.timing import SOON

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Frame(NamedTuple):
    """A frame that the client sent, unmasked."""

    fin: bool
    opcode: int
    payload: bytes


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A frame as a server sends it: not masked."""
    size = len(payload)
    if size < 126:
        length = bytes([size])
    elif size < 65536:
        length = b"\x7e" + struct.pack("!H", size)
    else:
        length = b"\x7f" + struct.pack("!Q", size)
    return bytes([fin << 7 | opcode]) + length + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame."""
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


class Peer:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self.sock = sock
        self.stopping = stopping
        self.request = b""
        self._buffer = b""

    def read_request(self) -> bytes:
        """The head of the HTTP request."""
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        self.request = head
        return head

    def upgrade(self, extra_headers: str = "", then: bytes = b"") -> None:
        """Accepts the upgrade; ``then`` goes out in the same segment."""
        head = self.read_request().decode("latin-1")
        key = next(line for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key:"))
        digest = hashlib.sha1((key.split(":")[1].strip() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
        accept = base64.b64encode(digest.digest()).decode()
        answer = (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n{extra_headers}\r\n"
        )
        self.send(answer.encode() + then)

    def send(self, data: bytes) -> None:
        """Writes all of it."""
        self.sock.sendall(data)

    def read_frame(self) -> Frame:
        """The next frame of the client."""
        first, second = self._exactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._exactly(8))
        mask = self._exactly(4)
        data = self._exactly(size)
        whole = (mask * (size // 4 + 1))[:size]
        payload = (int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")).to_bytes(size, "big")
        return Frame(bool(first & 0x80), first & 0x0F, payload)

    def wait_for_bytes(self) -> None:
        """Waits until something has come; it is read later."""
        self._buffer += self._receive()

    def wait_until_told(self) -> None:
        """Keeps the connection open and does nothing until the test ends."""
        self.stopping.wait(SOON)

    def read_until_closed(self) -> None:
        """Takes everything until the client ends the connection."""
        with contextlib.suppress(OSError):
            while self.sock.recv(65536):
                pass

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._buffer += self._receive()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _receive(self) -> bytes:
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionError("the client closed the connection")
        return data


class RawServer:
    """Calls ``handle(peer)`` on a thread for each connection; what that raises is raised at the end."""

    def __init__(
        self, handle: Callable[[Peer], None], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self._handle = handle
        self._tls = tls
        self._stopping = threading.Event()
        self._failures: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._accepting = threading.Thread(target=self._accept, name="raw server", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{'wss' if self._tls else 'ws'}://localhost:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if self._stopping.is_set():
                sock.close()
                return
            self.connections += 1
            self.serve(sock)

    def serve(self, sock: socket.socket) -> None:
        """Calls ``handle`` for one more connection, which need not have come by the listener."""
        thread = threading.Thread(target=self._serve, args=(sock,), name="raw peer", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(SOON)
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
            self._handle(Peer(sock, self._stopping))
        except (ConnectionError, ssl.SSLError, TimeoutError):
            pass  # the client may go whenever it likes; a test asserts on the client's side
        except BaseException as error:
            self._failures.append(error)
        finally:
            sock.close()

    def __enter__(self) -> "RawServer":
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            pass
        self._listener.close()
        self._accepting.join(SOON)
        for thread in self._threads:
            thread.join(SOON)
        if self._failures and error is None:
            raise self._failures[0]
