"""The short ways to make a part."""

from genai_live import types
from genai_live.types import Part


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
