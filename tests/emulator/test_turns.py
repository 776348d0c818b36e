"""Turns: their messages and order, interruptions, roles, and usage."""

import base64
import json
from itertools import pairwise

import pytest

from genai_live.emulator import Emulator
from tests.emulator.live_client import (
    KEY,
    VERTEX,
    masked,
    talk,
    talk_set_up,
    text_of,
    transcription_of,
)

INVALID_ARGUMENT = "Request contains an invalid argument."


def word(text):
    """The message of one word."""
    return {"serverContent": {"modelTurn": {"parts": [{"text": text}], "role": "model"}}}


def test_a_turn_comes_in_order(emulator):
    """The words one by one, generationComplete, then turnComplete with the usage in one message."""
    with talk_set_up(emulator) as client:
        client.say("Hello there, you")
        *words, generation_complete, turn_complete = client.receive_turn()
    assert words == [word("Hello"), word(" there,"), word(" you")]
    assert generation_complete == {"serverContent": {"generationComplete": True}}
    assert turn_complete.keys() == {"serverContent", "usageMetadata"}
    assert turn_complete["serverContent"] == {"turnComplete": True}


@pytest.mark.parametrize(
    "text",
    ["", " ", "one", "  two  words ", "lines\n\n and\ttabs\r\n", "Grüße 🌍 \u2028 \u00a0x", "a" * 1_000_000],
)
def test_the_echo_is_exact(emulator, text):
    """Every character comes back, white space included."""
    with talk_set_up(emulator) as client:
        client.say(text)
        assert text_of(client.receive_turn()) == text


def test_the_echo_is_of_the_last_user_turn(emulator):
    """Of several turns the last that is the user's is said back, all its text parts joined."""
    turns = [
        {"role": "user", "parts": [{"text": "First"}]},
        {"role": "model", "parts": [{"text": "Yes?"}]},
        {"role": "user", "parts": [{"text": "Second, "}, {"text": "third"}]},
        {"role": "model", "parts": [{"text": "Well"}]},
    ]
    with talk_set_up(emulator) as client:
        client.send({"clientContent": {"turns": turns, "turnComplete": True}})
        assert text_of(client.receive_turn()) == "Second, third"


def test_snake_case_is_read_and_camel_case_written(emulator):
    """Messages may mix both spellings; answers are in camelCase."""
    with talk(emulator) as client:
        client.send(
            {
                "setup": {
                    "model": "models/gemini-2.0-flash-live-001",
                    "generation_config": {"responseModalities": ["text"], "max_output_tokens": 3.0},
                }
            }
        )
        assert client.receive() == {"setupComplete": {}}
        client.send({"client_content": {"turns": [{"parts": [{"text": "Hi"}]}], "turn_complete": True}})
        assert text_of(client.receive_turn()) == "Hi"


def test_content_that_is_not_complete_waits(emulator):
    """TurnComplete false only adds; a completion without turns makes the model speak, of what there is."""
    with talk_set_up(emulator) as client:
        client.say("Wait for it", turnComplete=False)
        client.send({"clientContent": {}})
        client.send({"clientContent": {"turnComplete": True}})
        assert text_of(client.receive_turn()) == "Wait for it"


def test_the_model_speaks_though_nothing_was_said(emulator):
    """TurnComplete alone, in a session that is empty, makes the model speak first."""
    with talk_set_up(emulator) as client:
        client.send({"clientContent": {"turnComplete": True}})
        assert text_of(client.receive_turn()) == "Hello."


def test_realtime_text_is_answered(emulator):
    """A realtime text is a turn by itself."""
    with talk_set_up(emulator) as client:
        client.send({"realtimeInput": {"text": "Hello there"}})
        assert text_of(client.receive_turn()) == "Hello there"


def test_a_tool_response_is_told(emulator):
    """The model says what each function has answered."""
    responses = [
        {"id": "1", "name": "get_weather", "response": {"city_name": "Oslo", "rain": True}},
        {"id": "2", "response": {}},
    ]
    with talk_set_up(emulator) as client:
        client.send({"toolResponse": {"functionResponses": responses}})
        assert text_of(client.receive_turn()) == (
            'get_weather answered {"city_name": "Oslo", "rain": true}.\nThe function answered {}.'
        )


