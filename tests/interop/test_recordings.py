"""Real conversations, replayed: google-genai and our client read the same."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import google.genai
import pytest
from google.genai.types import Blob, Content, FunctionResponse, HttpOptions, LiveConnectConfig
from google.oauth2.credentials import Credentials

from genai_live import Client
from genai_live.emulator import Emulator
from tests.recorded import RECORDINGS, Recording, load_recording
from tests.timing import SOON

END_OF_TURN = {"receive": "has ended"}


@pytest.mark.parametrize("name", RECORDINGS)
def test_both_read_the_same_turns(name: str) -> None:
    """Texts, transcriptions, audio, calls, ends of turns and usage are the same, message by message."""
    recording = load_recording(name)
    with Emulator(script=recording.path, tls=True) as emulator:
        ours = _read_ours(emulator, recording)
        theirs = asyncio.run(asyncio.wait_for(_read_theirs(emulator, recording), SOON))
    assert ours == theirs
    contents = [message.get("serverContent", {}) for message in recording.received]
    assert ours.count(END_OF_TURN) == [content.get("turnComplete") for content in contents].count(True)
    usages = [message["usageMetadata"] for message in recording.received if "usageMetadata" in message]
    totals = [usage["totalTokenCount"] for usage in usages]
    assert [event["usage"][-1] for event in ours if "usage" in event] == totals


def _read_ours(emulator: Emulator, recording: Recording) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = []
    with (
        Client(
            **_access(recording),
            http_options={"base_url": emulator.url},
            ssl_context=emulator.ssl_context,
        ) as client,
        client.live.connect(model=_model(recording), config=_config(recording), timeout=SOON) as session,
    ):
        receiving: Iterator[Any] = session.receive(timeout=SOON)
        for sent, received in recording.exchanges:
            for message in sent:
                match message:
                    case {"client_content": content}:
                        session.send_client_content(
                            turns=content["turns"], turn_complete=content["turnComplete"]
                        )
                    case {"tool_response": response}:
                        session.send_tool_response(function_responses=response["functionResponses"])
                    case {"realtime_input": {"audio": blob}}:
                        session.send_realtime_input(audio=blob)
            for _ in received:
                if (message := next(receiving, None)) is None:
                    read.append(END_OF_TURN)
                    receiving = session.receive(timeout=SOON)
                    message = next(receiving)
                read.append(_describe(message))
        assert next(receiving, None) is None
    return [{"session": session.session_id}, *read, END_OF_TURN]


async def _read_theirs(emulator: Emulator, recording: Recording) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = []
    options = HttpOptions(base_url=emulator.url, async_client_args={"ssl": emulator.ssl_context})
    with google.genai.Client(**_access(recording), http_options=options) as client:
        config = LiveConnectConfig(**_config(recording))
        async with client.aio.live.connect(model=_model(recording), config=config) as session:
            receiving: AsyncIterator[Any] = session.receive()
            for sent, received in recording.exchanges:
                for message in sent:
                    match message:
                        case {"client_content": content}:
                            turns = [Content(**turn) for turn in content["turns"]]
                            await session.send_client_content(
                                turns=turns, turn_complete=content["turnComplete"]
                            )
                        case {"tool_response": response}:
                            responses = [FunctionResponse(**one) for one in response["functionResponses"]]
                            await session.send_tool_response(function_responses=responses)
                        case {"realtime_input": {"audio": blob}}:
                            data = base64.urlsafe_b64decode(blob["data"])
                            await session.send_realtime_input(
                                audio=Blob(data=data, mime_type=blob["mimeType"])
                            )
                for _ in received:
                    if (message := await anext(receiving, None)) is None:
                        read.append(END_OF_TURN)
                        receiving = session.receive()
                        message = await anext(receiving)
                    read.append(_describe(message))
            assert await anext(receiving, None) is None
            return [{"session": session.session_id}, *read, END_OF_TURN]


def _access(recording: Recording) -> dict[str, Any]:
    if not recording.vertex:
        return {"api_key": "any"}
    return {"vertexai": True, "project": "p", "location": "l", "credentials": Credentials(token="a-token")}


def _model(recording: Recording) -> str:
    return str(recording.setup["model"]).rpartition("/")[2]


def _config(recording: Recording) -> Mapping[str, Any]:
    setup = {key: value for key, value in recording.setup.items() if key != "model"}
    return setup.pop("generationConfig") | setup


def _describe(message: Any) -> dict[str, Any]:
    """What a message says, by the names that both clients have in common."""
    content, usage = message.server_content, message.usage_metadata
    parts = (content and content.model_turn and content.model_turn.parts) or []
    told = {
        "parts": [
            (
                part.text,
                part.thought,
                part.inline_data and (part.inline_data.mime_type, part.inline_data.data),
            )
            for part in parts
        ],
        "input_transcription": content and content.input_transcription and content.input_transcription.text,
        "output_transcription": content
        and content.output_transcription
        and (content.output_transcription.text, content.output_transcription.finished),
        "calls": [
            (call.id, call.name, call.args)
            for call in (message.tool_call and message.tool_call.function_calls) or []
        ],
        "generation_complete": content and content.generation_complete,
        "turn_complete": content and content.turn_complete,
        "usage": usage and (usage.prompt_token_count, usage.response_token_count, usage.total_token_count),
        "handle": message.session_resumption_update and message.session_resumption_update.new_handle,
    }
    return {name: value for name, value in told.items() if value}
