"""A value of JSON becomes one of the type of a hint, strictly and kindly."""

import dataclasses
import datetime as dt
import enum
import pathlib
import sys
import uuid
from collections.abc import Iterable, Mapping, MutableSequence, Sequence, Set
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, TypedDict, Union

import attrs
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import TypeAliasType

from genai_live import ToolError
from genai_live.signatures import to_json
from genai_live.types import FunctionDeclaration
from tests.tools.test_arguments import called, complaint, made, of_one
from tests.tools.test_signatures import Colour, Job, Line, Node, Options, Place, Point, Span


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Word(str, enum.Enum):
    HELLO = "hello"


class Tree(pydantic.BaseModel):
    name: str
    branches: "list[Tree]" = []


Kilometres = NewType("Kilometres", float)
Words = TypeAliasType("Words", list[str])
Percent = Annotated[int, pydantic.Field(ge=0, le=100)]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
zones = st.sampled_from([None, dt.timezone.utc, dt.timezone(dt.timedelta(hours=-3, minutes=30, seconds=5))])
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda values: st.lists(values, max_size=2) | st.dictionaries(texts, values, max_size=2),
    max_leaves=4,
)
points = st.builds(Point, st.integers(), st.integers(), st.lists(texts, max_size=2))
nodes: st.SearchStrategy[Node] = st.recursive(
    st.builds(Node, st.just([])), lambda children: st.builds(Node, st.lists(children, max_size=2))
)
trees: st.SearchStrategy[Tree] = st.recursive(
    st.builds(Tree, name=texts, branches=st.just([])),
    lambda branches: st.builds(Tree, name=texts, branches=st.lists(branches, max_size=2)),
)
forests = st.recursive(st.just([]), lambda forest: st.lists(forest, max_size=2))

LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, texts),
    (int, st.integers()),
    (float, numbers),
    (bool, st.booleans()),
    (None, st.none()),
    (bytes, texts.map(str.encode)),
    (Any, json_values),
    (object, json_values),
    (list, st.lists(json_values, max_size=2)),
    (tuple, st.lists(json_values, max_size=2).map(tuple)),
    (dict, st.dictionaries(texts, json_values, max_size=2)),
    (dt.datetime, st.datetimes(timezones=zones)),
    (dt.date, st.dates()),
    (dt.time, st.times(timezones=zones)),
    (dt.timedelta, st.timedeltas()),
    (uuid.UUID, st.uuids()),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False)),
    (pathlib.Path, texts.map(pathlib.Path)),
    (pathlib.PurePath, texts.map(pathlib.PurePath)),
    (Kilometres, numbers),
    (Words, st.lists(texts, max_size=2)),
    (Percent, st.integers(0, 100)),
    (Annotated[str, "said in words"], texts),
    (Literal["a", 1, None, True], st.sampled_from(["a", 1, None, True])),
    (Literal[Colour.RED], st.just(Colour.RED)),
    (Colour, st.sampled_from(Colour)),
    (Level, st.sampled_from(Level)),
    (Word, st.sampled_from(Word)),
    (Point, points),
    (Node, nodes),
    (Line, st.builds(Line, points, st.none() | points, st.lists(texts, max_size=2), st.integers())),
    (Span, st.builds(Span, st.integers(), st.integers())),
    (Options, st.fixed_dictionaries({}, optional={"fast": st.booleans()})),
    (Job, st.fixed_dictionaries({"name": texts}, optional={"fast": st.booleans(), "note": texts})),
    (Place, st.builds(Place, city_name=texts, colour=st.sampled_from(Colour))),
    (Tree, trees),
    (pydantic.HttpUrl, st.just(pydantic.HttpUrl("https://example.com/a"))),
]
if sys.version_info >= (3, 12):  # only its own statement makes an alias that contains itself
    names: dict[str, Any] = {}
    exec("type Forest = list[Forest]", names)
    LEAVES.append((names["Forest"], forests))
KEYS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, texts),
    (int, st.integers()),
    (float, numbers),
    (bool, st.booleans()),
    (Colour, st.sampled_from(Colour)),
    (Level, st.sampled_from(Level)),
    (dt.date, st.dates()),
    (Literal["a", 2], st.sampled_from(["a", 2])),
    (tuple[int, str], st.tuples(st.integers(), texts)),
]
HASHABLE = [(hint, values) for hint, values in LEAVES if hint in (str, int, dt.date, uuid.UUID, Colour, Span)]
APART = [
    {None, int, str, list, Point},
    {None, bool, float, dt.date, dict},
    {Colour, Level, bool, Span, Place},
    {None, uuid.UUID, Decimal, dict},
    {dt.time, dt.date, dt.timedelta, int, Node},
    {Line, Point, list, pathlib.Path},
]
"""Types whose values differ in JSON, so that a union of them can tell which it was."""

