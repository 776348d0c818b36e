"""A session with the model that makes music. Runs in the emulator's thread, in its event loop."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from aiohttp import web

from genai_live.emulator.answers import Close, Drop
from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.models import check_music_model
from genai_live.emulator.music_synthesis import CHANNELS, RATE, Band, Style
from genai_live.emulator.pcm import to_bytes
from genai_live.emulator.player import Player
from genai_live.emulator.refusal import INVALID_ARGUMENT, Refusal

MIME_TYPE = f"audio/l16;rate={RATE};channels={CHANNELS}"

CHUNK_SECONDS = 2.0
"""Of sound in a chunk. Chosen: the service's own measure is not known."""

SHORTEST_PAUSE_SECONDS = 0.1
"""Between two chunks, whatever the time scale is. Chosen: without any, a client that reads and does not stop
the music would be flooded."""

FILTERED = "[filtered]"
"""A prompt with this in it is filtered. Which ones the service filters is for it to know."""

FILTERED_REASON = f"The prompt holds {FILTERED}, which the emulator filters."
NO_PROMPTS = "There are no prompts; the music follows none."
NOT_YET = "bpm and scale take effect after RESET_CONTEXT, or STOP and PLAY."
"""The emulator's own texts; the service's are not known."""

_RANGES = {
    "temperature": (0, 3),
    "topK": (1, 1000),
    "seed": (0, 2**31 - 1),
    "guidance": (0, 6),
    "bpm": (60, 200),
    "density": (0, 1),
    "brightness": (0, 1),
}
"""What a setting may be (protocol notes, 6)."""

_OF_CONTEXT = ("bpm", "scale")
"""The settings that change with the context only (protocol notes, 6)."""

_KEYS = {
    "C_MAJOR_A_MINOR": 0,
    "D_FLAT_MAJOR_B_FLAT_MINOR": 1,
    "D_MAJOR_B_MINOR": 2,
    "E_FLAT_MAJOR_C_MINOR": 3,
    "E_MAJOR_D_FLAT_MINOR": 4,
    "F_MAJOR_D_MINOR": 5,
    "G_FLAT_MAJOR_E_FLAT_MINOR": 6,
    "G_MAJOR_E_MINOR": 7,
    "A_FLAT_MAJOR_F_MINOR": 8,
    "A_MAJOR_G_FLAT_MINOR": 9,
    "B_FLAT_MAJOR_G_MINOR": 10,
    "B_MAJOR_A_FLAT_MINOR": 11,
}
"""Semitones above C."""


class MusicSession:
    """A stream of music that is steered while it plays.

    Args:
        setup: The client's setup, in normal form.
        endpoint: The service that is spoken for.
        socket: The connection.
        time_scale: What the time between two chunks is multiplied by.
        ending: Receives what goes wrong in here.

    Raises:
        Refusal: There is no such model.
    """

    def __init__(
        self,
        setup: Mapping[str, Any],
        endpoint: Endpoint,
        socket: web.WebSocketResponse,
        *,
        time_scale: float,
        ending: asyncio.Future[Close | Drop],
    ) -> None:
        check_music_model(setup.get("model", ""), endpoint)
        self._musician = Musician(socket, time_scale=time_scale, ending=ending)

    async def begin(self) -> None:
        """See Session."""
        await self._musician.send({"setupComplete": {}})

    async def hear(self, message: Mapping[str, Any]) -> None:
        """See Session."""
        if "clientContent" in message:
            await self._set_prompts(message["clientContent"].get("weightedPrompts", ()))
        if "musicGenerationConfig" in message:
            await self._set_config(message["musicGenerationConfig"])
        match message.get("playbackControl"):
            case "PLAY":
                await self._play()
            case "PAUSE":
                await self._musician.stop()
            case "STOP":
                await self._musician.stop()
                self._musician.forget()
            case "RESET_CONTEXT":
                self._musician.begin_anew()
            case None:
                pass
            case _:
                raise Refusal(1007, INVALID_ARGUMENT)

    async def send(self, message: Mapping[str, Any]) -> None:
        """See Session."""
        await self._musician.send(message)

    async def stop(self) -> None:
        """See Session."""
        await self._musician.stop()

    async def _set_prompts(self, prompts: list[Mapping[str, Any]]) -> None:
        if not prompts or not all(prompt.get("text") and prompt.get("weight") for prompt in prompts):
            raise Refusal(1007, INVALID_ARGUMENT)
        heeded = []
        for prompt in prompts:
            if FILTERED in prompt["text"]:
                filtered = {"text": prompt["text"], "filteredReason": FILTERED_REASON}
                await self._musician.send({"filteredPrompt": filtered})
            else:
                heeded.append(prompt)
        if heeded:
            self._musician.prompts = heeded

    async def _set_config(self, config: Mapping[str, Any]) -> None:
        for name, (least, most) in _RANGES.items():
            if not least <= config.get(name, least) <= most:
                raise Refusal(1007, INVALID_ARGUMENT)
        self._musician.config = config
        if self._musician.lags_behind:
            await self._musician.send({"warning": NOT_YET})

    async def _play(self) -> None:
        if not self._musician.prompts:
            await self._musician.send({"warning": NO_PROMPTS})
        self._musician.start()


