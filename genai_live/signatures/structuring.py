"""From JSON to the types of hints. No threads, sockets or clock.

Strictly, as the model has read the schema: text is no number. Kindly where JSON is poorer than Python: a
whole number is a float as well, 3.0 is an int, an array is a set. The cases are those of ``json_schema``, so
that what can be declared can be made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from importlib import import_module
from pathlib import Path, PurePath
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin
from uuid import UUID

from genai_live.signatures.kinds import ARRAYS, OBJECTS, SETS, is_for_pydantic, is_type_alias
from genai_live.signatures.members import has_members, is_named_tuple, made_by_itself, members_of
from genai_live.signatures.problem import Misfit, Undeclarable
from genai_live.signatures.times import date_from_text, datetime_from_text, duration_from_text, time_from_text
from genai_live.signatures.values import to_json

Take = Callable[[Any], Any]
"""Makes a value of a type from JSON's types, or raises Misfit."""

_WIDE = ((datetime,), (float, Decimal), ARRAYS, SETS, OBJECTS, (bytes, str, PurePath, Path), (object, Any))
"""Types that take what may be meant for others: in a union these come last, in this order."""
_LONGEST = 60
"""Characters of a value that are shown in an error."""


def taker(annotation: Any) -> Take:
    """What makes values of this type.

    Args:
        annotation: A type hint without unresolved strings.

    Raises:
        Undeclarable: There is no rule for it, as there is no schema.
    """
    return _Making().taker_of(annotation)


class _Making:
    """The takers of a hint, one for each class in it, as a class may contain itself."""

    def __init__(self) -> None:
        self._made: dict[Any, Take] = {}

    def taker_of(self, annotation: Any) -> Take:  # noqa: PLR0911 - one for each kind
        origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
        if origin is Annotated:
            if any(map(is_for_pydantic, annotation.__metadata__)):
                return _by_pydantic(annotation)
            return self.taker_of(arguments[0])
        if isinstance(annotation, NewType):
            return self.taker_of(annotation.__supertype__)
        if is_type_alias(annotation):
            return self._once(annotation, lambda: self.taker_of(annotation.__value__))
        if annotation is Any or annotation is object:
            return _take_anything
        if annotation is None:
            return _take_none
        if origin in (Union, UnionType):
            return self._union(arguments)
        if origin is Literal:
            return _choice(arguments)
        if isinstance(origin, type):
            return self._of_class(origin, arguments)
        raise Undeclarable(f"there is no rule to make {annotation} from JSON")

    def _of_class(self, cls: type, arguments: tuple[Any, ...]) -> Take:  # noqa: PLR0911 - one for each kind
        if cls in _SCALARS:
            return _SCALARS[cls]
        if cls in ARRAYS:
            return self._array(list, arguments)
        if cls in SETS:
            return self._array(frozenset if cls is frozenset else set, arguments)
        if cls is tuple and (not arguments or arguments[-1] is ...):
            return self._array(tuple, arguments)
        if cls is tuple:
            return _tuple(tuple, [self.taker_of(argument) for argument in arguments], len(arguments))
        if cls in OBJECTS:
            return self._map(*(arguments or (str, Any)))
        if is_for_pydantic(cls):
            return _by_pydantic(cls)
        if not arguments and issubclass(cls, Enum):
            return _choice(list(cls))
        if not arguments and has_members(cls):
            return self._once(cls, lambda: self._members(cls))
        raise Undeclarable(f"there is no rule to make {cls.__qualname__} from JSON")

    def _once(self, source: Any, make: Callable[[], Take]) -> Take:
        if source not in self._made:
            made: list[Take] = []

            def take(value: Any) -> Any:
                return made[0](value)

            self._made[source] = take  # before it is made: it may contain itself
            made.append(make())
        return self._made[source]

    def _union(self, arguments: Iterable[Any]) -> Take:
        takers = [self.taker_of(argument) for argument in sorted(arguments, key=_width)]

        def take(value: Any) -> Any:
            misfits = []
            for take_one in takers:
                try:
                    return take_one(value)
                except Misfit as misfit:  # noqa: PERF203 - the next one may fit
                    misfits.append(misfit)
            raise _fits_none_of(misfits, value)

        return take

    def _array(self, made: Callable[[list[Any]], Any], arguments: tuple[Any, ...]) -> Take:
        take_item = self.taker_of(arguments[0] if arguments else Any)

        def take(value: Any) -> Any:
            items = [_take_under(index, take_item, item) for index, item in enumerate(_items(value))]
            return _constructed(made, items)

        return take

    def _map(self, key_type: Any, value_type: Any) -> Take:
        take_key, take_value = self.taker_of(key_type), self.taker_of(value_type)

        def take(value: Any) -> dict[Any, Any]:
            if not isinstance(value, Mapping):
                raise _unexpected("an object", value)
            items = [
                (_take_under(key, _take_name, take_key, key), _take_under(key, take_value, item))
                for key, item in value.items()
            ]
            made: dict[Any, Any] = _constructed(dict, items)
            return made

        return take

    def _members(self, cls: type) -> Take:
        members = members_of(cls)
        takers = [self.taker_of(member.annotation) for member in members]
        if is_named_tuple(cls):
            return _tuple(lambda items: cls(*items), takers, sum(member.required for member in members))
        by_name = {member.name: (member, take) for member, take in zip(members, takers, strict=True)}
        required = {member.name for member in members if member.required}
        ignored = made_by_itself(cls)

        def take(value: Any) -> Any:
            if not isinstance(value, Mapping):
                raise _unexpected(f"an object ({cls.__name__})", value)
            if unknown := [name for name in value if name not in by_name and name not in ignored]:
                raise Misfit(f"{cls.__name__} has no {_listed(unknown)}, only {_listed(by_name)}")
            if missing := [name for name in by_name if name in required and name not in value]:
                raise Misfit(f"{cls.__name__} lacks {_listed(missing)}")
            values = {}
            for name, item in value.items():
                member, take_member = by_name.get(name, (None, None))
                if member is not None and take_member is not None and not is_default(item, member.default):
                    values[name] = _take_under(name, take_member, item)
            return _constructed(lambda them: cls(**them), values)

        return take


