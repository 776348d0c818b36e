"""The model's voice in one connection. Runs in the emulator's thread, in its event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any

from aiohttp import web

from genai_live.emulator import frames
from genai_live.emulator.answers import (
    Action,
    Answer,
    Call,
    CallAgain,
    Cancel,
    Close,
    Drop,
    GiveHandle,
    Hear,
    Say,
)
from genai_live.emulator.models import Model
from genai_live.emulator.player import Player
from genai_live.emulator.profiles import (
    DELIVERY_SPEED,
    INPUT_TRANSCRIPTION_SECONDS,
    WORD_SECONDS,
    Handles,
    Words,
)
from genai_live.emulator.resumption import Hold
from genai_live.emulator.usage import UsageMeter


class Speaker(Player):
    """Plays answers as the model speaks, until it is interrupted.

    Args:
        socket: The connection.
        model: The model that speaks.
        meter: Counts what is said.
        aloud: Whether it answers in AUDIO; else it writes.
        transcribes: Whether the words come besides, when it speaks.
        hears: Whether the user's words come too, where they are known.
        goes_on: Of functions by name, whether the model goes on while they run (NON_BLOCKING); of others the
            model's default counts.
        give_handle: Sends a new resumption handle.
        hold: Knows the session's calls, and is told of new ones.
        time_scale: What every pause is multiplied by.
        ending: Receives how an answer ends the connection, or what went wrong in here.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        model: Model,
        *,
        meter: UsageMeter,
        aloud: bool,
        transcribes: bool,
        hears: bool,
        goes_on: Mapping[str, bool],
        give_handle: Callable[[], Awaitable[None]],
        hold: Hold,
        time_scale: float,
        ending: asyncio.Future[Close | Drop],
    ) -> None:
        super().__init__(socket, time_scale=time_scale, ending=ending)
        self._model = model
        self._profile = model.profile
        self._meter = meter
        self._aloud = aloud
        self._transcribes = transcribes
        self._hears = hears
        self._goes_on = goes_on
        self._give_handle = give_handle
        self._hold = hold
        self._turn_is_open = False
        self._ends_at_call = False
        self._played_out_at = 0.0

    async def interrupt(self) -> None:
        """Stop an answer that is under way, and say so, in the order of the protocol notes, 2.5."""
        if self._profile.transcribes_only:
            return
        if self._turn_is_open or any(answer.opens_turn for answer in self._waiting):
            await self.stop()
            await self.send({"serverContent": {"interrupted": True}})
            await self._complete_turn(interrupted=True)

    async def interrupt_to_answer(self) -> None:
        """Likewise, to speak of a function's response; but a turn that ends with a call is let end."""
        if not self._ends_at_call:
            await self.interrupt()

    async def cancel(self, ids: Collection[str]) -> None:
        """Tell the client that calls want no response any more."""
        self._hold.memory.calls.cancel(ids)
        await self.send({"toolCallCancellation": {"ids": list(ids)}})

    async def give(self, answer: Answer) -> None:
        """Give one answer: in a turn of the model's, if it says or calls something."""
        opened = completed = False
        for action in answer.actions:
            await self.pause(action.after)
            if isinstance(action, CallAgain):
                if not (calls := self._hold.memory.calls.take_dropped()):
                    continue
                action = Call(calls=calls)  # noqa: PLW2901 - from here on it is a call as any
            if isinstance(action, Say | Call) and not opened and not self._profile.transcribes_only:
                opened = self._turn_is_open = True
                completed = False
                for frame in self._profile.opening:
                    await self.send(frame)
            await self.act(action)
            if isinstance(action, Call) and self._ends_turn(action):
                opened, completed = False, True
                self._ends_at_call = True
                try:
                    await self._end_turn_at_call(answer.usage)
                finally:
                    self._ends_at_call = False
        if answer.completes_turn and not completed and not self._profile.transcribes_only:
            await self.send({"serverContent": {"generationComplete": True}})
            await self._complete_turn(usage=answer.usage)

    async def act(self, action: Action) -> None:
        """Do one thing."""
        match action:
            case Say(text=text) | Hear(text=text) if self._profile.transcribes_only:
                await self._transcribe(text)
            case Say():
                await self._say(action)
            case Hear() if self._hears:
                await self.pause(INPUT_TRANSCRIPTION_SECONDS)
                await self._send_frames(frames.hear(action.text, self._profile))
            case Hear():
                pass
            case Call():
                await self._call(action)
            case Cancel(ids=ids):
                await self.cancel(ids)
            case GiveHandle(resumable=True):
                await self._give_handle()
            case GiveHandle():
                await self.send({"sessionResumptionUpdate": {"resumable": False}})
            case _:
                await super().act(action)

    async def _say(self, say: Say) -> None:
        if self._aloud:
            transcribes = self._transcribes or say.as_transcription
            await self._send_frames(frames.speak(say, self._profile, transcribes=transcribes))
        else:
            await self._send_frames(frames.write(say, self._profile))

    async def _transcribe(self, text: str) -> None:
        if text:
            await self._send_frames(frames.hear(text, self._profile))
        await self.send({"serverContent": {"generationComplete": True}})

    async def _send_frames(self, said: Iterator[frames.Frame]) -> None:
        for i, frame in enumerate(said):
            if i and frame.words and not self._aloud:
                await self.pause(WORD_SECONDS)
            self._meter.count_answer(frame.words if not self._aloud else "", frame.seconds)
            await self.send(frame.message)
            if frame.seconds:
                now = asyncio.get_running_loop().time()
                self._played_out_at = max(now, self._played_out_at) + frame.seconds * self._time_scale
                await self.pause(frame.seconds / DELIVERY_SPEED)

    async def _call(self, action: Call) -> None:
        if self._aloud and self._transcribes and self._profile.words is Words.BEFORE_AUDIO:
            await self.send({"serverContent": {"outputTranscription": {}}})
        await self.send({"toolCall": {"functionCalls": [self._name(call) for call in action.calls]}})

    def _name(self, call: Mapping[str, Any]) -> dict[str, Any]:
        call_id = call.get("id") or self._model.make_call_id()
        self._hold.add_call(call_id, call, blocks=not self._does_go_on(call))
        return {"name": call["name"], "args": call.get("args", {}), "id": call_id}

    def _ends_turn(self, action: Call) -> bool:
        return self._profile.call_ends_turn or all(map(self._does_go_on, action.calls))

    def _does_go_on(self, call: Mapping[str, Any]) -> bool:
        return self._goes_on.get(call["name"], self._model.behaviors[0] == "NON_BLOCKING")

    async def _end_turn_at_call(self, usage: Mapping[str, Any] | None) -> None:
        if self._profile.call_ends_turn:
            if self._aloud and self._transcribes:
                await self.send({"serverContent": {"outputTranscription": {"finished": True}}})
            await self.send({"serverContent": {"generationComplete": True}})
        await self._complete_turn(usage=usage, calling=True)

    async def _complete_turn(
        self, *, usage: Mapping[str, Any] | None = None, interrupted: bool = False, calling: bool = False
    ) -> None:
        content: dict[str, Any] = {"turnComplete": True}
        message: dict[str, Any] = {"serverContent": content}
        if self._profile.grounding:
            content["groundingMetadata"] = {}
        if self._model.thinks_longer:
            content["interactionStatus"] = "IN_PROGRESS" if calling else "IDLE"
        if interrupted:
            self._meter.end_turn(candidates=self._profile.candidates)
        else:
            left = self._played_out_at - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0, left))
            counted = self._meter.end_turn(candidates=self._profile.candidates)
            message["usageMetadata"] = counted if usage is None else usage
        self._played_out_at = 0.0
        self._turn_is_open = False
        await self.send(message)
        if self._profile.handles is Handles.OFTEN:
            await self._give_handle()
