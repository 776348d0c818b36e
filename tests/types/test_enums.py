"""Enums that are read in any case and stay open to newer values."""

import copy
import json
import pickle

import pytest

from genai_live import types
from genai_live.types import Modality


def test_any_case_is_the_same_member() -> None:
    """Names are read in any case."""
    assert Modality("audio") is Modality("Audio") is Modality.AUDIO


def test_a_newer_value_is_kept() -> None:
    """An unknown value is an instance of the enum with that value, one and the same each time."""
    smell = Modality("SMELL")
    assert isinstance(smell, Modality)
    assert (smell.name, smell.value) == ("SMELL", "SMELL")
    assert Modality("SMELL") is smell
    assert smell != Modality.AUDIO
    assert json.dumps(smell) == '"SMELL"'


def test_a_newer_value_is_no_member() -> None:
    """Iteration gives what the library defines, however much the server has sent."""
    Modality("TASTE")
    assert "TASTE" not in [member.value for member in Modality]
    assert Modality.known("taste") is None
    assert Modality.known("text") is Modality.TEXT


def test_the_cache_of_newer_values_is_bounded() -> None:
    """A server that makes up values without end does not fill the memory; the values are still equal."""
    for number in range(3000):
        assert types.Outcome(f"MADE_UP_{number}") == types.Outcome(f"MADE_UP_{number}")
    assert len(types.Outcome._value2member_map_) <= 1000


def test_members_print_as_their_value() -> None:
    """On every Python, str, format and JSON show the value."""
    assert str(Modality.AUDIO) == f"{Modality.AUDIO}" == "AUDIO"
    assert f"{Modality('SMELL'):>7}" == "  SMELL"
    assert json.dumps(Modality.AUDIO) == '"AUDIO"'


def test_copies_and_pickles_are_equal() -> None:
    """A newer value survives both."""
    smell = Modality("SMELL")
    assert copy.deepcopy(smell) == smell
    assert pickle.loads(pickle.dumps(smell)) == smell


def test_only_strings_are_names() -> None:
    """A number is no name."""
    with pytest.raises(ValueError, match="3 is not a valid Modality"):
        Modality(3)


def test_a_value_may_be_written_otherwise_than_its_name() -> None:
    """The service writes its tiers in lower case; both are read."""
    assert types.ServiceTier("flex") is types.ServiceTier("FLEX") is types.ServiceTier.FLEX
    assert json.dumps(types.ServiceTier.FLEX) == '"flex"'
