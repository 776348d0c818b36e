"""From the arguments of a ``send_*`` call to the message. In the caller's thread; nothing is sent here."""

from __future__ import annotations

from typing import Any

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.types import (
    Blob,
    Content,
    FunctionResponse,
    LiveClientContent,
    LiveClientContextUpdate,
    LiveClientContextUpdateTools,
    LiveClientMessage,
    LiveClientRealtimeInput,
    LiveClientToolResponse,
    Tool,
)


def client_content(turns: Any, turn_complete: bool) -> LiveClientMessage:
    """See ``Session.send_client_content``."""
    content = LiveClientContent(turn_complete=codec.structure(turn_complete, bool, "turn_complete"))
    if turns is not None:
        content.turns = codec.structure(turns, list[Content], "turns")
    return LiveClientMessage(client_content=content)


def realtime_input(**arguments: Any) -> LiveClientMessage:
    """See ``Session.send_realtime_input``."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if len(given) != 1:
        names = ", ".join(arguments)
        got = ", ".join(given) or "none"
        raise ConfigurationError(f"send_realtime_input takes exactly one of {names}; got {got}")
    if "media" in given:
        given = _with_its_own_name(given["media"])
    return LiveClientMessage(realtime_input=codec.structure(given, LiveClientRealtimeInput, ""))


def _with_its_own_name(media: Any) -> dict[str, Blob]:
    """``media`` is deprecated on the wire, and refused by newer models, for ``audio`` and ``video``."""
    blob = codec.structure(media, Blob, "media")
    mime_type = blob.mime_type or ""
    if mime_type.startswith("audio/"):
        return {"audio": blob}
    if mime_type.startswith("image/"):
        return {"video": blob}
    raise ConfigurationError(f"expected audio/… or image/…, got {mime_type!r}", where="media.mime_type")


def tool_response(function_responses: Any, *, vertexai: bool) -> LiveClientMessage:
    """See ``Session.send_tool_response``."""
    responses = codec.structure(function_responses, list[FunctionResponse], "function_responses")
    if not responses:
        raise ConfigurationError("expected at least one response", where="function_responses")
    for index, response in enumerate(responses):
        where = f"function_responses[{index}]"
        if not response.id and not vertexai:
            raise ConfigurationError(
                "the Gemini API needs the id of the call that this answers", where=f"{where}.id"
            )
        if not response.name:
            raise ConfigurationError("expected the name of the function", where=f"{where}.name")
        if response.response is None:
            raise ConfigurationError("expected a dict; it may be empty", where=f"{where}.response")
    return LiveClientMessage(tool_response=LiveClientToolResponse(function_responses=responses))


def context_update(system_instruction: Any, tools: Any) -> LiveClientMessage:
    """See ``Session.send_context_update``."""
    if system_instruction is None and tools is None:
        raise ConfigurationError("send_context_update needs system_instruction, tools, or both")
    update = LiveClientContextUpdate()
    if system_instruction is not None:
        update.system_instruction = codec.structure(system_instruction, Content, "system_instruction")
    if tools is not None:
        update.tools = LiveClientContextUpdateTools(tools=codec.structure(tools, list[Tool], "tools"))
    return LiveClientMessage(context_update=update)
