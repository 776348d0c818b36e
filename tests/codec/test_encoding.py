"""Messages are written as the service documents them, and what cannot be written is refused with its path."""

import enum
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest

from genai_live import types
from genai_live.codec import encode, encode_json, to_json_dict
from genai_live.errors import ConfigurationError

pytestmark = pytest.mark.usefixtures("engine")


class TestWritten:
    def test_a_message(self) -> None:
        """Compact UTF-8, camelCase all the way down, standard base64, unset fields left out."""
        message = types.LiveClientMessage(
            client_content=types.LiveClientContent(
                turns=[
                    types.Content(
                        role="user",
                        parts=[types.Part(text="é 🎙"), types.Part.from_bytes(b"\xfb\xff", "image/png")],
                    )
                ],
                turn_complete=False,
            )
        )
        assert encode(message).decode() == (
            '{"clientContent":{"turns":[{"parts":[{"text":"é 🎙"},{"inlineData":{"data":"+/8=",'
            '"mimeType":"image/png"}}],"role":"user"}],"turnComplete":false}}'
        )

    def test_the_dict_is_what_is_written(self) -> None:
        """to_json_dict is encode without the last step."""
        message = types.LiveClientMessage(
            realtime_input=types.LiveClientRealtimeInput(audio=types.Blob(data=b"1"))
        )
        assert to_json_dict(message) == {"realtimeInput": {"audio": {"data": "MQ=="}}}
        assert json.loads(encode(message)) == to_json_dict(message)

    def test_empty_is_not_unset(self) -> None:
        """Empty strings, lists and objects, zero and false are sent."""
        setup = types.LiveClientSetup(
            model="",
            tools=[],
            input_audio_transcription=types.AudioTranscriptionConfig(),
            generation_config=types.GenerationConfig(temperature=0.0, seed=0),
        )
        assert to_json_dict(setup) == {
            "model": "",
            "generationConfig": {"temperature": 0, "seed": 0},
            "tools": [],
            "inputAudioTranscription": {},
        }

    def test_whole_numbers_are_plain(self) -> None:
        """40.0 is written 40; what is no whole number, or too large to be sure of one, stays a float."""
        config = types.GenerationConfig(top_k=40.0, top_p=0.95, temperature=1e300)
        assert json.dumps(to_json_dict(config)) == '{"temperature": 1e+300, "topP": 0.95, "topK": 40}'

    @pytest.mark.parametrize(
        ("duration", "text"),
        [
            (timedelta(seconds=50), "50s"),
            (timedelta(0), "0s"),
            (timedelta(seconds=1.5), "1.500s"),
            (timedelta(microseconds=1), "0.000001s"),
            (timedelta(seconds=-0.25), "-0.250s"),
            (timedelta(days=-1), "-86400s"),
        ],
    )
    def test_durations(self, duration: timedelta, text: str) -> None:
        """Proto3: seconds with 0, 3 or 6 decimals."""
        assert to_json_dict(types.LiveServerGoAway(time_left=duration)) == {"timeLeft": text}

    @pytest.mark.parametrize(
        ("time", "text"),
        [
            (datetime(2026, 1, 31, 12, tzinfo=timezone.utc), "2026-01-31T12:00:00Z"),
            (datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))), "2026-01-31T10:00:00Z"),
            (datetime(2026, 1, 31, 12, 0, 0, 500_000, timezone.utc), "2026-01-31T12:00:00.500Z"),
            (datetime(26, 1, 31, 12, 0, 0, 1, timezone.utc), "0026-01-31T12:00:00.000001Z"),
        ],
    )
    def test_times(self, time: datetime, text: str) -> None:
        """RFC 3339 in UTC."""
        assert to_json_dict(types.Interval(start_time=time)) == {"startTime": text}

    def test_unknown_fields_are_put_back(self) -> None:
        """What a newer server has can be sent before this library knows it."""
        part = types.Part(text="x", unknown_fields={"newThing": {"a_b": None}})
        assert to_json_dict(part) == {"text": "x", "newThing": {"a_b": None}}

    def test_the_users_own_json(self) -> None:
        """Names stay as they are at any depth; null is kept; Python's kin of JSON's types become these."""

        class Unit(enum.Enum):
            CELSIUS = "c"

        class Level(enum.IntEnum):
            HIGH = 3

        response = {
            "snake_key": {"inner_key": [1, None, True, 1.0]},
            "tuple": (1, "a"),
            "mapping": MappingProxyType({"k": Fraction(1, 2)}),
            "bytes": [b"\xfb\xff", bytearray(b"\xfb\xff"), memoryview(b"\xfb\xff")],
            "enum": [Unit.CELSIUS, Level.HIGH, types.Modality.AUDIO],
            "dates": [date(2026, 1, 31), datetime(2026, 1, 31, 12, tzinfo=timezone.utc)],
            "big": 2**80,
        }
        assert json.loads(encode(types.FunctionResponse(response=response)))["response"] == {
            "snake_key": {"inner_key": [1, None, True, 1.0]},
            "tuple": [1, "a"],
            "mapping": {"k": 0.5},
            "bytes": ["+/8=", "+/8=", "+/8="],
            "enum": ["c", 3, "AUDIO"],
            "dates": ["2026-01-31", "2026-01-31T12:00:00+00:00"],
            "big": 2**80,
        }

    def test_names_in_a_schema(self) -> None:
        """The names of properties are the user's, those of the schema in them the protocol's."""
        schema = types.Schema(properties={"max_items": types.Schema(max_items=1)})
        assert to_json_dict(schema) == {"properties": {"max_items": {"maxItems": 1}}}

    def test_the_users_names_elsewhere(self) -> None:
        """Labels, headers and settings of others are the user's as well."""
        setup = types.LiveClientSetup(labels={"my_team": "a"})
        assert to_json_dict(setup) == {"labels": {"my_team": "a"}}
        transport = types.StreamableHttpTransport(headers={"x_a": "b"}, timeout=timedelta(seconds=2))
        assert to_json_dict(transport) == {"headers": {"x_a": "b"}, "timeout": "2s"}
        search = types.ToolExaAiSearch(custom_configs={"max_age": {"in_days": 1}})
        assert to_json_dict(search) == {"customConfigs": {"max_age": {"in_days": 1}}}

    def test_a_raw_message(self) -> None:
        """encode_json converts no names."""
        assert encode_json({"new_message": {"a": None}}) == b'{"new_message":{"a":null}}'


