"""Scenarios, played: what is expected, and what is done."""

import base64
import time
from uuid import UUID

import pytest

from genai_live.emulator import Emulator, ScenarioMismatch
from genai_live.errors import LiveError
from tests.emulator.live_client import VERTEX, talk, talk_set_up, text_of, transcription_of
from tests.timing import scaled


def emulate(*steps, **options):
    """An emulator that plays these steps without pauses."""
    return Emulator(script={"steps": list(steps)}, **({"time_scale": 0} | options))


def test_the_steps_are_played_in_order_in_every_connection():
    """Each connection plays the scenario from its start."""
    with emulate({"expect": "One", "answer": "1"}, {"expect": "Two", "answer": "2"}) as emulator:
        for _ in range(2):
            with talk_set_up(emulator) as client:
                for said, answered in (("One", "1"), ("Two", "2")):
                    client.say(said)
                    assert text_of(client.receive_turn()) == answered


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        (
            "Hello",
            {
                "clientContent": {
                    "turns": [{"parts": [{"text": "Hel"}, {"text": "lo"}]}],
                    "turnComplete": True,
                }
            },
        ),
        ("Hello", {"realtimeInput": {"text": "Hello"}}),
        ("/(?i)^H.*o$/", {"realtimeInput": {"text": "hello"}}),
        ("/ell/", {"realtimeInput": {"text": "Hello"}}),
        ("/", {"realtimeInput": {"text": "/"}}),
        ("//", {"realtimeInput": {"text": "//"}}),
        ({}, {"realtimeInput": {"text": "anything"}}),
        ({"clientContent": {"turnComplete": True}}, {"client_content": {"turn_complete": True}}),
        (
            {"clientContent": {"turns": [{"parts": [{"text": "/b/"}]}]}},
            {
                "clientContent": {
                    "turns": [{"role": "user", "parts": [{"text": "abc"}]}],
                    "turnComplete": True,
                }
            },
        ),
        (
            {"toolResponse": {"functionResponses": [{"response": {"degrees": 3, "rain": True}}]}},
            {
                "toolResponse": {
                    "functionResponses": [{"id": "1", "response": {"degrees": 3.0, "rain": True}}]
                }
            },
        ),
        ({"realtimeInput": {"audioStreamEnd": True}}, {"realtimeInput": {"audioStreamEnd": True}}),
        ({"contextUpdate": {}}, {"contextUpdate": {"tools": {"tools": []}}}),
        ({"clientContent": {"turns": []}}, {"clientContent": {"turns": []}}),
    ],
)
def test_what_is_expected_is_a_part_of_the_message(expect, message):
    """A text is the user's; a mapping is compared in camelCase, and the message may have more."""
    with emulate({"expect": expect, "answer": "Yes"}) as emulator, talk_set_up(emulator) as client:
        client.send(message)
        assert text_of(client.receive_turn()) == "Yes"


@pytest.mark.parametrize(
    ("expect", "message", "difference"),
    [
        ("Hello", {"realtimeInput": {"text": "Hello!"}}, 'expected the user\'s text to be "Hello"'),
        ("Hello", {"clientContent": {"turnComplete": True}}, 'expected the user\'s text to be "Hello"'),
        ("/^a/", {"realtimeInput": {"text": "ba"}}, "expected the user's text to match /^a/"),
        ("/^a/", {"toolResponse": {}}, 'expected the user\'s text to be "/^a/"'),
        ({"toolResponse": {}}, {"realtimeInput": {"text": "x"}}, "expected toolResponse to be {}"),
        (
            {"toolResponse": {"functionResponses": [{"name": "f"}]}},
            {"toolResponse": {"functionResponses": [{"name": "f"}, {"name": "g"}]}},
            'expected toolResponse.functionResponses to be [{"name": "f"}]',
        ),
        (
            {"toolResponse": {"functionResponses": [{"response": {"a": 1}}]}},
            {"toolResponse": {"functionResponses": [{"response": {"a": True}}]}},
            "expected toolResponse.functionResponses[0].response.a to be 1",
        ),
        (
            {"realtimeInput": {"audioStreamEnd": False}},
            {"realtimeInput": {"audioStreamEnd": True}},
            "expected realtimeInput.audioStreamEnd to be false",
        ),
    ],
)
def test_another_message_is_a_mismatch(expect, message, difference):
    """It closes the connection with 1008 and what was expected; it is recorded, and raised at the end."""
    emulator = emulate({"expect": expect, "answer": "Yes"})

    def converse():
        with emulator, talk_set_up(emulator) as client:
            client.send(message)
            code, reason = client.receive_close()
            assert code == 1008
            assert reason.startswith(f"steps[0]: {difference}; got "[:120])

    with pytest.raises(ScenarioMismatch, match=r"^connections\[0\]: steps\[0\]: expected ") as raised:
        converse()
    assert emulator.mismatches == (str(raised.value),)
    assert difference in emulator.mismatches[0]
    assert isinstance(raised.value, LiveError)
    assert isinstance(raised.value, AssertionError)