class Musician(Player):
    """Plays on and on, chunk by chunk, as the prompts and settings say.

    Attributes:
        prompts: Those that are heeded, in normal form.
        config: The settings that came last, in normal form.
    """

    def __init__(
        self, socket: web.WebSocketResponse, *, time_scale: float, ending: asyncio.Future[Close | Drop]
    ) -> None:
        super().__init__(socket, time_scale=time_scale, ending=ending)
        self.prompts: list[Mapping[str, Any]] = []
        self.config: Mapping[str, Any] = {}
        self._of_context: dict[str, Any] = {}
        self._band: Band | None = None

    @property
    def lags_behind(self) -> bool:
        """Whether there are settings that are not heeded before the context is left."""
        return self._band is not None and self._of_context != _select(self.config)

    def start(self) -> None:
        """Begin to play, or go on; does nothing while it plays."""
        if self._band is None:
            self._begin()
        self.run()

    def begin_anew(self) -> None:
        """Forget what was played, and go on as before: playing, paused or stopped."""
        if self._band is not None:
            self._begin()

    def forget(self) -> None:
        """Forget what was played; to be called while nothing plays."""
        self._band = None

    def _begin(self) -> None:
        self._band = Band()
        self._of_context = _select(self.config)

    async def perform(self) -> None:
        """Play until it is stopped."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._band is not None:
            sound = self._band.play(self._style(), round(CHUNK_SECONDS * RATE))
            chunk = {
                "data": base64.b64encode(to_bytes(sound)).decode(),
                "mimeType": MIME_TYPE,
                "sourceMetadata": {
                    "clientContent": {"weightedPrompts": self.prompts},
                    "musicGenerationConfig": self._heeded(),
                },
            }
            await self.send({"serverContent": {"audioChunks": [chunk]}})
            # By the time since the start, but what a client that did not read has missed is not made up for.
            due = max(due + max(CHUNK_SECONDS * self._time_scale, SHORTEST_PAUSE_SECONDS), loop.time())
            await asyncio.sleep(due - loop.time())

    def _heeded(self) -> dict[str, Any]:
        others = {name: value for name, value in self.config.items() if name not in _OF_CONTEXT}
        return others | self._of_context

    def _style(self) -> Style:
        heeded = self._heeded()
        rhythm_only = heeded.get("onlyBassAndDrums", False)
        settings = {name: heeded[name] for name in ("bpm", "brightness", "density") if name in heeded}
        asked = json.dumps([self.prompts, heeded.get("seed", 0)], sort_keys=True)
        return Style(
            key=_KEYS.get(heeded.get("scale", ""), 0),
            melody=not rhythm_only,
            bass=not heeded.get("muteBass", False),
            drums=not heeded.get("muteDrums", False),
            tune=crc32(asked.encode()),
            **settings,
        )


def _select(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: config[name] for name in _OF_CONTEXT if name in config}
