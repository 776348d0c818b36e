"""What a caller passes is structured strictly, in every form that a person would write."""

import copy
import decimal
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from genai_live import types
from genai_live.codec import structure
from genai_live.errors import ConfigurationError
from genai_live.types import Blob, Content, LiveClientRealtimeInput, LiveConnectConfig, Part, Tool

pytestmark = pytest.mark.usefixtures("engine")

TURNS = list[Content]
HELLO = [Content(role="user", parts=[Part(text="Hello")])]


def config(**settings: Any) -> LiveConnectConfig:
    """The config that these settings make."""
    return structure(settings, LiveConnectConfig, "config")


class TestTurns:
    @pytest.mark.parametrize(
        "turns",
        [
            "Hello",
            Part(text="Hello"),
            {"text": "Hello"},
            ["Hello"],
            ("Hello",),
            [Part(text="Hello")],
            {"parts": [{"text": "Hello"}]},
            {"parts": "Hello"},
            {"parts": ["Hello"], "role": "user"},
            MappingProxyType({"role": "user", "parts": ({"text": "Hello"},)}),
            Content(role="user", parts=[Part(text="Hello")]),
            Content(parts=[Part(text="Hello")]),
            [Content(parts=["Hello"])],  # type: ignore[list-item]
            [{"parts": [Part(text="Hello")]}],
        ],
    )
    def test_ways_to_say_hello(self, turns: Any) -> None:
        """One turn, its content, a part, a str, or a list of these; the user's unless told."""
        assert structure(turns, TURNS, "turns") == HELLO

    def test_a_list_of_parts_is_one_turn(self) -> None:
        """As @google/genai takes it: text and an image, for example."""
        image = Part.from_bytes(b"1", "image/png")
        turns = structure(
            ["Look", image, {"inline_data": {"data": "MQ==", "mimeType": "image/png"}}], TURNS, ""
        )
        assert turns == [Content(role="user", parts=[Part(text="Look"), image, image])]

    def test_a_role_that_was_given_stays(self) -> None:
        """History has turns of the model."""
        history = [{"role": "user", "parts": ["Hello"]}, {"role": "model", "parts": ["Hi!"]}]
        turns = structure(history, TURNS, "turns")
        assert [turn.role for turn in turns] == ["user", "model"]

    def test_no_turns_and_an_empty_turn(self) -> None:
        """Both are what they say."""
        assert structure([], TURNS, "turns") == []
        assert structure({}, TURNS, "turns") == [Content(role="user")]

    @pytest.mark.parametrize(
        ("turns", "where", "expected"),
        [
            (5, "turns", "expected Content or dict, got int"),
            (None, "turns", "expected Content or dict, got nothing"),
            ({"text": 5}, "turns.text", "expected str, got int"),
            (["a", 5], "turns[1]", "expected Part or dict, got int"),
            ([{"parts": [{"text": "a"}, {"txt": "b"}]}], "turns[0].parts[1].txt", "did you mean 'text'"),
            ([{"part": ["a"], "role": "user"}], "turns[0].part", "did you mean 'parts'"),
            (["a", {"parts": ["b"]}], "turns", "put the parts into a Content"),
        ],
    )
    def test_refused(self, turns: Any, where: str, expected: str) -> None:
        """The path leads to the culprit."""
        with pytest.raises(ConfigurationError) as raised:
            structure(turns, TURNS, "turns")
        assert raised.value.where == where
        assert expected in str(raised.value)


