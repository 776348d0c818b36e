"""What a function returns or raises becomes one answer that JSON can say."""

import base64
import dataclasses
import datetime as dt
import enum
import fractions
import io
import json
import math
import pathlib
import uuid
from collections import OrderedDict
from decimal import Decimal
from typing import Any, NamedTuple

import attrs
import numpy as np
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genai_live import ToolError, codec
from genai_live.tools import error_response, result_response
from genai_live.types import (
    Blob,
    FileData,
    FunctionCall,
    FunctionResponse,
    FunctionResponseBlob,
    FunctionResponseFileData,
    FunctionResponsePart,
    FunctionResponseScheduling,
    LiveClientMessage,
    LiveClientToolResponse,
    Part,
)

CALL = FunctionCall(id="1", name="draw")
SILENT = FunctionResponseScheduling.SILENT


def named(value):
    """A case's name, the same in each process."""
    text = repr(value)
    return type(value).__name__ if " at 0x" in text else text


def sent(response: FunctionResponse) -> dict[str, Any]:
    """The answer as it is on the wire."""
    message = LiveClientMessage(tool_response=LiveClientToolResponse(function_responses=[response]))
    (on_the_wire,) = json.loads(codec.encode(message))["toolResponse"]["functionResponses"]
    assert on_the_wire.pop("id") == "1"
    assert on_the_wire.pop("name") == "draw"
    return on_the_wire


def answer(value: Any) -> dict[str, Any]:
    """What is sent for a result."""
    return sent(result_response(value, CALL, None))


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    colours: set[Colour] = dataclasses.field(default_factory=set)
    doubled: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.doubled = 2 * self.x


@attrs.define
class Line:
    start: Point
    _hidden: Decimal = Decimal("1.5")


class Place(pydantic.BaseModel):
    city_name: str = pydantic.Field(alias="cityName")
    founded: dt.date | None = None
    heat: float = 0.0


class Span(NamedTuple):
    first: int
    last: int


POINT = {"x": 1, "colours": ["red"], "doubled": 2}


class TestValues:
    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (None, None),
            ("sunny", "sunny"),
            (True, True),
            (3, 3),
            (0.5, 0.5),
            (Colour.RED, "red"),
            (Decimal("1.50"), "1.50"),
            (fractions.Fraction(1, 2), 0.5),
            (np.int64(2**60 + 1), 2**60 + 1),
            (np.float32(0.5), 0.5),
            (dt.date(2026, 1, 31), "2026-01-31"),
            (dt.datetime(2026, 1, 31, 12, tzinfo=dt.timezone.utc), "2026-01-31T12:00:00+00:00"),
            (dt.time(12), "12:00:00"),
            (dt.timedelta(hours=1, seconds=1.5), "PT1H1.5S"),
            (-dt.timedelta(days=400, minutes=2), "-P400DT2M"),
            (dt.timedelta(0), "PT0S"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (pathlib.PurePosixPath("a/b"), "a/b"),
            (pydantic.HttpUrl("https://example.com/"), "https://example.com/"),
            ([1, (2, [3])], [1, [2, [3]]]),
            ({4}, [4]),
            (frozenset({4}), [4]),
            ([], []),
            (Span(1, 2), [1, 2]),
            (Point(1, {Colour.RED}), POINT),
            (Line(Point(1, {Colour.RED})), {"start": POINT, "hidden": "1.5"}),
            (
                [Place(cityName="Bern", founded=dt.date(1191, 1, 1))],
                [{"cityName": "Bern", "founded": "1191-01-01", "heat": 0.0}],
            ),
            (Part(text="Hello"), {"text": "Hello"}),
            (Blob(mime_type="image/png"), {"mimeType": "image/png"}),
            ([FunctionCall(name="a", args={"a_b": 1})], [{"name": "a", "args": {"a_b": 1}}]),
        ],
        ids=named,
    )
    def test_a_value_stands_under_output(self, value: Any, said: Any) -> None:
        """In JSON's own types, whatever it is made of."""
        assert answer(value) == {"response": {"output": said}}

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ({}, {}),
            ({"sky": "blue", "at": dt.date(2026, 1, 31)}, {"sky": "blue", "at": "2026-01-31"}),
            (OrderedDict(error="no such city"), {"error": "no such city"}),
            (
                {2: "a", None: [Colour.RED], True: {dt.date(2026, 1, 31): 2}, (1, "x"): 3},
                {"2": "a", "null": ["red"], "true": {"2026-01-31": 2}, '[1, "x"]': 3},
            ),
        ],
        ids=named,
    )
    def test_a_dict_is_the_answer(self, value: Any, said: Any) -> None:
        """Its keys become text, as JSON has no others."""
        assert answer(value) == {"response": said}

    @settings(max_examples=200)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
            lambda values: st.lists(values) | st.dictionaries(st.text() | st.integers(), values),
        )
    )
    def test_any_result_has_an_answer(self, value: Any) -> None:
        """Either it can be sent, or there is a message for the model: no other error comes out."""
        try:
            response = result_response(value, CALL, None)
        except ToolError as error:
            response = error_response(error, CALL, hidden=False)
        sent(response)


