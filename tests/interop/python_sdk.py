"""google-genai, the official Python SDK, in this process. The test's thread runs it, in an event loop."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest import mock

from google.genai import Client, __version__, errors, types
from google.genai.live import AsyncSession
from google.genai.live_music import AsyncMusicSession
from google.oauth2.credentials import Credentials
from websockets.exceptions import ConnectionClosed

from genai_live.emulator import Emulator
from tests.interop.conversation import Access, ApiKey, Gateway, Step, Transcript, Vertex, make_transcript
from tests.timing import SOON

VERSION = __version__


def converse(
    emulator: Emulator, steps: Sequence[Step], *, model: str, config: Mapping[str, Any], access: Access
) -> Transcript:
    """Hold a conversation with the emulator, which has to serve TLS; close the session at its end."""
    events: list[dict[str, Any]] = []

    async def run() -> None:
        try:
            async with _connect(emulator, access, model, config) as session:
                events.append({"session_id": session.session_id})
                await _converse(session, steps, events)
        except errors.APIError as error:
            events.append({"refusal": [error.code, error.details]})

    try:
        asyncio.run(asyncio.wait_for(run(), SOON))
    except TimeoutError as error:
        raise AssertionError(f"the conversation does not go on after {events}") from error
    return make_transcript(events)


def create_token(emulator: Emulator, access: ApiKey, config: Mapping[str, Any]) -> str:
    """Create an ephemeral token; return its name."""
    options = types.HttpOptions(
        base_url=emulator.url, api_version=access.version, client_args={"verify": emulator.ssl_context}
    )
    with Client(api_key=access.key, http_options=options) as client:
        return client.auth_tokens.create(config=types.CreateAuthTokenConfig(**config)).name or ""


@asynccontextmanager
async def _connect(
    emulator: Emulator, access: Access, model: str, config: Mapping[str, Any]
) -> AsyncIterator[AsyncSession]:
    options = types.HttpOptions(base_url=emulator.url, async_client_args={"ssl": emulator.ssl_context})
    match access:
        case ApiKey(key, version):
            options.api_version = version
            client = Client(api_key=key, http_options=options)
        case Vertex(project, location, token):
            client = Client(
                vertexai=True,
                project=project,
                location=location,
                credentials=Credentials(token=token),
                http_options=options,
            )
        case Gateway(path, headers):
            options.base_url = emulator.url.replace("http", "ws", 1) + path
            options.headers = dict(headers)
            client = Client(vertexai=True, http_options=options)
    with client:
        async with (
            client.aio as asynchronous,
            asynchronous.live.connect(model=model, config=types.LiveConnectConfig(**config)) as session,
        ):
            yield session


async def _converse(session: AsyncSession, steps: Sequence[Step], events: list[dict[str, Any]]) -> None:
    receiving = session.receive()
    for step in steps:
        match step:
            case {"do": "say", "text": text}:
                turn = types.Content(role="user", parts=[types.Part(text=text)])
                await session.send_client_content(turns=turn)
            case {"do": "say_in_realtime", "text": text}:
                await session.send_realtime_input(text=text)
            case {"do": "speak", "audio": audio, "mime_type": mime_type}:
                blob = types.Blob(data=base64.b64decode(audio), mime_type=mime_type)
                await session.send_realtime_input(audio=blob)
            case {"do": "end_audio"}:
                await session.send_realtime_input(audio_stream_end=True)
            case {"do": "answer_call", "response": response}:
                call = next(event["calls"][-1] for event in reversed(events) if "calls" in event)
                await session.send_tool_response(
                    function_responses=types.FunctionResponse(
                        id=call["id"], name=call["name"], response=response
                    )
                )
            case {"do": "receive", "until": what}:
                receiving = await _receive(session, receiving, what, events)


async def _receive(
    session: AsyncSession,
    receiving: AsyncIterator[types.LiveServerMessage],
    what: str,
    events: list[dict[str, Any]],
) -> AsyncIterator[types.LiveServerMessage]:
    """Read on where it was left; return where to read on."""
    while True:
        async for message in receiving:
            events.append(_describe(message))
            if what in events[-1]:
                return receiving
        # That receive() ends is how this SDK tells the end of a turn.
        events.append({"complete": True})
        receiving = session.receive()
        if what == "complete":
            return receiving


def _describe(message: types.LiveServerMessage) -> dict[str, Any]:
    content = message.server_content or types.LiveServerContent()
    usage = message.usage_metadata
    told = {
        "text": message.text,
        "audio": base64.b64encode(message.data).decode() if message.data else None,
        "input_transcription": content.input_transcription and content.input_transcription.text,
        "output_transcription": content.output_transcription and content.output_transcription.text,
        "calls": message.tool_call
        and [
            {"name": call.name, "args": call.args, "id": call.id}
            for call in message.tool_call.function_calls or ()
        ],
        "interrupted": content.interrupted,
        "generation_complete": content.generation_complete,
        "usage": usage and usage.model_dump(mode="json", by_alias=True, exclude_none=True),
    }
    return {name: value for name, value in told.items() if value}


def make_music(
    emulator: Emulator, steps: Sequence[Step], *, model: str, key: str = "any-key"
) -> list[dict[str, Any]]:
    """Have the emulator make music; return what the SDK told, message by message."""
    events: list[dict[str, Any]] = []

    async def run() -> None:
        try:
            with Client(api_key=key, http_options=types.HttpOptions(base_url=emulator.url)) as client:
                async with (
                    client.aio as asynchronous,
                    asynchronous.live.music.connect(model=model) as session,
                ):
                    events.append({"ready": {}})
                    await _make_music(session, steps, events)
        except errors.APIError as error:
            events.append({"refusal": [error.code, error.details]})
        except ConnectionClosed as error:
            close = error.rcvd
            events.append({"refusal": [close.code, close.reason] if close else [1006, ""]})

    try:
        with _trusting(emulator):
            asyncio.run(asyncio.wait_for(run(), SOON))
    except TimeoutError as error:
        raise AssertionError(f"it does not go on after {events}") from error
    return events


@contextmanager
def _trusting(emulator: Emulator) -> Iterator[None]:
    """For music this SDK takes no TLS context, so the certificate has to be among those of the system."""
    assert emulator.ssl_context is not None
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as authority:
        for certificate in emulator.ssl_context.get_ca_certs(binary_form=True):
            authority.write(ssl.DER_cert_to_PEM_cert(certificate))
        authority.flush()
        with mock.patch.dict(os.environ, {"SSL_CERT_FILE": authority.name}):
            yield


async def _make_music(
    session: AsyncMusicSession, steps: Sequence[Step], events: list[dict[str, Any]]
) -> None:
    for step in steps:
        match step:
            case {"do": "set_prompts", "prompts": prompts}:
                await session.set_weighted_prompts([types.WeightedPrompt(**prompt) for prompt in prompts])
            case {"do": "set_config", "config": config}:
                await session.set_music_generation_config(types.LiveMusicGenerationConfig(**config))
            case {"do": "receive", "until": what}:
                async for message in session.receive():
                    events.append(_describe_music(message))
                    if events[-1].get(what):
                        break
            case {"do": control}:
                await getattr(session, control)()


def _describe_music(message: types.LiveMusicServerMessage) -> dict[str, Any]:
    told = message.model_dump(mode="json", by_alias=True, exclude_none=True)
    (chunk,) = told.get("serverContent", {}).get("audioChunks", ({},))
    return {
        "audio": chunk.get("data"),
        "mime_type": chunk.get("mimeType"),
        "made_by": chunk.get("sourceMetadata"),
        "filtered": told.get("filteredPrompt"),
    }
