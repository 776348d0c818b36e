"""The base of every enum. No threads, sockets or clock."""

from __future__ import annotations

from enum import Enum
from typing import Any


class OpenEnum(str, Enum):
    """An enum that is read in any case, and keeps values that are newer than this library.

    ``Modality("audio") is Modality.AUDIO``; ``Modality("SMELL")`` is a member-like value of its own, equal
    to another of the same name. Members print as their value on every Python.
    """

    def __str__(self) -> str:
        return str.__str__(self)

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

    @classmethod
    def known(cls, value: str) -> OpenEnum | None:
        """The defined member of this name, in any case, or None."""
        return cls.__members__.get(value.upper())

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, str):
            return None
        if (member := cls.known(value)) is not None:
            return member
        stranger = str.__new__(cls, value)
        stranger._name_ = stranger._value_ = value
        # The cache is bounded, as a server could make up names without end; others are equal all the same.
        if len(cls._value2member_map_) < 1000:
            return cls._value2member_map_.setdefault(value, stranger)
        return stranger
