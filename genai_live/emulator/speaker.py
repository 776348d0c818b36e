"""The model's voice in one connection. Runs in the emulator's thread, in its event loop."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from genai_live.emulator.answers import (
    Action,
    Answer,
    Call,
    Close,
    Drop,
    Say,
    SendFrame,
    SendMessage,
)
from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.json_text import write_json
from genai_live.emulator.models import Model
from genai_live.emulator.usage import UsageMeter

WORD_SECONDS = 0.05
"""Between two words, at a time scale of 1: brisk reading. The service's own pace is not known."""

_WORD = re.compile(r"\s*\S+(?:\s+\Z)?|\s+")


class Speaker:
    """Plays answers, one after another, until it is interrupted.

    Args:
        socket: The connection.
        endpoint: The service that is spoken for.
        model: The model that speaks.
        meter: Counts what is said.
        transcribes: Whether words come as the transcription of speech instead of as text.
        time_scale: What every pause is multiplied by.
        ending: Receives how an answer ends the connection, or what went wrong in here.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        endpoint: Endpoint,
        model: Model,
        *,
        meter: UsageMeter,
        transcribes: bool,
        time_scale: float,
        ending: asyncio.Future[Close | Drop],
    ) -> None:
        self._socket = socket
        self._endpoint = endpoint
        self._model = model
        self._meter = meter
        self._transcribes = transcribes
        self._time_scale = time_scale
        self._ending = ending
        self._waiting: deque[Answer] = deque()
        self._playing: asyncio.Task[None] | None = None
        self._turn_is_open = False

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a server message: JSON in a binary frame, as the service does (protocol notes, 2.1)."""
        await self._write(write_json(message))

    def play(self, answers: list[Answer]) -> None:
        """Play these answers when those before them are through."""
        self._waiting.extend(answers)
        if self._waiting and (self._playing is None or self._playing.done()):
            self._playing = asyncio.create_task(self._play())

    async def interrupt(self) -> None:
        """Stop an answer that is under way, and say so, in the order of the protocol notes, 2.5."""
        if self._turn_is_open or any(answer.opens_turn for answer in self._waiting):
            await self.stop()
            self._turn_is_open = False
            self._meter.end_turn(vertex=False)
            await self.send({"serverContent": {"interrupted": True}})
            await self.send({"serverContent": {"turnComplete": True}})

    async def stop(self) -> None:
        """Stop playing, and say nothing more."""
        self._waiting.clear()
        if self._playing:
            self._playing.cancel()
            await asyncio.wait({self._playing})

    async def _play(self) -> None:
        try:
            while self._waiting:
                await self._give(self._waiting.popleft())
        except ConnectionError:
            # The client has gone. Whoever reads from the connection sees how, and records it.
            return
        except Exception as error:
            if not self._ending.done():
                self._ending.set_exception(error)

    async def _give(self, answer: Answer) -> None:
        if answer.opens_turn:
            self._turn_is_open = True
            for frame in self._model.frames_before_answer:
                await self.send(frame)
        for action in answer.actions:
            await self._pause(action.after)
            await self._act(action)
        if answer.completes_turn:
            await self._complete_turn(answer.usage)

    async def _act(self, action: Action) -> None:
        match action:
            case Say():
                await self._say(action)
            case Call():
                await self.send({"toolCall": {"functionCalls": [self._name(call) for call in action.calls]}})
            case SendMessage():
                await self.send(action.message)
            case SendFrame():
                await self._write(action.payload)
            case Close() | Drop():
                if not self._ending.done():
                    self._ending.set_result(action)
                # Whoever ends the connection stops this; nothing is said until then.
                await asyncio.Event().wait()

    async def _say(self, action: Say) -> None:
        for i, word in enumerate(_WORD.findall(action.text)):
            if i:
                await self._pause(WORD_SECONDS)
            self._meter.count_answer(word)
            if self._transcribes or action.as_transcription:
                content: dict[str, Any] = {"outputTranscription": {"text": word}}
            else:
                content = {"modelTurn": {"parts": [{"text": word}], "role": "model"}}
            await self.send({"serverContent": content})

    def _name(self, call: Mapping[str, Any]) -> dict[str, Any]:
        call_id = call.get("id") or self._model.make_call_id(self._endpoint)
        return {"name": call["name"], "args": call.get("args", {}), "id": call_id}

    async def _complete_turn(self, usage: Mapping[str, Any] | None) -> None:
        counted = self._meter.end_turn(vertex=self._endpoint.surface == "vertex")
        await self.send({"serverContent": {"generationComplete": True}})
        self._turn_is_open = False
        await self.send(
            {"serverContent": {"turnComplete": True}, "usageMetadata": counted if usage is None else usage}
        )

    async def _write(self, payload: str | bytes) -> None:
        socket = self._socket
        writing = socket.send_str(payload) if isinstance(payload, str) else socket.send_bytes(payload)
        # All writers to an aiohttp transport wait on one future: cancelling one would cancel the others.
        task = asyncio.ensure_future(writing)
        # Where nobody waits for it any more, a client that has gone is no news.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._time_scale)
