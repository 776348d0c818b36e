"""JSON Schema (draft 2020-12) beside the service's own Schema. No threads, sockets or clock.

A declaration has a field for either. What the published Schema cannot say goes as JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from genai_live.codec.encoding import to_json_dict
from genai_live.codec.problem import Problem
from genai_live.record import Record, field_names
from genai_live.types import FunctionDeclaration, GenerationConfig, Schema

# fmt: off
KEYWORDS = {
    "$schema", "$id", "$anchor", "$ref", "$defs", "$comment", "$vocabulary", "$dynamicRef", "$dynamicAnchor",
    "allOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies",
    "prefixItems", "contains", "minContains", "maxContains", "uniqueItems", "additionalItems",
    "unevaluatedItems", "patternProperties", "propertyNames", "unevaluatedProperties", "definitions",
    "const", "multipleOf", "exclusiveMinimum", "exclusiveMaximum",
    "contentEncoding", "contentMediaType", "contentSchema", "deprecated", "readOnly", "writeOnly", "examples",
}
# fmt: on
"""Those that Schema does not have."""

_PLACES = {
    "parameters": "parameters_json_schema",
    "response": "response_json_schema",
    "response_schema": "response_json_schema",
    "responseSchema": "response_json_schema",
}
"""Where JSON Schema goes that was given for a Schema."""
_LISTS = ("anyOf", "any_of")
_SINGLE = ("items", "additionalProperties", "additional_properties")
_BY_NAME = ("properties", "defs")


def with_json_schemas_apart(cls: type[Record], value: Any) -> Any:
    """A FunctionDeclaration or GenerationConfig with what only JSON Schema understands in its own field.

    Raises:
        Problem: The field is set already.
    """
    if isinstance(value, cls):
        value = {name: getattr(value, name) for name in field_names(cls)}
    if not isinstance(value, Mapping):
        return value
    apart: dict[Any, Any] = {}
    for name, item in value.items():
        place = _PLACES.get(name)
        if place is None or not _is_json_schema(item):
            apart.setdefault(name, item)
        elif value.get(place) is not None:
            raise Problem(f"{name} and {place} exclude each other")
        else:
            apart[place] = item
    return apart


def with_one_type(value: Any) -> Any:
    """A Schema in which a list of types, as JSON Schema has it, is said with ``nullable`` and ``any_of``.

    Raises:
        Problem: There is an ``any_of`` already.
    """
    types = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(types, (list, tuple)):
        return value
    said = {name: item for name, item in value.items() if name != "type"}
    others = [name for name in types if not (isinstance(name, str) and name.upper() == "NULL")]
    if len(others) < len(types):
        said["nullable"] = True
    if len(others) == 1:
        said["type"] = others[0]
    elif "any_of" in said or "anyOf" in said:
        raise Problem("a list of types beside any_of; put the types into it").under("type")
    else:
        said["any_of"] = [{"type": name} for name in others or ["NULL"]]
    return said


def _is_json_schema(value: object) -> bool:
    """Whether a dict, or one that describes a part of it, has a key that only JSON Schema knows."""
    if not isinstance(value, Mapping):
        return False
    return not KEYWORDS.isdisjoint(value) or any(map(_is_json_schema, _children(value)))


def _children(tree: Mapping[Any, Any]) -> Iterator[Any]:
    for name in _SINGLE:
        yield tree.get(name)
    for name in _LISTS:
        if isinstance(children := tree.get(name), (list, tuple)):
            yield from children
    for name in _BY_NAME:
        if isinstance(children := tree.get(name), Mapping):
            yield from children.values()


def say_in_json_schema(value: object) -> None:
    """Moves each schema that the published Schema cannot say to the field for JSON Schema, in place.

    These are the schemas with ``additional_properties``, ``defs`` or ``ref``, which only Vertex has.

    Args:
        value: A record of ours or a list of them, such as settings or tools.
    """
    if isinstance(value, FunctionDeclaration):
        if _is_beyond_the_published(value.parameters):
            value.parameters_json_schema, value.parameters = json_schema_of(value.parameters), None
        if _is_beyond_the_published(value.response):
            value.response_json_schema, value.response = json_schema_of(value.response), None
    elif isinstance(value, GenerationConfig):
        if _is_beyond_the_published(value.response_schema):
            value.response_json_schema, value.response_schema = json_schema_of(value.response_schema), None
    else:
        for item in _parts(value):
            say_in_json_schema(item)


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, Record):
        return [item for name in field_names(type(value)) if (item := getattr(value, name)) is not None]
    return value if isinstance(value, list) else ()


def _is_beyond_the_published(schema: Schema | None) -> TypeGuard[Schema]:
    if schema is None:
        return False
    if schema.additional_properties is not None or schema.defs is not None or schema.ref is not None:
        return True
    children = [schema.items, *(schema.any_of or []), *(schema.properties or {}).values()]
    return any(map(_is_beyond_the_published, children))


def json_schema_of(schema: Schema) -> dict[str, Any]:
    """The same shape in JSON Schema."""
    return _translated(to_json_dict(schema))


def _translated(tree: dict[str, Any]) -> dict[str, Any]:
    translated: dict[str, Any] = {}
    for name, value in tree.items():
        match name:
            case "type":
                translated["type"] = value.lower()
            case "ref":
                translated["$ref"] = value.replace("#/defs/", "#/$defs/", 1)
            case "defs" | "properties":
                translated["$defs" if name == "defs" else name] = {
                    key: _translated(child) for key, child in value.items()
                }
            case "anyOf":
                translated["anyOf"] = [_translated(child) for child in value]
            case "items" | "additionalProperties":
                translated[name] = _translated(value) if isinstance(value, dict) else value
            case "example":
                translated["examples"] = [value]
            case "nullable":
                pass
            case _:
                translated[name] = value
    return _nullable(translated) if tree.get("nullable") else translated


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema or "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}