class TestRivals:
    @pytest.mark.parametrize(
        ("given", "cls", "expected"),
        [
            ({"text": "a", "inline_data": {"data": b"1"}}, Part, "text and inline_data exclude each other"),
            (Part(text="", tool_call=types.ToolCall()), Part, "text and tool_call exclude each other"),
            ({"inline_data": {}, "file_data": {}}, types.FunctionResponsePart, "inline_data and file_data"),
            (
                {"voice": "a", "prebuilt_voice_config": {}},
                types.VoiceConfig,
                "prebuilt_voice_config and voice",
            ),
        ],
    )
    def test_are_refused(self, given: Any, cls: type[types.Model], expected: str) -> None:
        """Where the protocol takes one of several, the service would refuse the whole message."""
        with pytest.raises(ConfigurationError, match=expected):
            structure(given, cls, "")

    def test_what_says_more_about_a_part_is_no_rival(self) -> None:
        """Nor is a field that is None."""
        part: dict[str, Any] = {
            "text": "a",
            "inline_data": None,
            "thought": True,
            "thoughtSignature": "AA==",
            "partMetadata": {},
        }
        assert structure(part, Part, "") == Part(
            text="a", thought=True, thought_signature=b"\0", part_metadata={}
        )


class TestLists:
    @pytest.mark.parametrize(
        ("given", "cls"),
        [
            ({"name": "f"}, types.FunctionResponse),
            (types.FunctionResponse(name="f"), types.FunctionResponse),
            ("calm", types.WeightedPrompt),
            ("Hello", Part),
        ],
    )
    def test_one_of_what_is_often_alone(self, given: Any, cls: type[types.Model]) -> None:
        """Parts, answers and prompts need no list around them."""
        assert structure(given, list[cls], "") == structure([given], list[cls], "")  # type: ignore[valid-type]


class TestSystemInstruction:
    @pytest.mark.parametrize("instruction", ["Be brief.", ["Be brief."], Part(text="Be brief.")])
    def test_text_alone(self, instruction: Any) -> None:
        """It gets the role that the official SDKs give it."""
        expected = Content(role="user", parts=[Part(text="Be brief.")])
        assert config(system_instruction=instruction).system_instruction == expected

    def test_a_content_is_left_as_it_is(self) -> None:
        """No role is added: this is no turn."""
        for instruction in ({"parts": ["Be brief."]}, Content(parts=[Part(text="Be brief.")])):
            expected = Content(parts=[Part(text="Be brief.")])
            assert config(system_instruction=instruction).system_instruction == expected

    def test_an_empty_list_is_refused(self) -> None:
        """It says nothing; both official SDKs refuse it too."""
        with pytest.raises(ConfigurationError, match=r"config\.system_instruction: an empty list"):
            config(system_instruction=[])


class TestMedia:
    @pytest.mark.parametrize("audio", [b"1234", bytearray(b"1234"), memoryview(b"1234")])
    def test_bare_bytes_are_audio_of_16_khz(self, audio: Any) -> None:
        """The one format that the service asks for."""
        given = structure({"audio": audio}, LiveClientRealtimeInput, "")
        assert given == LiveClientRealtimeInput(audio=Blob(data=b"1234", mime_type="audio/pcm;rate=16000"))
        assert given.audio is not None
        assert type(given.audio.data) is bytes

    @pytest.mark.parametrize("data", ["+/8=", "-_8=", "-_8", b"\xfb\xff", bytearray(b"\xfb\xff")])
    def test_a_blob(self, data: Any) -> None:
        """Bytes may come as base64 of either alphabet."""
        blob = structure({"data": data, "mimeType": "audio/pcm"}, Blob, "media")
        assert blob == Blob(data=b"\xfb\xff", mime_type="audio/pcm")

    @pytest.mark.parametrize(
        ("given", "where", "expected"),
        [
            ({"audio": {"data": b"1"}}, "audio.mime_type", "expected audio/…, got None"),
            ({"audio": {"data": b"1", "mime_type": "image/png"}}, "audio.mime_type", "got 'image/png'"),
            ({"video": Blob(data=b"1", mime_type="video/mp4")}, "video.mime_type", "expected image/…"),
            ({"video": b"1"}, "video", "expected Blob or dict, got bytes"),
            ({"audio": "AAAA"}, "audio", "expected Blob or dict, got str"),
            ({"audio": {"data": "not base64!"}}, "audio.data", "expected base64"),
            ({"audio": {"data": 5}}, "audio.data", "expected bytes or base64, got int"),
            ({"audio_stream_end": "true"}, "audio_stream_end", "expected bool, got str"),
            ({"activity_start": True}, "activity_start", "expected ActivityStart or dict, got bool"),
        ],
    )
    def test_refused(self, given: Any, where: str, expected: str) -> None:
        """What the service would close the connection for is refused at the call."""
        with pytest.raises(ConfigurationError) as raised:
            structure(given, LiveClientRealtimeInput, "")
        assert raised.value.where == where
        assert expected in str(raised.value)


