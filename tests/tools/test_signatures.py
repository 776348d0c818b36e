"""What a signature says, in JSON Schema. That it is what google-genai says: see tests/conformance."""

import contextlib
import dataclasses
import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, NewType, TypedDict

import attrs
import pydantic
import pytest
from typing_extensions import NotRequired, TypeAliasType

from genai_live import ConfigurationError
from genai_live.types import Behavior, FunctionDeclaration


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass
class Point:
    x_pos: int
    y_pos: int = 0
    tags: list[str] = dataclasses.field(default_factory=list)
    id_: int = dataclasses.field(default=0, init=False)


@attrs.define
class Line:
    """From one point to another."""

    start: Point
    end: "Point | None" = None
    tags: list[str] = attrs.Factory(list)
    _hidden: int = 3


class Options(TypedDict, total=False):
    fast: bool


class Job(Options):
    name: str
    note: "NotRequired[str]"


class Span(NamedTuple):
    first: int
    last: int = 9


@dataclasses.dataclass
class Node:
    children: "list[Node]"


class Place(pydantic.BaseModel):
    """A place."""

    city_name: str
    colour: Colour = Colour.RED


COLOUR = {"enum": ["red", "blue"], "title": "Colour", "type": "string"}
POINT = {
    "type": "object",
    "title": "Point",
    "properties": {
        "x_pos": {"title": "X Pos", "type": "integer"},
        "y_pos": {"title": "Y Pos", "type": "integer", "default": 0},
        "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}},
    },
    "required": ["x_pos"],
}
LINE = {
    "type": "object",
    "title": "Line",
    "description": "From one point to another.",
    "properties": {
        "start": {"$ref": "#/$defs/Point"},
        "end": {"anyOf": [{"$ref": "#/$defs/Point"}, {"type": "null"}], "default": None},
        "tags": {"type": "array", "items": {"type": "string"}, "title": "Tags"},
        "hidden": {"type": "integer", "title": "Hidden", "default": 3},
    },
    "required": ["start"],
}
JOB = {
    "type": "object",
    "title": "Job",
    "properties": {
        "fast": {"type": "boolean", "title": "Fast"},
        "name": {"type": "string", "title": "Name"},
        "note": {"type": "string", "title": "Note"},
    },
    "required": ["name"],
}
PLACE = {
    "type": "object",
    "title": "Place",
    "description": "A place.",
    "properties": {
        "city_name": {"title": "City Name", "type": "string"},
        "colour": {"$ref": "#/$defs/Colour", "default": "red"},
    },
    "required": ["city_name"],
}


def parameters(hint: Any, default: Any = ...) -> dict[str, Any]:
    """The schema of the parameters of a function of one parameter."""

    def example(value):
        """Is an example."""

    example.__annotations__["value"] = hint
    if default is not ...:
        example.__defaults__ = (default,)
    schema: dict[str, Any] = FunctionDeclaration.from_callable(callable=example).parameters_json_schema
    return schema


def schema_of(hint: Any, default: Any = ...) -> dict[str, Any]:
    """The schema of a parameter."""
    schema: dict[str, Any] = parameters(hint, default)["properties"]["value"]
    return schema


