"""Client messages: what the service reads, what it refuses, and in which words."""

from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from genai_live.emulator.endpoints import Endpoint
from genai_live.emulator.refusal import Refusal
from genai_live.emulator.validation import read_client_message
from tests.emulator.live_client import talk, talk_set_up

GEMINI = Endpoint("gemini", "v1beta")
ALPHA = Endpoint("gemini", "v1alpha")
VERTEX = Endpoint("vertex", "v1beta1")
PACKAGE = "type.googleapis.com/google.ai.generativelanguage.v1beta"


def turn(*parts):
    """A message of one turn with these parts."""
    return {"clientContent": {"turns": [{"role": "user", "parts": list(parts)}]}}


def refusal_of(message, endpoint=GEMINI):
    """The reason with which a message is refused."""
    with pytest.raises(Refusal) as refused:
        read_client_message(message, endpoint)
    assert refused.value.code == 1007
    return refused.value.reason


@pytest.mark.parametrize(
    ("message", "normal"),
    [
        (
            {
                "client_content": {
                    "turnComplete": True,
                    "turns": [{"parts": [{"inline_data": {"mimeType": "a/b"}}]}],
                }
            },
            {
                "clientContent": {
                    "turnComplete": True,
                    "turns": [{"parts": [{"inlineData": {"mimeType": "a/b"}}]}],
                }
            },
        ),
        (
            {"setup": {"generationConfig": {"topK": 40.0, "max_output_tokens": "256", "seed": "1e3"}}},
            {"setup": {"generationConfig": {"topK": 40, "maxOutputTokens": 256, "seed": 1000}}},
        ),
        (
            {"setup": {"contextWindowCompression": {"triggerTokens": "9007199254740993"}}},
            {"setup": {"contextWindowCompression": {"triggerTokens": 9007199254740993}}},
        ),
        (
            {"setup": {"generationConfig": {"responseModalities": ["audio", "Text", 2]}}},
            {"setup": {"generationConfig": {"responseModalities": ["AUDIO", "TEXT", 2]}}},
        ),
        (
            {"setup": {"tools": None, "model": "m"}, "clientContent": None},
            {"setup": {"model": "m"}},
        ),
        (
            turn({"inlineData": {"data": "-_8"}}, {"inlineData": {"data": "+/8="}}),
            turn({"inlineData": {"data": "+/8="}}, {"inlineData": {"data": "+/8="}}),
        ),
        (
            turn({"videoMetadata": {"start_offset": "1.5s", "fps": "24"}, "text": "x"}),
            turn({"videoMetadata": {"startOffset": "1.5s", "fps": 24.0}, "text": "x"}),
        ),
    ],
)
def test_messages_are_read_by_the_rules_of_proto3_json(message, normal):
    """Both spellings, numbers as text, enums in any case, nulls, both base64 alphabets: one normal form."""
    assert read_client_message(message, GEMINI) == normal
    assert read_client_message(normal, GEMINI) == normal


