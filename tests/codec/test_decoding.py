"""The server's messages are read leniently, and wrong ones refused with their path."""

import json
import sys
from datetime import datetime, timedelta, timezone

import pytest

from genai_live import types
from genai_live.codec import decode, encode
from genai_live.errors import ProtocolError

pytestmark = pytest.mark.usefixtures("engine")


def decoded(tree: object) -> types.LiveServerMessage:
    """The message that a server says with this JSON."""
    return decode(json.dumps(tree).encode(), types.LiveServerMessage)


class TestRead:
    def test_a_message_as_the_service_writes_it(self) -> None:
        """Pretty-printed, in a binary frame: bytes are bytes, durations timedeltas, enums enums."""
        message = decode(
            b"""{
  "serverContent": {
    "modelTurn": {"role": "model", "parts": [
      {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": "AAEAAg=="}}]},
    "turnComplete": true,
    "interactionStatus": "IDLE"
  },
  "goAway": {"timeLeft": "9.500s"},
  "voiceActivity": {"type": "ACTIVITY_START", "audioOffset": "0.200s"}
}
""",
            types.LiveServerMessage,
        )
        blob = types.Blob(data=b"\0\1\0\2", mime_type="audio/pcm;rate=24000")
        assert message == types.LiveServerMessage(
            server_content=types.LiveServerContent(
                model_turn=types.Content(role="model", parts=[types.Part(inline_data=blob)]),
                turn_complete=True,
                interaction_status=types.InteractionStatus.IDLE,
            ),
            go_away=types.LiveServerGoAway(time_left=timedelta(seconds=9.5)),
            voice_activity=types.VoiceActivity(
                voice_activity_type=types.VoiceActivityType.ACTIVITY_START,
                audio_offset=timedelta(seconds=0.2),
            ),
        )

    def test_text_frames_are_read_as_well(self) -> None:
        """The payload may be a str."""
        assert decode('{"setupComplete": {}}', types.LiveServerMessage).setup_complete is not None

    @pytest.mark.parametrize("payload", [b"", "", b"{}", b' {"serverContent": null} '])
    def test_a_message_may_say_nothing(self, payload: bytes | str) -> None:
        """Empty frames, empty objects and null are no error: the service sends the first two."""
        assert decode(payload, types.LiveServerMessage) == types.LiveServerMessage()

    def test_both_casings_are_read(self) -> None:
        """Protobuf's JSON allows the original names; the last of two spellings counts."""
        message = decoded({"usage_metadata": {"prompt_token_count": 1, "totalTokenCount": 2}})
        assert message.usage_metadata == types.UsageMetadata(prompt_token_count=1, total_token_count=2)
        message = decoded({"voiceActivity": {"voiceActivityType": "ACTIVITY_END"}})
        assert message.voice_activity is not None
        assert message.voice_activity.voice_activity_type is types.VoiceActivityType.ACTIVITY_END
        message = decoded({"goAway": {"timeLeft": "1s", "time_left": "2s"}})
        assert message.go_away == types.LiveServerGoAway(time_left=timedelta(seconds=2))

    def test_unknown_fields_are_kept_and_sent_back(self) -> None:
        """Wherever a newer server adds a field, it can be read and is not lost."""
        tree = {
            "serverContent": {"turnComplete": True, "newFlag": {"deep_key": [1, None]}},
            "newMessage": "x",
        }
        message = decoded(tree)
        assert message.unknown_fields == {"newMessage": "x"}
        assert message.server_content is not None
        assert message.server_content.unknown_fields == {"newFlag": {"deep_key": [1, None]}}
        assert json.loads(encode(message)) == tree

    def test_our_own_name_for_them_is_no_wire_name(self) -> None:
        """A field that a server calls unknown_fields is an unknown field like any other."""
        assert decoded({"unknown_fields": 1}).unknown_fields == {"unknown_fields": 1}

    def test_unknown_enum_values_are_kept_and_sent_back(self) -> None:
        """A newer name, or the number that protobuf writes where it has no name."""
        tree = {"usageMetadata": {"promptTokensDetails": [{"modality": "SMELL"}, {"modality": 17}]}}
        message = decoded(tree)
        assert message.usage_metadata is not None
        assert message.usage_metadata.prompt_tokens_details is not None
        assert [item.modality for item in message.usage_metadata.prompt_tokens_details] == [
            types.MediaModality("SMELL"),
            types.MediaModality("17"),
        ]
        assert json.loads(encode(message)) == tree

    @pytest.mark.parametrize("index", ["9007199254740993", 9007199254740993])
    def test_64_bit_numbers_are_read_from_strings(self, index: object) -> None:
        """Protobuf writes them as strings, and they are exact."""
        message = decoded({"sessionResumptionUpdate": {"lastConsumedClientMessageIndex": index}})
        assert message.session_resumption_update is not None
        assert message.session_resumption_update.last_consumed_client_message_index == 9007199254740993

    def test_a_whole_float_is_a_whole_number(self) -> None:
        """12.0 is 12 in JSON."""
        usage = decoded({"usageMetadata": {"totalTokenCount": 12.0}}).usage_metadata
        assert usage is not None
        assert repr(usage.total_token_count) == "12"

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("50s", 50),
            ("0s", 0),
            ("1.5s", 1.5),
            ("-0.250s", -0.25),
            ("0.000001s", 1e-6),
            ("1.123456789s", 1.123456),
        ],
    )
    def test_durations(self, text: str, seconds: float) -> None:
        """Proto3 durations with up to nine decimals, kept to the microsecond."""
        message = decoded({"goAway": {"timeLeft": text}})
        assert message.go_away is not None
        assert message.go_away.time_left == timedelta(seconds=seconds)

    def test_the_names_in_arguments_are_not_converted(self) -> None:
        """They are the user's, at any depth."""
        args = {"my_city": "Bern", "camelKey": {"snake_key": [1, 2.5, None, {"inner_key": "x"}]}}
        message = decoded({"toolCall": {"functionCalls": [{"name": "f", "args": args}]}})
        assert message.tool_call is not None
        assert message.tool_call.function_calls == [types.FunctionCall(name="f", args=args)]

    def test_other_messages_of_the_service(self) -> None:
        """Music and tokens are read by the same rules."""
        music = decode(
            b'{"serverContent": {"audioChunks": [{"data": "AAE="}]}, "warning": "slow", "newThing": 1}',
            types.LiveMusicServerMessage,
        )
        assert music.audio_chunk == types.AudioChunk(data=b"\0\1")
        assert (music.warning, music.unknown_fields) == ("slow", {"newThing": 1})
        token = decode('{"name": "auth_tokens/a", "expireTime": "2026-01-31T12:00:00Z"}', types.AuthToken)
        assert token.expire_time == datetime(2026, 1, 31, 12, tzinfo=timezone.utc)

    def test_words_of_a_transcription(self) -> None:
        """With their times since the audio began, and who says them in which language."""
        message = decoded(
            {
                "serverContent": {
                    "inputTranscription": {
                        "text": "Hi",
                        "languageCode": "en",
                        "speakerLabel": "spk_1",
                        "words": [{"word": "Hi", "startOffset": "0.120s", "endOffset": "1s"}],
                        "endOffset": "1s",
                    }
                }
            }
        )
        assert message.server_content is not None
        assert message.server_content.input_transcription == types.Transcription(
            text="Hi",
            language_code="en",
            speaker_label="spk_1",
            words=[
                types.WordInfo(
                    word="Hi", start_offset=timedelta(milliseconds=120), end_offset=timedelta(seconds=1)
                )
            ],
            end_offset=timedelta(seconds=1),
        )

    def test_vertex_counts_candidates(self) -> None:
        """They are read as the response's tokens, and written as they came."""
        tree = {
            "usageMetadata": {"candidatesTokenCount": 3, "candidatesTokensDetails": [{"modality": "TEXT"}]}
        }
        message = decoded(tree)
        assert message.usage_metadata is not None
        assert message.usage_metadata.response_token_count == 3
        assert message.usage_metadata.response_tokens_details == [
            types.ModalityTokenCount(modality=types.MediaModality.TEXT)
        ]
        assert json.loads(encode(message)) == tree


