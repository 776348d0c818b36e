"""The members of classes that stand for a JSON object or array. No threads, sockets or clock."""

from __future__ import annotations

import dataclasses
from inspect import Parameter
from typing import Any, get_args, get_origin, get_type_hints

import attrs

from genai_live.signatures.problem import Undeclarable

_MARKERS = ("Required", "NotRequired", "ReadOnly")


@attrs.frozen
class Member:
    """A member of a class, as the constructor takes it."""

    name: str
    annotation: Any
    required: bool
    default: Any = Parameter.empty
    """Empty where there is none, or one that is made anew each time."""


def is_named_tuple(cls: type) -> bool:
    """Whether NamedTuple or namedtuple made this class."""
    return issubclass(cls, tuple) and hasattr(cls, "_field_defaults")


def has_members(cls: type) -> bool:
    """Whether this is a dataclass, an attrs class, a TypedDict or a NamedTuple."""
    return (
        dataclasses.is_dataclass(cls)
        or attrs.has(cls)
        or hasattr(cls, "__required_keys__")
        or is_named_tuple(cls)
    )


def members_of(cls: Any) -> list[Member]:
    """The members of such a class, in order.

    Raises:
        Undeclarable: Its hints cannot be resolved, or one is missing.
    """
    try:
        hints = get_type_hints(cls, include_extras=True)
    except Exception as error:
        raise Undeclarable(f"the type hints of {cls.__name__} cannot be resolved: {error}") from error
    if dataclasses.is_dataclass(cls):
        return [_of_dataclass(field, hints[field.name]) for field in dataclasses.fields(cls) if field.init]
    if attrs.has(cls):
        return [
            _of_attrs(field, hints.get(field.name, field.type)) for field in attrs.fields(cls) if field.init
        ]
    if is_named_tuple(cls):
        defaults = cls._field_defaults
        return [
            Member(name, hints.get(name, Any), name not in defaults, defaults.get(name, Parameter.empty))
            for name in cls._fields
        ]
    return [_of_typed_dict(cls, name, annotation) for name, annotation in hints.items()]


def made_by_itself(cls: Any) -> frozenset[str]:
    """The members that the class makes itself: its JSON has them, and its constructor does not take them."""
    if dataclasses.is_dataclass(cls):
        return frozenset(field.name for field in dataclasses.fields(cls) if not field.init)
    if attrs.has(cls):
        return frozenset(field.alias or field.name for field in attrs.fields(cls) if not field.init)
    return frozenset()


def _of_dataclass(field: dataclasses.Field[Any], annotation: Any) -> Member:
    has_default = field.default is not dataclasses.MISSING
    required = not has_default and field.default_factory is dataclasses.MISSING
    return Member(field.name, annotation, required, field.default if has_default else Parameter.empty)


def _of_attrs(field: attrs.Attribute[Any], annotation: Any) -> Member:
    name = field.alias or field.name
    if annotation is None and field.type is None:
        raise Undeclarable(f"{name} has no type hint")
    required = field.default is attrs.NOTHING
    # A factory is passed on: no JSON says it, so it is not told.
    return Member(name, annotation, required, Parameter.empty if required else field.default)


def _of_typed_dict(cls: Any, name: str, annotation: Any) -> Member:
    required = name in cls.__required_keys__
    # The marker goes before: a class does not see it in strings. By its name: it may be of typing_extensions.
    while (marker := getattr(get_origin(annotation), "_name", None)) in _MARKERS:
        (annotation,) = get_args(annotation)
        if marker != "ReadOnly":
            required = marker == "Required"
    return Member(name, annotation, required)