def test_what_is_the_users_is_left_alone():
    """Keys and values of arguments, responses, properties and JSON schemas are not the protocol's."""
    declaration = {
        "name": "f",
        "parameters": {
            "type": "OBJECT",
            "properties": {"snake_case": {"type": "STRING"}, "turnComplete": {}},
        },
        "responseJsonSchema": {"$defs": {"any_of": [None, 1.0]}},
    }
    setup = {"setup": {"tools": [{"functionDeclarations": [declaration]}]}}
    assert read_client_message(setup, GEMINI) == setup
    response = {"toolResponse": {"functionResponses": [{"response": {"a_b": None, "c": [1.0, {"d_e": []}]}}]}}
    assert read_client_message(response, GEMINI) == response
    call = turn({"functionCall": {"args": {"mime_type": 1.0}}})
    assert read_client_message(call, GEMINI) == call


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"nonsense": 1}, 'Invalid JSON payload received. Unknown name "nonsense": Cannot find field.'),
        (
            {"setup": {"modle": "m"}},
            "Invalid JSON payload received. Unknown name \"modle\" at 'setup': Cannot find field.",
        ),
        (
            {"setup": {"generationConfig": {"inputAudioTranscription": {}}}},
            (
                'Invalid JSON payload received. Unknown name "inputAudioTranscription" '
                "at 'setup.generation_config': Cannot find field."
            ),
        ),
        (
            turn({"txt": "x"}),
            (
                "Invalid JSON payload received. Unknown name \"txt\" at 'client_content.turns[0].parts[0]': "
                "Cannot find field."
            ),
        ),
        (
            {"setup": {"a": 1, "b": 2}},
            (
                "Invalid JSON payload received. Unknown name \"a\" at 'setup': Cannot find field.\n"
                "Invalid JSON payload received. Unknown name \"b\" at 'setup': Cannot find field."
            ),
        ),
        (
            {"setup": {"systemInstruction": "Be kind"}},
            f"Invalid value at 'setup.system_instruction' ({PACKAGE}.Content), \"Be kind\"",
        ),
        (
            {"setup": {"generationConfig": {"topK": "many"}}},
            "Invalid value at 'setup.generation_config.top_k' (TYPE_INT32), \"many\"",
        ),
        (
            {"setup": {"generationConfig": {"temperature": True}}},
            "Invalid value at 'setup.generation_config.temperature' (TYPE_FLOAT), true",
        ),
        (
            {"setup": {"realtimeInputConfig": {"turnCoverage": "SOME"}}},
            (
                "Invalid value at 'setup.realtime_input_config.turn_coverage' "
                f'({PACKAGE}.RealtimeInputConfig.TurnCoverage), "SOME"'
            ),
        ),
        (
            {"realtimeInput": {"audioStreamEnd": {}}},
            "Invalid value at 'realtime_input' (audio_stream_end), Starting an object on a scalar field",
        ),
        (
            {"realtimeInput": {"audio": {"data": "!!!"}}},
            "Invalid value at 'realtime_input.audio.data' (TYPE_BYTES), Base64 decoding failed for \"!!!\"",
        ),
        (
            {"realtimeInput": {"audio": {"data": "AAAAA"}}},
            "Invalid value at 'realtime_input.audio.data' (TYPE_BYTES), Base64 decoding failed for \"AAAAA\"",
        ),
        (
            {"realtimeInput": {"text": ["x"]}},
            (
                "Invalid JSON payload received. Unknown name \"text\" at 'realtime_input': "
                "Proto field is not repeating, cannot start list."
            ),
        ),
        (
            {"clientContent": {"turns": {"role": "user"}}},
            f"Invalid value at 'client_content.turns' ({PACKAGE}.Content), " + '{"role": "user"}',
        ),
        (
            {"toolResponse": {"functionResponses": [{"response": "ok"}]}},
            (
                "Invalid value at 'tool_response.function_responses[0].response' "
                '(type.googleapis.com/google.protobuf.Struct), "ok"'
            ),
        ),
        (
            turn({"text": "x", "inlineData": {}}),
            (
                "Invalid value at 'client_content.turns[0].parts[0]' (oneof), "
                "oneof field 'data' is already set. Cannot set 'inlineData'"
            ),
        ),
        (
            {"setup": {}, "clientContent": {}},
            "Invalid value (oneof), oneof field 'message_type' is already set. Cannot set 'clientContent'",
        ),
        ({}, "Request contains an invalid argument."),
        ({"setup": None}, "Request contains an invalid argument."),
        ([], 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
        ("setup", 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
    ],
)
def test_messages_are_refused_in_the_words_of_the_service(message, reason):
    """The path is in snake_case whatever the spelling; reasons are joined, and cut at 123 bytes."""
    assert refusal_of(message) == reason.encode()[:123].decode()


def test_a_reason_is_cut_between_two_characters():
    """A reason has at most 123 bytes, and no half character at its end."""
    for padding in range(4):
        reason = refusal_of({"setup": {"systemInstruction": "a" * padding + "é€🌍" * 50}})
        assert 120 <= len(reason.encode()) <= 123
        assert "�" not in reason


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 1.5, "1.5", "0x10", "", "٣", True, "1e-3"], ids=ascii)
def test_what_is_no_int32(value):
    """Numbers with a fraction or out of range, and texts that are no numbers, are refused."""
    assert "(TYPE_INT32)" in refusal_of({"setup": {"generationConfig": {"seed": value}}})


@pytest.mark.parametrize("value", ["5", "5 s", "s", "1.0000000001s", 5, "+5s"], ids=ascii)
def test_what_is_no_duration(value):
    """A Duration is seconds with up to nine decimals and an s."""
    reason = refusal_of(turn({"videoMetadata": {"endOffset": value}}))
    assert reason.startswith("Invalid value at 'client_content.turns[0].parts[0].video_metadata.end_offset'")


