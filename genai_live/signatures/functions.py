"""Functions as the model is told of them. No threads, sockets or clock."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from inspect import Parameter
from types import FunctionType, MethodType, NoneType, SimpleNamespace, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from genai_live.errors import ConfigurationError
from genai_live.signatures.docstrings import split_docstring
from genai_live.signatures.json_schema import Schema, add_default, define, json_schema
from genai_live.signatures.problem import Undeclarable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
_GIVEN = "__genai_live_given__"
"""A class with this attribute hints at an argument that we give, and of which the model is not told."""


def describe(
    function: Callable[..., Any],
    where: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    parse_docstring: bool = False,
) -> dict[str, Any]:
    """What a FunctionDeclaration says of a function.

    The whole docstring is the description. ``*args``, ``**kwargs`` and what the library gives itself are left
    out. So is what the function returns, where it has no parameters, or the hint cannot be said.

    Args:
        function: A Python function or a bound method.
        where: What it is called where it was passed, for errors.
        parameters: The parameters in JSON Schema; by default they are read from the signature.
        parse_docstring: Whether what the docstring says of the parameters goes beside them instead.

    Returns:
        The values of the fields that are set, by name.

    Raises:
        ConfigurationError: It is no function, or a parameter cannot be declared; with its name, and why.
    """
    itself = function.__func__ if isinstance(function, MethodType) else function
    if not isinstance(itself, FunctionType):
        raise ConfigurationError(
            f"{_kind(itself)} cannot be declared; pass a function or a method", where=where
        )
    name = function.__name__
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is no name for a function that a model calls: "
            "up to 128 letters, digits and any of _.:- (ASCII), the first a letter or _",
            where=where,
        )
    given = given_parameters(function)
    if len(given) > 1:
        listed = " and ".join(map(repr, given))
        raise ConfigurationError(
            f"{name}(): {listed} have the same type hint; only one can get it", where=where
        )
    fields: dict[str, Any] = {"name": name, "description": inspect.cleandoc(function.__doc__ or "")}
    if parameters is None:
        parameters = _parameters(function, where, given)
    if parse_docstring:
        fields["description"] = _describe_parameters(function, parameters, where)
    if parameters:
        fields["parameters_json_schema"] = parameters
        response = _response(function)
        if response is not None:
            fields["response_json_schema"] = response
    return fields


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"a {type(value).__name__}"


def given_parameters(function: Callable[..., Any]) -> list[str]:
    """The names of the parameters that the library gives itself, by the class that is their hint."""
    return [name for name, parameter in named_parameters(function).items() if _is_given(function, parameter)]


def named_parameters(function: Callable[..., Any]) -> dict[str, Parameter]:
    """The parameters but for ``*args`` and ``**kwargs``."""
    various = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    parameters = inspect.signature(function).parameters
    return {name: parameter for name, parameter in parameters.items() if parameter.kind not in various}


def hint_of(function: Callable[..., Any], parameter: Parameter) -> Any:
    """A parameter's type hint.

    Raises:
        Undeclarable: There is none, or it cannot be resolved.
    """
    if parameter.annotation is Parameter.empty:
        raise Undeclarable(f"it has no type hint; write one, such as '{parameter.name}: str'")
    return _resolved(function, parameter.annotation)


def _is_given(function: Callable[..., Any], parameter: Parameter) -> bool:
    try:
        hint = hint_of(function, parameter)
    except Undeclarable:
        return False
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, UnionType):
        alternatives = [argument for argument in get_args(hint) if argument is not NoneType]
        hint = alternatives[0] if len(alternatives) == 1 else None
    return isinstance(hint, type) and hasattr(hint, _GIVEN)


def _parameters(function: Callable[..., Any], where: str, given: Collection[str]) -> Schema:
    properties: dict[str, Schema] = {}
    definitions: dict[str, Schema] = {}
    required = []
    for name, parameter in named_parameters(function).items():
        if name in given:
            continue
        try:
            schema = _parameter(function, parameter)
            for defined, definition in schema.pop("$defs", {}).items():
                define(definitions, defined, definition)
        except Undeclarable as problem:
            raise ConfigurationError(
                f"{function.__name__}(): the parameter {name!r}: {problem}", where=where
            ) from problem.__cause__
        # google-genai does not require what may be anything.
        if schema and "default" not in schema and parameter.default is Parameter.empty:
            required.append(name)
        properties[name] = schema
    if not properties:
        return {}
    schema = {"type": "object", "properties": properties, "required": required}
    return {**schema, "$defs": definitions} if definitions else schema


def _parameter(function: Callable[..., Any], parameter: Parameter) -> Schema:
    schema = _closed(json_schema(hint_of(function, parameter)))
    if parameter.default is not Parameter.empty:
        add_default(schema, parameter.default)
    return schema


def _describe_parameters(function: Callable[..., Any], parameters: Mapping[str, Any], where: str) -> str:
    """Puts what the docstring says of the parameters beside them; returns the rest of it."""
    try:
        rest, descriptions = split_docstring(inspect.cleandoc(function.__doc__ or ""))
    except Undeclarable as problem:
        raise ConfigurationError(f"{function.__name__}(): {problem}", where=where) from problem.__cause__
    known = inspect.signature(function).parameters
    properties = parameters.get("properties", {})
    for name, description in descriptions.items():
        if name not in known:
            raise ConfigurationError(
                f"{function.__name__}(): the docstring describes {name!r}, which is no parameter", where=where
            )
        if name in properties:
            properties[name]["description"] = description
    return rest


def _response(function: Callable[..., Any]) -> Schema | None:
    """What the function returns, where there is a hint that can be declared: the model can do without."""
    annotation = inspect.signature(function).return_annotation
    if annotation is Parameter.empty:
        return None
    try:
        return _closed(json_schema(_resolved(function, annotation)))
    except Undeclarable:
        return None


def _resolved(function: Callable[..., Any], annotation: Any) -> Any:
    """The annotation with the names in its strings resolved, where the function was defined.

    Alone, so that an error has its parameter; and without the function's defaults: before Python 3.11, None
    would change the hint.
    """
    names = getattr(inspect.unwrap(function), "__globals__", {})
    try:
        hints = get_type_hints(
            SimpleNamespace(__annotations__={"it": annotation}), names, include_extras=True
        )
    except Exception as error:
        raise Undeclarable(f"its type hint cannot be resolved: {error}") from error
    return hints["it"]


def _closed(schema: Schema) -> Schema:
    """A tuple of fixed length says so twice, as google-genai has it."""
    if schema.get("prefixItems") and len(schema["prefixItems"]) == schema.get("maxItems"):
        schema["unevaluatedItems"] = False
    return schema