def turn(part: types.Part) -> types.LiveClientMessage:
    """A message with one good part and another."""
    content = types.Content(parts=[types.Part(text="a"), part])
    return types.LiveClientMessage(client_content=types.LiveClientContent(turns=[content]))


class TestRefused:
    @pytest.mark.parametrize(
        ("message", "where", "expected"),
        [
            (
                turn(types.Part(text=5)),  # type: ignore[arg-type]
                "client_content.turns[0].parts[1].text",
                "expected str, got int",
            ),
            (
                turn({"text": "x"}),  # type: ignore[arg-type]
                "client_content.turns[0].parts[1]",
                "expected Part, got dict",
            ),
            (
                turn(types.Part(inline_data=types.Blob(data="AAAA"))),  # type: ignore[arg-type]
                "client_content.turns[0].parts[1].inline_data.data",
                "expected bytes, got str",
            ),
            (turn(types.Part(text="\ud83c")), "client_content.turns[0].parts[1].text", "surrogate"),
            (types.Content(parts="x"), "parts", "expected list, got str"),  # type: ignore[arg-type]
            (types.Part(thought=1), "thought", "expected bool, got int"),  # type: ignore[arg-type]
            (types.GenerationConfig(seed=True), "seed", "expected int, got bool"),
            (types.GenerationConfig(seed=1.0), "seed", "expected int, got float"),  # type: ignore[arg-type]
            (types.GenerationConfig(top_p=True), "top_p", "expected float, got bool"),
            (types.GenerationConfig(top_p=float("nan")), "top_p", "no NaN"),
            (types.GenerationConfig(top_p=10**400), "top_p", "too large"),
            (
                types.GenerationConfig(response_modalities=["AUDIO"]),  # type: ignore[list-item]
                "response_modalities[0]",
                "expected Modality, got str",
            ),
            (
                types.ThinkingConfig(thinking_level=types.Modality.AUDIO),  # type: ignore[arg-type]
                "thinking_level",
                "expected ThinkingLevel, got Modality",
            ),
            (types.LiveServerGoAway(time_left=5), "time_left", "expected timedelta"),  # type: ignore[arg-type]
            (types.LiveServerGoAway(time_left=timedelta.max), "time_left", "seconds long at most"),
            (types.Interval(start_time=datetime(2026, 1, 31)), "start_time", "needs a zone"),  # noqa: DTZ001
            (
                types.Interval(start_time=datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))),
                "start_time",
                "out of range",
            ),
            (types.Schema(properties=[]), "properties", "expected dict, got list"),  # type: ignore[arg-type]
            (
                types.Schema(properties={"a": 1}),  # type: ignore[dict-item]
                "properties.a",
                "expected Schema, got int",
            ),
            (types.FunctionResponse(response="ok"), "response", "expected dict"),  # type: ignore[arg-type]
            (
                types.FunctionResponse(response={"a": [0, {"b": float("inf")}]}),
                "response.a[1].b",
                "inf cannot be sent",
            ),
            (types.FunctionResponse(response={"a": {1, 2}}), "response.a", "set cannot be written as JSON"),
            (types.FunctionResponse(response={"a": {1: 2}}), "response.a.1", "names in JSON are strings"),
            (types.FunctionResponse(response={"a": "\udfff"}), "response.a", "surrogate"),
            (
                types.Part(text="a", unknown_fields={"text": "b"}),
                "unknown_fields.text",
                "as a field of its own",
            ),
        ],
    )
    def test_a_wrong_value_is_named_by_its_path(
        self, message: types.Model, where: str, expected: str
    ) -> None:
        """Every value is looked at before anything is written."""
        with pytest.raises(ConfigurationError) as raised:
            encode(message)
        assert raised.value.where == where
        assert expected in str(raised.value)

    @pytest.mark.parametrize("write", [encode_json, lambda raw: encode(types.FunctionCall(args=raw))])
    def test_nesting_has_a_limit(self, write: Callable[[dict[str, Any]], bytes]) -> None:
        """What the service's reader would refuse, or what contains itself, is refused here."""
        tree: dict[str, Any] = {}
        for _ in range(98):
            tree = {"a": tree}
        write(tree)
        for _ in range(10):
            tree = {"a": tree}
        with pytest.raises(ConfigurationError, match="more than 100 levels"):
            write(tree)
        tree["self"] = tree
        with pytest.raises(ConfigurationError, match="contains itself"):
            write(tree)

    def test_a_raw_message_is_json(self) -> None:
        """Its path begins at its own top."""
        with pytest.raises(ConfigurationError) as raised:
            encode_json({"a": [float("nan")]})
        assert raised.value.where == "a[0]"
        with pytest.raises(ConfigurationError, match="expected dict, got list"):
            encode_json([])  # type: ignore[arg-type]

    def test_a_wrong_value_is_not_shown(self) -> None:
        """It may be a secret in the wrong place."""
        with pytest.raises(ConfigurationError) as raised:
            encode(types.GenerationConfig(seed="secret"))  # type: ignore[arg-type]
        assert "secret" not in str(raised.value)