@pytest.mark.parametrize(
    ("setup", "accepted"),
    [
        ({"proactivity": {"proactiveAudio": True}}, [ALPHA, VERTEX]),
        ({"generationConfig": {"enableAffectiveDialog": True}}, [ALPHA, VERTEX]),
        ({"sessionResumption": {"transparent": True}}, [VERTEX]),
        ({"sessionResumption": {"handle": "h"}}, [GEMINI, ALPHA, VERTEX]),
        ({"explicitVadSignal": True}, [VERTEX]),
        ({"labels": {"any_key": "value"}}, [VERTEX]),
        ({"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT"}]}, [VERTEX]),
        ({"avatarConfig": {"avatarName": "a"}}, [VERTEX]),
        ({"tools": [{"enterpriseWebSearch": {}}]}, [VERTEX]),
        ({"generationConfig": {"responseModalities": ["VIDEO"]}}, [VERTEX]),
        (
            {"realtimeInputConfig": {"turnCoverage": "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO"}},
            [GEMINI, ALPHA],
        ),
        ({"historyConfig": {"initialHistoryInClientContent": True}}, [GEMINI, ALPHA, VERTEX]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_some_fields_are_known_to_one_service_only(setup, accepted):
    """A field of the other service, or of another version, is an unknown name or value."""
    for endpoint in (GEMINI, ALPHA, VERTEX):
        if endpoint in accepted:
            assert read_client_message({"setup": setup}, endpoint) == {"setup": setup}
        else:
            assert refusal_of({"setup": setup}, endpoint).startswith("Invalid ")


def test_type_names_are_those_of_the_service():
    """A reason names a type by the package of the service and version."""
    reason = refusal_of({"setup": {"tools": [1]}}, VERTEX)
    assert (
        reason
        == "Invalid value at 'setup.tools[0]' (type.googleapis.com/google.cloud.aiplatform.v1beta1.Tool), 1"
    )


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("not json", "Invalid JSON payload received. Unexpected token.\nnot json\n^"),
        ("", "Invalid JSON payload received. Unexpected end of string. Expected a value.\n\n^"),
        (
            '{"setup": {"tools": [], "model": a model, "labels": {}}}',
            (
                "Invalid JSON payload received. Unexpected token.\n"
                'ools": [], "model": a model, "labels": {\n'
                "                    ^"
            ),
        ),
        ('{"setup": {"temperature": NaN}}', "Invalid JSON payload received. Unexpected token.\nNaN\n^"),
        ('{"setup": -Infinity}', "Invalid JSON payload received. Unexpected token.\n-Infinity\n^"),
        (
            '{"setup": 1e999}',
            "Invalid JSON payload received. Number exceeds the range of double.\n1e999\n^",
        ),
        (b"\xff\xfe", "Invalid JSON payload received. Encountered non UTF-8 code points."),
        ('{"setup": "\\ud800"}', "Invalid JSON payload received. Illegal hex string."),
        ("[" * 100_000, "Invalid JSON payload received. Message too deep."),
        ("[]", 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_no_json_closes_the_connection(emulator, payload, reason):
    """Broken JSON is refused with 1007, before the setup as after it, and recorded as it came."""
    for client_of in (talk, talk_set_up):
        with client_of(emulator) as client:
            client.socket.send(payload)
            code, shown = client.receive_close()
            assert (code, shown) == (1007, reason)
    assert emulator.connections[0].received in ((payload,), ([],))


@pytest.mark.parametrize(("depth", "accepted"), [(96, True), (97, False), (5_000, False)])
def test_the_depth_of_nesting_is_limited(emulator, depth, accepted):
    """A message has at most 100 levels, four of which are here the protocol's."""
    with talk_set_up(emulator) as client:
        nested = '{"a":' * depth + "1" + "}" * depth
        message = f'{{"toolResponse": {{"functionResponses": [{{"response": {nested}}}]}}}}'
        client.socket.send(message)
        if accepted:
            client.receive_turn()
        else:
            assert client.receive_close() == (1007, "Invalid JSON payload received. Message too deep.")


def test_a_text_frame_that_is_not_utf_8_is_refused(emulator):
    """The WebSocket layer closes with 1007 (RFC 6455, section 8.1)."""
    with talk(emulator) as client:
        client.socket.send(b"\xff", text=True)
        assert client.receive_close()[0] == 1007
    connection = emulator.connections[0]
    assert (connection.closed_by, connection.close_code) == ("emulator", 1007)


def test_a_refusal_reaches_a_client_that_goes_on_sending(emulator):
    """The close is not lost to a connection reset, though much of the client's is unread."""
    with talk(emulator) as client:
        with suppress(ConnectionClosed):
            for _ in range(200):
                client.send({"setup": {"wrong": "x" * 10_000}})
        code, reason = client.receive_close()
    assert code == 1007
    assert reason.startswith('Invalid JSON payload received. Unknown name "wrong"')
