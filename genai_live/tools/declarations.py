"""From the tools that a program passes to those that are sent. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from genai_live.errors import ConfigurationError
from genai_live.signatures import describe
from genai_live.tools.decorator import settings_of
from genai_live.types import FunctionDeclaration, Tool, ToolUnion


def declared(tools: Sequence[ToolUnion], where: str) -> list[Tool]:
    """Declares the Python functions among the tools.

    Where there is a function, all declarations go into one tool, the last one, as google-genai does it. Where
    there is none, the tools stay as they are.

    Args:
        tools: The tools, checked already.
        where: What the argument is called, for errors.

    Raises:
        ConfigurationError: A function cannot be declared, or two have one name.
    """
    given = [tool for tool in tools if isinstance(tool, Tool)]
    if len(given) == len(tools):
        return given
    others: list[Tool] = []
    declarations: dict[str | None, FunctionDeclaration] = {}
    for index, tool in enumerate(tools):
        path = f"{where}[{index}]"
        if isinstance(tool, Tool):
            new = tool.function_declarations or []
            other = attrs.evolve(tool, function_declarations=None)
            if other != Tool():
                others.append(other)
        else:
            settings = settings_of(tool)
            fields = describe(tool, path, parameters=settings.parameters_json_schema)
            new = [FunctionDeclaration(behavior=settings.behavior, **fields)]
        for declaration in new:
            if declaration.name in declarations:
                raise ConfigurationError(f"there is another function called {declaration.name!r}", where=path)
            declarations[declaration.name] = declaration
    return [*others, Tool(function_declarations=list(declarations.values()))]
