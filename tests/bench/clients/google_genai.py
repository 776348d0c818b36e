"""google-genai, the official Python SDK. One event loop in the main thread."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from google.genai import Client, types
from google.genai.errors import APIError
from google.genai.live import AsyncSession

from tests.bench.clients.measuring import (
    CHUNK,
    CHUNK_SECONDS,
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
_QUESTION = types.Content(role="user", parts=[types.Part(text="Hello?")])
_CONFIG = types.LiveConnectConfig(response_modalities=[types.Modality.AUDIO])


def _client(port: int) -> Client:
    return Client(api_key="a-key", http_options=types.HttpOptions(base_url=f"https://127.0.0.1:{port}"))


@contextlib.asynccontextmanager
async def _session(port: int, model: str) -> AsyncIterator[AsyncSession]:
    async with _client(port).aio.live.connect(model=model, config=_CONFIG) as session:
        yield session


async def receive(port: int, model: str, count: int) -> Figures:
    """Reads two floods, of which the first is to warm up."""
    async with _session(port, model) as session:
        for _ in range(2):
            stopwatch, received = Stopwatch(), 0
            await session.send_realtime_input(text="Speak.")
            async for message in session.receive():
                received += size_of(message)
            check_all_came(received, model)
        return {"cpu": stopwatch.cpu_microseconds(count)}


async def send(port: int, model: str, count: int, bursts: int) -> Figures:
    """Sends bursts of chunks, each until the server has it, and all that twice."""
    async with _session(port, model) as session:
        for _ in range(2):
            stopwatch = Stopwatch()
            for _ in range(bursts):
                for _ in range(count):
                    await session.send_realtime_input(audio=_BLOB)
                async for _ in session.receive():
                    pass
        return {"cpu": stopwatch.cpu_microseconds(count * bursts)}


async def round_trip(port: int, model: str, warm_up: int, turns: int, burn: bool = False) -> Figures:
    """Asks, and reads the turn."""
    async with _session(port, model) as session:
        with burning(burn):
            seconds = []
            for _ in range(warm_up + turns):
                begun = time.perf_counter()
                await session.send_client_content(turns=_QUESTION)
                async for _ in session.receive():
                    pass
                seconds.append(time.perf_counter() - begun)
    return turn_figures(seconds[warm_up:])


async def connect(port: int, model: str, later: int) -> Figures:
    """Connects again and again, the first time with a client that has yet to be made."""
    milliseconds = []
    stopwatch = Stopwatch()
    client = _client(port)
    for _ in range(1 + later):
        async with client.aio.live.connect(model=model, config=_CONFIG):
            milliseconds.append(stopwatch.milliseconds())
        stopwatch = Stopwatch()
    return connect_figures(milliseconds)


async def memory(port: int, model: str, sessions: int, speak: bool = False) -> Figures:
    """Opens sessions and does not read them, though the server may have spoken."""
    async with contextlib.AsyncExitStack() as stack:
        client = _client(port)
        await stack.enter_async_context(client.aio.live.connect(model="echo-0", config=_CONFIG))
        before = Memory.kibibytes()
        opened = []
        for _ in range(sessions):
            session = await stack.enter_async_context(client.aio.live.connect(model=model, config=_CONFIG))
            opened.append(session)
            if speak:
                await session.send_realtime_input(text="Speak.")
        watched = Memory()
        while not watched.is_steady():
            await asyncio.sleep(Memory.SECONDS)
        kibibytes = (Memory.kibibytes() - before) / sessions
        if speak:  # to close with something unread takes this SDK seconds
            for session in opened:
                async for _ in session.receive():
                    pass
    return {"kib": kibibytes}


async def voice(port: int, model: str, sessions: int, seconds: float) -> Figures:
    """Talks with many at once: a task reads each session, and another one sends to it."""
    messages = 0

    async def listen(session: AsyncSession) -> None:
        nonlocal messages
        with contextlib.suppress(APIError):  # how a call ends here
            async for message in session.receive():
                size_of(message)
                messages += 1

    async def speak(session: AsyncSession) -> None:
        nonlocal messages
        due = time.monotonic() + random.random() * CHUNK_SECONDS
        while True:
            await asyncio.sleep(due - time.monotonic())
            await session.send_realtime_input(audio=_BLOB)
            messages += 1
            due += CHUNK_SECONDS

    async with contextlib.AsyncExitStack() as stack:
        client = _client(port)
        opened = [
            await stack.enter_async_context(client.aio.live.connect(model=model, config=_CONFIG))
            for _ in range(sessions)
        ]
        listening = [asyncio.create_task(listen(session)) for session in opened]
        speaking = [asyncio.create_task(speak(session)) for session in opened]
        await asyncio.sleep(WARM_UP_SECONDS)
        stopwatch, before = Stopwatch(), messages
        await asyncio.sleep(seconds)
        figures = voice_figures(stopwatch, sessions, messages - before, messages_of(model, sessions, seconds))
        for task in speaking:
            task.cancel()
    await asyncio.gather(*listening)
    return figures


def _blocking(scenario: Callable[..., Coroutine[Any, Any, Figures]]) -> Callable[..., Figures]:
    @functools.wraps(scenario)
    def run_it(*arguments: Any, **named: Any) -> Figures:
        return asyncio.run(scenario(*arguments, **named))

    return run_it


if __name__ == "__main__":
    run(
        {
            scenario.__name__: _blocking(scenario)
            for scenario in (receive, send, round_trip, connect, memory, voice)
        }
    )
