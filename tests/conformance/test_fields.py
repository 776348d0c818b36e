"""Nothing that google-genai can say on a Live connection, in music or in a token is missing here."""

import enum
from collections.abc import Iterator
from typing import Any, get_args

import attrs
import pytest
from google.genai import types as theirs
from pydantic import BaseModel

from genai_live import types as ours

ROOTS = (
    theirs.LiveClientMessage,
    theirs.LiveServerMessage,
    theirs.LiveConnectConfig,
    theirs.Tool,  # which the type of ``tools`` hides behind a validator
    theirs.LiveMusicClientMessage,
    theirs.LiveMusicServerMessage,
    theirs.CreateAuthTokenConfig,
    theirs.AuthToken,
)
ELSEWHERE = {theirs.File, theirs.HttpRetryOptions, theirs.ResourceScope}
"""Of their Files API, and of their own HTTP clients."""
OTHER_NAMES = {"TextResponseFormat.jsonSchema": "schema"}
"""Theirs is the alias that pydantic asks for."""
NOT_OURS = {
    f"HttpOptions.{name}"
    for name in (
        "aiohttp_client",
        "async_client_args",
        "base_url_resource_scope",
        "client_args",
        "extra_body",
        "httpx_async_client",
        "httpx_client",
        "retry_options",
    )
}
"""Settings of their own HTTP clients."""


def classes(annotation: Any) -> Iterator[type]:
    """The models and enums that a type is made of."""
    if isinstance(annotation, type) and (
        issubclass(annotation, (BaseModel, enum.Enum)) or attrs.has(annotation)
    ):
        yield annotation
    for argument in get_args(annotation):
        yield from classes(argument)


def reachable() -> dict[str, type]:
    """All that hangs from the roots, by name."""
    found: dict[str, type] = {}
    waiting: list[type] = list(ROOTS)
    while waiting:
        cls = waiting.pop()
        if cls in ELSEWHERE or found.setdefault(cls.__name__, cls) is not cls:
            continue
        if issubclass(cls, BaseModel):
            for field in cls.model_fields.values():
                waiting += [child for child in classes(field.annotation) if child.__name__ not in found]
    return found


REACHABLE = reachable()


def our_name(cls: type, field: str) -> str:
    """What we call one of their fields."""
    return OTHER_NAMES.get(f"{cls.__name__}.{field}", field)


def missing(cls: type) -> list[str]:
    """The fields or values of a class of theirs that ours lacks, or has with another value or class."""
    mine = getattr(ours, cls.__name__, None)
    if mine is None:
        return [cls.__name__]
    if issubclass(cls, enum.Enum):
        known = {name: member.value for name, member in mine.__members__.items()}
        return [name for name, member in cls.__members__.items() if known.get(name) != member.value]
    fields = {field.name: field.type for field in attrs.fields(attrs.resolve_types(mine))}
    lacks = []
    assert issubclass(cls, BaseModel)
    for name, field in cls.model_fields.items():
        wanted = {child.__name__ for child in classes(field.annotation) if child not in ELSEWHERE}
        annotation = fields.get(our_name(cls, name))
        has = {child.__name__ for child in classes(annotation)}
        # Theirs lists the short forms as well, such as a Part for a Content.
        if annotation is None or (wanted and not has) or not has <= wanted | {"Tool"}:
            lacks.append(name)
    return lacks


@pytest.mark.parametrize("name", sorted(REACHABLE))
def test_nothing_is_missing(name: str) -> None:
    """Each class, each field with the class that it holds, and each value of an enum is here by its name."""
    lacks = {f"{name}.{item}" for item in missing(REACHABLE[name])}
    assert sorted(lacks - NOT_OURS) == []


def test_what_is_left_out_is_theirs() -> None:
    """The list of what is left out names nothing that they have given up or we have taken up."""
    lacks = {f"HttpOptions.{item}" for item in missing(theirs.HttpOptions)}
    assert lacks == NOT_OURS


def test_all_of_it_was_seen() -> None:
    """The walk over their types reaches the far ends."""
    assert {"Modality", "RagRetrievalConfigRankingRankService", "LiveMusicFilteredPrompt", "WordInfo"} <= set(
        REACHABLE
    )
    assert len(REACHABLE) >= 190