class TestHints:
    @pytest.mark.parametrize(
        ("hint", "schema"),
        [
            (str, {"type": "string"}),
            (None, {"type": "null"}),
            (list[list[int]], {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}),
            (list, {"type": "array", "items": {}}),
            (Iterable[str], {"type": "array", "items": {"type": "string"}}),
            (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
            (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
            (
                tuple[int, str],
                {
                    "type": "array",
                    "prefixItems": [{"type": "integer"}, {"type": "string"}],
                    "minItems": 2,
                    "maxItems": 2,
                    "unevaluatedItems": False,
                },
            ),
            (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
            (Mapping, {"type": "object", "additionalProperties": True}),
            (int | str | None, {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
            (None | int, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            (Decimal | None, {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]}),
            (Literal["c", "f"], {"type": "string", "enum": ["c", "f"]}),
            (Literal["c"], {"type": "string", "const": "c"}),
            (Literal["c", 1], {"enum": ["c", 1]}),
            (NewType("Kilometres", float), {"type": "number"}),
            (TypeAliasType("Words", list[str]), {"type": "array", "items": {"type": "string"}}),
            (Annotated[str, "a note"], {"type": "string"}),
            (Annotated[int, pydantic.Field(ge=1)], {"type": "integer", "minimum": 1}),
            ("int | None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            (Colour, COLOUR),
            (Point, POINT),
            (Job, JOB),
        ],
        ids=str,
    )
    def test_what_they_say(self, hint: Any, schema: dict[str, Any]) -> None:
        """Each hint has its schema, strings included; a class alone stands where it is used."""
        assert parameters(hint) == {"type": "object", "properties": {"value": schema}, "required": ["value"]}

    @pytest.mark.parametrize(
        ("hint", "schema", "definitions"),
        [
            (list[Point], {"type": "array", "items": {"$ref": "#/$defs/Point"}}, {"Point": POINT}),
            (Line, LINE, {"Point": POINT}),
            (Place, PLACE, {"Colour": COLOUR}),
            (
                dict[Colour, Line],
                {
                    "type": "object",
                    "propertyNames": {"$ref": "#/$defs/Colour"},
                    "additionalProperties": {"$ref": "#/$defs/Line"},
                },
                {"Colour": COLOUR, "Line": LINE, "Point": POINT},
            ),
            (
                Place | Colour,
                {"anyOf": [{"$ref": "#/$defs/Place"}, {"$ref": "#/$defs/Colour"}]},
                {"Place": PLACE, "Colour": COLOUR},
            ),
            (
                Node,
                {"$ref": "#/$defs/Node"},
                {
                    "Node": {
                        "type": "object",
                        "title": "Node",
                        "properties": {
                            "children": {
                                "type": "array",
                                "items": {"$ref": "#/$defs/Node"},
                                "title": "Children",
                            }
                        },
                        "required": ["children"],
                    }
                },
            ),
        ],
        ids=str,
    )
    def test_classes_in_others(self, hint: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> None:
        """They are defined once, beside the parameters; one may hold itself."""
        declared = parameters(hint)
        assert declared["properties"] == {"value": schema}
        assert declared["$defs"] == definitions

    def test_anything(self) -> None:
        """It has an empty schema, and is not required, as with google-genai."""
        assert parameters(Any) == {"type": "object", "properties": {"value": {}}, "required": []}

    def test_a_named_tuple(self) -> None:
        """An array whose items have names and defaults."""
        assert schema_of(list[Span]) == {"type": "array", "items": {"$ref": "#/$defs/Span"}}
        assert parameters(list[Span])["$defs"]["Span"] == {
            "type": "array",
            "prefixItems": [
                {"type": "integer", "title": "First"},
                {"type": "integer", "title": "Last", "default": 9},
            ],
            "minItems": 1,
            "maxItems": 2,
        }


class TestDefaults:
    @pytest.mark.parametrize(
        ("hint", "default", "shown"),
        [
            (str, "Bern", "Bern"),
            (int | None, None, None),
            (Colour, Colour.BLUE, "blue"),
            (tuple[int, int], (1, 2), [1, 2]),
            (Point, Point(1), {"x_pos": 1, "y_pos": 0, "tags": [], "id_": 0}),
            (Place, Place(city_name="Bern"), {"city_name": "Bern", "colour": "red"}),
        ],
        ids=str,
    )
    def test_they_are_told(self, hint: Any, default: Any, shown: Any) -> None:
        """As JSON says them; the parameter is not required."""
        assert schema_of(hint, default)["default"] == shown
        assert parameters(hint, default)["required"] == []

    def test_what_json_cannot_say_is_left_out(self) -> None:
        """The default documents only; the parameter is not required either."""
        assert parameters(int, object()) == {
            "type": "object",
            "properties": {"value": {"type": "integer"}},
            "required": [],
        }

    def test_none_does_not_change_the_hint(self) -> None:
        """Not even in a string, on a Python that would take it so."""
        assert schema_of("str", None) == {"type": "string", "default": None}


class TestFunctions:
    def test_the_parts_of_a_declaration(self) -> None:
        """Name, docstring, behavior, parameters of every kind that has a name, and what comes back."""

        def search(query: str, /, limit: int = 3, *rest: int, exact: bool, **more: str) -> list[str]:
            """Searches.

            Twice.
            """
            return []

        assert FunctionDeclaration.from_callable(
            callable=search, behavior=Behavior.NON_BLOCKING
        ) == FunctionDeclaration(
            name="search",
            description="Searches.\n\nTwice.",
            behavior=Behavior.NON_BLOCKING,
            parameters_json_schema={
                "type": "object",
                "properties": {
                    "query": {"type": "string"},
                    "limit": {"type": "integer", "default": 3},
                    "exact": {"type": "boolean"},
                },
                "required": ["query", "exact"],
            },
            response_json_schema={"type": "array", "items": {"type": "string"}},
        )

    def test_a_coroutine_function(self) -> None:
        """It is declared as any other."""

        async def wait(seconds: float) -> None:
            """Waits."""

        declaration = FunctionDeclaration.from_callable(callable=wait)
        assert declaration.parameters_json_schema["required"] == ["seconds"]

    def test_a_wrapped_function(self) -> None:
        """It is the one within that is declared, and its own module that knows its names."""

        @contextlib.contextmanager
        def logged() -> Iterator[None]:
            yield

        @logged()
        def search(colour: "Colour") -> None:
            """Searches."""

        declaration = FunctionDeclaration.from_callable(callable=search)
        assert declaration.name == "search"
        assert declaration.parameters_json_schema["properties"] == {"colour": COLOUR}

    def test_a_result_that_cannot_be_said(self) -> None:
        """The model can do without it."""

        def picture(name: str) -> memoryview:
            """Draws."""
            return memoryview(name.encode())

        assert FunctionDeclaration.from_callable(callable=picture).response_json_schema is None


def two_called(name: str) -> tuple[type, type]:
    """Two classes with this name."""
    return tuple(dataclasses.make_dataclass(name, [(field, int)]) for field in "ab")  # type: ignore[return-value]


@attrs.define
class Broken:
    steps: list[range]


class TestRefusals:
    @pytest.mark.parametrize(
        ("hint", "reason"),
        [
            (range, "JSON Schema cannot say range"),
            (list[complex], "JSON Schema cannot say complex"),
            (Callable[[int], int], "JSON Schema cannot say Callable"),
            (Broken, r"Broken\.steps: JSON Schema cannot say range"),
            (dict[str, Broken], r"Broken\.steps: JSON Schema cannot say range"),
            ("Missing", "its type hint cannot be resolved: name 'Missing' is not defined"),
            (tuple[two_called("Twin")], "there are two different classes called 'Twin'; rename one"),
            (Literal["a"] | Annotated[range, pydantic.Field(description="x")], "pydantic cannot say"),
            (
                dataclasses.make_dataclass("Lost", [("x", "Missing")]),
                "the type hints of Lost cannot be resolved",
            ),
            (attrs.make_class("Bare", ["x"]), "x has no type hint"),
        ],
        ids=str,
    )
    def test_the_error_says_which_parameter_and_why(self, hint: Any, reason: str) -> None:
        """And where the function was passed."""
        with pytest.raises(
            ConfigurationError, match=rf"^callable: example\(\): the parameter 'value': {reason}"
        ) as caught:
            parameters(hint)
        assert caught.value.where == "callable"

    def test_two_classes_of_one_name_in_two_parameters(self) -> None:
        """The second parameter is named."""
        first, second = two_called("Twin")

        def example(one, other):
            """Is an example."""

        example.__annotations__.update(one=list[first], other=list[second])  # type: ignore[valid-type]
        with pytest.raises(
            ConfigurationError, match="the parameter 'other': there are two different classes"
        ):
            FunctionDeclaration.from_callable(callable=example)

    def test_pydantic_s_own_error_is_the_cause(self) -> None:
        """What pydantic says in full is not lost."""
        with pytest.raises(ConfigurationError) as caught:
            parameters(Annotated[range, pydantic.Field(description="x")])
        assert isinstance(caught.value.__cause__, pydantic.errors.PydanticUserError)