@pytest.mark.parametrize("message", ["clientContent", "realtimeInput"])
def test_what_is_said_in_mid_answer_interrupts_it(message):
    """interrupted, then turnComplete, in messages of their own, no generationComplete; then the new turn."""
    script = {
        "steps": [
            {"expect": "Tell me", "answer": "Once upon", "complete": False},
            {"expect": "Stop", "answer": "Yes"},
        ]
    }
    with Emulator(script=script, time_scale=0) as emulator, talk_set_up(emulator) as client:
        client.say("Tell me")
        assert [client.receive(), client.receive()] == [word("Once"), word(" upon")]
        if message == "clientContent":
            client.say("Stop")
        else:
            client.send({"realtimeInput": {"text": "Stop"}})
        assert client.receive() == {"serverContent": {"interrupted": True}}
        assert client.receive() == {"serverContent": {"turnComplete": True}}
        assert client.receive() == word("Yes")
        assert client.receive() == {"serverContent": {"generationComplete": True}}
        assert client.receive()["serverContent"] == {"turnComplete": True}


def test_content_that_is_not_complete_interrupts_too():
    """The answer ends, and the model waits for the rest."""
    script = {
        "steps": [
            {"expect": "Tell me", "answer": "Once upon", "complete": False},
            {"expect": "this", "answer": "Yes"},
        ]
    }
    with Emulator(script=script, time_scale=0) as emulator, talk_set_up(emulator) as client:
        client.say("Tell me")
        assert text_of([client.receive(), client.receive()]) == "Once upon"
        client.say("Or rather", turnComplete=False)
        assert [message["serverContent"] for message in client.receive_turn()] == [
            {"interrupted": True},
            {"turnComplete": True},
        ]
        client.say("this")
        assert text_of(client.receive_turn()) == "Yes"


def test_an_answer_that_pauses_is_interrupted_at_once():
    """Words that were still to come are not said."""
    script = {
        "steps": [
            {"expect": "Slowly", "answer": ["Well", {"after": 1000, "text": " then"}]},
            {"expect": "Stop", "answer": "Yes"},
        ]
    }
    with Emulator(script=script) as emulator, talk_set_up(emulator) as client:
        client.say("Slowly")
        assert client.receive() == word("Well")
        client.say("Stop")
        assert client.receive() == {"serverContent": {"interrupted": True}}
        assert client.receive() == {"serverContent": {"turnComplete": True}}
        assert text_of(client.receive_turn()) == "Yes"


def test_a_prompt_that_comes_with_the_next_one_is_a_turn_of_its_own(emulator):
    """However early a prompt is interrupted, its turn is ended: there are as many turns as prompts."""
    prompts = [masked(json.dumps({"realtimeInput": {"text": text}})) for text in ("One", "Two", "Three")]
    with talk_set_up(emulator) as client:
        client.socket.socket.sendall(b"".join(prompts))
        turns = [client.receive_turn() for _ in prompts]
        assert text_of(turns[-1]) == "Three"


def test_an_interruption_reaches_a_client_that_reads_late():
    """An answer larger than all buffers is cut off by the next turn, which then comes whole."""
    with Emulator(time_scale=0) as emulator, talk_set_up(emulator) as client:
        client.say("word " * 200_000)
        client.say("Stop")
        first, second = client.receive_turn(), client.receive_turn()
    contents = [message["serverContent"] for message in first]
    assert {"interrupted": True} in contents
    assert contents[-1] == {"turnComplete": True}
    assert text_of(first) == ("word " * 200_000)[: len(text_of(first))]
    assert text_of(second) == "Stop"


def test_what_asks_for_nothing_makes_no_answer_and_does_not_interrupt(emulator):
    """Video, silence, the end of a stream and a context update; the next text is answered."""
    data = base64.b64encode(bytes(3200)).decode()
    with talk_set_up(emulator) as client:
        for realtime in (
            {"audio": {"mimeType": "audio/pcm;rate=16000", "data": data}},
            {"video": {"mimeType": "image/jpeg", "data": data}},
            {"mediaChunks": [{"mimeType": "audio/pcm", "data": data}, {"mimeType": "image/png"}]},
            {"audioStreamEnd": True},
        ):
            client.send({"realtimeInput": realtime})
        client.send({"contextUpdate": {"systemInstruction": {"parts": [{"text": "Be kind"}]}}})
        client.say("Hello")
        assert text_of(client.receive_turn()) == "Hello"


@pytest.mark.parametrize("mark", ["activityStart", "activityEnd"])
@pytest.mark.parametrize("config", [{}, {"realtimeInputConfig": {"automaticActivityDetection": {}}}])
def test_manual_activity_needs_the_automatic_one_switched_off(emulator, mark, config):
    """The marks of a manual activity are refused while the service detects activity itself."""
    with talk_set_up(emulator, **config) as client:
        client.send({"realtimeInput": {mark: {}}})
        assert client.receive_close() == (
            1007,
            "Explicit activity control is not supported when automatic activity detection is enabled.",
        )