class TestConfig:
    def test_names_in_any_casing(self) -> None:
        """snake_case, camelCase, or both."""
        expected = LiveConnectConfig(
            max_output_tokens=256,
            speech_config=types.SpeechConfig(
                voice_config=types.VoiceConfig(
                    prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Puck")
                )
            ),
        )
        assert expected == config(
            max_output_tokens=256,
            speech_config={"voice_config": {"prebuilt_voice_config": {"voice_name": "Puck"}}},
        )
        assert expected == config(
            maxOutputTokens=256,
            speechConfig={"voiceConfig": {"prebuilt_voice_config": {"voiceName": "Puck"}}},
        )

    def test_none_is_unset(self) -> None:
        """As in the official SDKs."""
        assert config(temperature=None, tools=None) == LiveConnectConfig()

    def test_numbers_may_be_strings(self) -> None:
        """As google-genai takes them, from an environment variable for example."""
        made = config(max_output_tokens="256", temperature="0.7", topK="40", seed=42.0, top_p=1)
        assert made == config(max_output_tokens=256, temperature=0.7, top_k=40.0, seed=42, top_p=1.0)
        assert (type(made.seed), type(made.top_p)) == (int, float)

    @pytest.mark.parametrize("modalities", [["AUDIO"], ["Audio"], ("audio",), [types.Modality.AUDIO]])
    def test_enums_by_name(self, modalities: Any) -> None:
        """In any case."""
        assert config(response_modalities=modalities).response_modalities == [types.Modality.AUDIO]

    def test_a_newer_enum_value_may_be_made_by_hand(self) -> None:
        """A string may be a misspelling; an instance is meant."""
        smell = types.Modality("SMELL")
        assert config(response_modalities=[smell]).response_modalities == [smell]
        with pytest.raises(ConfigurationError, match=r"'SMELL' is not a Modality; there are: .*AUDIO"):
            config(response_modalities=["SMELL"])

    @pytest.mark.parametrize(
        "settings",
        [
            {"tools": {"google_search": {}}},
            {"tools": print},
            {"response_modalities": "AUDIO"},
            {"tools": [{"function_declarations": {"name": "f"}}]},
        ],
    )
    def test_one_thing_is_no_list(self, settings: Any) -> None:
        """Where both official SDKs want a list, so do we."""
        with pytest.raises(ConfigurationError, match="expected list, got"):
            config(**settings)

    def test_a_declaration(self) -> None:
        """Names of arguments are the user's, also where they look like the protocol's."""
        (tool,) = (
            config(
                tools=[
                    {
                        "functionDeclarations": [
                            {
                                "name": "f",
                                "behavior": "non_blocking",
                                "parameters": {
                                    "type": "object",
                                    "properties": {
                                        "max_items": {"type": "integer", "maxItems": "3"},
                                        "anyOf": {"any_of": [{"type": "STRING"}, {"type": "NULL"}]},
                                    },
                                },
                                "response_json_schema": {"a_b": {"$ref": "#"}},
                            }
                        ]
                    }
                ]
            ).tools
            or []
        )
        string, null = types.Schema(type=types.Type.STRING), types.Schema(type=types.Type.NULL)
        assert isinstance(tool, Tool)
        assert tool.function_declarations == [
            types.FunctionDeclaration(
                name="f",
                behavior=types.Behavior.NON_BLOCKING,
                parameters=types.Schema(
                    type=types.Type.OBJECT,
                    properties={
                        "max_items": types.Schema(type=types.Type.INTEGER, max_items=3),
                        "anyOf": types.Schema(any_of=[string, null]),
                    },
                ),
                response_json_schema={"a_b": {"$ref": "#"}},
            )
        ]

    def test_durations_and_times(self) -> None:
        """As Python's own, or in their proto3 form."""
        assert structure({"time_left": "1.5s"}, types.LiveServerGoAway, "") == structure(
            {"time_left": timedelta(seconds=1.5)}, types.LiveServerGoAway, ""
        )
        start = datetime(2026, 1, 31, 12, 0, 0, 250_000, timezone.utc)
        for text in ("2026-01-31T12:00:00.25Z", "2026-01-31T14:00:00.250000000+02:00", start):
            assert structure({"start_time": text}, types.Interval, "").start_time == start

    def test_fields_that_are_newer_than_this_library(self) -> None:
        """They can be given as unknown_fields at any place."""
        made = config(unknown_fields={"newThing": {"a_b": 1}})
        assert made.unknown_fields == {"newThing": {"a_b": 1}}

    def test_http_options(self) -> None:
        """Headers are the user's names; a wrong option is refused like any other field."""
        made = config(http_options={"apiVersion": "v1alpha", "headers": {"x_test": "1"}, "timeout": "5000"})
        assert made.http_options == types.HttpOptions(
            api_version="v1alpha", headers={"x_test": "1"}, timeout=5000
        )

    @pytest.mark.parametrize(
        ("settings", "where", "expected"),
        [
            ({"temprature": 1}, "config.temprature", "did you mean 'temperature'?"),
            ({"maxOutputToken": 1}, "config.maxOutputToken", "did you mean 'maxOutputTokens'?"),
            ({"zzz": 1}, "config.zzz", "there are: http_options, generation_config"),
            ({1: 1}, "config.1", "unknown field of LiveConnectConfig"),
            ({"speech_config": {"pitch": 3}}, "config.speech_config.pitch", "unknown field of SpeechConfig"),
            ({"speech_config": "Puck"}, "config.speech_config", "expected SpeechConfig or dict, got str"),
            ({"top_k": 1, "topK": 1}, "config.topK", "given twice"),
            ({"top_k": None, "topK": 1, "temperature": "hot"}, "config.temperature", "a number, got 'hot'"),
            ({"temperature": True}, "config.temperature", "expected float, got bool"),
            ({"temperature": "nan"}, "config.temperature", "a number, got 'nan'"),
            ({"temperature": float("-inf")}, "config.temperature", "no NaN and no Infinity"),
            ({"temperature": decimal.Decimal(1)}, "config.temperature", "expected float, got Decimal"),
            ({"temperature": "1" + "0" * 399}, "config.temperature", "too large"),
            ({"seed": True}, "config.seed", "expected int, got bool"),
            ({"seed": 1.5}, "config.seed", "a whole number, got 1.5"),
            ({"seed": float("nan")}, "config.seed", "no NaN"),
            ({"seed": "1_000"}, "config.seed", "a number, got '1_000'"),
            ({"response_modalities": ["AUDOI"]}, "config.response_modalities[0]", "did you mean 'AUDIO'?"),
            ({"response_modalities": [3]}, "config.response_modalities[0]", "expected Modality, got int"),
            (
                {"thinking_config": {"thinking_level": types.Modality.AUDIO}},
                "config.thinking_config.thinking_level",
                "not a",
            ),
            ({"http_options": {"headers": {"a": 1}}}, "config.http_options.headers.a", "expected str"),
            ({"http_options": {"headers": ["a"]}}, "config.http_options.headers", "expected dict, got list"),
            ({"tools": ["search"]}, "config.tools[0]", "expected Tool or dict, got str"),
            ({"tools": "search"}, "config.tools", "expected list, got str"),
            (
                {"tools": [{"function_declarations": [{"parameters_json_schema": {"a": float("nan")}}]}]},
                "config.tools[0].function_declarations[0].parameters_json_schema.a",
                "no NaN",
            ),
            (
                {"tools": [{"google_search": {"time_range_filter": {"start_time": "2026-02-30T00:00:00Z"}}}]},
                "config.tools[0].google_search.time_range_filter.start_time",
                "expected a time such as",
            ),
            ({"unknown_fields": []}, "config.unknown_fields", "expected dict, got list"),
        ],
    )
    def test_refused(self, settings: Any, where: str, expected: str) -> None:
        """What is wrong, where, and what would be right."""
        with pytest.raises(ConfigurationError) as raised:
            structure(settings, LiveConnectConfig, "config")
        assert raised.value.where == where
        assert expected in str(raised.value)

    @pytest.mark.parametrize("wrong", ["AUDIO", ["AUDIO"], 5, None, types.GenerationConfig()])
    def test_another_thing_is_no_config(self, wrong: Any) -> None:
        """Neither is another class of the family."""
        with pytest.raises(ConfigurationError, match=r"^config: expected LiveConnectConfig or dict"):
            structure(wrong, LiveConnectConfig, "config")

    def test_a_value_is_not_shown_where_the_type_is_wrong(self) -> None:
        """It may be a secret in the wrong place."""
        with pytest.raises(ConfigurationError) as raised:
            config(http_options={"headers": {"Authorization": b"Bearer secret"}})
        assert "secret" not in str(raised.value)


