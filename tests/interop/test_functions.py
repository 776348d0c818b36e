"""Function calls and their answers."""

import pytest

from tests.interop.conversation import answer_call, receive_turn, receive_until, say_in_realtime

CONFIG = {
    "responseModalities": ["AUDIO"],
    "outputAudioTranscription": {},
    "tools": [
        {
            "functionDeclarations": [
                {
                    "name": "get_weather",
                    "description": "Tells the weather.",
                    "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
                }
            ]
        }
    ],
}
SCRIPT = {
    "steps": [
        {
            "expect": "Is it raining in Oslo?",
            "answer": {"call": {"name": "get_weather", "args": {"city": "Oslo"}}},
        },
        {
            "expect": {
                "toolResponse": {
                    "functionResponses": [{"name": "get_weather", "response": {"output": "rain"}}]
                }
            },
            "answer": "Yes, take an umbrella.",
        },
    ]
}


@pytest.mark.parametrize(
    ("model", "receive_call", "turns"),
    [
        ("gemini-2.5-flash-native-audio-preview-12-2025", receive_until("calls"), 1),
        ("gemini-3.1-flash-live-preview", receive_until("calls"), 1),
        ("gemini-3.8-live", receive_turn(), 2),
        ("gemini-3.8-live-extended-thinking", receive_until("calls"), 1),
    ],
)
def test_a_function_is_called_and_answered(sdk, model, receive_call, turns):
    """The call's name, arguments and id come, and its answer is taken.

    On 3.8 the call ends the turn. With extended thinking the turn is in progress then, and not complete.
    """
    with sdk.emulator(script=SCRIPT) as emulator:
        transcript = sdk.converse(
            emulator,
            say_in_realtime("Is it raining in Oslo?"),
            receive_call,
            answer_call({"output": "rain"}),
            receive_turn(),
            model=model,
            config=CONFIG,
        )
        (response,) = emulator.connections[0].received[-1:]
    assert len(transcript.turns) == turns
    (call,) = transcript.turns[0].calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Oslo"})
    (sent,) = response.popitem()[1]["functionResponses"]
    assert sent["id"] == call["id"]
    assert transcript.turns[-1].output_transcription == "Yes, take an umbrella."
    assert all(turn.complete for turn in transcript.turns)