@pytest.mark.parametrize(
    ("model", "role", "path", "accepted"),
    [
        ("gemini-3.8-live", None, None, False),
        ("gemini-3.8-live", "", None, False),
        ("gemini-2.0-flash-live-001", None, None, True),
        ("gemini-2.0-flash-live-001", "system", None, False),
        ("gemini-live-2.5-flash", "system", VERTEX, True),
    ],
)
def test_roles(emulator, model, role, path, accepted):
    """3.8 wants every turn to have a role; the Gemini API takes no system turns."""
    turn = {"parts": [{"text": "Hello"}]} | ({} if role is None else {"role": role})
    options = {"path": path} if path else {}
    prefix = "publishers/google/models" if path else "models"
    with talk(emulator, **options) as client:
        client.set_up(f"{prefix}/{model}", outputAudioTranscription={})
        client.send({"clientContent": {"turns": [turn], "turnComplete": True}})
        if accepted:
            turn = client.receive_turn()
            assert "Hello" in (text_of(turn), transcription_of(turn))
        else:
            assert client.receive_close() == (1007, INVALID_ARGUMENT)


def test_text_is_not_transcribed(emulator):
    """With the modality TEXT the words come as text, whatever transcription was asked for."""
    config = {"generationConfig": {"responseModalities": ["TEXT"]}, "outputAudioTranscription": {}}
    with talk_set_up(emulator, **config) as client:
        client.say("Hello there")
        turn = client.receive_turn()
    assert text_of(turn) == "Hello there"
    assert transcription_of(turn) == ""


def usage_of(turn):
    """The usage that a turn ends with."""
    return turn[-1]["usageMetadata"]


def test_usage_adds_up_and_grows_with_the_history(emulator):
    """Each turn bills the prompt anew, with all that was said before; the parts add up to the total."""
    with talk_set_up(emulator, systemInstruction={"parts": [{"text": "Be brief."}]}) as client:
        usages = []
        for _ in range(3):
            client.say("Hello there, how are you?")
            usages.append(usage_of(client.receive_turn()))
    for usage in usages:
        assert usage["totalTokenCount"] == usage["promptTokenCount"] + usage["responseTokenCount"]
        for kind in ("prompt", "response"):
            details = usage[f"{kind}TokensDetails"]
            assert sum(detail["tokenCount"] for detail in details) == usage[f"{kind}TokenCount"]
            assert [detail["modality"] for detail in details] == ["TEXT"]
    for earlier, later in pairwise(usages):
        assert later["promptTokenCount"] > earlier["totalTokenCount"] - 1
        assert later["responseTokenCount"] == earlier["responseTokenCount"]


def test_usage_counts_media_by_modality(emulator):
    """A second of audio has 25 tokens, at any rate; a video frame 256, or 64 at low resolution."""
    second = base64.b64encode(bytes(2 * 8000)).decode()
    frame = {"mimeType": "image/jpeg", "data": "AAAA"}
    for resolution, tokens in ((None, 256), ("MEDIA_RESOLUTION_LOW", 64)):
        config = {"generationConfig": {"mediaResolution": resolution}}
        with talk_set_up(emulator, **config) as client:
            client.send({"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=8000", "data": second}}})
            client.send({"realtimeInput": {"video": frame}})
            client.send({"realtimeInput": {"video": frame}})
            client.send({"realtimeInput": {"text": "What is this?"}})
            usage = usage_of(client.receive_turn())
        counts = {detail["modality"]: detail["tokenCount"] for detail in usage["promptTokensDetails"]}
        assert counts == {"TEXT": 4, "AUDIO": 25, "VIDEO": 2 * tokens}
        assert usage["promptTokenCount"] == 29 + 2 * tokens


def test_usage_has_other_names_on_vertex_ai(emulator):
    """Vertex AI counts candidates instead of responses, and names the kind of traffic."""
    with talk(emulator, VERTEX, KEY) as client:
        text = {"responseModalities": ["TEXT"]}
        client.set_up("publishers/google/models/gemini-live-2.5-flash", generationConfig=text)
        client.say("Hello")
        usage = usage_of(client.receive_turn())
    assert usage["candidatesTokenCount"] == 2
    assert usage["candidatesTokensDetails"] == [{"modality": "TEXT", "tokenCount": 2}]
    assert usage["trafficType"] == "ON_DEMAND"
    assert not {key for key in usage if key.startswith("response")}


def test_sessions_do_not_share_a_history(emulator):
    """Each connection is a conversation of its own."""
    with talk_set_up(emulator) as first, talk_set_up(emulator) as second:
        first.say("Hello")
        second.send({"clientContent": {"turnComplete": True}})
        assert text_of(first.receive_turn()) == "Hello"
        assert text_of(second.receive_turn()) == "Hello."
