"""From the arguments that a model wrote to those of a function. In the thread that calls the function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from inspect import BoundArguments, Parameter
from typing import Any

from genai_live import signatures
from genai_live.errors import ConfigurationError, ToolError
from genai_live.signatures import Misfit, Undeclarable
from genai_live.tools.decorator import settings_of
from genai_live.tools.tool_context import ToolContext, context_parameter


class FunctionArguments:
    """What a function takes: made once for a function, used for each of its calls.

    Where the decorator was given a JSON Schema of its own, a parameter without a hint that can be used gets
    what the model wrote, and ``**kwargs`` gets what has no parameter.

    Args:
        function: A function that has been declared.

    Raises:
        ConfigurationError: It cannot be declared.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = function.__name__
        self._signature = inspect.signature(function)
        self._context = context_parameter(function)
        own_schema = settings_of(function).parameters_json_schema is not None
        self._parameters = {
            name: (parameter, _taker(function, parameter, own_schema=own_schema))
            for name, parameter in signatures.named_parameters(function).items()
            if name != self._context
        }
        parameters = self._signature.parameters.values()
        keywords = [parameter.name for parameter in parameters if parameter.kind is Parameter.VAR_KEYWORD]
        self._keywords = keywords[0] if keywords and own_schema else None

    def bind(self, args: Mapping[str, Any], context: ToolContext) -> BoundArguments:
        """The arguments for one call, as ``function(*bound.args, **bound.kwargs)`` takes them.

        Args:
            args: What the model wrote.
            context: For the parameter that asks for it.

        Raises:
            ToolError: They do not fit; the message tells the model everything that it has to mend.
        """
        values: dict[str, Any] = {}
        others: dict[str, Any] = {}
        problems: list[str] = []
        cause: BaseException | None = None
        for name, value in args.items():
            parameter, take = self._parameters.get(name, (None, None))
            if parameter is None or take is None:
                others[name] = value
            elif not signatures.is_default(value, parameter.default):
                try:
                    values[name] = take(value)
                except Misfit as misfit:
                    problems.append(str(misfit.under(name)))
                    cause = cause or misfit.__cause__
        problems += self._unknown(others) + self._missing(args)
        if problems:
            raise ToolError(f"{self._name}() cannot be called so: {'; '.join(problems)}") from cause
        if self._keywords is not None:
            values[self._keywords] = others
        if self._context is not None:
            values[self._context] = context
        bound = BoundArguments(self._signature, values)
        bound.apply_defaults()  # without them, what follows a positional argument that was left out is lost
        return bound

    def _unknown(self, names: Iterable[str]) -> list[str]:
        unknown = [name for name in names if self._keywords is None or name == self._context]
        known = ", ".join(map(repr, self._parameters)) or "none"
        return [f"unknown: {', '.join(map(repr, unknown))} (known: {known})"] if unknown else []

    def _missing(self, args: Mapping[str, Any]) -> list[str]:
        missing = [
            name
            for name, (parameter, _) in self._parameters.items()
            if name not in args and parameter.default is Parameter.empty
        ]
        return [f"missing: {', '.join(map(repr, missing))}"] if missing else []


def _taker(function: Callable[..., Any], parameter: Parameter, *, own_schema: bool) -> Callable[[Any], Any]:
    try:
        return signatures.taker(signatures.hint_of(function, parameter))
    except Undeclarable as problem:
        if own_schema:
            return lambda value: value
        raise ConfigurationError(
            f"{function.__name__}(): the parameter {parameter.name!r}: {problem}"
        ) from problem.__cause__