def test_a_mismatch_does_not_hide_what_the_block_raised():
    """An exception in the block is the first thing to know; the mismatch is still recorded."""
    emulator = emulate({"expect": "Hello"})

    def converse():
        with emulator, talk_set_up(emulator) as client:
            client.say("Good bye")
            assert client.receive_close()[0] == 1008
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        converse()
    assert len(emulator.mismatches) == 1


def test_a_message_after_the_last_step_is_a_mismatch():
    """Nothing is expected any more; only what asks for no answer may come."""

    def converse():
        with emulate({"expect": "Hello", "answer": "Yes"}) as emulator, talk_set_up(emulator) as client:
            client.say("Hello")
            client.receive_turn()
            client.send({"realtimeInput": {"audioStreamEnd": True}})
            client.say("Hello")
            assert client.receive_close()[0] == 1008

    with pytest.raises(ScenarioMismatch, match="the scenario has ended; got "):
        converse()


def test_messages_that_ask_for_no_answer_are_passed_over():
    """Media, context updates and content that is not complete do not take the place of what is expected."""
    with emulate({"expect": "Hello", "answer": "Yes"}) as emulator, talk_set_up(emulator) as client:
        client.send({"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": "AAAAAA=="}}})
        client.send({"contextUpdate": {"tools": {}}})
        client.say("Good bye", turnComplete=False)
        client.say("Hello")
        assert text_of(client.receive_turn()) == "Yes"


def test_the_setup_may_be_expected():
    """A part of the setup is compared before setupComplete is sent."""
    search = {"tools": [{"googleSearch": {}}]}
    script = {"setup": {"model": "/3.8/"} | search, "steps": []}

    def converse():
        with Emulator(script=script) as emulator:
            with talk(emulator) as client:
                assert client.set_up("models/gemini-3.8-live", **search) == {"setupComplete": {}}
            with talk(emulator) as client:
                client.send({"setup": {"model": "models/gemini-3.8-live"}})
                code, reason = client.receive_close()
                assert code == 1008
                assert reason.startswith("expected setup.tools to be ")

    with pytest.raises(ScenarioMismatch, match=r"setup\.tools"):
        converse()


def test_the_first_steps_may_expect_nothing():
    """Steps without an expectation follow the setup, or the step before them, at once."""
    with (
        emulate(
            {"answer": "Welcome"},
            {"answer": {"goAway": 1.5}},
            {"expect": "Hello", "answer": "Yes"},
            {"answer": "And no"},
        ) as emulator,
        talk_set_up(emulator) as client,
    ):
        assert text_of(client.receive_turn()) == "Welcome"
        assert client.receive() == {"goAway": {"timeLeft": "1.5s"}}
        client.say("Hello")
        assert text_of(client.receive_turn()) == "Yes"
        assert text_of(client.receive_turn()) == "And no"


def test_an_answer_may_be_silence():
    """A step without an answer takes the message in and does nothing."""
    steps = ({"expect": "Hello"}, {"expect": "Hello?", "answer": "Yes"})
    with emulate(*steps) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        client.say("Hello?")
        assert text_of(client.receive_turn()) == "Yes"


