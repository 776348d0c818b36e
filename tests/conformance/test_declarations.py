"""A function is declared as google-genai declares it, wherever it does."""

import dataclasses
import datetime as dt
import decimal
import enum
import inspect
import pathlib
import uuid
from collections import abc
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, Union

import annotated_types
import pydantic
import pytest
import typing_extensions
from google.genai import types as google
from hypothesis import given, settings
from hypothesis import strategies as st

from genai_live import codec, types
from genai_live.errors import ConfigurationError


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    """How loud."""

    LOW = 1
    HIGH = 2


class Mixed(str, enum.Enum):
    ONLY = "only"


class Odd(enum.Enum):
    NUMBER = 1
    WORD = "one"


@dataclasses.dataclass
class Point:
    x_pos: int
    y_pos: float = 0.5
    colour: Colour = Colour.RED
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Line:
    """From one point to another."""

    start: Point
    end: Point | None = None
    both: Point | Colour | None = None
    anything: Any = None
    day: dt.date = dt.date(2026, 1, 2)
    price: decimal.Decimal = decimal.Decimal("1.50")
    kind: Literal["solid", "dashed"] = "solid"


@dataclasses.dataclass
class Node:
    name: str
    children: "list[Node]"


class Span(NamedTuple):
    first: int
    last: int | None = None


class Options(typing_extensions.TypedDict, total=False):
    """How to do it."""

    fast: bool
    retries: typing_extensions.Required[int]


class Job(typing_extensions.TypedDict):
    job_name: str
    options: typing_extensions.NotRequired[Options]


class Place(pydantic.BaseModel):
    """A place."""

    city_name: str = pydantic.Field(description="Its name.", max_length=40)
    population: int = 0
    colour: Colour | None = None


class Tree(pydantic.BaseModel):
    branches: "list[Tree]" = []


class Page(pydantic.BaseModel):
    places: list[Place]
    span: Span = Span(1)
    options: Options | None = None


Kilometres = NewType("Kilometres", float)
Words = typing_extensions.TypeAliasType("Words", list[str])
Where = typing_extensions.TypeAliasType("Where", Point | Place | None)
Percent = Annotated[int, annotated_types.Ge(0), annotated_types.Le(100)]
Described = Annotated[str, pydantic.Field(description="What to look for.", min_length=1)]

SCALARS = [str, int, float, bool, None, bytes, Any, object]
SCALARS += [dt.datetime, dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID]
SCALARS += [pathlib.Path, Kilometres, Percent, Described, Annotated[str, "said in words"]]
CLASSES: list[Any] = [
    Colour,
    Level,
    Mixed,
    Odd,
    Point,
    Line,
    Node,
    Span,
    Options,
    Job,
    Place,
    Tree,
    Page,
    pydantic.HttpUrl,
    Words,
    Where,
]
BARE = [list, tuple, set, frozenset, dict, abc.Sequence, abc.Mapping]
LITERALS = [
    Literal["a"],
    Literal["a", "b"],
    Literal[1, 2],
    Literal["a", 1, None],
    Literal[True],
    Literal[Colour.RED],
]
FLAT = [*SCALARS, *BARE, *LITERALS, Place]
REFUSED = [range, complex, type, Callable[[int], int], inspect.Parameter.empty, abc.Iterator[int], bytearray]

leaves = st.sampled_from([*SCALARS, *CLASSES, *BARE, *LITERALS])
keys = st.sampled_from([str, int, Colour, dt.date, Literal["a", "b"]])


def compounds(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Hints made of others."""
    containers = [list, set, frozenset, abc.Sequence, abc.Iterable]
    return st.one_of(
        st.builds(lambda container, part: container[part], st.sampled_from(containers), parts),
        st.builds(lambda key, part: dict[key, part], keys, parts),
        st.builds(lambda part: abc.Mapping[str, part], parts),
        st.builds(lambda part: tuple[part, ...], parts),
        st.builds(lambda some: tuple[tuple(some)], st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda part: Optional[part], parts),  # noqa: UP045 - ``|`` does not take every hint
        st.builds(lambda some: Union[tuple(some)], st.lists(parts, min_size=1, max_size=3)),  # noqa: UP007
        # Not of Tree: pydantic keeps the description in the class, and repeats it where it was not asked for.
        st.builds(
            lambda part: Annotated[part, pydantic.Field(description="Of some use.")], st.sampled_from(FLAT)
        ),
    )


hints = st.recursive(leaves, compounds, max_leaves=5)
defaults = st.sampled_from([inspect.Parameter.empty] * 4 + [None, 3, 0.5, "x", True, [], {}])
kinds = st.sampled_from([inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY])
returns = hints | st.just(inspect.Signature.empty)


def function(parameters: list[tuple[Any, Any]], returned: Any) -> Callable[..., Any]:
    """A function of these hints and defaults."""

    def example(**values: Any) -> Any:
        """Is an example.

        Args:
            values: They are of no use.
        """

    signature = inspect.Signature(
        [
            inspect.Parameter(f"p{number}", inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)
            for number, (hint, default) in enumerate(parameters)
        ],
        return_annotation=returned,
    )
    example.__signature__ = signature  # type: ignore[attr-defined]
    example.__annotations__ = {}
    return example


def theirs(declared: Callable[..., Any]) -> dict[str, Any] | None:
    """google-genai's declaration; None where it makes none."""
    try:
        declaration = google.FunctionDeclaration.from_callable_with_api_option(
            callable=declared, use_json_schema=True
        )
    except ValueError:
        return None
    return declaration.model_dump(by_alias=True, exclude_none=True)


def ours(declared: Callable[..., Any]) -> dict[str, Any]:
    """Our declaration."""
    return codec.to_json_dict(types.FunctionDeclaration.from_callable(callable=declared))


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.tuples(hints, defaults), max_size=3), returns)
def test_any_signature(parameters: list[tuple[Any, Any]], returned: Any) -> None:
    """Where google-genai declares a signature of these types, so do we, and alike."""
    example = function(parameters, returned)
    expected = theirs(example)
    if expected is not None:
        assert ours(example) == expected


@pytest.mark.parametrize("hint", [*SCALARS, *CLASSES, *BARE, *LITERALS], ids=str)
def test_each_type_is_declared(hint: Any) -> None:
    """No type of these is refused, whether google-genai takes it or not."""
    ours(function([(hint, inspect.Parameter.empty)], None))


@pytest.mark.parametrize("hint", REFUSED, ids=str)
def test_what_we_refuse(hint: Any) -> None:
    """What JSON Schema cannot say is refused with the parameter's name."""
    with pytest.raises(ConfigurationError, match=r"example\(\): the parameter 'p0'"):
        ours(function([(hint, inspect.Parameter.empty)], None))
