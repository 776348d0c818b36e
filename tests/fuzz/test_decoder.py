"""Whatever bytes come in place of a message: it is read and can be written back, or is a ProtocolError."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from genai_live import types
from genai_live.codec import base64_text, decode, encode, json_text
from genai_live.errors import ConfigurationError, ProtocolError
from tests.codec.conftest import ENGINES
from tests.conformance import damage
from tests.fuzz.damaged_bytes import damaged
from tests.fuzz.server_frames import FRAMES, TEXTS

MANY = settings(max_examples=400, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def _with_engine(name: str) -> Iterator[None]:
    before = json_text.engine, base64_text.engine
    json_text.engine, base64_text.engine = ENGINES[name]
    try:
        yield
    finally:
        json_text.engine, base64_text.engine = before


def _outcome(payload: bytes | str, kind: type[Any]) -> str:
    """Reads a payload, and if that can be done writes it and reads it again."""
    try:
        message = decode(payload, kind)
    except ProtocolError:
        return "refused"
    try:
        written = encode(message)
    except ConfigurationError:
        # What we know of a message is not measured on its way in, and may be what makes it too deep.
        assert json_text.deeper_than(json_text.DEEPEST, json_text.loads(payload))
        return repr(message)
    again = decode(written, kind)
    assert again == message
    assert encode(again) == written
    return repr(message)


def _check(payload: bytes | str) -> None:
    for kind in (types.LiveServerMessage, types.LiveMusicServerMessage):
        outcomes = set()
        for name in ENGINES:
            with _with_engine(name):
                outcomes.add(_outcome(payload, kind))
        assert len(outcomes) == 1, "the engines disagree"


@MANY
@given(st.binary(max_size=200) | damaged(st.sampled_from(TEXTS)))
def test_bytes(payload: bytes) -> None:
    """Random ones, and frames with some bytes changed, in both engines alike."""
    _check(payload)


@MANY
@given(st.text(max_size=200) | damaged(st.sampled_from(TEXTS)).map(lambda data: data.decode("latin-1")))
def test_texts(payload: str) -> None:
    """A text frame may hold any characters."""
    _check(payload)


@MANY
@given(damage.messages(FRAMES).map(json.dumps))
def test_values_out_of_place(payload: str) -> None:
    """Frames that are JSON, with other values, names and kinds in them."""
    _check(payload)


@MANY
@example(start='{"toolCall":{"functionCalls":[{"args":{"x":', openings=["["] * 96, end="")
@given(
    start=st.sampled_from(
        ['{"new":', '{"toolCall":{"functionCalls":[{"args":{"x":', '{"serverContent":', ""]
    ),
    openings=st.lists(
        st.sampled_from(["[", '{"a":', '{"serverContent":', "[[[[[[[[[[", '{"toolCall":']), max_size=60
    ),
    end=st.sampled_from(["", "1", "]", "}", "]}" * 50]),
)
def test_nests(start: str, openings: list[str], end: str) -> None:
    """However deep, closed or not."""
    text = start + "".join(openings) + end
    _check(text)
    closing = "".join("]" if letter == "[" else "}" for letter in reversed(text) if letter in "[{")
    _check(text + closing)