@pytest.mark.parametrize(
    ("model", "path", "pattern"),
    [
        ("models/gemini-2.5-flash-native-audio-latest", None, "function-call-"),
        ("models/gemini-2.0-flash-live-001", None, "function-call-"),
        ("models/gemini-3.1-flash-live-preview", None, "fc_"),
        ("models/gemini-3.8-live", None, "fc_"),
        ("publishers/google/models/gemini-live-2.5-flash", VERTEX, ""),
    ],
)
def test_functions_are_called(model, path, pattern):
    """A call has an id as its model makes them, and the answer to its result ends a turn."""
    with (
        emulate(
            {
                "expect": "Hello",
                "answer": {"call": [{"name": "f"}, {"name": "g", "args": {"a_b": 1}, "id": "mine"}]},
            },
            {"expect": {"toolResponse": {"functionResponses": [{"name": "f"}, {}]}}, "answer": "Yes"},
        ) as emulator,
        talk(emulator, **({"path": path} if path else {})) as client,
    ):
        client.set_up(model, outputAudioTranscription={})
        client.say("Hello")
        message = client.receive()
        while "toolCall" not in message:
            message = client.receive()
        first, second = message["toolCall"]["functionCalls"]
        assert list(first) == ["name", "args", "id"]
        assert (first["name"], first["args"]) == ("f", {})
        identifier = first["id"].removeprefix(pattern)
        assert identifier.isdigit() if pattern else UUID(identifier)
        assert second == {"name": "g", "args": {"a_b": 1}, "id": "mine"}
        client.send(
            {"toolResponse": {"functionResponses": [{"name": "f", "id": first["id"]}, {"id": "mine"}]}}
        )
        while not (said := text_of(turn := client.receive_turn()) or transcription_of(turn)):
            pass  # where a call ends the turn
        assert said == "Yes"
        assert [message for message in turn if message.get("serverContent", {}).get("generationComplete")]


def test_words_around_a_call_belong_to_one_turn():
    """A turn is complete when the model has spoken after its last call."""
    with (
        emulate(
            {"expect": "Hello", "answer": ["Let me see", {"call": {"name": "f"}}, " while I wait"]}
        ) as emulator,
        talk_set_up(emulator) as client,
    ):
        client.say("Hello")
        turn = client.receive_turn()
        assert text_of(turn) == "Let me see while I wait"
        assert len([message for message in turn if "toolCall" in message]) == 1


def test_what_is_said_while_a_function_runs_interrupts_the_turn():
    """The turn of a pending call is open; the call is cancelled."""
    with (
        emulate(
            {"expect": "Hello", "answer": {"call": {"name": "f"}}}, {"expect": "Never mind", "answer": "Well"}
        ) as emulator,
        talk_set_up(emulator) as client,
    ):
        client.say("Hello")
        (call,) = client.receive()["toolCall"]["functionCalls"]
        client.say("Never mind")
        assert client.receive() == {"toolCallCancellation": {"ids": [call["id"]]}}
        assert client.receive() == {"serverContent": {"interrupted": True}}
        assert client.receive() == {"serverContent": {"turnComplete": True}}
        assert text_of(client.receive_turn()) == "Well"


def test_a_tool_response_that_comes_in_mid_answer_waits_for_it():
    """It does not interrupt: its answer follows."""
    with (
        emulate(
            {"expect": "Hello", "answer": [{"call": {"name": "f"}}, {"text": "a b c d e f g h"}]},
            {"expect": {"toolResponse": {}}, "answer": "Yes"},
            time_scale=0.1,
        ) as emulator,
        talk_set_up(emulator) as client,
    ):
        client.say("Hello")
        assert "toolCall" in client.receive()
        client.send({"toolResponse": {"functionResponses": []}})
        assert text_of(client.receive_turn()) == "a b c d e f g h"
        assert text_of(client.receive_turn()) == "Yes"


def test_transcriptions():
    """The output transcription is said word by word, the input transcription sent at once."""
    answer = [{"inputTranscription": "Hello there"}, {"outputTranscription": "Good morning"}]
    with emulate({"expect": "Hello", "answer": answer}) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        turn = client.receive_turn()
        assert turn[0] == {"serverContent": {"inputTranscription": {"text": "Hello there"}}}
        assert turn[1] == {"serverContent": {"outputTranscription": {"text": "Good"}}}
        assert transcription_of(turn) == "Good morning"
        assert "usageMetadata" in turn[-1]


def test_messages_are_sent_as_they_are():
    """A raw message is not touched, and nothing is added to it; complete adds the end of the turn."""
    message = {"somethingNew": {"a_b": [None, 1.5, "x"]}, "serverContent": {}}
    with (
        emulate(
            {"expect": "Hello", "answer": {"message": message}},
            {"expect": "Again", "answer": {"message": message}, "complete": True},
        ) as emulator,
        talk_set_up(emulator) as client,
    ):
        client.say("Hello")
        assert client.receive() == message
        client.say("Again")
        assert client.receive() == message
        assert [list(end["serverContent"]) for end in client.receive_turn()] == [
            ["generationComplete"],
            ["turnComplete"],
        ]


