"""From the tools that a program passes to those that are sent. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from genai_live import signatures
from genai_live.errors import ConfigurationError
from genai_live.tools.callable_tool import CallableTool, asked_once
from genai_live.tools.decorator import settings_of
from genai_live.types import FunctionDeclaration, Tool, ToolUnion


def declared(tools: Sequence[ToolUnion], where: str, *, vertexai: bool = False) -> list[Tool]:
    """Declares the Python functions among the tools, and what CallableTools say that they are.

    Where there is one of these, all declarations go into one tool, the last one, as google-genai does it.
    Where there is none, the tools stay as they are.

    Args:
        tools: The tools, checked already.
        where: What the argument is called, for errors.
        vertexai: Which surface they go to.

    Raises:
        ConfigurationError: A function cannot be declared, a CallableTool cannot be asked, or two functions
            have one name.
    """
    given = [tool for tool in tools if isinstance(tool, Tool)]
    if len(given) == len(tools):
        return given
    others: list[Tool] = []
    declarations: dict[str | None, FunctionDeclaration] = {}
    for index, tool in enumerate(asked_once(tools, where, vertexai=vertexai)):
        path = f"{where}[{index}]"
        declaring = _declaring(tool, path)
        other = attrs.evolve(declaring, function_declarations=None)
        if other != Tool():
            others.append(other)
        for declaration in declaring.function_declarations or []:
            if declaration.name in declarations:
                raise ConfigurationError(f"there is another function called {declaration.name!r}", where=path)
            declarations[declaration.name] = declaration
    if not declarations:
        return others
    return [*others, Tool(function_declarations=list(declarations.values()))]


def _declaring(tool: ToolUnion, where: str) -> Tool:
    """The tool that says what this is."""
    if isinstance(tool, Tool):
        return tool
    if isinstance(tool, CallableTool) and not isinstance(tool, type):
        return tool.tool()
    settings = settings_of(tool)
    fields = signatures.describe(
        tool, where, parameters=settings.parameters_json_schema, parse_docstring=settings.parse_docstring
    )
    return Tool(function_declarations=[FunctionDeclaration(behavior=settings.behavior, **fields)])
