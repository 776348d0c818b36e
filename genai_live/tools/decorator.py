"""What a signature does not say of a function, said by a decorator. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

import attrs

from genai_live import codec
from genai_live.errors import ConfigurationError
from genai_live.types import Behavior, FunctionResponseScheduling
from genai_live.waiting import seconds

_T = TypeVar("_T", bound=Callable[..., Any])
_ATTRIBUTE = "__genai_live_tool__"
_NO_LIMIT = 1e9
"""In seconds: thirty years."""


@attrs.frozen(kw_only=True)
class ToolSettings:
    """What the decorator was told."""

    behavior: Behavior | None = None
    parameters_json_schema: dict[str, Any] | None = None
    timeout: float | None = None
    scheduling: FunctionResponseScheduling | None = None
    hide_errors: bool = False
    parse_docstring: bool = False


@overload
def tool(function: _T, /) -> _T: ...


@overload
def tool(
    *,
    behavior: Behavior | str | None = None,
    parameters_json_schema: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    scheduling: FunctionResponseScheduling | str | None = None,
    hide_errors: bool = False,
    parse_docstring: bool = False,
) -> Callable[[_T], _T]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    behavior: Behavior | str | None = None,
    parameters_json_schema: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    scheduling: FunctionResponseScheduling | str | None = None,
    hide_errors: bool = False,
    parse_docstring: bool = False,
) -> Any:
    """Says how a Python function is declared when it is passed in ``tools``, and how it is run.

    The function stays as it is. ``@tool`` alone changes nothing, and tells the reader what it is for.

    Args:
        function: The function; given by ``@tool`` without arguments.
        behavior: Whether the model waits for the answer: ``"BLOCKING"`` or ``"NON_BLOCKING"``; by default
            what the model's own default is.
        parameters_json_schema: The parameters in JSON Schema, an object; by default they are read from the
            signature. Sent as it is.
        timeout: Seconds that a call may take before the model is told that it took too long; by default what
            AutomaticFunctionCalling says.
        scheduling: When the model is to speak of the answer of a NON_BLOCKING function: ``"SILENT"``,
            ``"WHEN_IDLE"`` or ``"INTERRUPT"``; by default WHEN_IDLE.
        hide_errors: Whether the model is told only that the function failed, and not what it raised.
        parse_docstring: Whether what the docstring says of the parameters, in the style of Google, NumPy or
            Sphinx, goes beside them in the declaration. By default the docstring is sent whole, as
            google-genai sends it. Needs the extra ``genai-live[docstrings]``.

    Raises:
        ConfigurationError: An argument cannot be used.

    Example:
        >>> @tool(behavior="NON_BLOCKING", timeout=300)
        ... def order(dish: str, count: int = 1) -> str:
        ...     '''Orders a dish from the kitchen.'''
        ...     return "ordered"
    """
    settings = ToolSettings(
        behavior=behavior if behavior is None else codec.structure(behavior, Behavior, "behavior"),
        parameters_json_schema=parameters_json_schema
        if parameters_json_schema is None
        else codec.structure(parameters_json_schema, dict[str, Any], "parameters_json_schema"),
        timeout=_seconds(timeout),
        scheduling=scheduling
        if scheduling is None
        else codec.structure(scheduling, FunctionResponseScheduling, "scheduling"),
        hide_errors=codec.structure(hide_errors, bool, "hide_errors"),
        parse_docstring=codec.structure(parse_docstring, bool, "parse_docstring"),
    )
    if settings.parse_docstring and settings.parameters_json_schema is not None:
        raise ConfigurationError("cannot be used with parameters_json_schema", where="parse_docstring")

    def decorate(function: _T) -> _T:
        # A staticmethod or a classmethod passes on the function within it, and nothing of its own.
        itself = getattr(function, "__func__", function)
        try:
            setattr(itself, _ATTRIBUTE, settings)
        except (AttributeError, TypeError) as error:
            raise ConfigurationError(f"expected a function, got {function!r:.60}", where="tool") from error
        return function

    return decorate if function is None else decorate(function)


def _seconds(timeout: float | None) -> float | None:
    checked = seconds(timeout)
    # None would not mean that there is no limit, but the session's.
    return _NO_LIMIT if checked is None and timeout is not None else checked


def settings_of(function: Callable[..., Any]) -> ToolSettings:
    """What the decorator was told of a function or method; nothing where there was none."""
    settings: ToolSettings = getattr(function, _ATTRIBUTE, ToolSettings())
    return settings