def is_default(value: Any, default: Any) -> bool:
    """Whether null was written where None is the default: the model was told so, whatever the hint says."""
    return value is None and default is None


def _width(annotation: Any) -> int:
    while get_origin(annotation) is Annotated or isinstance(annotation, NewType):
        annotation = getattr(annotation, "__supertype__", None) or get_args(annotation)[0]
    cls = get_origin(annotation) or annotation
    return next((width for width, types in enumerate(_WIDE) if cls in types), -1)


def _fits_none_of(misfits: Sequence[Misfit], value: Any) -> Misfit:
    """What to say where no alternative takes a value: what is wrong within it, if there is that."""
    within = [misfit for misfit in misfits if misfit.is_deep or not misfit.expected]
    if not within:
        return _unexpected(" or ".join(dict.fromkeys(misfit.expected for misfit in misfits)), value)
    if len(within) == 1:
        return within[0]
    combined = Misfit(", or: ".join(dict.fromkeys(map(str, within))))
    combined.__cause__ = within[0].__cause__
    return combined


def _unexpected(expected: str, value: Any) -> Misfit:
    return Misfit(f"expected {expected}, got {shown(value)}", expected=expected)


def shown(value: Any) -> str:
    """The beginning of a value as the model wrote it."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(map(repr, names)) or "nothing"


def _take_under(step: str | int, take: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return take(*arguments)
    except Misfit as misfit:
        misfit.under(step)
        raise


def _take_name(take: Take, name: str) -> Any:
    """A key, which JSON has as text only: what is none was written as JSON within it."""
    try:
        return take(name)
    except Misfit as misfit:
        try:
            value = json.loads(name)
        except ValueError:
            raise misfit from None
        return take(value)


def _constructed(make: Callable[[Any], Any], values: Any) -> Any:
    """What the constructor makes of the values; it may have rules of its own."""
    try:
        return make(values)
    except Exception as error:
        raise Misfit(str(error) or type(error).__name__) from error


def _items(value: Any, expected: str = "an array") -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise _unexpected(expected, value)
    return value


def _tuple(make: Callable[[Any], Any], takers: Sequence[Take], required: int) -> Take:
    lengths = f"{required}" if required == len(takers) else f"{required} to {len(takers)}"
    expected = f"an array of {lengths} items"

    def take(value: Any) -> Any:
        if not required <= len(_items(value, expected)) <= len(takers):
            raise _unexpected(expected, value)
        items = [
            _take_under(index, take_item, item)
            for index, (take_item, item) in enumerate(zip(takers, value, strict=False))
        ]
        return _constructed(make, items)

    return take


def _choice(members: Iterable[Any]) -> Take:
    choices = [(to_json(member), member) for member in members]
    expected = " or ".join(json.dumps(said, ensure_ascii=False) for said, _ in choices)

    def take(value: Any) -> Any:
        for said, member in choices:
            if said == value and isinstance(said, bool) == isinstance(value, bool):
                return member
        raise _unexpected(expected, value)

    return take


def _by_pydantic(annotation: Any) -> Take:
    try:
        adapter = import_module("pydantic").TypeAdapter(annotation)
    except Exception as error:
        first_line = str(error).partition("\n")[0]
        raise Undeclarable(f"pydantic cannot make {annotation}: {first_line}") from error

    def take(value: Any) -> Any:
        try:
            # As JSON: in it, pydantic's strict models take text for a date.
            return adapter.validate_json(json.dumps(value))
        except Exception as error:
            raise _misfit_of_pydantic(error) from error

    return take


def _misfit_of_pydantic(error: Exception) -> Misfit:
    if type(error).__name__ != "ValidationError":  # of a validator of the user's
        return Misfit(str(error) or type(error).__name__)
    misfits = []
    for problem in error.errors(include_url=False):  # type: ignore[attr-defined]
        got = "" if problem["type"] == "missing" else f", got {shown(problem['input'])}"
        misfits.append(Misfit(f"{problem['msg']}{got}"))
        for step in reversed(problem["loc"]):
            misfits[-1].under(step)
    return misfits[0] if len(misfits) == 1 else Misfit("; ".join(map(str, misfits)))


def _take_anything(value: Any) -> Any:
    """Whole numbers become int, as to google-genai: the service may write them as 3.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _take_anything(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_take_anything(item) for item in value]
    return value


