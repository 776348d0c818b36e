"""The functions of a session by name, ready to be called. Called in the threads that run them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from genai_live.errors import ConfigurationError, ToolError
from genai_live.tools.arguments import FunctionArguments
from genai_live.tools.callable_tool import CallableTool
from genai_live.tools.decorator import settings_of
from genai_live.tools.tool_context import ToolContext
from genai_live.types import (
    FunctionCall,
    FunctionResponse,
    FunctionResponseScheduling,
    Part,
    Tool,
    ToolUnion,
)


@attrs.frozen(kw_only=True)
class Function:
    """What a model can call.

    Attributes:
        call: Takes the call and its context, returns the result or a generator of results.
        timeout: Seconds that it may take; None for what the session says.
        scheduling: When the model is to speak of its answers; None for the service's default.
        hide_errors: Whether the model is told only that something went wrong.
    """

    call: Callable[[FunctionCall, ToolContext], Any]
    timeout: float | None = None
    scheduling: FunctionResponseScheduling | None = None
    hide_errors: bool = False


Functions = Mapping[str, Function]


def functions_of(tools: Sequence[ToolUnion]) -> dict[str, Function]:
    """What can be run of the tools that a program passes, declared already; the rest is answered by hand.

    Raises:
        ConfigurationError: A function is an async generator.
    """
    functions: dict[str, Function] = {}
    for tool in tools:
        if isinstance(tool, Tool):
            continue
        if isinstance(tool, CallableTool):
            for declaration in tool.tool().function_declarations or []:
                functions[declaration.name or ""] = Function(call=_calling_tool(tool))
        else:
            if inspect.isasyncgenfunction(tool):
                raise ConfigurationError(
                    f"{tool.__name__}() is an async generator, and nobody here iterates over one: pass a"
                    " generator, or an async function"
                )
            settings = settings_of(tool)
            functions[tool.__name__] = Function(
                call=_calling_function(tool),
                timeout=settings.timeout,
                scheduling=settings.scheduling,
                hide_errors=settings.hide_errors,
            )
    return functions


def _calling_function(function: Callable[..., Any]) -> Callable[[FunctionCall, ToolContext], Any]:
    arguments = FunctionArguments(function)

    def call(call: FunctionCall, context: ToolContext) -> Any:
        bound = arguments.bind(call.args or {}, context)
        result = function(*bound.args, **bound.kwargs)
        if inspect.iscoroutine(result):
            import asyncio  # noqa: PLC0415 - for programs that have it anyway

            return asyncio.run(result)
        return result

    return call


def _calling_tool(tool: CallableTool) -> Callable[[FunctionCall, ToolContext], Any]:
    def call(call: FunctionCall, _: ToolContext) -> FunctionResponse:
        for answer in tool.call_tool([call]):
            response = answer.function_response if isinstance(answer, Part) else answer
            if response is not None:
                return response
        raise ToolError(f"the tool gave no answer to {call.name}")

    return call
