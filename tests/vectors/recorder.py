"""A server that writes down what a client sends, and answers as a case says."""

from __future__ import annotations

import json
import queue
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.certificates import client_context, server_context
from tests.timing import SOON

SETUP_COMPLETE = [{"json": {"setupComplete": {}}}]


@dataclass
class Request:
    """One connection, or one REST call."""

    path: str
    headers: dict[str, str]
    method: str = "GET"
    frames: list[Any] = field(default_factory=list)
    """The client's messages, or the body, as JSON."""
    arrivals: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    """The same after the setup, for a test that takes them one by one."""
    ended: threading.Event = field(default_factory=threading.Event)


class Recorder:
    """Listens on loopback for WebSockets, with TLS and without, and for REST calls with TLS.

    Its ``script`` says what the server does: frames ``on_connect``, as ``setup_reply`` and ``after_setup``,
    and the answer to a REST call (``http``). Clients trust it with its ``client_context``.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: dict[str, Any] = {}
        self.client_context = client_context()
        context = server_context()
        self._servers: list[Server | ThreadingHTTPServer] = [
            serve(self._converse, "127.0.0.1", 0, ssl=context, **_OPTIONS),
            serve(self._converse, "127.0.0.1", 0, **_OPTIONS),
            _rest_server(self, context),
        ]
        self.ports = [server.socket.getsockname()[1] for server in self._servers]
        self._threads = [
            threading.Thread(target=server.serve_forever, name="recorder", daemon=True)
            for server in self._servers
        ]

    def __enter__(self) -> Recorder:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            thread.join(SOON)
            if isinstance(server, ThreadingHTTPServer):
                server.server_close()

    @property
    def addresses(self) -> dict[str, str]:
        """What stands for the recorder's addresses in the cases."""
        tls, plain, rest = self.ports
        return {
            "$WSSURL": f"wss://127.0.0.1:{tls}",
            "$WSURL": f"ws://127.0.0.1:{plain}",
            "$WSS": f"https://127.0.0.1:{tls}",
            "$WS": f"http://127.0.0.1:{plain}",
            "$HTTP": f"https://127.0.0.1:{rest}",
        }

    def begin(self, script: dict[str, Any] | None = None) -> None:
        """Forgets what came, and does as the script says from now on."""
        self.requests = []
        self.script = script or {}

    def finish(self) -> list[Request]:
        """What came, once the clients have left."""
        for request in self.requests:
            assert request.ended.wait(SOON), "the client has not left"
        return self.requests

    def record(self, request: Request) -> Request:
        """Takes note of a request."""
        self.requests.append(request)
        return request

    def _converse(self, connection: ServerConnection) -> None:
        upgrade = connection.request
        assert upgrade is not None
        script = self.script
        headers = {name.lower(): value for name, value in upgrade.headers.raw_items()}
        request = self.record(Request(upgrade.path, headers))
        try:
            _send(connection, script.get("on_connect", []))
            request.frames.append(json.loads(connection.recv()))
            _send(connection, script.get("setup_reply", SETUP_COMPLETE))
            _send(connection, script.get("after_setup", []))
            for message in connection:
                request.frames.append(json.loads(message))
                request.arrivals.put(request.frames[-1])
        except ConnectionClosed:
            pass
        finally:
            request.ended.set()


_OPTIONS: dict[str, Any] = {"compression": None, "ping_interval": None, "max_size": None}


def _send(connection: ServerConnection, frames: list[dict[str, Any]]) -> None:
    for frame in frames:
        match frame:
            case {"json": content, "text": True}:
                connection.send(json.dumps(content))
            case {"json": content}:
                connection.send(json.dumps(content).encode())
            case {"raw": text}:
                connection.send(text.encode())
            case {"close": [code, reason]}:
                connection.close(code, reason)
            case {"abort": True}:
                connection.socket.shutdown(socket.SHUT_RDWR)
            case _:
                raise AssertionError(f"the recorder cannot {frame}")


class _RestServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    recorder: Recorder


class _RestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _RestServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, "POST", [json.loads(body) if body else None])
        self.server.recorder.record(request).ended.set()
        reply = self.server.recorder.script.get(
            "http", {"status": 200, "json": {"name": "auth_tokens/test-token"}}
        )
        content = json.dumps(reply["json"]).encode()
        self.send_response(reply["status"])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        pass


def _rest_server(recorder: Recorder, context: ssl.SSLContext) -> _RestServer:
    server = _RestServer(("127.0.0.1", 0), _RestHandler)
    server.recorder = recorder
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server
