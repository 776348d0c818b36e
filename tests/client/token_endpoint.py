"""Google's token endpoint on loopback, and a service account whose key is made here."""

import contextlib
import json
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


class TokenEndpoint:
    """Gives out numbered tokens: ``token-1``, ``token-2`` and so on.

    Attributes:
        requests: What was asked, the path first.
        expires_in: How many seconds the next tokens are good for.
        before_answering: Called before each answer, on the endpoint's thread.
        refusal: The status and body to answer with instead.
    """

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.expires_in = 3600
        self.before_answering: Callable[[], object] = lambda: None
        self.refusal: tuple[int, dict[str, Any]] | None = None
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = endpoint._answer(self.path, body)
                data = json.dumps(answer).encode()
                with contextlib.suppress(ConnectionError):  # the client may have given up
                    self.send_response(status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *arguments: Any) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def _answer(self, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        is_form = not body.startswith(b"{")
        asked = dict(urllib.parse.parse_qsl(body.decode())) if is_form else json.loads(body)
        self.requests.append((path, asked))
        self.before_answering()
        if self.refusal is not None:
            return self.refusal
        token = f"token-{len(self.requests)}"
        if path.endswith(":generateAccessToken"):
            return 200, {"accessToken": f"impersonated-{token}", "expireTime": "2099-01-01T00:00:00Z"}
        return 200, {"access_token": token, "expires_in": self.expires_in, "token_type": "Bearer"}

    def service_account(self, **more: Any) -> dict[str, Any]:
        """What a service account's key file holds."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return {
            "type": "service_account",
            "project_id": "project-of-the-key",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": "robot@project-of-the-key.iam.gserviceaccount.com",
            "client_id": "2",
            "token_uri": f"{self.url}/token",
            **more,
        }

    def __enter__(self) -> "TokenEndpoint":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
