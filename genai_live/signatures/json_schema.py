"""Type hints to JSON Schema, as pydantic writes it. No threads, sockets or clock.

google-genai declares a function by what pydantic says of its hints, so that is what we say. pydantic is no
dependency of ours: it is asked about its own classes only, which are there only where it is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from importlib import import_module
from inspect import Parameter
from pathlib import Path, PurePath
from types import GenericAlias, NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin
from uuid import UUID

from genai_live.signatures.kinds import ARRAYS, OBJECTS, SETS, is_for_pydantic, is_type_alias
from genai_live.signatures.members import Member, has_members, is_named_tuple, members_of
from genai_live.signatures.problem import Undeclarable
from genai_live.signatures.values import to_json

Schema = dict[str, Any]

_SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    bytes: {"type": "string", "format": "binary"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    timedelta: {"type": "string", "format": "duration"},
    UUID: {"type": "string", "format": "uuid"},
    Path: {"type": "string", "format": "path"},
    PurePath: {"type": "string", "format": "path"},
    Decimal: {"anyOf": [{"type": "number"}, {"type": "string"}]},
}
_DEFINITIONS = "#/$defs/"


def json_schema(annotation: Any) -> Schema:
    """What a value of this type looks like in JSON.

    Args:
        annotation: A type hint without unresolved strings.

    Returns:
        A schema; the classes that it refers to are in its ``$defs``, by name.

    Raises:
        Undeclarable: JSON Schema cannot say it.
    """
    writing = _Writing()
    schema = writing.schema_of(annotation)
    definitions = writing.definitions
    if schema.keys() == {"$ref"} and not _mentions(list(definitions.values()), schema["$ref"]):
        schema = definitions.pop(schema["$ref"].removeprefix(_DEFINITIONS))
    return {"$defs": definitions, **schema} if definitions else schema


def define(definitions: dict[str, Schema], name: str, schema: Schema) -> None:
    """Adds a class to what ``$defs`` holds.

    Raises:
        Undeclarable: There is another one of that name.
    """
    if definitions.setdefault(name, schema) != schema:
        raise Undeclarable(f"there are two different classes called {name!r}; rename one")


class _Writing:
    """A schema that is being written, and the classes and type aliases that it refers to."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._begun: dict[str, Any] = {}

    def schema_of(self, annotation: Any) -> Schema:  # noqa: PLR0911 - one for each kind
        origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
        if origin is Annotated:
            if any(map(is_for_pydantic, annotation.__metadata__)):
                return self._by_pydantic(annotation)
            return self.schema_of(arguments[0])
        if isinstance(annotation, NewType):
            return self.schema_of(annotation.__supertype__)
        if is_type_alias(annotation):
            return self._named(annotation.__name__, annotation, lambda: self.schema_of(annotation.__value__))
        if annotation is Any or annotation is object:
            return {}
        if annotation is None:
            return dict(_SCALARS[NoneType])
        if origin in (Union, UnionType):
            return self._union(arguments)
        if origin is Literal:
            return _choice([to_json(argument) for argument in arguments])
        if isinstance(origin, type):
            return self._of_class(origin, arguments)
        raise Undeclarable(f"JSON Schema cannot say {annotation}")

    def _of_class(self, cls: type, arguments: tuple[Any, ...]) -> Schema:  # noqa: PLR0911 - one for each kind
        if cls in _SCALARS:
            return dict(_SCALARS[cls])
        if cls in ARRAYS or (cls is tuple and (not arguments or arguments[-1] is ...)):
            return {"type": "array", "items": self.schema_of(arguments[0] if arguments else Any)}
        if cls in SETS:
            items = self.schema_of(arguments[0] if arguments else Any)
            return {"type": "array", "items": items, "uniqueItems": True}
        if cls is tuple:
            return _tuple([self.schema_of(argument) for argument in arguments], len(arguments))
        if cls in OBJECTS:
            return self._map(*(arguments or (str, Any)))
        if is_for_pydantic(cls):
            return self._by_pydantic(cls)
        if not arguments and issubclass(cls, Enum):
            return self._named(cls.__name__, cls, lambda: _enum(cls))
        if not arguments and has_members(cls):
            return self._named(cls.__name__, cls, lambda: self._members(cls))
        raise Undeclarable(f"JSON Schema cannot say {cls.__qualname__}")

    def _union(self, arguments: tuple[Any, ...]) -> Schema:
        schemas: list[Schema] = []
        for argument in sorted(arguments, key=lambda argument: argument is NoneType):  # null comes last
            schema = self.schema_of(argument)
            parts = schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]
            schemas.extend(part for part in parts if part not in schemas)
        return {"anyOf": schemas} if len(schemas) > 1 else schemas[0]

    def _map(self, key_type: Any, value_type: Any) -> Schema:
        keys = self.schema_of(key_type)
        names = {keyword: value for keyword, value in keys.items() if keyword not in ("type", "title")}
        schema = {"type": "object", "additionalProperties": self.schema_of(value_type) or True}
        return schema | {"propertyNames": names} if names else schema

    def _named(self, name: str, source: Any, write: Callable[[], Schema]) -> Schema:
        if self._begun.get(name) is not source:  # it may contain itself
            self._begun[name] = source
            define(self.definitions, name, write())
        return {"$ref": _DEFINITIONS + name}

    def _members(self, cls: type) -> Schema:
        members = members_of(cls)
        schemas = {}
        for member in members:
            try:
                schemas[member.name] = self._member(member)
            except Undeclarable as problem:  # noqa: PERF203 - the message names the member
                raise Undeclarable(f"{cls.__name__}.{member.name}: {problem}") from problem.__cause__
        required = [member.name for member in members if member.required]
        if is_named_tuple(cls):
            return _tuple(list(schemas.values()), len(required))
        schema = {"type": "object", "title": cls.__name__, **_description(cls), "properties": schemas}
        return schema | {"required": required} if required else schema

    def _member(self, member: Member) -> Schema:
        schema = self.schema_of(member.annotation)
        alternatives = [item for item in schema.get("anyOf", [schema]) if item != _SCALARS[NoneType]]
        if len(alternatives) != 1 or "$ref" not in alternatives[0]:  # a class has a title of its own
            schema.setdefault("title", member.name.title().replace("_", " ").strip())
        if member.default is not Parameter.empty:
            add_default(schema, member.default)
        return schema

    def _by_pydantic(self, annotation: Any) -> Schema:
        try:
            # In a list, it tells a class that goes into the definitions from one that does not.
            adapter = import_module("pydantic").TypeAdapter(GenericAlias(list, (annotation,)))
            schema: Schema = adapter.json_schema()
        except Exception as error:
            first_line = str(error).partition("\n")[0]
            raise Undeclarable(f"pydantic cannot say {annotation} in JSON Schema: {first_line}") from error
        for name, definition in schema.pop("$defs", {}).items():
            define(self.definitions, name, definition)
        items: Schema = schema["items"]
        return items


