"""The short ways to make a part."""

import pytest

from genai_live import types
from genai_live.errors import ConfigurationError
from genai_live.types import FunctionResponsePart, Part


def test_parts_are_made_by_keyword_or_position() -> None:
    """The from_… methods of google-genai, which take keywords only, with positions as well."""
    assert Part.from_text("a") == Part.from_text(text="a") == Part(text="a")
    assert (
        Part.from_bytes(b"1", "image/png")
        == Part.from_bytes(data=b"1", mime_type="image/png")
        == Part(inline_data=types.Blob(data=b"1", mime_type="image/png"))
    )
    assert Part.from_uri("gs://b/a", "image/png").file_data == types.FileData(
        file_uri="gs://b/a", mime_type="image/png"
    )
    assert Part.from_function_call(name="f", args={"a": 1}).function_call == types.FunctionCall(
        name="f", args={"a": 1}
    )
    assert Part.from_function_response(name="f", response={"a": 1}).function_response == (
        types.FunctionResponse(name="f", response={"a": 1})
    )
    assert Part.from_executable_code(code="1", language=types.Language.PYTHON).executable_code == (
        types.ExecutableCode(code="1", language=types.Language.PYTHON)
    )
    assert Part.from_code_execution_result(outcome=types.Outcome.OUTCOME_OK, output="1") == (
        Part(code_execution_result=types.CodeExecutionResult(outcome=types.Outcome.OUTCOME_OK, output="1"))
    )


def test_the_ending_of_an_address_tells_the_type() -> None:
    """As in google-genai, where it tells; a type that was given goes before it."""
    assert Part.from_uri("gs://b/a.png").file_data == types.FileData(
        file_uri="gs://b/a.png", mime_type="image/png"
    )
    assert Part.from_uri("gs://b/a.png", "image/x").file_data == types.FileData(
        file_uri="gs://b/a.png", mime_type="image/x"
    )
    with pytest.raises(ConfigurationError, match=r"^mime_type: .*'gs://b/a'"):
        Part.from_uri("gs://b/a")


def test_how_finely_a_part_is_seen() -> None:
    """By level, by its name in any case, or with a number of tokens."""
    high = types.PartMediaResolutionLevel.MEDIA_RESOLUTION_HIGH
    resolution = types.PartMediaResolution(level=high)
    for given in (resolution, high, "media_resolution_high"):
        assert Part.from_bytes(b"1", "image/png", given).media_resolution == resolution
        assert Part.from_uri("a.png", media_resolution=given).media_resolution == resolution
    assert Part.from_bytes(b"1", "image/png").media_resolution is None


def test_media_in_a_function_s_answer() -> None:
    """The same ways, with a name to refer to it by."""
    assert FunctionResponsePart.from_bytes(b"1", "image/png", "map") == FunctionResponsePart(
        inline_data=types.FunctionResponseBlob(data=b"1", mime_type="image/png", display_name="map")
    )
    assert FunctionResponsePart.from_uri("gs://b/a.png", display_name="map") == FunctionResponsePart(
        file_data=types.FunctionResponseFileData(
            file_uri="gs://b/a.png", mime_type="image/png", display_name="map"
        )
    )


def test_turns_with_their_role() -> None:
    """UserContent and ModelContent are turns that know whose they are."""
    assert types.UserContent(parts=[Part(text="a")]).role == "user"
    assert types.ModelContent().role == "model"
    assert isinstance(types.UserContent(), types.Content)
