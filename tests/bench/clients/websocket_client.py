"""A bare loop over websocket-client, as one who knows it writes it: the floor. The main thread runs it.

JSON is neither read nor written: what is sent was made before, and what comes is thrown away.
"""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import time
from collections.abc import Iterator

from websocket import ABNF, WebSocket, create_connection

from tests.bench.clients.measuring import (
    CHUNK,
    TIMEOUT,
    Figures,
    Memory,
    Stopwatch,
    burning,
    connect_figures,
    run,
    turn_figures,
)

_BLOB = {"data": base64.b64encode(CHUNK).decode(), "mimeType": "audio/pcm;rate=16000"}
_CHUNK = json.dumps({"realtimeInput": {"audio": _BLOB}}).encode()
_QUESTION = json.dumps(
    {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hello?"}]}], "turnComplete": True}}
).encode()


def _open(port: int, model: str, context: ssl.SSLContext) -> WebSocket:
    connection = create_connection(
        f"wss://127.0.0.1:{port}/", TIMEOUT, sslopt={"context": context}, skip_utf8_validation=True
    )
    setup = {"model": f"models/{model}", "generationConfig": {"responseModalities": ["AUDIO"]}}
    connection.send(json.dumps({"setup": setup}))
    connection.recv_data()
    return connection


@contextlib.contextmanager
def _connection(port: int, model: str) -> Iterator[WebSocket]:
    connection = _open(port, model, ssl.create_default_context())
    try:
        yield connection
    finally:
        connection.close()


def receive(port: int, model: str, count: int) -> Figures:
    """Reads two floods, of which the first is to warm up."""
    with _connection(port, model) as connection:
        for _ in range(2):
            stopwatch = Stopwatch()
            connection.send(_QUESTION, ABNF.OPCODE_TEXT)
            for _ in range(count + 2):  # and the two that end a turn
                connection.recv_data()
        return {"cpu": stopwatch.cpu_microseconds(count)}


def send(port: int, model: str, count: int, bursts: int) -> Figures:
    """Sends bursts of chunks, each until the server has it, and all that twice."""
    with _connection(port, model) as connection:
        for _ in range(2):
            stopwatch = Stopwatch()
            for _ in range(bursts):
                for _ in range(count):
                    connection.send(_CHUNK, ABNF.OPCODE_TEXT)
                for _ in range(2):
                    connection.recv_data()
        return {"cpu": stopwatch.cpu_microseconds(count * bursts)}


def round_trip(port: int, model: str, warm_up: int, turns: int, burn: bool = False) -> Figures:
    """Asks, and reads the turn."""
    with _connection(port, model) as connection, burning(burn):
        seconds = []
        for _ in range(warm_up + turns):
            begun = time.perf_counter()
            connection.send(_QUESTION, ABNF.OPCODE_TEXT)
            connection.recv_data()
            seconds.append(time.perf_counter() - begun)
    return turn_figures(seconds[warm_up:])


def connect(port: int, model: str, later: int) -> Figures:
    """Connects again and again, the first time with a TLS context that has yet to be made."""
    milliseconds = []
    stopwatch = Stopwatch()
    context = ssl.create_default_context()
    for _ in range(1 + later):
        connection = _open(port, model, context)
        milliseconds.append(stopwatch.milliseconds())
        connection.close()
        stopwatch = Stopwatch()
    return connect_figures(milliseconds)


def memory(port: int, model: str, sessions: int) -> Figures:
    """Opens connections and leaves them alone."""
    context = ssl.create_default_context()
    connections = [_open(port, "echo-0", context)]
    before = Memory.kibibytes()
    connections += [_open(port, model, context) for _ in range(sessions)]
    kibibytes = (Memory.kibibytes() - before) / sessions
    for connection in connections:
        connection.close()
    return {"kib": kibibytes}


if __name__ == "__main__":
    run({function.__name__: function for function in (receive, send, round_trip, connect, memory)})
