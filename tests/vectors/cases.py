"""The cases: what goes in, in our types, and what is to come out."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from google.oauth2.credentials import Credentials
from PIL import Image

from genai_live import options, types
from tests.vectors import callables

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A call that both SDKs were given, and what each made of it."""

    id: str
    kind: str
    client: Mapping[str, Any]
    model: Any
    config: Any
    ops: tuple[dict[str, Any], ...]
    server: dict[str, Any]
    python: dict[str, Any]
    javascript: dict[str, Any]

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Ruling:
    """Whose behaviour is right for some cases, and the row of differences.md that says so.

    ``right`` is ``python``, ``javascript``, ``refused``, or, where neither is right, what is to come instead.
    """

    cases: tuple[str, ...]
    row: str
    right: Any

    def covers(self, case: Case) -> bool:
        """Whether it is about this case."""
        return any(fnmatchcase(case.id, pattern) for pattern in self.cases)


@functools.cache
def load_cases(*, all_of_them: bool = False) -> tuple[Case, ...]:
    """The cases of client.json.

    Args:
        all_of_them: Those too that our API does not take.
    """
    document = json.loads((HERE / "client.json").read_text("utf-8"))
    cases = (
        Case(
            id=case["id"],
            kind=case["kind"],
            client=document["clients"][case["client"]],
            model=case["model"],
            config=case.get("config"),
            ops=tuple(case.get("ops", ())),
            server=case.get("server", {}),
            python=case["python-genai"],
            javascript=case["js-genai"],
        )
        for case in document["cases"]
    )
    if all_of_them:
        return tuple(cases)
    not_run = [ruling for ruling in load_rulings("deliberate.yaml") if ruling.right == "not run"]
    return tuple(case for case in cases if not any(ruling.covers(case) for ruling in not_run))


@functools.cache
def load_rulings(name: str) -> tuple[Ruling, ...]:
    """The entries of right.yaml or deliberate.yaml."""
    entries = yaml.safe_load((HERE / name).read_text("utf-8"))
    return tuple(Ruling(tuple(entry["cases"]), entry["row"], entry["right"]) for entry in entries)


def untagged(value: Any, addresses: Mapping[str, str]) -> Any:
    """The Python value that a value of a case stands for.

    Args:
        value: JSON with tags (see README.md).
        addresses: What stands for ``$WSS`` and its like.
    """

    def plain(item: Any) -> Any:
        if isinstance(item, list):
            return [plain(element) for element in item]
        if isinstance(item, str):
            return _address(item, addresses)
        if not isinstance(item, dict):
            return item
        tag = next(iter(item), "")
        if tag in _TAGS:
            return _TAGS[tag](item[tag], plain)
        if tag == "$from_callable":
            return types.FunctionDeclaration.from_callable(
                **{"callable": _named(item.pop(tag)), **plain(item)}
            )
        return {name: plain(element) for name, element in item.items()}

    return plain(json.loads(json.dumps(value)))


def _address(text: str, addresses: Mapping[str, str]) -> str:
    for name, address in addresses.items():
        if text.startswith(name):
            return address + text.removeprefix(name)
    return text


def _object(value: list[Any], plain: Callable[[Any], Any]) -> Any:
    name, fields = value
    cls = getattr(types, name, None) or getattr(options, name)
    return cls(**plain(fields))


def _named(name: str) -> Any:
    return getattr(callables, name)


_TAGS: dict[str, Callable[[Any, Callable[[Any], Any]], Any]] = {
    "$bytes": lambda text, _: base64.b64decode(text),
    "$bytearray": lambda text, _: bytearray(base64.b64decode(text)),
    "$memoryview": lambda text, _: memoryview(base64.b64decode(text)),
    "$tuple": lambda items, plain: tuple(plain(items)),
    "$number": lambda text, _: float(text),
    "$datetime": lambda text, _: dt.datetime.fromisoformat(text),
    "$enum": lambda value, _: getattr(types, value[0])[value[1]],
    "$obj": _object,
    "$map": lambda fields, plain: {name: plain(item) for name, item in fields.items()},
    "$raw": lambda raw, _: raw,
    "$pil": lambda value, _: Image.new("RGB", tuple(value["size"]), "red"),
    "$callable": lambda name, _: _named(name),
    "$pydantic": lambda name, _: _named(name),
}


def client_arguments(case: Case, addresses: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of Client for a case; ``enterprise`` is what google-genai now calls ``vertexai``."""
    given = untagged(case.client, addresses)
    given.pop("env", None)
    if "credentials" in given:
        given["credentials"] = Credentials(**given["credentials"])  # type: ignore[no-untyped-call]
    if "enterprise" in given:
        given["vertexai"] = given.pop("enterprise")
    return given
