"""What follows the setup: messages in, answers out. Runs in the emulator's thread, in its event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aiohttp import web

from genai_live.emulator.answers import Close, Drop, Responder
from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.models import find_model
from genai_live.emulator.refusal import INVALID_ARGUMENT, Refusal
from genai_live.emulator.speaker import Speaker
from genai_live.emulator.usage import UsageMeter

_NO_EXPLICIT_ACTIVITY = (
    "Explicit activity control is not supported when automatic activity detection is enabled."
)


class Session:
    """One session with a model.

    Args:
        setup: The client's setup, in normal form.
        endpoint: The service that is spoken for.
        responder: Decides what the model answers.
        socket: The connection.
        time_scale: What every pause is multiplied by.
        ending: Receives how an answer ends the connection.

    Raises:
        Refusal: The service does not take this setup.
    """

    def __init__(
        self,
        setup: Mapping[str, Any],
        endpoint: Endpoint,
        responder: Responder,
        socket: web.WebSocketResponse,
        *,
        time_scale: float,
        ending: asyncio.Future[Close | Drop],
    ) -> None:
        self._model = find_model(setup.get("model", ""), endpoint)
        # Measured: an empty configuration is refused (protocol notes, 3.5).
        if setup.get("contextWindowCompression") == {}:
            raise Refusal(1007, INVALID_ARGUMENT)
        self._setup = setup
        self._endpoint = endpoint
        self._responder = responder
        self._meter = UsageMeter(setup)
        self._speaker = Speaker(
            socket,
            endpoint,
            self._model,
            meter=self._meter,
            transcribes="outputAudioTranscription" in setup and _speaks(setup),
            time_scale=time_scale,
            ending=ending,
        )

    async def begin(self) -> None:
        """Accept the setup.

        Raises:
            ScenarioMismatch: The scenario expected another one.
        """
        answers = self._responder.begin(self._setup)
        vertex = self._endpoint.surface == "vertex"
        await self._speaker.send({"setupComplete": {"sessionId": str(uuid4())} if vertex else {}})
        if "sessionResumption" in self._setup or (self._model.gives_handle_unasked and not vertex):
            handle = {"newHandle": str(uuid4()), "resumable": True}
            await self._speaker.send({"sessionResumptionUpdate": handle})
        self._speaker.play(answers)

    async def hear(self, message: Mapping[str, Any]) -> None:
        """Take in a message in normal form, and answer it.

        Raises:
            Refusal: The service does not take it.
            ScenarioMismatch: The scenario expected another one.
        """
        content = message.get("clientContent", {})
        realtime = message.get("realtimeInput", {})
        self._check(content, realtime)
        if content or "text" in realtime:
            await self._speaker.interrupt()
        for turn in content.get("turns", ()):
            self._meter.count_content(turn)
        self._meter.count_text(realtime.get("text", ""))
        for blob in (realtime.get("audio", {}), realtime.get("video", {}), *realtime.get("mediaChunks", ())):
            self._meter.count_media(blob, frames_are="VIDEO")
        for response in message.get("toolResponse", {}).get("functionResponses", ()):
            self._meter.count_text(json.dumps(response.get("response", {})))
        self._speaker.play(self._responder.reply(message))

    async def stop(self) -> None:
        """Say nothing more."""
        await self._speaker.stop()

    def _check(self, content: Mapping[str, Any], realtime: Mapping[str, Any]) -> None:
        roles = [turn.get("role") for turn in content.get("turns", ())]
        if self._model.requires_role and not all(roles):
            raise Refusal(1007, INVALID_ARGUMENT)
        if self._endpoint.surface == "gemini" and "system" in roles:
            raise Refusal(1007, INVALID_ARGUMENT)
        detection = self._setup.get("realtimeInputConfig", {}).get("automaticActivityDetection", {})
        if not detection.get("disabled") and not realtime.keys().isdisjoint({"activityStart", "activityEnd"}):
            raise Refusal(1007, _NO_EXPLICIT_ACTIVITY)


def _speaks(setup: Mapping[str, Any]) -> bool:
    """Whether the model would speak: AUDIO is the modality that was asked for, or none was."""
    modalities = setup.get("generationConfig", {}).get("responseModalities")
    return not modalities or "AUDIO" in modalities
