"""What is written can be read again, whatever it says."""

from datetime import datetime, timedelta, timezone
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_live import types
from genai_live.codec import decode_server_message, encode, structure, to_json_dict
from genai_live.codec.fields import fields_of

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
own_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | text,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(text, children, max_size=3),
    max_leaves=5,
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: text,
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bytes: st.binary(max_size=8),
    timedelta: st.timedeltas(timedelta(days=-3_000_000), timedelta(days=3_000_000)),
    datetime: st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(timezone.utc)),  # noqa: DTZ001
    dict[str, Any]: st.dictionaries(text, own_json, max_size=3),
    Any: own_json,
}


def values(annotation: Any, depth: int) -> st.SearchStrategy[Any]:
    """All values of a field's type."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if get_origin(annotation) is list:
        return st.lists(values(get_args(annotation)[0], depth), max_size=2)
    if get_origin(annotation) is dict:
        return st.dictionaries(text, values(get_args(annotation)[1], depth), max_size=2)
    if issubclass(annotation, types.OpenEnum):
        return st.sampled_from(annotation)
    return messages(annotation, depth - 1)


def messages(cls: type[types.Model], depth: int = 5) -> st.SearchStrategy[Any]:
    """Instances of a class with any of its fields set, nested to some depth."""
    if depth == 0:
        return st.builds(cls)
    optional = {
        field.name: st.none() | st.deferred(lambda field=field: values(field.type, depth))  # type: ignore[misc]
        for field in fields_of(cls)
        if field.name not in ("candidates_token_count", "candidates_tokens_details")  # see test_decoding
    }
    return st.builds(cls, **optional)


@given(messages(types.LiveServerMessage))
def test_server_messages(message: types.LiveServerMessage) -> None:
    """Decoding undoes encoding."""
    assert decode_server_message(encode(message)) == message


@pytest.mark.parametrize(
    "cls",
    [
        types.LiveClientSetup,
        types.LiveClientToolResponse,
        types.LiveClientContextUpdate,
        types.GenerationConfig,
    ],
)
@given(data=st.data())
def test_client_messages(cls: type[types.Model], data: st.DataObject) -> None:
    """A message may be kept as the dict that it is on the wire, and passed again later."""
    message = data.draw(messages(cls))
    assert structure(message, cls, "") == message
    assert structure(to_json_dict(message), cls, "") == message
