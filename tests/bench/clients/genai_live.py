"""This library, with what is installed of its `speed` extra. Each voice has two threads, all else one."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Iterator

from genai_live import Client, ConnectionClosed, LiveCallbacks, Session, types
from tests.bench.clients.measuring import (
    CHUNK,
    CHUNK_SECONDS,
    TIMEOUT,
    WARM_UP_SECONDS,
    Figures,
    Memory,
    Stopwatch,
    burning,
    check_all_came,
    connect_figures,
    messages_of,
    run,
    size_of,
    turn_figures,
    voice_figures,
)

_BLOB = types.Blob(data=CHUNK, mime_type="audio/pcm;rate=16000")


def _client(port: int) -> Client:
    return Client(api_key="a-key", http_options={"base_url": f"https://127.0.0.1:{port}"})


@contextlib.contextmanager
def _session(port: int, model: str) -> Iterator[Session]:
    with _client(port) as client, client.live.connect(model=model) as session:
        yield session


def receive(port: int, model: str, count: int) -> Figures:
    """Reads two floods, of which the first is to warm up."""
    with _session(port, model) as session:
        for _ in range(2):
            stopwatch, received = Stopwatch(), 0
            session.send_realtime_input(text="Speak.")
            for message in session.receive(timeout=TIMEOUT):
                received += size_of(message)
            check_all_came(received, model)
        return {"cpu": stopwatch.cpu_microseconds(count)}


def callbacks(port: int, model: str, count: int) -> Figures:
    """The same, by a callback."""
    received, complete = 0, threading.Event()

    def on_message(session: Session, message: types.LiveServerMessage) -> None:
        nonlocal received
        received += size_of(message)
        if message.server_content and message.server_content.turn_complete:
            complete.set()

    with (
        _client(port) as client,
        client.live.connect(model=model, callbacks=LiveCallbacks(on_message=on_message)) as session,
    ):
        for _ in range(2):
            received = 0
            complete.clear()
            stopwatch = Stopwatch()
            session.send_realtime_input(text="Speak.")
            if not complete.wait(TIMEOUT):
                raise TimeoutError("the turn has no end")
            check_all_came(received, model)
        return {"cpu": stopwatch.cpu_microseconds(count)}


def send(port: int, model: str, count: int, bursts: int) -> Figures:
    """Sends bursts of chunks, each until the server has it, and all that twice."""
    with _session(port, model) as session:
        for _ in range(2):
            stopwatch = Stopwatch()
            for _ in range(bursts):
                for _ in range(count):
                    session.send_realtime_input(audio=_BLOB)
                for _ in session.receive(timeout=TIMEOUT):
                    pass
        return {"cpu": stopwatch.cpu_microseconds(count * bursts)}


def round_trip(port: int, model: str, warm_up: int, turns: int, burn: bool = False) -> Figures:
    """Asks, and reads the turn."""
    with _session(port, model) as session, burning(burn):
        seconds = []
        for _ in range(warm_up + turns):
            begun = time.perf_counter()
            session.send_client_content(turns="Hello?")
            for _ in session.receive(timeout=TIMEOUT):
                pass
            seconds.append(time.perf_counter() - begun)
    return turn_figures(seconds[warm_up:])


def connect(port: int, model: str, later: int) -> Figures:
    """Connects again and again, the first time with a client that has yet to be made."""
    milliseconds = []
    stopwatch = Stopwatch()
    with _client(port) as client:
        for _ in range(1 + later):
            session = client.live.connect(model=model)
            milliseconds.append(stopwatch.milliseconds())
            session.close()
            stopwatch = Stopwatch()
    return connect_figures(milliseconds)


def memory(port: int, model: str, sessions: int, speak: bool = False) -> Figures:
    """Opens sessions and does not read them, though the server may have spoken."""
    pause = threading.Event()
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(_client(port))
        stack.enter_context(client.live.connect(model="echo-0"))
        before = Memory.kibibytes()
        for _ in range(sessions):
            session = stack.enter_context(client.live.connect(model=model))
            if speak:
                session.send_realtime_input(text="Speak.")
        watched = Memory()
        while not watched.is_steady():
            pause.wait(Memory.SECONDS)
        return {"kib": (Memory.kibibytes() - before) / sessions}


def voice(port: int, model: str, sessions: int, seconds: float) -> Figures:
    """Talks with many at once: a thread reads each session, and another one sends to it."""
    stop, pause = threading.Event(), threading.Event()
    heard, said = [0] * sessions, [0] * sessions

    def listen(number: int, session: Session) -> None:
        with contextlib.suppress(ConnectionClosed):  # how a call ends here
            for message in session.receive(timeout=TIMEOUT):
                size_of(message)
                heard[number] += 1

    def speak(number: int, session: Session) -> None:
        due = time.monotonic() + random.random() * CHUNK_SECONDS
        while not stop.wait(max(0.0, due - time.monotonic())):
            session.send_realtime_input(audio=_BLOB)
            said[number] += 1
            due += CHUNK_SECONDS

    with contextlib.ExitStack() as stack:
        client = stack.enter_context(_client(port))
        opened = [stack.enter_context(client.live.connect(model=model)) for _ in range(sessions)]
        listening = [threading.Thread(target=listen, args=told) for told in enumerate(opened)]
        speaking = [threading.Thread(target=speak, args=told) for told in enumerate(opened)]
        for thread in listening + speaking:
            thread.start()
        pause.wait(WARM_UP_SECONDS)
        stopwatch, before = Stopwatch(), sum(heard) + sum(said)
        pause.wait(seconds)
        figures = voice_figures(
            stopwatch, sessions, sum(heard) + sum(said) - before, messages_of(model, sessions, seconds)
        )
        stop.set()
        for thread in speaking:
            thread.join()
    for thread in listening:
        thread.join()
    return figures


def main() -> None:
    """Runs what the command line says."""
    run(
        {
            function.__name__: function
            for function in (receive, callbacks, send, round_trip, connect, memory, voice)
        }
    )


if __name__ == "__main__":
    main()
