"""What a model wrote becomes what a function takes, or an error that the model can read."""

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypedDict, TypeVar

import pydantic
import pytest

from genai_live import ConfigurationError, ToolError
from genai_live.tools import CancelToken, FunctionArguments, ToolContext, context_parameter, tool
from genai_live.types import FunctionDeclaration
from tests.tools.test_signatures import Colour

CONTEXT = ToolContext(session=None, call_id="1", cancel_token=CancelToken())  # type: ignore[arg-type]


def of_one(hint: Any, default: Any = ...) -> Callable[[Any], Any]:
    """A function of one parameter that returns what it gets."""

    def example(value):
        """Is an example."""
        return value

    example.__annotations__["value"] = hint
    if default is not ...:
        example.__defaults__ = (default,)
    return example


def called(function: Callable[..., Any], **args: Any) -> Any:
    """What the function returns for arguments that came as JSON."""
    bound = FunctionArguments(function).bind(json.loads(json.dumps(args)), CONTEXT)
    return function(*bound.args, **bound.kwargs)


def made(hint: Any, value: Any) -> Any:
    """What a parameter of this hint gets for a value of JSON."""
    return called(of_one(hint), value=value)


def complaint(function: Callable[..., Any], **args: Any) -> str:
    """What the model is told of arguments that do not fit."""
    with pytest.raises(ToolError) as caught:
        called(function, **args)
    return str(caught.value)


class Odd(TypedDict):
    odd: range


def search(query: str, limit: int = 3, *rest: int, exact: bool, **more: str) -> Any:
    """Searches."""
    return query, limit, rest, exact, more


class TestFunctions:
    def test_a_default_is_left_to_python(self) -> None:
        """What the model leaves out has its default, which need not fit the hint."""
        sentinel = object()
        assert called(of_one(int, sentinel)) is sentinel
        assert called(search, query="a", exact=True) == ("a", 3, (), True, {})

    def test_everything_wrong_is_told_at_once(self) -> None:
        """The unknown, the missing and the misfits, so that the model can mend all of it."""
        assert complaint(search, limit="many", town="Oslo", more="x") == (
            'search() cannot be called so: limit: expected an integer, got "many"; '
            "unknown: 'town', 'more' (known: 'query', 'limit', 'exact'); missing: 'query', 'exact'"
        )

    def test_a_function_without_parameters(self) -> None:
        """An argument for it is refused."""

        def now() -> str:
            return "noon"

        assert called(now) == "noon"
        assert complaint(now, zone="UTC") == ("now() cannot be called so: unknown: 'zone' (known: none)")

    def test_positional_only_parameters(self) -> None:
        """They are passed by position, also behind one that was left out."""

        def example(a: int, b: int = 2, c: int = 3, /, d: int = 4) -> Any:
            return a, b, c, d

        assert called(example, a=1, c=9) == (1, 2, 9, 4)
        assert called(example, d=9, a=1) == (1, 2, 3, 9)

    def test_a_bound_method(self) -> None:
        """It has no self."""

        class Kitchen:
            def order(self, dish: str, day: "dt.date | None" = None) -> Any:
                return dish, day

        assert called(Kitchen().order, dish="soup", day="2026-01-31") == ("soup", dt.date(2026, 1, 31))

    def test_a_wrapped_function(self) -> None:
        """The hints are those of the one within; the wrapper is called."""

        def loud(function: Callable[..., str]) -> Callable[..., str]:
            @functools.wraps(function)
            def wrapper(*arguments: Any, **named: Any) -> str:
                return function(*arguments, **named).upper()

            return wrapper

        @loud
        def name(colour: "Colour") -> str:
            return colour.name.lower()

        assert called(name, colour="red") == "RED"

    @pytest.mark.parametrize(
        "hint",
        [
            range,
            complex,
            type,
            list[range],
            Callable[[int], int],
            Iterator[int],
            bytearray,
            "Missing",
            Odd,
            TypeVar("T"),
        ],
        ids=str,
    )
    def test_what_cannot_be_declared(self, hint: Any) -> None:
        """It is refused when the session is made, and not at the first call."""
        with pytest.raises(ConfigurationError, match=r"example\(\): the parameter 'value': "):
            FunctionArguments(of_one(hint))
        with pytest.raises(ConfigurationError, match=r"example\(\): the parameter 'value': "):
            FunctionDeclaration.from_callable(callable=of_one(hint))

    def test_pydantic_cannot_make_it(self) -> None:
        """So is what pydantic does not know."""
        hint = Annotated[range, pydantic.Field(description="x")]
        with pytest.raises(ConfigurationError, match="pydantic cannot make") as caught:
            FunctionArguments(of_one(hint))
        assert isinstance(caught.value.__cause__, pydantic.errors.PydanticUserError)


class TestAnOwnSchema:
    def test_everything_is_passed(self) -> None:
        """``**kwargs`` gets what has no parameter, as it was written; hints are used where they can be."""

        @tool(parameters_json_schema={"type": "object"})
        def anything(day: dt.date, thing, odd: range, lost: "Missing", **more):  # noqa: F821
            return day, thing, odd, lost, more

        assert called(anything, day="2026-01-31", thing=1.0, odd=[1], lost="x", a=1, b=[None]) == (
            dt.date(2026, 1, 31),
            1.0,
            [1],
            "x",
            {"a": 1, "b": [None]},
        )

    def test_without_kwargs(self) -> None:
        """What the function has no parameter for is refused all the same."""

        @tool(parameters_json_schema={"type": "object"})
        def anything(thing):
            return thing

        assert "unknown: 'other' (known: 'thing')" in complaint(anything, thing=1, other=2)

    def test_the_context_cannot_be_overwritten(self) -> None:
        """Its parameter is none of the model's, though the function takes anything."""

        @tool(parameters_json_schema={"type": "object"})
        def anything(context: ToolContext, **more: Any) -> Any:
            return context, more

        assert called(anything, a=1) == (CONTEXT, {"a": 1})
        assert "unknown: 'context' (known: none)" in complaint(anything, context=1)


class TestContext:
    @pytest.mark.parametrize(
        "hint", [ToolContext, ToolContext | None, "ToolContext", "ToolContext | None"], ids=str
    )
    def test_the_parameter_with_its_hint_gets_it(self, hint: Any) -> None:
        """Whatever the parameter is called, and wherever it stands."""

        def example(what, city: str = "Bern") -> Any:
            return what, city

        example.__annotations__["what"] = hint
        assert context_parameter(example) == "what"
        assert called(example, city="Oslo") == (CONTEXT, "Oslo")
        assert complaint(example, what={}) == (
            "example() cannot be called so: unknown: 'what' (known: 'city')"
        )

    def test_noted(self) -> None:
        """Also with a note, with a default, and by position only."""

        def example(it: Annotated[ToolContext | None, "x"] = None, /) -> Any:
            return it

        assert called(example) is CONTEXT

    def test_in_a_log(self) -> None:
        """It is named by its call, and the session is not printed along."""
        assert repr(CONTEXT) == "<ToolContext of the call 1>"

    def test_a_function_that_does_not_ask(self) -> None:
        """It gets none; neither does a parameter that may be something else as well."""
        assert context_parameter(search) is None
        assert context_parameter(of_one(ToolContext | str)) is None
        assert context_parameter(lambda unknown: unknown) is None