class TestRefused:
    @pytest.mark.parametrize(
        ("payload", "quoted"),
        [
            (b'{"serverContent": {', '{"serverContent": {'),
            (b"not JSON", "not JSON"),
            (b'{"a": NaN}', "NaN"),
            (b'{"a": "\xff"}', "\N{REPLACEMENT CHARACTER}"),
            (b"null", "null"),
            (b"[]", "[]"),
            (b'"x"', "x"),
            (b'{"a":' + b"[" * 100_000, '{"a":[[['),
        ],
    )
    def test_what_is_no_json_object(self, payload: bytes, quoted: str) -> None:
        """A ProtocolError shows how the message begins."""
        with pytest.raises(ProtocolError) as raised:
            decode(payload, types.LiveServerMessage)
        assert quoted in str(raised.value)

    @pytest.mark.parametrize("payload", ["é" * 100_000, "é".encode() * 100_000], ids=["str", "bytes"])
    def test_no_more_than_the_beginning_is_shown(self, payload: bytes | str) -> None:
        """The first 200 characters, however long the message is."""
        with pytest.raises(ProtocolError) as raised:
            decode(payload, types.LiveServerMessage)
        assert "é" * 200 in str(raised.value)
        assert "é" * 201 not in str(raised.value)
        assert raised.value.__cause__ is not None

    @pytest.mark.parametrize(
        ("tree", "path", "expected"),
        [
            ({"serverContent": "x"}, "serverContent", "expected an object, got str"),
            ({"serverContent": []}, "serverContent", "expected an object, got list"),
            (
                {"serverContent": {"modelTurn": {"parts": [{}, {"text": 5}]}}},
                "serverContent.modelTurn.parts[1].text",
                "expected a string, got int",
            ),
            (
                {"serverContent": {"modelTurn": {"parts": [{"inlineData": {"data": "!!!"}}]}}},
                "serverContent.modelTurn.parts[0].inlineData.data",
                "expected base64",
            ),
            (
                {"serverContent": {"modelTurn": {"parts": {}}}},
                "serverContent.modelTurn.parts",
                "expected a list",
            ),
            ({"serverContent": {"turnComplete": 1}}, "serverContent.turnComplete", "expected true or false"),
            (
                {"serverContent": {"turnComplete": "true"}},
                "serverContent.turnComplete",
                "expected true or false",
            ),
            ({"toolCallCancellation": {"ids": "c1"}}, "toolCallCancellation.ids", "expected a list"),
            ({"toolCallCancellation": {"ids": [None]}}, "toolCallCancellation.ids[0]", "expected a string"),
            ({"toolCall": {"functionCalls": [{"args": "x"}]}}, "toolCall.functionCalls[0].args", "an object"),
            ({"goAway": {"timeLeft": 10}}, "goAway.timeLeft", "expected a string, got int"),
            ({"goAway": {"timeLeft": "10"}}, "goAway.timeLeft", "a duration such as '1.5s'"),
            ({"goAway": {"timeLeft": "999999999999s"}}, "goAway.timeLeft", "a duration such as '1.5s'"),
            ({"usageMetadata": {"totalTokenCount": 1.5}}, "usageMetadata.totalTokenCount", "a whole number"),
            ({"usageMetadata": {"totalTokenCount": True}}, "usageMetadata.totalTokenCount", "a whole number"),
            ({"usageMetadata": {"totalTokenCount": "many"}}, "usageMetadata.totalTokenCount", "a number"),
            ({"voiceActivity": {"type": True}}, "voiceActivity.type", "expected a string, got bool"),
            (
                {
                    "serverContent": {
                        "groundingMetadata": {"groundingSupports": [{"confidenceScores": [0.5, "NaN"]}]}
                    }
                },
                "serverContent.groundingMetadata.groundingSupports[0].confidenceScores[1]",
                "expected a number, got 'NaN'",
            ),
        ],
    )
    def test_a_wrong_value_is_named_by_its_path(self, tree: object, path: str, expected: str) -> None:
        """The path is that of the wire, in camelCase."""
        with pytest.raises(ProtocolError) as raised:
            decoded(tree)
        assert f"a wrong value at {path}: " in str(raised.value)
        assert expected in str(raised.value)

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ('{"new":', "}"),
            ('{"toolCall":{"functionCalls":[{"args":{"a":', "}}]}}"),
        ],
    )
    def test_nesting_has_a_limit(self, start: str, end: str) -> None:
        """What we do not know may be nested as deeply as protobuf allows, and no deeper."""
        depth = 98
        decode(start + "[" * depth + "]" * depth + end, types.LiveServerMessage)
        for depth in (101, 1000, 5000):
            with pytest.raises(ProtocolError, match=r"nested|readable"):
                decode(start + "[" * depth + "]" * depth + end, types.LiveServerMessage)

    def test_a_deep_caller_gets_no_recursion_error(self) -> None:
        """Near the end of the stack, deep JSON is still refused in our own words."""

        def dive(levels: int) -> None:
            if levels:
                dive(levels - 1)
            else:
                with pytest.raises(ProtocolError):
                    decode('{"new":' + "[" * 900 + "]" * 900 + "}", types.LiveServerMessage)

        dive(sys.getrecursionlimit() // 2)