def _take_none(value: Any) -> None:
    if value is not None:
        raise _unexpected("null", value)


def _take_bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _unexpected("a boolean", value)
    return value


def _take_int(value: Any) -> int:
    number = _number(value, "an integer")
    if isinstance(number, float) and not number.is_integer():
        raise _unexpected("an integer", value)
    return int(number)


def _take_float(value: Any) -> float:
    try:
        return float(_number(value, "a number"))
    except OverflowError:
        raise _unexpected("a smaller number", value) from None


def _take_decimal(value: Any) -> Decimal:
    expected = "a number"
    if not isinstance(value, str):
        return Decimal(str(_number(value, expected)))
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _unexpected(expected, value) from None
    if not number.is_finite():
        raise _unexpected(expected, value)
    return number


def _number(value: Any, expected: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _unexpected(expected, value)
    return value


def _read_by(read: Callable[[str], Any], expected: str) -> Take:
    def take(value: Any) -> Any:
        if not isinstance(value, str):
            raise _unexpected(expected, value)
        try:
            return read(value)
        except (ValueError, OverflowError):
            raise _unexpected(expected, value) from None

    return take


_SCALARS: dict[Any, Take] = {
    str: _read_by(str, "a string"),
    int: _take_int,
    float: _take_float,
    bool: _take_bool,
    NoneType: _take_none,
    bytes: _read_by(str.encode, "a string"),
    datetime: _read_by(datetime_from_text, "a date and time such as '2026-01-31T12:00:00Z'"),
    date: _read_by(date_from_text, "a date such as '2026-01-31'"),
    time: _read_by(time_from_text, "a time such as '12:00:00'"),
    timedelta: _read_by(duration_from_text, "a duration such as 'PT1H30M'"),
    UUID: _read_by(UUID, "a UUID"),
    Path: _read_by(Path, "a path"),
    PurePath: _read_by(PurePath, "a path"),
    Decimal: _take_decimal,
}
