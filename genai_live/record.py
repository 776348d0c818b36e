"""What every data class of this library has in common. No threads, sockets or clock."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import partial
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from genai_live.errors import ConfigurationError

__all__ = ["Record", "define", "field_names", "suggestion"]

if TYPE_CHECKING:
    from attrs import define

    _RecordType = type
else:
    define = partial(attrs.define, eq=False, repr=False)
    """attrs.define for classes whose equality and repr are those of Record."""

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


def field_names(cls: type[Record]) -> list[str]:
    """The names of the class's fields, in the order of their definition."""
    return [field.name for field in attrs.fields(cls)]


def suggestion(wrong: str, names: Iterable[str], spellings: Iterable[str] = ()) -> str:
    """The end of an error message about a wrong name: the nearest right one, or all of them.

    Args:
        wrong: The wrong name.
        names: The right names.
        spellings: Other spellings of the right names.
    """
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
