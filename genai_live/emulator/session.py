"""What follows the setup: messages in, answers out. Runs in the emulator's thread, in its event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import uuid4

from aiohttp import web

from genai_live.emulator.acceptance import InputRules, check_setup, non_blocking_functions, response_modality
from genai_live.emulator.activity import ActivityEnd, ActivityStart, make_detector
from genai_live.emulator.answers import Answer, CallAgain, Close, Drop, Responder, Speech
from genai_live.emulator.calls import Heeded
from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.lifetime import Lifetime
from genai_live.emulator.models import find_model
from genai_live.emulator.pcm import OUTPUT_RATE, join, read_audio, resample, to_bytes
from genai_live.emulator.player import Player
from genai_live.emulator.profiles import CALL_AGAIN_SECONDS, Handles, Profile
from genai_live.emulator.refusal import Refusal
from genai_live.emulator.resumption import Memory, Sessions
from genai_live.emulator.speaker import Speaker
from genai_live.emulator.usage import UsageMeter


class Session(Protocol):
    """What a connection becomes by its setup."""

    async def begin(self) -> None:
        """Accept the setup.

        Raises:
            ScenarioMismatch: The scenario expected another one.
        """

    async def hear(self, message: Mapping[str, Any]) -> None:
        """Take in a message in normal form, and answer it.

        Raises:
            Refusal: The service does not take it.
            ScenarioMismatch: The scenario expected another one.
        """

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a server message at once, beside the answers.

        Raises:
            ConnectionError: The client has gone.
        """

    async def stop(self) -> None:
        """Say nothing more."""


MEDIA_PER_HANDLE = 10
"""In transparent mode a handle comes after so many messages with nothing but media, and after every other
message. Chosen: how often the service gives them is not known."""


_CALL_AGAIN = Answer((CallAgain(after=CALL_AGAIN_SECONDS),), completes_turn=False)


