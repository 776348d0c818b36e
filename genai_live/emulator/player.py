"""Plays answers into one connection. Runs in the emulator's thread, in its event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from genai_live.emulator.answers import Action, Answer, Close, Drop, SendFrame, SendMessage
from genai_live.emulator.json_text import write_json


class Player:
    """Plays answers, one after another, until it is stopped.

    Args:
        socket: The connection.
        time_scale: What every pause is multiplied by.
        ending: Receives how an answer ends the connection, or what went wrong in here.
    """

    def __init__(
        self, socket: web.WebSocketResponse, *, time_scale: float, ending: asyncio.Future[Close | Drop]
    ) -> None:
        self._socket = socket
        self._time_scale = time_scale
        self._ending = ending
        self._waiting: deque[Answer] = deque()
        self._playing: asyncio.Task[None] | None = None

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a server message: JSON in a binary frame, as the service does (protocol notes, 2.1)."""
        await self._write(write_json(message))

    def play(self, answers: list[Answer]) -> None:
        """Play these answers when those before them are through."""
        self._waiting.extend(answers)
        if self._waiting:
            self.run()

    def run(self) -> None:
        """Perform, if that is not under way."""
        if self._playing is None or self._playing.done():
            self._playing = asyncio.create_task(self._play())

    async def stop(self) -> None:
        """Stop playing, and say nothing more."""
        self._waiting.clear()
        if self._playing:
            self._playing.cancel()
            await asyncio.wait({self._playing})

    async def perform(self) -> None:
        """Give the answers that wait."""
        while self._waiting:
            await self.give(self._waiting.popleft())

    async def give(self, answer: Answer) -> None:
        """Give one answer."""
        for action in answer.actions:
            await self.pause(action.after)
            await self.act(action)

    async def act(self, action: Action) -> None:
        """Do one thing."""
        match action:
            case SendMessage():
                await self.send(action.message)
            case SendFrame():
                await self._write(action.payload)
            case Close() | Drop():
                if not self._ending.done():
                    self._ending.set_result(action)
                # Whoever ends the connection stops this; nothing is said until then.
                await asyncio.Event().wait()

    async def pause(self, seconds: float) -> None:
        """Wait, on the emulator's scale of time."""
        await asyncio.sleep(seconds * self._time_scale)

    async def _play(self) -> None:
        try:
            await self.perform()
        except ConnectionError:
            # The client has gone. Whoever reads from the connection sees how, and records it.
            return
        except Exception as error:
            if not self._ending.done():
                self._ending.set_exception(error)

    async def _write(self, payload: str | bytes) -> None:
        socket = self._socket
        writing = socket.send_str(payload) if isinstance(payload, str) else socket.send_bytes(payload)
        # All writers to an aiohttp transport wait on one future: cancelling one would cancel the others.
        task = asyncio.ensure_future(writing)
        # Where nobody waits for it any more, a client that has gone is no news.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)
