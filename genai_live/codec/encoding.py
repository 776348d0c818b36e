"""Classes to JSON, each value checked on the way. No threads, sockets or clock.

camelCase all the way down, unset fields left out, unknown fields put back. The rules are hooks of a cattrs
converter, made for a class when the first of it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from numbers import Integral, Real
from typing import Any, get_args

import cattrs

from genai_live.codec import json_text
from genai_live.codec.fields import (
    fields_of,
    is_any,
    is_dict,
    is_list,
    is_subclass,
    is_user_map,
)
from genai_live.codec.json_values import (
    bytes_to_text,
    duration_to_text,
    finite,
    json_object,
    json_value,
    plain,
    text,
    timestamp_to_text,
)
from genai_live.codec.problem import Problem, wrong_type
from genai_live.errors import ConfigurationError
from genai_live.types import Model, OpenEnum

Write = Callable[[Any], Any]
"""A hook of cattrs."""

_converter = cattrs.Converter()


def encode(message: Model) -> bytes:
    """Writes a message as compact JSON in UTF-8.

    Raises:
        ConfigurationError: A value in it is of a wrong type, or cannot be said in JSON; with its path.
    """
    return json_text.dumps(to_json_dict(message))


def to_json_dict(message: Model) -> dict[str, Any]:
    """What ``encode`` writes, as a dict of JSON's own types.

    Raises:
        ConfigurationError: As for ``encode``.
    """
    tree: dict[str, Any] = _checked(_converter.get_unstructure_hook(type(message)), message)
    return tree


def encode_json(message: dict[str, Any]) -> bytes:
    """Writes the user's own dict as it is, for messages that this library does not know.

    Raises:
        ConfigurationError: Something in it cannot be said in JSON; with its path.
    """
    return json_text.dumps(_checked(json_object, message))


def _checked(write: Write, message: object) -> Any:
    try:
        tree = write(message)
    except Problem as problem:
        raise ConfigurationError(problem.message, where=problem.path()) from problem.__cause__
    except RecursionError as error:
        raise ConfigurationError("the message is nested too deeply, or contains itself") from error
    if json_text.deeper_than(json_text.DEEPEST, tree):
        raise ConfigurationError(f"the message is nested in more than {json_text.DEEPEST} levels")
    return tree


def _make_model_writer(cls: type[Model]) -> Write:
    writers: list[tuple[str, str, Write, str | None]] | None = None

    def write(value: Any) -> dict[str, Any]:
        nonlocal writers
        if not isinstance(value, cls):
            raise wrong_type(cls.__name__, value)
        if writers is None:
            writers = [
                (
                    field.name,
                    field.wire_name,
                    _converter.get_unstructure_hook(field.type),
                    field.metadata.get("unwritten_if_equal"),
                )
                for field in fields_of(cls)
            ]
        tree: dict[str, Any] = {}
        name = ""
        try:
            for name, wire_name, write_item, twin in writers:
                item = getattr(value, name)
                if item is not None and (twin is None or item != getattr(value, twin)):
                    tree[wire_name] = write_item(item)
            if value.unknown_fields:
                name = "unknown_fields"
                _put_back(value.unknown_fields, tree)
        except Problem as problem:
            problem.under(name)
            raise
        return tree

    return write


def _put_back(unknown_fields: Any, tree: dict[str, Any]) -> None:
    for name, item in json_object(unknown_fields).items():
        if name in tree:
            raise Problem("set here and as a field of its own").under(name)
        tree[name] = item


def _make_list_writer(list_type: Any) -> Write:
    (item_type,) = get_args(list_type)
    write_item = _converter.get_unstructure_hook(item_type)

    def write(value: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise wrong_type("list", value)
        items: list[Any] = []
        try:
            for item in value:
                items.append(write_item(item))  # noqa: PERF401 - the length tells where it failed
        except Problem as problem:
            problem.under(len(items))
            raise
        return items

    return write


def _make_dict_writer(dict_type: Any) -> Write:
    _, item_type = get_args(dict_type)
    write_item = _converter.get_unstructure_hook(item_type)

    def write(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_type("dict", value)
        tree = {}
        name = ""
        try:
            for name, item in value.items():
                tree[_write_str(name)] = write_item(item)
        except Problem as problem:
            problem.under(str(name))
            raise
        return tree

    return write


def _make_enum_writer(cls: type[OpenEnum]) -> Write:
    def write(value: Any) -> str | int:
        if not isinstance(value, cls):
            raise wrong_type(cls.__name__, value)
        name = text(str(value))
        return int(name) if name.isdecimal() else name  # read as a number: see decoding

    return write


def _write_str(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong_type("str", value)
    return text(value)


def _write_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong_type("bool", value)
    return value


def _write_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise wrong_type("int", value)
    return int(value)


def _write_float(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise wrong_type("float", value)
    return plain(finite(value))


def _instance_of(cls: type, write: Write) -> Write:
    def write_instance(value: Any) -> Any:
        if not isinstance(value, cls):
            raise wrong_type(cls.__name__, value)
        return write(value)

    return write_instance


_converter.register_unstructure_hook_factory(is_subclass(Model), _make_model_writer)
_converter.register_unstructure_hook_factory(is_list, _make_list_writer)
_converter.register_unstructure_hook_factory(is_dict, _make_dict_writer)
_converter.register_unstructure_hook_func(is_user_map, json_object)
_converter.register_unstructure_hook_func(is_any, json_value)
_converter.register_unstructure_hook(str, _write_str)
for (
    _enum
) in OpenEnum.__subclasses__():  # each by itself, as cattrs would take the rule for str before a factory
    _converter.register_unstructure_hook(_enum, _make_enum_writer(_enum))
_converter.register_unstructure_hook(bool, _write_bool)
_converter.register_unstructure_hook(int, _write_int)
_converter.register_unstructure_hook(float, _write_float)
_converter.register_unstructure_hook(bytes, bytes_to_text)
_converter.register_unstructure_hook(timedelta, _instance_of(timedelta, duration_to_text))
_converter.register_unstructure_hook(datetime, _instance_of(datetime, timestamp_to_text))