class ModelSession:
    """One connection's part of a session with a model.

    Args:
        setup: The client's setup, in normal form.
        endpoint: The service that is spoken for.
        profile: How the model behaves; None for its own way.
        responder: Decides what the model answers, if the session is a new one.
        socket: The connection.
        sessions: The sessions that may be resumed.
        time_scale: What every pause is multiplied by.
        ending: Receives how the connection is to end, if not by the client.

    Raises:
        Refusal: The service does not take this setup, or cannot resume the session.
    """

    def __init__(
        self,
        setup: Mapping[str, Any],
        endpoint: Endpoint,
        profile: Profile | None,
        responder: Responder,
        socket: web.WebSocketResponse,
        *,
        sessions: Sessions,
        time_scale: float,
        ending: asyncio.Future[Close | Drop],
    ) -> None:
        model = find_model(setup.get("model", ""), endpoint, profile)
        modality = response_modality(setup, model)
        check_setup(setup, model)
        self._profile = model.profile
        self._setup = setup
        self._endpoint = endpoint
        self._ending = ending
        resumption = setup.get("sessionResumption", {})
        self._is_transparent = bool(resumption.get("transparent"))
        if handle := resumption.get("handle"):
            self._hold = sessions.resume(handle, model.name)
            self._hold.memory.meter.go_on(setup)
        else:
            memory = Memory(model=model.name, responder=responder, meter=UsageMeter(setup))
            self._hold = sessions.begin(memory)
        self._responder = self._hold.memory.responder
        self._meter = self._hold.memory.meter
        self._rules = InputRules(setup, model, endpoint, self._hold.memory)
        self._consumed = 0  # messages of the client's in this connection
        self._media_since_handle = 0
        self._goes_on = non_blocking_functions(setup)
        self._speaker = Speaker(
            socket,
            model,
            meter=self._meter,
            aloud=modality == "AUDIO",
            transcribes="outputAudioTranscription" in setup,
            hears="inputAudioTranscription" in setup,
            goes_on=self._goes_on,
            give_handle=self._give_handle,
            hold=self._hold,
            time_scale=time_scale,
            ending=ending,
        )
        realtime = setup.get("realtimeInputConfig", {})
        self._activity_interrupts = realtime.get("activityHandling") != "NO_INTERRUPTION"
        self._detector = make_detector(
            realtime.get("automaticActivityDetection", {}),
            sensitivity="LOW" if endpoint.surface == "vertex" else "HIGH",
            clock=self._hold.memory.clock,
        )
        self._untranscribed: list[ActivityEnd] = []
        self._lifetime = Lifetime(
            self._profile, send=self._speaker.send, give_handle=self._give_handle, time_scale=time_scale
        )
        self._living: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """See Session."""
        answers = self._responder.begin(self._setup, resumed=self._hold.memory.was_resumed)
        vertex = self._endpoint.surface == "vertex"
        await self._speaker.send({"setupComplete": {"sessionId": str(uuid4())} if vertex else {}})
        unasked = self._profile.handles in (Handles.ONCE, Handles.OFTEN) and not vertex
        asked = "sessionResumption" in self._setup and self._profile.handles is not Handles.NEVER
        if asked or unasked:
            await self._give_handle()
        self._living = asyncio.create_task(self._live())
        self._speaker.play(answers)
        self._call_again()

    async def hear(self, message: Mapping[str, Any]) -> None:
        """See Session."""
        self._lifetime.heard()
        self._rules.check(message)
        if (tools := message.get("contextUpdate", {}).get("tools")) is not None:
            self._goes_on.clear()
            self._goes_on.update(non_blocking_functions(tools))
        heeded = self._hold.heed(message.get("toolResponse", {}).get("functionResponses", ()))
        taken_in = _with_responses(message, heeded.responses)
        self._count(taken_in)
        if "clientContent" in message:
            await self._interrupt()
        if "realtimeInput" in message:
            await self._listen(message["realtimeInput"])
        # Nothing else runs from here to the handle, so that it includes this message and nothing of another;
        # but what an answer interrupts may give one by itself, and that includes it too.
        answers = self._reply(taken_in, heeded)
        self._consumed += 1
        if heeded.interrupts:
            await self._speaker.interrupt_to_answer()
            self._call_again()
        if self._gives_handle_after(message):
            await self._give_handle()
        self._speaker.play(answers)

    async def send(self, message: Mapping[str, Any]) -> None:
        """See Session."""
        await self._speaker.send(message)

    async def stop(self) -> None:
        """See Session."""
        if self._living:
            self._living.cancel()
        try:
            await self._speaker.stop()
        finally:
            self._hold.release()

    async def _live(self) -> None:
        try:
            await self._lifetime.run()
        except ConnectionError:
            # The client has gone. Whoever reads from the connection sees how, and records it.
            return
        except Refusal as refusal:
            if not self._ending.done():
                self._ending.set_result(Close(code=refusal.code, reason=refusal.reason))
        except Exception as error:
            if not self._ending.done():
                self._ending.set_exception(error)

    def _reply(self, message: Mapping[str, Any], heeded: Heeded) -> list[Answer]:
        if self._responder.awaits_responses:
            message = _with_responses(message, heeded.spoken_of)
        return self._responder.reply(message)

    async def _interrupt(self) -> None:
        """The user interrupts what the model says, and the functions that it waits for (notes, 3.4)."""
        calls = self._hold.memory.calls
        if self._profile.calls_again:
            calls.drop()
        elif ids := calls.cancel_blocking():
            await self._speaker.cancel(ids)
        await self._speaker.interrupt()
        self._call_again()

    def _call_again(self) -> None:
        if self._hold.memory.calls.dropped:
            self._speaker.play([_CALL_AGAIN])

    def _gives_handle_after(self, message: Mapping[str, Any]) -> bool:
        handles = self._profile.handles
        if not self._is_transparent or handles is Handles.NEVER:
            return "toolResponse" in message and handles is Handles.OFTEN
        if not _is_media(message):
            return True
        self._media_since_handle += 1
        return self._media_since_handle >= MEDIA_PER_HANDLE

    async def _give_handle(self) -> None:
        snapshot = self._is_transparent or self._profile.handles is Handles.OFTEN
        update: dict[str, Any] = {"newHandle": self._hold.make_handle(snapshot=snapshot), "resumable": True}
        if self._is_transparent and self._consumed:
            update["lastConsumedClientMessageIndex"] = str(self._consumed)
        self._media_since_handle = 0
        await self._speaker.send({"sessionResumptionUpdate": update})

    async def _listen(self, realtime: Mapping[str, Any]) -> None:
        """Notice when the user begins and stops to speak, and answer then."""
        if "activityStart" in realtime:
            await self._notice(self._detector.start())
        chunks = [blob for blob in realtime.get("mediaChunks", ()) if not _is_image(blob)]
        for blob in (*chunks, *([realtime["audio"]] if "audio" in realtime else [])):
            await self._notice(self._detector.hear(read_audio(blob)))
        if "text" in realtime and self._activity_interrupts:
            await self._interrupt()
        if "activityEnd" in realtime:
            await self._notice(self._detector.end())
        if realtime.get("audioStreamEnd"):
            await self._notice(self._detector.end_stream())
            self._answer_untranscribed()

    async def _notice(self, events: list[ActivityStart | ActivityEnd]) -> None:
        for event in events:
            if self._profile.reports_activity:
                kind = "ACTIVITY_START" if isinstance(event, ActivityStart) else "ACTIVITY_END"
                offset = f"{event.offset:.3f}s"
                await self._speaker.send({"voiceActivity": {"type": kind, "audioOffset": offset}})
            if isinstance(event, ActivityStart):
                if self._activity_interrupts:
                    await self._interrupt()
            elif self._profile.transcribes_only:
                self._untranscribed.append(event)
            else:
                self._answer([event])

    def _answer_untranscribed(self) -> None:
        """Answer what was said since the last time: only transcribing waits for the stream's end."""
        said, self._untranscribed = self._untranscribed, []
        if said:
            self._answer(said)

    def _answer(self, said: list[ActivityEnd]) -> None:
        speech = join([event.speech for event in said])
        audio = to_bytes(resample(speech.samples, speech.rate, OUTPUT_RATE))
        self._speaker.play(self._responder.hear(Speech(audio)))

    def _count(self, message: Mapping[str, Any]) -> None:
        realtime = message.get("realtimeInput", {})
        for turn in message.get("clientContent", {}).get("turns", ()):
            self._meter.count_content(turn)
        self._meter.count_text(realtime.get("text", ""))
        for blob in (realtime.get("audio", {}), realtime.get("video", {}), *realtime.get("mediaChunks", ())):
            self._meter.count_media(blob, frames_are="VIDEO")
        for response in message.get("toolResponse", {}).get("functionResponses", ()):
            self._meter.count_text(json.dumps(response.get("response", {})))


