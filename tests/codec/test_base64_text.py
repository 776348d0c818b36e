"""Both base64 engines do the same."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai_live.codec import base64_text


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        ("+/8=", b"\xfb\xff"),
        ("-_8=", b"\xfb\xff"),
        ("-/8", b"\xfb\xff"),
        ("AAEAAg", b"\0\1\0\2"),
        ("AAEAAg==", b"\0\1\0\2"),
        ("AAEA", b"\0\1\0"),
    ],
)
def test_both_alphabets_are_read_with_padding_or_without(engine: str, text: str, data: bytes) -> None:
    """The service and both SDKs use both alphabets."""
    assert base64_text.decode(text) == data


@pytest.mark.parametrize(
    "text",
    ["A", "AAAAA", "A===", "AAAA====", "====", "AA=A", "AAAA\n", " AAA", "A A=", "!!!", "é===", "A,AA"],
)
def test_anything_else_is_refused(engine: str, text: str) -> None:
    """No character is skipped over."""
    with pytest.raises(ValueError):  # noqa: PT011 - each engine has its own words
        base64_text.decode(text)


@given(st.binary())
def test_the_standard_alphabet_is_written(data: bytes) -> None:
    """Both engines write what the standard library does."""
    text = base64.b64encode(data).decode()
    assert base64_text.StandardEngine().encode(data) == base64_text.encode(data) == text
    assert base64_text.decode(text) == base64_text.decode(text.rstrip("=")) == data


@given(st.text("AB+/-_=\n !é"))
def test_both_read_and_refuse_the_same(text: str) -> None:
    """The engine that is installed makes no difference."""
    outcomes: list[object] = []
    installed = base64_text.engine
    for engine in (base64_text.StandardEngine(), installed):
        base64_text.engine = engine
        try:
            outcomes.append(base64_text.decode(text))
        except ValueError:
            outcomes.append(ValueError)
        finally:
            base64_text.engine = installed
    assert outcomes[0] == outcomes[1]
