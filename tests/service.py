"""A service under the control of one test: accepts the setup, then does what the test says."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from genai_live import Client, ReconnectPolicy, Session
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


def handle_given(handle: str) -> bytes:
    """The news of a handle that is good."""
    return message({"sessionResumptionUpdate": {"newHandle": handle, "resumable": True}})


def go_away(seconds: float) -> bytes:
    """The warning that the connection will end."""
    return message({"goAway": {"timeLeft": f"{seconds:g}s"}})


def tool_call(call_id: str, name: str = "f") -> bytes:
    """A call of a function without arguments."""
    return message({"toolCall": {"functionCalls": [{"name": name, "args": {}, "id": call_id}]}})


QUICK = ReconnectPolicy(first_pause=0.01, longest_pause=0.05)
"""For tests that see attempts fail."""


class Connections:
    """What a service does on its first connection, on its second, and so on.

    Args:
        *handlers: Each is called with the peer, after the setup was accepted, and may look at ``setups``.
        handle: The handle that is given at once on each connection; None for none.

    Attributes:
        setups: The setup of each connection that got so far.
    """

    def __init__(self, *handlers: Callable[[Peer], None], handle: str | None = "handle") -> None:
        self._handlers = list(handlers)
        self._handle = handle
        self.setups: list[dict[str, Any]] = []

    def __call__(self, peer: Peer) -> None:
        """Serves the next connection."""
        handler = self._handlers.pop(0)
        self.setups.append(accept_setup(peer)["setup"])
        if self._handle is not None:
            peer.send(handle_given(self._handle))
        handler(peer)


def drop(peer: Peer) -> None:
    """Ends the connection without a close frame. Not with a reset, which would take back what was sent."""
    peer.sock.close()


def question(message: dict[str, Any]) -> str:
    """The text that a message of the client asks."""
    if "realtimeInput" in message:
        return message["realtimeInput"]["text"]
    return message["clientContent"]["turns"][0]["parts"][0]["text"]


def answer(words: str) -> Callable[[Peer], None]:
    """Answers one question, then waits for the client's close."""

    def handler(peer: Peer) -> None:
        read_message(peer)
        peer.send(text(words) + TURN_COMPLETE)
        answer_close(peer)

    return handler


@contextlib.contextmanager
def reconnecting(connections: Callable[[Peer], None], **arguments: Any) -> Iterator[Session]:
    """A session over TLS with a service that behaves differently on each connection."""
    with (
        service(connections, tls=True) as client,
        client.live.connect(model=MODEL, timeout=SOON, **{"reconnect": QUICK, **arguments}) as session,
    ):
        yield session