def _with_responses(message: Mapping[str, Any], responses: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The message with these function responses only; one without any content, if none is left."""
    if list(message.get("toolResponse", {}).get("functionResponses", ())) == responses:
        return message
    return {"toolResponse": {"functionResponses": responses}} if responses else {}


def _is_media(message: Mapping[str, Any]) -> bool:
    """Whether it is realtime input, and nothing but audio and video."""
    realtime = message.get("realtimeInput")
    return realtime is not None and not realtime.keys() - {"audio", "video", "mediaChunks"}


def _is_image(blob: Mapping[str, Any]) -> bool:
    return bool(blob.get("mimeType", "").lower().startswith("image/"))


class ReplayedSession:
    """A recorded conversation: the responder says everything, and everything is told to it.

    Args:
        setup: The client's setup, in normal form.
        responder: Plays the recording.
        socket: The connection.
        time_scale: What every pause is multiplied by.
        ending: Receives how the connection is to end, if not by the client.
    """

    def __init__(
        self,
        setup: Mapping[str, Any],
        responder: Responder,
        socket: web.WebSocketResponse,
        *,
        time_scale: float,
        ending: asyncio.Future[Close | Drop],
    ) -> None:
        self._setup = setup
        self._responder = responder
        self._player = Player(socket, time_scale=time_scale, ending=ending)

    async def begin(self) -> None:
        """See Session."""
        self._player.play(self._responder.begin(self._setup))

    async def hear(self, message: Mapping[str, Any]) -> None:
        """See Session."""
        self._player.play(self._responder.reply(message))

    async def send(self, message: Mapping[str, Any]) -> None:
        """See Session."""
        await self._player.send(message)

    async def stop(self) -> None:
        """See Session."""
        await self._player.stop()