def add_default(schema: Schema, default: Any) -> None:
    """Tells the model of a default, where JSON can say it: it only documents."""
    try:
        schema["default"] = to_json(default)
    except (Undeclarable, RecursionError):
        return


def _tuple(items: list[Schema], required: int) -> Schema:
    return {"type": "array", "prefixItems": items, "minItems": required, "maxItems": len(items)}


def _enum(cls: type[Enum]) -> Schema:
    values = [to_json(member) for member in cls]
    return {"title": cls.__name__, **_description(cls), "enum": values, **_type(values)}


def _choice(values: list[Any]) -> Schema:
    return {**({"const": values[0]} if len(values) == 1 else {"enum": values}), **_type(values)}


def _type(values: Iterable[Any]) -> Schema:
    """The type that all of the values have, if there is one."""
    types = {type(value) for value in values}
    return {"type": _SCALARS[types.pop()]["type"]} if len(types) == 1 and types <= _SCALARS.keys() else {}


def _description(cls: type) -> Schema:
    text = cls.__doc__
    # Python 3.10 gives every Enum a docstring, and dataclass gives the signature.
    if not text or text == "An enumeration." or text.startswith(f"{cls.__name__}("):
        return {}
    return {"description": inspect.cleandoc(text)}


def _mentions(value: Any, reference: str) -> bool:
    if isinstance(value, dict):
        return value.get("$ref") == reference or _mentions(list(value.values()), reference)
    return isinstance(value, list) and any(_mentions(item, reference) for item in value)
