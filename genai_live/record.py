"""What every data class of this library has in common. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from genai_live.errors import ConfigurationError

__all__ = ["Record", "define", "field_names", "make_ready", "suggestion"]

if TYPE_CHECKING:
    from attrs import define

    _RecordType = type
else:

    def define(*, kw_only):  # noqa: ARG001 - every class of ours is; type checkers have to be told
        """attrs.define for Record and what is under it, except that attrs waits until a class is used.

        There are 160, and a program uses few. What attrs does for all of them was a quarter of the import;
        mostly it compiles initializers. Only the slots cannot wait.
        """
        return _with_slots

    def _with_slots(cls):
        body = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
        annotations = body.get("__annotations__", {})
        own = [name for name, annotation in annotations.items() if "ClassVar" not in str(annotation)]
        body["_own_fields"] = {name: (annotations[name], body.pop(name)) for name in own}
        body["__slots__"] = (*own, *({"__weakref__"} & vars(cls).keys()))
        body |= {"__init__": _Awaited(), "__attrs_attrs__": _Awaited()}
        return type(cls)(cls.__name__, cls.__bases__, body)

    class _Awaited:
        """Stands in a class for what attrs makes, until somebody asks for it."""

        def __set_name__(self, owner, name):
            self._owner, self._name = owner, name

        def __get__(self, instance, cls):
            setattr(self._owner, self._name, getattr(_twin(self._owner), self._name))
            return getattr(cls if instance is None else instance, self._name)

    _twins = {}

    def _twin(cls):
        """The class of the same fields that attrs has made."""
        if cls not in _twins:
            annotations = {}
            body = {"__module__": cls.__module__, "__annotations__": annotations}
            for owner in reversed(cls.__mro__):
                for name, (annotation, default) in vars(owner).get("_own_fields", {}).items():
                    annotations[name], body[name] = annotation, default
            if hasattr(cls, "__attrs_post_init__"):
                body["__attrs_post_init__"] = cls.__attrs_post_init__
            made = attrs.define(kw_only=True, slots=False, eq=False, repr=False)(type(cls.__name__, (), body))
            _twins.setdefault(cls, made)  # the same for all threads, as its fields get their types later
        return _twins[cls]

    class _RecordType(type):
        """Turns a wrong constructor argument into a ConfigurationError.

        A metaclass, and hidden from type checkers, so that constructors keep their real signature in
        editors; the codec calls ``__init__`` itself and does not pay for it.
        """

        def __call__(cls, *args, **kwargs):
            try:
                return type.__call__(cls, *args, **kwargs)
            except TypeError as error:
                names = field_names(cls)
                for name in kwargs:
                    if name not in names:
                        raise ConfigurationError(
                            f"unknown field{suggestion(name, names)}", where=f"{cls.__name__}.{name}"
                        ) from error
                if args:
                    raise ConfigurationError(
                        f"takes keyword arguments only: {', '.join(names)}", where=cls.__name__
                    ) from error
                raise

        @property
        def __signature__(cls) -> Signature:
            """What help() and the documentation show, which would be that of ``__call__`` otherwise."""
            initializer = signature(cls.__init__)
            return initializer.replace(parameters=list(initializer.parameters.values())[1:])


@cache
def field_names(cls: type[Record]) -> tuple[str, ...]:
    """The names of the class's fields, in the order of their definition."""
    return tuple(field.name for field in attrs.fields(cls))


def make_ready(*classes: type[Record]) -> None:
    """Does now what would be done when these classes are first used."""
    for cls in classes:
        cls.__init__  # noqa: B018 - asking for it is what does it


def suggestion(wrong: str, names: Iterable[str], spellings: Iterable[str] = ()) -> str:
    """The end of an error message about a wrong name: the nearest right one, or all of them.

    Args:
        wrong: The wrong name.
        names: The right names.
        spellings: Other spellings of the right names.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - for mistakes only

    names = list(names)
    nearest = get_close_matches(wrong, [*names, *spellings], n=1)
    if nearest:
        return f"; did you mean {nearest[0]!r}?"
    return f"; there are: {', '.join(names)}" if names else "; there are none"


@define(kw_only=True)
class Record(metaclass=_RecordType):
    """A data class: keyword arguments only, compared by value, and printed without what is unset."""

    __hash__: ClassVar[None]  # type: ignore[assignment]  # its fields may change

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in field_names(type(self)))

    def __replace__(self, **changes: Any) -> Any:
        return attrs.evolve(self, **changes)

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{field.name}={_short(value)}"
            for field in attrs.fields(type(self))
            if field.repr
            and (value := getattr(self, field.name)) is not None
            and (value or field.default is None)
        )
        return f"{type(self).__name__}({shown})"


def _short(value: Any) -> str:
    """The repr of a value, media by their length only."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    if type(value) is list:
        return f"[{', '.join(map(_short, value))}]"
    if type(value) is dict:
        return f"{{{', '.join(f'{key!r}: {_short(item)}' for key, item in value.items())}}}"
    return repr(value)
