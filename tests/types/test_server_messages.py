"""The conveniences of server messages."""

import pytest

from genai_live import types
from genai_live.types import Blob, Content, LiveServerContent, LiveServerMessage, Part


def said(*parts: Part) -> LiveServerMessage:
    """A message in which the model says something."""
    return LiveServerMessage(server_content=LiveServerContent(model_turn=Content(parts=list(parts))))


def test_text_joins_the_parts_that_are_not_thoughts() -> None:
    """Thoughts are not the answer."""
    message = said(Part(text="Hm", thought=True), Part(text="Good "), Part(text="morning", thought=False))
    assert message.text == "Good morning"


def test_data_joins_the_media() -> None:
    """Several pieces of audio in one message are one."""
    message = said(Part(inline_data=Blob(data=b"12")), Part(text="a"), Part(inline_data=Blob(data=b"34")))
    assert message.data == b"1234"


@pytest.mark.parametrize(
    "message",
    [
        LiveServerMessage(),
        LiveServerMessage(server_content=LiveServerContent()),
        LiveServerMessage(server_content=LiveServerContent(model_turn=Content())),
        said(),
        said(Part(text="", thought=False), Part(inline_data=Blob(data=b""))),
        said(Part(text="Hm", thought=True), Part(inline_data=Blob())),
    ],
)
def test_nothing_is_none(message: LiveServerMessage, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing is said, text and data are None, and nothing is printed."""
    assert message.text is None
    assert message.data is None
    assert capsys.readouterr() == ("", "")


def test_usage_has_the_same_names_on_both_surfaces() -> None:
    """Vertex counts candidates where the Gemini API counts the response: both are read as the latter."""
    details = [types.ModalityTokenCount(modality=types.MediaModality.TEXT, token_count=3)]
    usage = types.UsageMetadata(candidates_token_count=3, candidates_tokens_details=details)
    assert usage.response_token_count == 3
    assert usage.response_tokens_details == details
    assert types.UsageMetadata(response_token_count=4, candidates_token_count=3).response_token_count == 4
