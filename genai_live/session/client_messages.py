"""From the arguments of a ``send_*`` call to the message. In the caller's thread; nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.protocol.surfaces import hold_settings_to_surface, hold_to_surface
from genai_live.tools import asked_once, blob_of_picture, declared
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
    ToolUnion,
)


def client_content(turns: Any, turn_complete: bool, *, vertexai: bool) -> LiveClientMessage:
    """See ``Session.send_client_content``."""
    content = LiveClientContent(turn_complete=codec.structure(turn_complete, bool, "turn_complete"))
    if turns is not None:
        content.turns = codec.structure(turns, list[Content], "turns")
        hold_to_surface(content.turns, "turns", vertexai=vertexai)
    return LiveClientMessage(client_content=content)


def realtime_input(**arguments: Any) -> LiveClientMessage:
    """See ``Session.send_realtime_input``."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if len(given) != 1:
        names = ", ".join(arguments)
        got = ", ".join(given) or "none"
        raise ConfigurationError(f"send_realtime_input takes exactly one of {names}; got {got}")
    for name in ("media", "video"):
        if name in given:
            given[name] = _blob_of_picture(given[name], name)
    if "media" in given:
        given = _with_its_own_name(given["media"])
    return LiveClientMessage(realtime_input=codec.structure(given, LiveClientRealtimeInput, ""))


def _blob_of_picture(value: Any, where: str) -> Any:
    """A picture of Pillow as a Blob, in JPEG if it was read from that, else in PNG; the rest as it is."""
    if type(value).__module__.partition(".")[0] != "PIL":
        return value
    try:
        return blob_of_picture(value)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the picture cannot be written: {error}", where=where) from error


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
    hold_to_surface(responses, "function_responses", vertexai=vertexai)
    for index, response in enumerate(responses):
        where = f"function_responses[{index}]"
        if response.id == "" or (response.id is None and not vertexai):
            raise ConfigurationError("expected the id of the call that this answers", where=f"{where}.id")
        if not response.name:
            raise ConfigurationError("expected the name of the function", where=f"{where}.name")
        if response.response is None:
            raise ConfigurationError("expected a dict; it may be empty", where=f"{where}.response")
    return LiveClientMessage(tool_response=LiveClientToolResponse(function_responses=responses))


def context_update(
    system_instruction: Any, tools: list[ToolUnion] | None, *, vertexai: bool
) -> LiveClientMessage:
    """See ``Session.send_context_update``."""
    if system_instruction is None and tools is None:
        raise ConfigurationError("send_context_update needs system_instruction, tools, or both")
    update = LiveClientContextUpdate()
    if system_instruction is not None:
        update.system_instruction = codec.structure(system_instruction, Content, "system_instruction")
    if tools is not None:
        update.tools = LiveClientContextUpdateTools(tools=declared(tools, "tools", vertexai=vertexai))
    return LiveClientMessage(context_update=update)


def tools_of_update(tools: Any, *, vertexai: bool) -> list[ToolUnion] | None:
    """The tools of a context update, checked; None where they stay."""
    if tools is None:
        return None
    given = codec.structure(_inner_tools(tools), list[ToolUnion], "tools")
    hold_settings_to_surface(given, "tools", vertexai=vertexai)
    return asked_once(given, "tools", vertexai=vertexai)


def _inner_tools(tools: Any) -> Any:
    """The list inside, where the tools come as the message has them, and as @google/genai takes them."""
    if isinstance(tools, LiveClientContextUpdateTools):
        return tools.tools or []
    if isinstance(tools, Mapping) and tools.keys() == {"tools"}:
        return tools["tools"]
    return tools
