"""A service under the control of one test: accepts the setup, then does what the test says."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from genai_live import Client, Session
from tests.certificates import client_context, server_context
from tests.raw_server import BINARY, CLOSE, TEXT, Peer, RawServer, frame
from tests.timing import SOON

MODEL = "gemini-3.8-live"
KEY = "a-secret-key"


def message(content: dict[str, Any]) -> bytes:
    """A frame as the service sends it: pretty-printed JSON, in a binary frame."""
    return frame(BINARY, json.dumps(content, indent=2).encode() + b"\n")


def text(words: str) -> bytes:
    """A piece of an answer."""
    return message({"serverContent": {"modelTurn": {"role": "model", "parts": [{"text": words}]}}})


TURN_COMPLETE = message({"serverContent": {"turnComplete": True}})


def read_message(peer: Peer) -> dict[str, Any]:
    """The next message of the client; its close frame raises ConnectionError."""
    received = peer.read_frame()
    if received.opcode == CLOSE:
        peer.send(frame(CLOSE, received.payload[:2]))
        raise ConnectionError("the client closed")
    assert received.opcode == TEXT
    return json.loads(received.payload)


def accept_setup(peer: Peer) -> dict[str, Any]:
    """The upgrade and the setup; returns the client's setup message."""
    peer.upgrade()
    setup = read_message(peer)
    peer.send(message({"setupComplete": {}}))
    return setup


def answer_close(peer: Peer) -> None:
    """Reads on until the client closes, and answers that."""
    with contextlib.suppress(ConnectionError):
        while True:
            read_message(peer)


@contextlib.contextmanager
def service(handle: Callable[[Peer], None], *, tls: bool = False) -> Iterator[Client]:
    """A client of a server that runs ``handle`` on each connection."""
    with RawServer(handle, tls=server_context() if tls else None) as server:
        url = server.url.replace("ws", "http", 1)
        options = {"base_url": url}
        with Client(api_key=KEY, http_options=options, ssl_context=client_context()) as client:
            yield client


@contextlib.contextmanager
def conversing(handle: Callable[[Peer], None], *, tls: bool = False, **arguments: Any) -> Iterator[Session]:
    """A session whose server runs ``handle`` after the setup."""

    def conversation(peer: Peer) -> None:
        accept_setup(peer)
        handle(peer)

    with (
        service(conversation, tls=tls) as client,
        client.live.connect(model=MODEL, timeout=SOON, **arguments) as session,
    ):
        yield session