class TestCallersObjects:
    def test_are_never_changed(self) -> None:
        """Instances are copied, and dicts inside them are structured in the copy."""
        given = LiveConnectConfig(
            system_instruction="Be brief.",  # type: ignore[arg-type]
            tools=[{"google_search": {}}],  # type: ignore[list-item]
            unknown_fields={"newThing": {"a": (1,)}},
        )
        before = copy.deepcopy(given)
        made = structure(given, LiveConnectConfig, "config")
        assert given == before
        assert made is not given
        assert made.tools == [Tool(google_search=types.GoogleSearch())]
        assert made.system_instruction == Content(role="user", parts=[Part(text="Be brief.")])
        made.unknown_fields["newThing"]["a"].append(2)
        assert given == before

    def test_turns_are_not_given_a_role(self) -> None:
        """Only the copy is."""
        turn = Content(parts=[Part(text="Hello")])
        assert structure([turn], TURNS, "turns") == HELLO
        assert turn.role is None

    def test_later_changes_do_not_reach_what_was_made(self) -> None:
        """A message that waits to be sent stays as it was."""
        response = {"list": [1]}
        made = structure({"id": "1", "name": "f", "response": response}, list[types.FunctionResponse], "")
        response["list"].append(2)
        assert made == [types.FunctionResponse(id="1", name="f", response={"list": [1]})]

    def test_what_contains_itself_is_refused(self) -> None:
        """No RecursionError gets out."""
        schema: dict[str, Any] = {"type": "OBJECT"}
        schema["items"] = schema
        with pytest.raises(ConfigurationError, match="parameters: nested too deeply, or contains itself"):
            structure(schema, types.Schema, "parameters")


@pytest.fixture
def _hasty_threads() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_hasty_threads")
def test_the_first_of_a_class_may_come_in_many_threads_at_once() -> None:
    """Rules are made on first use; whoever comes meanwhile finds them whole."""
    for _ in range(20):
        fields = {f"field_{number}": attrs.field(default=None, type=int) for number in range(50)}
        cls = attrs.make_class("New", fields, (types.Model,))
        barrier = threading.Barrier(4)
        made: list[Any] = []

        def structure_one(cls: Any, barrier: threading.Barrier, made: list[Any]) -> None:
            barrier.wait(timeout=10)
            made.append(structure({"field_49": "1"}, cls, ""))

        threads = [threading.Thread(target=structure_one, args=(cls, barrier, made)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=10)
        assert [one.field_49 for one in made] == [1, 1, 1, 1]


def test_plain_types() -> None:
    """An argument that is no class of ours is checked by the same rules."""
    assert structure(False, bool, "turn_complete") is False
    with pytest.raises(ConfigurationError, match="turn_complete: expected bool, got int"):
        structure(1, bool, "turn_complete")
