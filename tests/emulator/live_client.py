"""A client for the emulator that shares nothing with ours: the websockets library and json."""

import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from genai_live.emulator import Emulator
from tests.timing import SOON

GEMINI = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
VERTEX = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
KEY = {"x-goog-api-key": "a key"}


class LiveClient:
    """One connection: dicts in, dicts out."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.received_at = 0.0

    def send(self, message: dict[str, Any]) -> None:
        """Send a message as a text frame."""
        self.socket.send(json.dumps(message))

    def say(self, text: str, **content: Any) -> None:
        """Send a user turn and complete it."""
        turns = [{"role": "user", "parts": [{"text": text}]}]
        self.send({"clientContent": {"turns": turns, "turnComplete": True} | content})

    def set_up(self, model: str = "models/gemini-2.0-flash-live-001", **setup: Any) -> dict[str, Any]:
        """Send the setup, and receive the answer to it."""
        self.send({"setup": {"model": model} | setup})
        return self.receive()

    def receive(self) -> dict[str, Any]:
        """Receive a message."""
        message = json.loads(self.socket.recv(SOON))
        self.received_at = time.monotonic()
        return message

    def receive_turn(self) -> list[dict[str, Any]]:
        """Receive messages up to and with the next turnComplete."""
        messages = [self.receive()]
        while not messages[-1].get("serverContent", {}).get("turnComplete"):
            messages.append(self.receive())
        return messages

    def receive_close(self) -> tuple[int, str]:
        """Receive what is left, and the close frame's code and reason; 1006 where there is none."""
        try:
            while True:
                self.socket.recv(SOON)
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


def tls_of(emulator: Emulator) -> ssl.SSLContext | None:
    """The emulator's context, for the websockets library.

    That reads in one thread what comes after the handshake in TLS 1.3, while another writes the request.
    OpenSSL does not bear it, and one connection in some hundreds hung. In TLS 1.2 nothing comes there.
    """
    if emulator.ssl_context:
        emulator.ssl_context.maximum_version = ssl.TLSVersion.TLSv1_2
    return emulator.ssl_context


@contextmanager
def talk(
    emulator: Emulator, path: str = GEMINI, headers: dict[str, str] = KEY, **options: Any
) -> Iterator[LiveClient]:
    """Open a connection to the emulator; close it at the end."""
    url = emulator.url.replace("http", "ws", 1) + path
    with connect(
        url,
        additional_headers=headers,
        ssl=tls_of(emulator),
        proxy=None,
        open_timeout=SOON,
        max_size=None,
        **options,
    ) as socket:
        yield LiveClient(socket)


@contextmanager
def talk_set_up(emulator: Emulator, *, path: str = GEMINI, **setup: Any) -> Iterator[LiveClient]:
    """Open a connection and set it up."""
    with talk(emulator, path) as client:
        client.set_up(**setup)
        yield client


def text_of(messages: list[dict[str, Any]]) -> str:
    """Join the text parts of messages, without the thoughts."""
    return "".join(
        part.get("text", "")
        for message in messages
        for part in message.get("serverContent", {}).get("modelTurn", {}).get("parts", ())
        if not part.get("thought")
    )


def transcription_of(messages: list[dict[str, Any]]) -> str:
    """Join the output transcriptions of messages."""
    return "".join(
        message.get("serverContent", {}).get("outputTranscription", {}).get("text", "")
        for message in messages
    )


def masked(payload: str) -> bytes:
    """Frame a text message as a client does (RFC 6455, section 5.2), with a mask of zeros."""
    data = payload.encode()
    return b"\x81\xff" + len(data).to_bytes(8, "big") + bytes(4) + data
