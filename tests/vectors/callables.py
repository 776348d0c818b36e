"""The Python functions and classes that the cases use as tools, as they were recorded."""
# ruff: noqa: D103, E731, ICN001, UP007, UP045

import dataclasses
import datetime
import enum
import functools
import typing

import pydantic


def no_args():
    """Takes nothing."""


def no_doc(city: str):
    return city


def simple(city: str, days: int) -> str:
    """Tells the weather."""
    return f"{city} {days}"


def defaults(city: str = "Bern", days: int = 3, exact: bool = False) -> str:
    """Has defaults."""
    return city


def typed(a: int, b: float, c: bool, d: str) -> bool:
    """Has every simple type."""
    return c


def lists(names: list[str], grid: list[list[int]]) -> list[str]:
    """Takes lists."""
    return names


def literal(unit: typing.Literal["C", "F"]) -> str:
    """Takes a literal."""
    return unit


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


def enum_arg(colour: Colour) -> str:
    """Takes an enum."""
    return colour.value


def optional(city: typing.Optional[str], days: typing.Optional[int] = None):
    """Takes optionals."""


def union(value: typing.Union[int, str]) -> str:
    """Takes a union."""
    return str(value)


class Place(pydantic.BaseModel):
    """A place."""

    city_name: str
    population: int = 0


class Trip(pydantic.BaseModel):
    stops: list[Place]
    note: typing.Optional[str] = None


def pydantic_arg(place: Place) -> str:
    """Takes a model."""
    return place.city_name


def nested_pydantic(trip: Trip) -> str:
    """Takes a model of models."""
    return ""


def dict_arg(data: dict[str, int]) -> int:
    """Takes a dict."""
    return 0


def untyped(thing):
    """Has no types."""


async def async_tool(city: str) -> str:
    """Is a coroutine."""
    return city


def keyword_only(*, city: str, days: int = 1) -> str:
    """Takes keywords."""
    return city


def returns_dict(city: str) -> dict[str, str]:
    """Returns a dict."""
    return {}


def var_args(*args: int, **kwargs: str) -> str:
    """Takes anything."""
    return ""


def bytes_arg(data: bytes) -> str:
    """Takes bytes."""
    return ""


def tuple_arg(point: tuple[int, int]) -> str:
    """Takes a tuple."""
    return ""


@dataclasses.dataclass
class Point:
    x_pos: int
    y_pos: int


def dataclass_arg(point: Point) -> str:
    """Takes a dataclass."""
    return ""


def annotated_arg(
    city: typing.Annotated[str, pydantic.Field(description="The city.")],
) -> str:
    """Takes an annotated argument."""
    return city


def google_docstring(city: str, days: int) -> str:
    """Tells the weather.

    Args:
      city: The city to ask about.
      days: How many days ahead.

    Returns:
      The weather.
    """
    return city


def datetime_arg(when: datetime.datetime) -> str:
    """Takes a date."""
    return ""


class Holder:
    def bound_method(self, city: str) -> str:
        """Is a method."""
        return city

    def __call__(self, city: str) -> str:
        """Is an instance."""
        return city


bound_method = Holder().bound_method
an_instance = Holder()
a_lambda = lambda city: city
a_class = Place
a_partial = functools.partial(simple, days=2)