def containing_itself() -> list[Any]:
    """A list that does."""
    value: list[Any] = []
    value.append({"again": value})
    return value


def nested(levels: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pydantic.dataclasses.dataclass
class Opaque:
    data: bytes


class TestWhatJsonCannotSay:
    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            (math.nan, "JSON cannot say nan"),
            ({"heat": [math.inf]}, "JSON cannot say inf"),
            (Place(cityName="Bern", heat=-math.inf), "JSON cannot say -inf"),
            (fractions.Fraction(10**400), "JSON cannot say inf"),
            (object(), "JSON cannot say a object"),
            ([1j], "JSON cannot say a complex"),
            ({"a": Point}, "JSON cannot say the class Point"),
            (iter([]), "JSON cannot say a list_iterator"),
            ({b"\xff": 1}, "JSON cannot say bytes that are no UTF-8"),
            ({1: "a", "1": "b"}, "JSON cannot say a dict with two keys '1'"),
            (Opaque(b"\xff"), "pydantic cannot say a Opaque in JSON: "),
            (containing_itself(), "it contains itself, or is nested too deeply"),
            (nested(120), "the message is nested in more than 100 levels"),
            ("\ud800", "response.output: the text has a lone surrogate"),
            ({"\ud800": 1}, "the text has a lone surrogate"),
            (
                Part(file_data=FileData(file_uri="gs://a/b")),
                "mime_type",
            ),
            (FunctionResponse(response={"a": math.nan}), r"response.a: nan cannot be sent"),
            (FunctionResponse(response={1: "a"}), "the names in JSON are strings"),
        ],
        ids=named,
    )
    def test_it_is_an_error_for_the_model(self, value: Any, reason: str) -> None:
        """The message says what it is."""
        with pytest.raises(ToolError, match=rf"^the result cannot be told: .*{reason}"):
            result_response(value, CALL, None)


def picture(picture_format: str | None) -> Image.Image:
    """A picture of Pillow, read from a file of this format; or one that was made."""
    made = Image.new("RGB", (8, 8), "red")
    if picture_format is None:
        return made
    data = io.BytesIO()
    made.save(data, picture_format)
    return Image.open(io.BytesIO(data.getvalue()))


def inline(data: bytes, mime_type: str, **more: str) -> dict[str, Any]:
    """A part that holds media."""
    return {"inlineData": {"data": base64.b64encode(data).decode(), "mimeType": mime_type, **more}}


PNG = "image/png"


