"""The server's messages: JSON to classes, leniently. No threads, sockets or clock.

What is unknown is kept, null is unset, both casings are read. The rules are hooks of a cattrs converter, made
for a class when the first of it comes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, get_args

import cattrs

from genai_live.codec import json_text
from genai_live.codec.fields import fields_by_spelling, is_any, is_list, is_subclass, is_user_map
from genai_live.codec.json_values import (
    bytes_from_text,
    duration_from_text,
    finite,
    number_from_text,
    timestamp_from_text,
)
from genai_live.codec.problem import Problem, wrong_type
from genai_live.errors import ProtocolError
from genai_live.redaction import without_message_secrets
from genai_live.types import Model, OpenEnum

ModelType = TypeVar("ModelType", bound=Model)
Read = Callable[[Any, Any], Any]
"""A hook of cattrs: the value and its type, which ours know already."""

_converter = cattrs.Converter()


def decode(payload: bytes | str, cls: type[ModelType]) -> ModelType:
    """Reads what the server sent.

    An empty payload is a message that says nothing, as it is to google-genai.

    Args:
        payload: A frame's payload or a response's body: JSON in UTF-8, whatever the frame's opcode.
        cls: What it is, such as ``LiveServerMessage``.

    Raises:
        ProtocolError: It is not a JSON object, is nested too deeply, or something in it is of a wrong type.
    """
    if not payload:
        return cls()
    try:
        tree = json_text.loads(payload)
    except ValueError as error:
        raise ProtocolError(f"the server sent no readable JSON ({error}): {_beginning(payload)}") from error
    if type(tree) is not dict:
        raise ProtocolError(f"the server sent JSON that is not an object: {_beginning(payload)}")
    try:
        message: ModelType = _converter.get_structure_hook(cls)(tree, cls)
    except Problem as problem:
        raise ProtocolError(
            f"the server sent a wrong value at {problem.path() or 'the top'}: {problem.message}; "
            f"the message begins {_beginning(payload)}"
        ) from problem.__cause__
    return message


def _beginning(payload: bytes | str) -> str:
    text = payload[:800] if isinstance(payload, str) else payload[:800].decode("utf-8", "replace")
    return repr(without_message_secrets(text)[:200])


def _make_model_reader(cls: type[Model]) -> Read:
    readers: dict[str, tuple[str, Read, Any]] | None = None
    new = cls.__new__
    initialize: Any = None

    def read(value: Any, _: Any) -> Any:
        nonlocal readers, initialize
        if type(value) is not dict:
            raise wrong_type("an object", value)
        if readers is None:
            initialize = cls.__init__  # past the advice on wrong keywords, which costs time
            readers = {
                spelling: (field.name, _converter.get_structure_hook(field.type), field.type)
                for spelling, field in fields_by_spelling(cls).items()
            }
        values: dict[str, Any] = {}
        unknown: dict[str, Any] | None = None
        key = ""
        try:
            for key, item in value.items():
                reader = readers.get(key)
                if reader is None:
                    unknown = unknown or {}
                    unknown[key] = _read_any(item, None)
                elif item is not None:
                    name, read_item, item_type = reader
                    values[name] = read_item(item, item_type)
        except Problem as problem:
            problem.under(key)
            raise
        if unknown is not None:
            values["unknown_fields"] = unknown
        instance = new(cls)
        initialize(instance, **values)
        return instance

    return read


def _make_list_reader(list_type: Any) -> Read:
    (item_type,) = get_args(list_type)
    read_item = _converter.get_structure_hook(item_type)

    def read(value: Any, _: Any) -> list[Any]:
        if type(value) is not list:
            raise wrong_type("a list", value)
        items: list[Any] = []
        try:
            for item in value:
                items.append(read_item(item, item_type))  # noqa: PERF401 - the length tells where it failed
        except Problem as problem:
            problem.under(len(items))
            raise
        return items

    return read


def _read_enum(value: Any, cls: type[OpenEnum]) -> OpenEnum:
    if type(value) is int:  # proto3 JSON writes the number of a value whose name it does not know
        value = str(value)
    elif type(value) is not str:
        raise wrong_type("a string", value)
    return cls(value)


def _read_any(value: Any, _: Any) -> Any:
    # The messages that we know are a few levels deep; only what we do not know can go on without end.
    if (type(value) is dict or type(value) is list) and json_text.deeper_than(json_text.DEEPEST - 1, value):
        raise Problem(f"nested in more than {json_text.DEEPEST} levels")
    return value


def _read_user_map(value: Any, _: Any) -> Any:
    if type(value) is not dict:
        raise wrong_type("an object", value)
    return _read_any(value, None)


def _read_str(value: Any, _: Any) -> str:
    if type(value) is not str:
        raise wrong_type("a string", value)
    return value


def _read_bool(value: Any, _: Any) -> bool:
    if type(value) is not bool:
        raise wrong_type("true or false", value)
    return value


def _read_int(value: Any, _: Any) -> int:
    number = number_from_text(value) if type(value) is str else value
    if type(number) is float and number.is_integer():
        return int(number)
    if type(number) is not int:
        raise wrong_type("a whole number", value)
    return number


def _read_float(value: Any, _: Any) -> float:
    number = number_from_text(value) if type(value) is str else value
    if type(number) is not float and type(number) is not int:
        raise wrong_type("a number", value)
    return finite(number)


def _from_str(parse: Callable[[str], Any]) -> Read:
    def read(value: Any, _: Any) -> Any:
        if type(value) is not str:
            raise wrong_type("a string", value)
        return parse(value)

    return read


_converter.register_structure_hook_factory(is_subclass(Model), _make_model_reader)
_converter.register_structure_hook_factory(is_list, _make_list_reader)
_converter.register_structure_hook_func(is_user_map, _read_user_map)
_converter.register_structure_hook_func(is_any, _read_any)
_converter.register_structure_hook(OpenEnum, _read_enum)
_converter.register_structure_hook(str, _read_str)
_converter.register_structure_hook(bool, _read_bool)
_converter.register_structure_hook(int, _read_int)
_converter.register_structure_hook(float, _read_float)
_converter.register_structure_hook(bytes, _from_str(bytes_from_text))
_converter.register_structure_hook(timedelta, _from_str(duration_from_text))
_converter.register_structure_hook(datetime, _from_str(timestamp_from_text))
