"""An HTTP server that answers as a test tells it, and keeps what was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from genai_live import Client
from tests.certificates import client_context, server_context
from tests.timing import SOON

KEY = "a-secret-key"
TOKEN = {"name": "auth_tokens/a-secret-token"}


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: object = field(repr=False)

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to answer."""

    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Act = Answer | Callable[["HttpService", BaseHTTPRequestHandler], None]


class HttpService:
    """Gives each answer once, and the last one again and again.

    Attributes:
        requests: What was asked so far.
        asked: Is set when the first request came.
        stopping: Is set when the test ends.
    """

    def __init__(self, acts: tuple[Act, ...], *, tls: bool) -> None:
        self.requests: list[Request] = []
        self.asked = threading.Event()
        self.stopping = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = SOON

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                act = acts[min(len(service.requests), len(acts) - 1)]
                service.requests.append(Request(self.path, self.headers, body, self.connection))
                service.asked.set()
                if isinstance(act, Answer):
                    self.answer(act)
                else:
                    act(service, self)

            def answer(self, answer: Answer) -> None:
                content = answer.content if isinstance(answer.content, bytes) else json.dumps(answer.content)
                payload = content if isinstance(content, bytes) else content.encode()
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(payload)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self.url = f"{'https' if tls else 'http'}://localhost:{self._server.server_port}"
        if tls:
            self._server.socket = server_context().wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # the client may go whenever it likes
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="http service")

    def __enter__(self) -> "HttpService":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join(SOON)
        self._server.server_close()


@contextmanager
def http_service(*acts: Act, tls: bool = False) -> Iterator[HttpService]:
    """A server that answers like this; with a token, where nothing is said."""
    with HttpService(acts or (Answer(content=TOKEN),), tls=tls) as service:
        yield service


@contextmanager
def asking(service: HttpService, **http_options: Any) -> Iterator[Client]:
    """A client of the server."""
    options = {"base_url": service.url} | http_options
    with Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client:
        yield client
