"""What a signature does not say of a function, said by a decorator. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import attrs

from genai_live import codec
from genai_live.types import Behavior

_T = TypeVar("_T", bound=Callable[..., Any])
_ATTRIBUTE = "__genai_live_tool__"


@attrs.frozen
class ToolSettings:
    """What the decorator was told."""

    behavior: Behavior | None = None
    parameters_json_schema: dict[str, Any] | None = None


def tool(
    *,
    behavior: Behavior | str | None = None,
    parameters_json_schema: Mapping[str, Any] | None = None,
) -> Callable[[_T], _T]:
    """Says how a Python function is declared when it is passed in ``tools``. The function stays as it is.

    Args:
        behavior: Whether the model waits for the answer: ``"BLOCKING"`` or ``"NON_BLOCKING"``; by default
            what the model's own default is.
        parameters_json_schema: The parameters in JSON Schema, an object; by default they are read from the
            signature. Sent as it is.

    Raises:
        ConfigurationError: An argument cannot be used.

    Example:
        >>> @tool(behavior="NON_BLOCKING")
        ... def order(dish: str, count: int = 1) -> str:
        ...     '''Orders a dish from the kitchen.'''
        ...     return "ordered"
    """
    settings = ToolSettings(
        behavior if behavior is None else codec.structure(behavior, Behavior, "behavior"),
        parameters_json_schema
        if parameters_json_schema is None
        else codec.structure(parameters_json_schema, dict[str, Any], "parameters_json_schema"),
    )

    def decorate(function: _T) -> _T:
        setattr(function, _ATTRIBUTE, settings)
        return function

    return decorate


def settings_of(function: Callable[..., Any]) -> ToolSettings:
    """What the decorator was told of a function or method; nothing where there was none."""
    settings: ToolSettings = getattr(function, _ATTRIBUTE, ToolSettings())
    return settings
