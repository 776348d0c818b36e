"""What is written can be read again, whatever it says."""

from datetime import datetime, timedelta, timezone
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_live import types
from genai_live.codec import decode, encode, structure, to_json_dict
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


RIVALS = {
    types.Part: "text inline_data file_data function_call function_response executable_code "
    "code_execution_result tool_call tool_response",
    types.FunctionResponsePart: "inline_data file_data",
    types.FunctionDeclaration: "parameters parameters_json_schema response response_json_schema",
    types.GenerationConfig: "response_schema response_json_schema",
    types.VoiceConfig: "prebuilt_voice_config replicated_voice_config voice",
    types.UsageMetadata: "candidates_token_count candidates_tokens_details",  # see test_decoding
}


@st.composite
def messages(draw: st.DrawFn, cls: type[types.Model], depth: int = 7) -> Any:
    """Instances of a class with up to three of its fields set, nested to some depth, no rivals together."""
    if depth == 0:
        return cls()
    fields = {field.name: field for field in fields_of(cls)}
    names = draw(st.lists(st.sampled_from(list(fields)), max_size=3, unique=True)) if fields else []
    rivals = [name for name in names if name in RIVALS.get(cls, "").split()]
    return cls(**{name: draw(values(fields[name].type, depth)) for name in names if name not in rivals[1:]})


@given(messages(types.LiveServerMessage))
def test_server_messages(message: types.LiveServerMessage) -> None:
    """Decoding undoes encoding."""
    assert decode(encode(message), types.LiveServerMessage) == message


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
