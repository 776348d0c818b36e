"""Objects that declare functions and answer their calls themselves. In the thread that makes the session."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.protocol.surfaces import hold_settings_to_surface
from genai_live.types import FunctionCall, FunctionResponse, Part, Tool, ToolUnion
from genai_live.types.tools import CallableTool

__all__ = ["CallableTool", "asked_once"]


@attrs.frozen
class _AskedTool:
    """A CallableTool that has been asked what it is, and answers the same from then on."""

    itself: CallableTool
    answer: Tool

    def tool(self) -> Tool:
        return self.answer

    def call_tool(self, calls: Sequence[FunctionCall]) -> Sequence[Part | FunctionResponse]:
        return self.itself.call_tool(calls)


def asked_once(tools: Sequence[ToolUnion], where: str, *, vertexai: bool) -> list[ToolUnion]:
    """Asks each CallableTool what it is, so that it is declared and called as one and the same.

    Args:
        tools: The tools, checked already.
        where: What the argument is called, for errors.
        vertexai: Which surface they go to.

    Returns:
        The tools; where there was a CallableTool, one whose ``tool()`` gives what it was asked for here.

    Raises:
        ConfigurationError: One cannot be asked, gives no tool, or one that this surface does not have.
    """
    return [_asked(tool, f"{where}[{index}]", vertexai=vertexai) for index, tool in enumerate(tools)]


def _asked(tool: ToolUnion, where: str, *, vertexai: bool) -> ToolUnion:
    if not isinstance(tool, CallableTool) or isinstance(tool, type | _AskedTool):
        return tool
    try:
        given = tool.tool()
    except Exception as error:
        message = f"{type(tool).__name__}.tool() raised {type(error).__name__}: {error}"
        raise ConfigurationError(message, where=where) from error
    place = f"{where}.tool()"
    answer = codec.structure(given, Tool, place)
    hold_settings_to_surface(answer, place, vertexai=vertexai)
    return _AskedTool(tool, answer)