Hinted = tuple[Any, st.SearchStrategy[Any]]


def compounds(parts: st.SearchStrategy[Hinted]) -> st.SearchStrategy[Hinted]:
    """Hints made of others, with their values."""
    return st.one_of(
        parts.map(lambda part: (list[part[0]], st.lists(part[1], max_size=2))),
        parts.map(lambda part: (Sequence[part[0]], st.lists(part[1], max_size=2))),
        parts.map(lambda part: (MutableSequence[part[0]], st.lists(part[1], max_size=2))),
        parts.map(lambda part: (Iterable[part[0]], st.lists(part[1], max_size=2))),
        parts.map(lambda part: (tuple[part[0], ...], st.lists(part[1], max_size=2).map(tuple))),
        parts.map(lambda part: (Optional[part[0]], st.none() | part[1])),  # noqa: UP045 - ``|`` takes less
        parts.map(lambda part: (Annotated[part[0], "noted"], part[1])),
        st.tuples(parts, parts).map(
            lambda two: (tuple[two[0][0], two[1][0]], st.tuples(two[0][1], two[1][1]))
        ),
        st.tuples(st.sampled_from(KEYS), parts).map(
            lambda two: (dict[two[0][0], two[1][0]], st.dictionaries(two[0][1], two[1][1], max_size=2))
        ),
        parts.map(lambda part: (Mapping[str, part[0]], st.dictionaries(texts, part[1], max_size=2))),
    )


def union_of(names: set[Any]) -> Hinted:
    """A union of types that can be told apart."""
    hints, values = zip(*[leaf for leaf in LEAVES if leaf[0] in names], strict=True)
    return Union[hints], st.one_of(*values)  # noqa: UP007 - ``|`` takes no tuple


sets = st.sampled_from(HASHABLE).flatmap(
    lambda leaf: st.sampled_from(
        [
            (set[leaf[0]], st.sets(leaf[1], max_size=2)),
            (frozenset[leaf[0]], st.frozensets(leaf[1], max_size=2)),
            (Set[leaf[0]], st.sets(leaf[1], max_size=2)),
        ]
    )
)
hinted = st.recursive(
    st.sampled_from(LEAVES) | st.sampled_from(APART).map(union_of) | sets, compounds, max_leaves=4
)


class TestRoundTrip:
    @pytest.mark.parametrize(("hint", "values"), LEAVES, ids=lambda item: str(item)[:40])
    @settings(max_examples=30, deadline=None)
    @given(data=st.data())
    def test_each_type(self, hint: Any, values: st.SearchStrategy[Any], data: st.DataObject) -> None:
        """A value, said in JSON, comes back equal and of its type."""
        value = data.draw(values)
        back = made(hint, to_json(value))
        assert back == value
        if hint not in (Any, object, float, Kilometres):
            assert type(back) is type(value)

    @settings(max_examples=400, deadline=None)
    @given(data=st.data())
    def test_types_in_one_another(self, data: st.DataObject) -> None:
        """What is declarable in any combination can be made in it; and it is declarable."""
        hint, values = data.draw(hinted)
        value = data.draw(values)
        function = of_one(hint)
        assert FunctionDeclaration.from_callable(callable=function).name == "example"
        assert called(function, value=to_json(value)) == value


@attrs.define
class Square:
    side: int
    _area: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._area = self.side**2


