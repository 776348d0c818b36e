"""What the flows are played on: secrets, servers that keep what they got, and a watch."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from genai_live import Client, LiveError
from tests.certificates import client_context, server_context
from tests.http_service import Act, HttpService
from tests.raw_server import Peer, RawServer
from tests.security.watch import Watch
from tests.timing import SOON

API_KEY = "AIza-hN4/vQ8+zR2_kT6-wB9xC3"
HEADER = "own-Lp7/eY5+uS1_mD8-aF4gJ6"
BEARER = "ya29.tG3/oV9+iK5_nX2-cH7rZ1"
REFRESH_TOKEN = "1//0-bU6/yE3+sM9_qW4-jP8lA2"
CLIENT_SECRET = "GOCSPX-dI5/fO1+xN7_vC4-kR9tS3"
EPHEMERAL_TOKEN = "auth_tokens/pB2/hY8+wJ4_eQ6-zL9uG5"
OLD_HANDLE = "old-rT1/cM7+kV3_xD9-sZ5aN8"
NEW_TOKEN = "auth_tokens/vS5/kE2+oT7_iX3-nD8gP1"
NEW_HANDLE = "new-gW6/jH2+lF8_bQ4-yU7oE3"
PROXY_PASSWORD = "pw-aX9mK4tC6wQ1/vR2+eS8_hJ5-zN7"
QUERY = "q-nZ3iP7dB5kW8/wL1+gY9_uT4-xM6"

IN_HEADERS = (API_KEY, HEADER, BEARER, EPHEMERAL_TOKEN)
SECRETS = (
    *IN_HEADERS,
    NEW_TOKEN,
    REFRESH_TOKEN,
    CLIENT_SECRET,
    OLD_HANDLE,
    NEW_HANDLE,
    PROXY_PASSWORD,
    QUERY,
)


@dataclass
class Stage:
    """Where one flow is played.

    Attributes:
        watch: Takes what is printed and raised.
        monkeypatch: For the environment.
        tls: Whether servers speak TLS.
        got: What the servers were sent, byte by byte, once TLS was taken off.
    """

    watch: Watch
    monkeypatch: pytest.MonkeyPatch
    tls: bool
    got: list[bytes] = field(default_factory=list)

    @contextlib.contextmanager
    def serving(self, handle: Callable[[Peer], None], *, tls: bool | None = None) -> Iterator[str]:
        """A server that runs ``handle`` on each connection; its base URL."""

        def recorded(peer: Peer) -> None:
            peer.sock = _Recording(peer.sock, self.got)
            handle(peer)

        tls = self.tls if tls is None else tls
        with RawServer(recorded, tls=server_context() if tls else None) as server:
            yield server.url.replace("ws", "http", 1)

    @contextlib.contextmanager
    def answering(self, *acts: Act) -> Iterator[str]:
        """An HTTP server that answers like this; its base URL."""
        with HttpService(acts, tls=self.tls) as service:
            yield service.url
        for request in service.requests:
            self.got += [request.path.encode(), repr(request.headers.items()).encode()]

    @contextlib.contextmanager
    def client(self, url: str, **arguments: Any) -> Iterator[Client]:
        """A client with the key, an own header with a secret, and what is given besides."""
        options = {"base_url": url, "headers": {"x-own": HEADER}} | arguments.pop("http_options", {})
        arguments = {"api_key": API_KEY, "ssl_context": client_context()} | arguments
        with Client(http_options=options, **arguments) as client:
            self.watch.see(client, client.live, client.live.music, client.auth_tokens)
            yield client

    def fails(self, call: Callable[[], object]) -> LiveError:
        """What the call raises, which a program would print or log."""
        with pytest.raises(LiveError) as caught:
            call()
        self.watch.see(caught.value)
        return caught.value

    def reached(self, *secrets: str) -> None:
        """Checks that the secrets were really in use."""
        everything = b"".join(self.got)
        assert [secret for secret in secrets if secret.encode() not in everything] == []


class _Recording:
    """A server's socket, and what is read from it."""

    def __init__(self, sock: socket.socket, got: list[bytes]) -> None:
        self._sock = sock
        self._got = got

    def recv(self, size: int) -> bytes:
        data = self._sock.recv(size)
        self._got.append(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def relay(peer: Peer, url: str) -> None:
    """Passes bytes on, both ways, until the client is gone."""
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as upstream:
        back = threading.Thread(target=_pass_on, args=(upstream, peer.sock))
        back.start()
        _pass_on(peer.sock, upstream)
        with contextlib.suppress(OSError):
            upstream.shutdown(socket.SHUT_RDWR)
        back.join(SOON)


def _pass_on(one: Any, other: Any) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