def test_the_usage_may_be_given():
    """It is sent in place of the counted one."""
    usage = {"promptTokenCount": 7, "anything": []}
    step = {"expect": "Hello", "answer": "Yes", "usage": usage}
    with emulate(step) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        assert client.receive_turn()[-1]["usageMetadata"] == usage


def test_the_connection_may_be_closed():
    """The close frame follows what was said, with its code and reason; the turn is not complete."""
    close = {"code": 1011, "reason": "The service is currently unavailable."}
    with emulate({"expect": "Hello", "answer": ["Well", {"close": close}]}) as emulator:
        with talk_set_up(emulator) as client:
            client.say("Hello")
            assert text_of([client.receive()]) == "Well"
            assert client.receive_close() == (1011, "The service is currently unavailable.")
        (connection,) = emulator.connections
        assert connection.closed_by == "emulator"
        assert (connection.close_code, connection.close_reason) == tuple(close.values())


def test_handles_may_be_given():
    """A new one, or the word that there is none for now; unasked, and neither is a turn of its own."""
    answer = [{"handle": {"resumable": True}}, "Well", {"handle": {"resumable": False}}]
    with emulate({"expect": "Hello", "answer": answer}) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        given, said, withdrawn, *end = client.receive_turn()
    assert UUID(given["sessionResumptionUpdate"].pop("newHandle"))
    assert given == {"sessionResumptionUpdate": {"resumable": True}}
    assert text_of([said]) == "Well"
    assert len(end) == 2
    assert withdrawn == {"sessionResumptionUpdate": {"resumable": False}}


@pytest.mark.parametrize("tls", [False, True])
def test_the_connection_may_be_dropped(tls):
    """What was said arrives, then the connection ends without a close frame."""
    with emulate({"expect": "Hello", "answer": ["Well", {"drop": True}]}, tls=tls) as emulator:
        with talk_set_up(emulator) as client:
            client.say("Hello")
            assert text_of([client.receive()]) == "Well"
            assert client.receive_close() == (1006, "")
        (connection,) = emulator.connections
        assert (connection.closed_by, connection.close_code) == ("emulator", 1006)


def test_frames_may_hold_anything():
    """Text and binary frames are sent as they are, though they are no JSON."""
    data = bytes(range(256))
    answer = [{"frame": {"text": "not json"}}, {"frame": {"base64": base64.b64encode(data).decode()}}]
    with emulate({"expect": "Hello", "answer": answer}) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        assert client.socket.recv() == "not json"
        assert client.socket.recv() == data


def test_actions_wait_as_long_as_the_time_scale_says():
    """After counts seconds at a time scale of 1, and none at 0."""
    steps = {"expect": "Hello", "answer": {"after": 20, "message": {"serverContent": {}}}}
    for time_scale, least, most in ((0, 0, scaled(5)), (0.01, 0.2, scaled(5))):
        with emulate(steps, time_scale=time_scale) as emulator, talk_set_up(emulator) as client:
            client.say("Hello")
            began = time.monotonic()
            client.receive()
            assert least * 0.9 <= time.monotonic() - began < most


def test_a_message_of_its_own_is_not_interrupted():
    """What is not the model's turn is sent to its end, though the user speaks meanwhile."""
    with (
        emulate(
            {"expect": "Hello", "answer": [{"message": {"serverContent": {}}}, {"after": 10, "goAway": 3}]},
            {"expect": "Stop", "answer": "Yes"},
            time_scale=0.01,
        ) as emulator,
        talk_set_up(emulator) as client,
    ):
        client.say("Hello")
        assert client.receive() == {"serverContent": {}}
        client.say("Stop")
        assert client.receive() == {"goAway": {"timeLeft": "3s"}}
        assert text_of(client.receive_turn()) == "Yes"


def test_any_number_of_messages_may_wait_for_an_answer():
    """Tool responses that come in mid-answer are answered one after another, be they thousands."""
    many = 3000
    steps = [{"expect": "Hello", "answer": [{"after": 100, "text": "Yes"}]}]
    steps += [{"expect": {"toolResponse": {}}, "answer": "And"}] * many
    steps += [{"expect": "Stop", "answer": "Well"}]
    with emulate(*steps, time_scale=1) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        for _ in range(many):
            client.send({"toolResponse": {}})
        client.say("Stop")
        assert [message["serverContent"] for message in client.receive_turn()] == [
            {"interrupted": True},
            {"turnComplete": True},
        ]
        assert text_of(client.receive_turn()) == "Well"