class TestKindness:
    @pytest.mark.parametrize(
        ("hint", "value", "expected"),
        [
            (float, 3, 3.0),
            (int, 3.0, 3),
            (Any, {"a": [3.0, 0.5]}, {"a": [3, 0.5]}),
            (Level, 2.0, Level.HIGH),
            (Decimal, 1.1, Decimal("1.1")),
            (Decimal, 2, Decimal(2)),
            (set[int], [1, 1], {1}),
            (frozenset, [1], frozenset([1])),
            (Iterable[int], [1], [1]),
            (dt.datetime, "2026-01-31T12:00:00Z", dt.datetime(2026, 1, 31, 12, tzinfo=dt.timezone.utc)),
            (dt.datetime, "2026-01-31t12:00", dt.datetime(2026, 1, 31, 12)),  # noqa: DTZ001
            (dt.datetime, "2026-01-31 12:00:00.25", dt.datetime(2026, 1, 31, 12, 0, 0, 250_000)),  # noqa: DTZ001
            (dt.datetime, "2026-01-31", dt.datetime(2026, 1, 31)),  # noqa: DTZ001
            (dt.time, "12:30:00,1234567z", dt.time(12, 30, 0, 123_456, dt.timezone.utc)),
            (dt.timedelta, "P1W2DT3H4M5.5S", dt.timedelta(9, 5.5, minutes=4, hours=3)),
            (dt.timedelta, "-PT0.5H", -dt.timedelta(minutes=30)),
            (dt.timedelta, "+PT1,5S", dt.timedelta(seconds=1.5)),
            (dict[int | str, int], {"1": 1, "a": 2}, {"1": 1, "a": 2}),
            (Point, {"x_pos": 1, "id_": 7}, Point(1)),
            (Square, {"side": 2, "area": 7}, Square(2)),
            (Place, {"city_name": "Bern", "colour": "blue"}, Place(city_name="Bern", colour=Colour.BLUE)),
        ],
        ids=repr,
    )
    def test_json_is_poorer_than_python(self, hint: Any, value: Any, expected: Any) -> None:
        """3.0 is an int, an array a set, a time lacks its seconds; what a class makes is left to it."""
        got = made(hint, value)
        assert got == expected
        assert repr(got) == repr(expected)  # 3.0 equals 3

    @pytest.mark.parametrize(
        ("hint", "value", "expected"),
        [
            (float | int, 3, 3),
            (str | dt.date, "2026-01-31", dt.date(2026, 1, 31)),
            (dt.datetime | dt.date, "2026-01-31", dt.date(2026, 1, 31)),
            (str | Colour | None, "red", Colour.RED),
            (str | uuid.UUID, "red", "red"),
            (pathlib.Path | str, "a", pathlib.Path("a")),
            (str | pathlib.Path, "a", "a"),
            (Any | int, "3", "3"),
            (set[int] | list[int], [1, 1], [1, 1]),
            (dict | Point, {"x_pos": 1}, Point(1)),
            (Annotated[str, "x"] | Annotated[dt.date, "y"], "2026-01-31", dt.date(2026, 1, 31)),
            (Kilometres | int, 3, 3),
            (Options | Job, {"name": "a"}, {"name": "a"}),
            (Point | Options, {}, {}),
        ],
        ids=repr,
    )
    def test_the_narrower_alternative_is_tried_first(self, hint: Any, value: Any, expected: Any) -> None:
        """Whatever their order in the union; those that take as much are tried in the order written."""
        got = made(hint, value)
        assert got == expected
        assert type(got) is type(expected)

    def test_null_for_a_default_of_none(self) -> None:
        """The model was told of that default, though the hint does not allow it."""

        def example(city: str = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013
            return city

        assert called(example, city=None) is None

    def test_null_for_a_member_with_a_default_of_none(self) -> None:
        """So in a class."""
        trip = dataclasses.make_dataclass("trip", [("city", str, None)])
        assert made(trip, {"city": None}) == trip(None)


@dataclasses.dataclass
class Percentage:
    value: int

    def __post_init__(self) -> None:
        if self.value > 100:
            raise ValueError("at most 100")


@attrs.define
class Even:
    value: int = attrs.field()

    @value.validator
    def _check(self, _: Any, value: int) -> None:
        if value % 2:
            raise ValueError


class Strict(pydantic.BaseModel, strict=True):
    day: dt.date
    count: int = 0

    @pydantic.field_validator("count")
    @classmethod
    def _check(cls, value: int) -> int:
        if value > 100:
            raise RuntimeError("too many")
        return value


class TestWhatDoesNotFit:
    @pytest.mark.parametrize(
        ("hint", "value", "problem"),
        [
            (int, "3", 'value: expected an integer, got "3"'),
            (int, True, "value: expected an integer, got true"),
            (int, 3.5, "value: expected an integer, got 3.5"),
            (int, None, "value: expected an integer, got null"),
            (float, "3", 'value: expected a number, got "3"'),
            (float, 10**400, f"value: expected a smaller number, got {'1' + '0' * 59}…"),
            (bool, 1, "value: expected a boolean, got 1"),
            (bool, "true", 'value: expected a boolean, got "true"'),
            (str, 3, "value: expected a string, got 3"),
            (str, ["ä"], 'value: expected a string, got ["ä"]'),
            (bytes, 3, "value: expected a string, got 3"),
            (None, 0, "value: expected null, got 0"),
            (Decimal, "x", 'value: expected a number, got "x"'),
            (Decimal, "NaN", 'value: expected a number, got "NaN"'),
            (Decimal, True, "value: expected a number, got true"),
            (dt.date, "tomorrow", "value: expected a date such as '2026-01-31', got \"tomorrow\""),
            (dt.date, "2026-02-30", "value: expected a date such as '2026-01-31', got \"2026-02-30\""),
            (dt.date, "2026-W01-1", "value: expected a date such as '2026-01-31', got \"2026-W01-1\""),
            (
                dt.datetime,
                "noon",
                "value: expected a date and time such as '2026-01-31T12:00:00Z', got \"noon\"",
            ),
            (dt.datetime, "2026-01-31Tnoon", "value: expected a date and time such as"),
            (dt.time, "25:00", "value: expected a time such as '12:00:00', got \"25:00\""),
            (dt.timedelta, 5, "value: expected a duration such as 'PT1H30M', got 5"),
            (dt.timedelta, "P", "value: expected a duration such as 'PT1H30M', got \"P\""),
            (dt.timedelta, "P1DT", "value: expected a duration such as"),
            (dt.timedelta, "P1Y", "value: expected a duration such as"),
            (dt.timedelta, "P999999999999D", "value: expected a duration such as"),
            (uuid.UUID, "x", 'value: expected a UUID, got "x"'),
            (Colour, "RED", 'value: expected "red" or "blue", got "RED"'),
            (Level, True, "value: expected 1 or 2, got true"),
            (Literal["a", None], "b", 'value: expected "a" or null, got "b"'),
            (list[int], {"a": 1}, 'value: expected an array, got {"a": 1}'),
            (list[int], [1, "b"], 'value[1]: expected an integer, got "b"'),
            (set[list[int]], [[1]], "value: unhashable type"),
            (tuple[int, int], [1], "value: expected an array of 2 items, got [1]"),
            (tuple[int, str], [1, 2], "value[1]: expected a string, got 2"),
            (Span, [], "value: expected an array of 1 to 2 items, got []"),
            (Span, 3, "value: expected an array of 1 to 2 items, got 3"),
            (dict[str, int], [1], "value: expected an object, got [1]"),
            (dict[str, int], {"a b": "x"}, 'value.a b: expected an integer, got "x"'),
            (dict[int, int], {"a": 1}, 'value.a: expected an integer, got "a"'),
            (dict[int, int], {"null": 1}, "value.null: expected an integer, got null"),
            (Point, 3, "value: expected an object (Point), got 3"),
            (Point, {}, "value: Point lacks 'x_pos'"),
            (
                Point,
                {"x_pos": 1, "z": 2, "t": 0},
                "value: Point has no 'z', 't', only 'x_pos', 'y_pos', 'tags'",
            ),
            (Line, {"start": {"x_pos": 1, "tags": [2]}}, "value.start.tags[0]: expected a string, got 2"),
            (Percentage, {"value": 101}, "value: at most 100"),
            (Even, {"value": 1}, "value: ValueError"),
            (int | None, "x", 'value: expected an integer or null, got "x"'),
            (int | float | None, "x", 'value: expected an integer or null or a number, got "x"'),
            (list[int] | None, ["x"], 'value[0]: expected an integer, got "x"'),
            (list[Point] | None, [{}], "value[0]: Point lacks 'x_pos'"),
            (
                Point | Job,
                {"fast": 1},
                "value: Point has no 'fast', only 'x_pos', 'y_pos', 'tags', or: Job lacks",
            ),
            (Place, {"city_name": 3}, "value.city_name: Input should be a valid string, got 3"),
            (Place, {}, "value.city_name: Field required"),
            (
                Tree,
                {"branches": [{"name": 1}]},
                "value: name: Field required; branches[0].name: Input should be",
            ),
            (list[Place], [{"city_name": "a"}, 3], "value[1]: Input should be an object, got 3"),
            (Percent, 101, "value: Input should be less than or equal to 100, got 101"),
            (Strict, {"day": "2026-01-31", "count": 101}, "value: too many"),
            (int, "x" * 90, f'value: expected an integer, got "{"x" * 59}…'),
        ],
        ids=repr,
    )
    def test_the_error_says_where_what_and_what_came(self, hint: Any, value: Any, problem: str) -> None:
        """The place, what is expected, and the value, shortened; no other exception comes out."""
        told = complaint(of_one(hint), value=value)
        assert told.startswith(f"example() cannot be called so: {problem}")

    def test_the_cause_is_kept(self) -> None:
        """What pydantic or a class's own rule says in full is not lost to the program's log."""
        with pytest.raises(ToolError) as caught:
            made(Place, {})
        assert isinstance(caught.value.__cause__, pydantic.ValidationError)
        with pytest.raises(ToolError) as caught:
            made(Percentage, {"value": 101})
        assert isinstance(caught.value.__cause__, ValueError)

    def test_a_strict_model_of_pydantic_reads_json(self) -> None:
        """Text is a date to it, as JSON has no dates."""
        assert made(Strict, {"day": "2026-01-31"}) == Strict(day=dt.date(2026, 1, 31))


class Unfit(TypedDict):
    range: int


class Three(NamedTuple):
    one: int
    rest: Any = ()


def test_what_is_nowhere_else() -> None:
    """A member whose name is Python's, and a member of a NamedTuple that may be anything."""
    assert made(Unfit, {"range": 1}) == {"range": 1}
    assert made(Three, [1, [2.0]]) == Three(1, [2])
