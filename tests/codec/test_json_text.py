"""Both JSON engines do the same."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_live.codec import json_text

STANDARD = json_text.StandardEngine()
INSTALLED = json_text.engine

numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(exclude_categories=["Cs"]))
trees = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda children: st.lists(children) | st.dictionaries(text, children),
    max_leaves=20,
)


def outcome(engine: json_text.Engine, payload: bytes | str) -> Any:
    """What an engine makes of a payload, errors by their kind; types included, as 1 == 1.0 == True."""
    try:
        return repr(engine.loads(payload))
    except ValueError:
        return ValueError


@given(trees)
def test_what_one_writes_the_other_reads(tree: Any) -> None:
    """The bytes may differ (1e16 and 1e+16), the values do not."""
    written = [engine.dumps(tree) for engine in (STANDARD, INSTALLED)]
    assert outcome(STANDARD, written[0]) == outcome(INSTALLED, written[0])
    assert outcome(STANDARD, written[1]) == outcome(INSTALLED, written[1])
    assert outcome(STANDARD, written[0]) == outcome(STANDARD, written[1])


@given(st.binary() | st.text('{}[]",:\\u0d8e+-.1234nNatrue \n').map(str.encode))
def test_both_refuse_the_same(payload: bytes) -> None:
    """What is no JSON for one engine is none for the other."""
    assert outcome(STANDARD, payload) == outcome(INSTALLED, payload)


@pytest.mark.parametrize("engine", [STANDARD, INSTALLED])
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"NaN",
        b'{"a": Infinity}',
        b"-Infinity",
        b"1e999",
        b"9" * 400,
        b'"\xff"',
        b'"\xed\xa0\x80"',  # a surrogate in UTF-8
        b'"\\ud83c"',
        b'"\\udf99\\ud83c"',
        '"\ud83c"',
        b"\xef\xbb\xbf{}",
        '"é"'.encode("utf-16"),
        b'"\x01"',
        b"[1,]",
        b"{} {}",
        b"01",
        b"'a'",
        b"[" * 100_000,
    ],
)
def test_refused(engine: json_text.Engine, payload: bytes | str) -> None:
    """Neither engine takes what RFC 8259 does not allow, other encodings, or endless nesting."""
    with pytest.raises(ValueError):  # noqa: PT011 - each engine has its own words
        engine.loads(payload)


@pytest.mark.parametrize("engine", [STANDARD, INSTALLED])
@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b" \n[ ] \n", []),
        ('"é"', "é"),
        (b'"\\ud83c\\udf99"', "\N{STUDIO MICROPHONE}"),
        (b'"\\\\ud83c"', "\\ud83c"),
        (b"-0", 0),
        (b"18446744073709551615", 2**64 - 1),
        (b"18446744073709551616", 2.0**64),
        (b"-9223372036854775808", -(2**63)),
        (b"-9223372036854775809", -(2.0**63)),
    ],
)
def test_read(engine: json_text.Engine, payload: bytes | str, value: object) -> None:
    """The last of equal names wins; whole numbers beyond 64 bits become floats."""
    assert repr(engine.loads(payload)) == repr(value)


@pytest.mark.parametrize("engine", [STANDARD, INSTALLED])
def test_written_compactly(engine: json_text.Engine) -> None:
    """No spaces, no escapes that UTF-8 does not need, and numbers of any size."""
    assert engine.dumps({"a": [1, 2.5, None], "é": True}) == '{"a":[1,2.5,null],"é":true}'.encode()
    assert engine.dumps([2**80]) == json.dumps([2**80]).encode()


@pytest.mark.parametrize(("levels", "deeper"), [(99, False), (100, False), (101, True), (50_000, True)])
def test_depth(levels: int, deeper: bool) -> None:
    """Lists and objects count as levels; very deep ones do not exhaust the stack."""
    tree: Any = 1
    for level in range(levels):
        tree = [tree] if level % 2 else {"a": tree, "b": 2}
    assert json_text.deeper_than(100, tree) is deeper