class TestMedia:
    @pytest.mark.parametrize(
        ("value", "part"),
        [
            (b"abc", inline(b"abc", "application/octet-stream")),
            (bytearray(b"abc"), inline(b"abc", "application/octet-stream")),
            (memoryview(b"abc"), inline(b"abc", "application/octet-stream")),
            (Blob(data=b"abc", mime_type=PNG), inline(b"abc", PNG)),
            (Blob(data=b"abc", mime_type=PNG, display_name="a"), inline(b"abc", PNG, displayName="a")),
            (Part.from_bytes(data=b"abc", mime_type=PNG), inline(b"abc", PNG)),
            (FunctionResponsePart.from_bytes(b"abc", PNG), inline(b"abc", PNG)),
            (
                Part.from_uri(file_uri="gs://a/b.png"),
                {"fileData": {"fileUri": "gs://a/b.png", "mimeType": PNG}},
            ),
            (
                FunctionResponsePart.from_uri("gs://a/b.png"),
                {"fileData": {"fileUri": "gs://a/b.png", "mimeType": PNG}},
            ),
        ],
        ids=named,
    )
    def test_they_become_a_part(self, value: Any, part: dict[str, Any]) -> None:
        """Alone, in a list, in a dict, and deeper; a note in their place says which part it is."""
        (media,) = part.values()
        note = f"attached as part 1: {media['mimeType']}"
        assert answer(value) == {"response": {"output": note}, "parts": [part]}
        assert answer([value]) == {"response": {"output": [note]}, "parts": [part]}
        assert answer({"a": value, "b": 1}) == {"response": {"a": note, "b": 1}, "parts": [part]}
        assert answer([{"deep": (value, 1)}]) == {
            "response": {"output": [{"deep": [note, 1]}]},
            "parts": [part],
        }

    def test_several_are_counted(self) -> None:
        """So that the model can tell which is which."""
        result = {"front": Blob(data=b"1", mime_type=PNG), "title": "A house", "back": b"2"}
        assert answer(result) == {
            "response": {
                "front": "attached as part 1: image/png",
                "title": "A house",
                "back": "attached as part 2: application/octet-stream",
            },
            "parts": [inline(b"1", PNG), inline(b"2", "application/octet-stream")],
        }

    @pytest.mark.parametrize(
        ("source", "mime_type", "written"),
        [(None, PNG, "PNG"), ("PNG", PNG, "PNG"), ("GIF", PNG, "PNG"), ("JPEG", "image/jpeg", "JPEG")],
    )
    def test_a_picture(self, source: str | None, mime_type: str, written: str) -> None:
        """What was read from JPEG stays that; everything else is sent as PNG."""
        response = result_response(picture(source), CALL, None)
        assert response.parts is not None
        (part,) = response.parts
        assert part.inline_data is not None
        assert part.inline_data.mime_type == mime_type
        assert Image.open(io.BytesIO(part.inline_data.data or b"")).format == written

    def test_a_picture_that_cannot_be_written(self) -> None:
        """The model is told that it failed."""
        with pytest.raises(ToolError, match="^the picture cannot be written: ") as caught:
            result_response(Image.new("HSV", (8, 8)), CALL, None)
        assert isinstance(caught.value.__cause__, OSError)


class TestFunctionResponses:
    def test_it_is_taken_as_it_is(self) -> None:
        """With the call's id and name; it is not changed itself."""
        given = FunctionResponse(
            id="another",
            name="another",
            response={"output": 1},
            parts=[
                FunctionResponsePart(inline_data=FunctionResponseBlob(data=b"a", mime_type=PNG)),
                FunctionResponsePart(file_data=FunctionResponseFileData(file_uri="gs://a", mime_type=PNG)),
            ],
            scheduling=FunctionResponseScheduling.INTERRUPT,
            will_continue=True,
        )
        assert sent(result_response(given, CALL, SILENT)) == {
            "response": {"output": 1},
            "parts": [inline(b"a", PNG), {"fileData": {"fileUri": "gs://a", "mimeType": PNG}}],
            "scheduling": "INTERRUPT",
            "willContinue": True,
        }
        assert given.id == "another"

    def test_what_it_lacks(self) -> None:
        """The service requires a response, and the decorator's scheduling goes for it as well."""
        assert sent(result_response(FunctionResponse(), CALL, SILENT)) == {
            "response": {},
            "scheduling": "SILENT",
        }

    def test_scheduling(self) -> None:
        """It goes for any result, and for errors."""
        assert sent(result_response(1, CALL, SILENT)) == {"response": {"output": 1}, "scheduling": "SILENT"}
        error = error_response(ValueError("x"), CALL, hidden=False, scheduling=SILENT)
        assert sent(error) == {"response": {"error": "ValueError: x"}, "scheduling": "SILENT"}


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("says nothing")


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "told"),
        [
            (ValueError("no such city"), "ValueError: no such city"),
            (KeyError("Oslo"), "KeyError: 'Oslo'"),
            (TimeoutError(), "TimeoutError"),
            (SystemExit(3), "SystemExit: 3"),
            (Mute(), "Mute"),
            (ValueError("a\ud800"), "ValueError: a?"),
            (ValueError("x" * 9000), f"ValueError: {'x' * 3988}"),
        ],
        ids=lambda value: named(value)[:40] if not isinstance(value, Mute) else "Mute",
    )
    def test_type_and_message_are_told(self, error: BaseException, told: str) -> None:
        """No traceback, and not without end."""
        assert sent(error_response(error, CALL, hidden=False)) == {"response": {"error": told}}

    def test_hidden(self) -> None:
        """Then only that something went wrong."""
        hidden = error_response(ValueError("password: 1234"), CALL, hidden=True)
        assert sent(hidden) == {"response": {"error": "the function failed"}}
