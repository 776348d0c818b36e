"""Reads client messages as the service does, by the schema in ``client_messages.json``.

The rules are those of proto3 JSON (https://protobuf.dev/programming-guides/json): names in camelCase or
snake_case, mixed at will; null is unset; 64-bit integers as numbers or strings; enums by name or number, here
in any case, as the service takes them. The close reasons are the service's (protocol notes, 4 and 7).

No threads, sockets or clock.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.refusal import INVALID_ARGUMENT, Refusal
from genai_live.emulator.values import SCALARS, WELL_KNOWN, read_enum

_CLIENT_MESSAGE = "BidiGenerateContentClientMessage"
_MUSIC_MESSAGE = "BidiGenerateMusicClientMessage"
_READERS = SCALARS | WELL_KNOWN


@dataclass(frozen=True)
class _Field:
    name: str
    json_name: str
    type: str
    qualified_name: str
    oneof: str | None


@dataclass(frozen=True)
class _Schema:
    messages: Mapping[str, Mapping[str, _Field]]
    enums: Mapping[str, tuple[str, ...]]
    vertex_only: frozenset[str]
    v1alpha_only: frozenset[str]
    gemini_only: frozenset[str]

    def knows(self, qualified_name: str, endpoint: Endpoint) -> bool:
        """Whether this service knows the field or enum value in this version."""
        if endpoint.surface == "vertex":
            return qualified_name not in self.gemini_only
        return qualified_name not in self.vertex_only and (
            endpoint.version == "v1alpha" or qualified_name not in self.v1alpha_only
        )


def read_client_message(value: Any, endpoint: Endpoint) -> dict[str, Any]:
    """Read a frame of the client.

    Args:
        value: The frame, as parsed JSON.
        endpoint: The service and version, which decide over the fields that are known.

    Returns:
        The message in normal form: the protocol's names in camelCase, enums in upper case, whole numbers as
        integers, nulls left out. What is the user's is left as it is.

    Raises:
        Refusal: It is not a client message; the reason lists what is wrong with it.
    """
    is_music = endpoint.method == "BidiGenerateMusic"
    message = _read(_MUSIC_MESSAGE if is_music else _CLIENT_MESSAGE, value, endpoint)
    if not message:
        raise Refusal(1007, INVALID_ARGUMENT)
    return message


def read_auth_token(value: Any, endpoint: Endpoint) -> dict[str, Any]:
    """Read the request for an ephemeral token; see ``read_client_message``."""
    return _read("AuthToken", value, endpoint, path="auth_token")


def find_field_path(type_name: str, path: str) -> tuple[str, ...] | None:
    """Find the names in normal form along a path of a FieldMask, or None where there is no such field."""
    names = []
    for name in path.split("."):
        field = _SCHEMA.messages.get(type_name, {}).get(name)
        if field is None:
            return None
        names.append(field.json_name)
        type_name = field.type
    return tuple(names)


def _read(type_name: str, value: Any, endpoint: Endpoint, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(1007, 'Invalid JSON payload received. Unknown name "": Root element must be a message.')
    reader = _Reader(endpoint)
    message = reader.read_message(type_name, value, path)
    if reader.violations:
        raise Refusal(1007, "\n".join(reader.violations))
    return message


class _Reader:
    """Reads one message, and collects everything that is wrong with it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.violations: list[str] = []

    def read_message(self, type_name: str, value: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Read a message of the given type; what is wrong with it goes to the violations."""
        fields = _SCHEMA.messages[type_name]
        message: dict[str, Any] = {}
        chosen: dict[str, str] = {}
        for key, item in value.items():
            field = fields.get(key)
            if field is None or not _SCHEMA.knows(field.qualified_name, self._endpoint):
                self._unknown(key, path, "Cannot find field.")
            elif item is not None:
                if field.oneof and chosen.setdefault(field.oneof, field.name) != field.name:
                    self._invalid(
                        path, "oneof", f"oneof field '{field.oneof}' is already set. Cannot set '{key}'"
                    )
                message[field.json_name] = self._read_field(field, key, item, path)
        return message

    def _read_field(self, field: _Field, key: str, item: Any, parent: str) -> Any:
        path = f"{parent}.{field.name}" if parent else field.name
        if field.type.endswith("[]"):
            return self._read_list(field.type.removesuffix("[]"), item, path)
        if field.type.startswith("map<"):
            return self._read_map(field.type.removeprefix("map<string, ").removesuffix(">"), item, path)
        if isinstance(item, list) and field.type != "Value":
            return self._unknown(key, parent, "Proto field is not repeating, cannot start list.")
        if isinstance(item, dict) and (field.type in SCALARS or field.type in _SCHEMA.enums):
            return self._invalid(parent, field.name, "Starting an object on a scalar field")
        return self._read_value(field.type, item, path)

    def _read_list(self, element: str, item: Any, path: str) -> Any:
        if not isinstance(item, list):
            return self._reject(path, element, item)
        return [self._read_value(element, one, f"{path}[{i}]") for i, one in enumerate(item)]

    def _read_map(self, element: str, item: Any, path: str) -> Any:
        if not isinstance(item, dict):
            return self._reject(path, element, item)
        entries = enumerate(item.items())
        return {name: self._read_value(element, one, f"{path}[{i}].value") for i, (name, one) in entries}

    def _read_value(self, type_name: str, item: Any, path: str) -> Any:
        if type_name in _SCHEMA.messages:
            if isinstance(item, dict):
                return self.read_message(type_name, item, path)
            return self._reject(path, type_name, item)
        try:
            if type_name in _SCHEMA.enums:
                names = _SCHEMA.enums[type_name]
                known = [name for name in names if _SCHEMA.knows(f"{type_name}.{name}", self._endpoint)]
                return read_enum(known, item)
            return _READERS[type_name](item)
        except binascii.Error:
            return self._invalid(path, "TYPE_BYTES", f"Base64 decoding failed for {_show(item)}")
        except ValueError:
            return self._reject(path, type_name, item)

    def _reject(self, path: str, type_name: str, item: Any) -> None:
        if type_name in WELL_KNOWN:
            shown = f"type.googleapis.com/google.protobuf.{type_name}"
        elif type_name in SCALARS:
            shown = f"TYPE_{type_name.upper()}"
        elif type_name.startswith("google."):
            shown = f"type.googleapis.com/{type_name}"
        else:
            shown = f"type.googleapis.com/{self._endpoint.package}.{type_name}"
        self._invalid(path, shown, _show(item))

    def _invalid(self, path: str, type_name: str, what: str) -> None:
        at = f" at '{path}'" if path else ""
        self.violations.append(f"Invalid value{at} ({type_name}), {what}")

    def _unknown(self, name: str, path: str, what: str) -> None:
        at = f" at '{path}'" if path else ""
        self.violations.append(f'Invalid JSON payload received. Unknown name "{name}"{at}: {what}')


def _show(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False)


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _load_schema() -> _Schema:
    document = json.loads(files("genai_live.emulator").joinpath("client_messages.json").read_text("utf-8"))
    messages = {}
    for message, types in document["messages"].items():
        oneofs = {
            member: oneof
            for oneof, members in document["oneofs"].get(message, {}).items()
            for member in members
        }
        fields: dict[str, _Field] = {}
        for name, type_name in types.items():
            field = _Field(name, _camel_case(name), type_name, f"{message}.{name}", oneofs.get(name))
            fields[field.name] = fields[field.json_name] = field
        messages[message] = fields
    return _Schema(
        messages=messages,
        enums={name: tuple(values) for name, values in document["enums"].items()},
        vertex_only=frozenset(document["vertex_only"]),
        v1alpha_only=frozenset(document["v1alpha_only"]),
        gemini_only=frozenset(document["gemini_only"]),
    )


_SCHEMA = _load_schema()
