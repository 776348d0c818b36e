"""Conversations in speech."""

import pytest

from tests.interop.conversation import (
    end_audio,
    receive_turn,
    receive_until,
    say_in_realtime,
    silence,
    speak,
    tone,
)

MODEL = "gemini-3.8-live"
TRANSCRIBED = {
    "responseModalities": ["AUDIO"],
    "inputAudioTranscription": {},
    "outputAudioTranscription": {},
}
SECOND_OF_ANSWER = 24000 * 2
"""Bytes: 24 kHz, 16-bit, mono."""


@pytest.mark.parametrize("end", [speak(silence(1)), [end_audio()]], ids=["silence", "audio stream end"])
def test_speech_is_answered_with_speech(sdk, end):
    """The model answers when the user falls silent; the echo says what it heard."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(emulator, *speak(tone(2)), *end, receive_turn(), model=MODEL)
    (turn,) = transcript.turns
    assert turn.complete
    assert not turn.interrupted
    assert 1.5 * SECOND_OF_ANSWER < len(turn.audio) < 3 * SECOND_OF_ANSWER


def test_both_sides_are_transcribed(sdk):
    """With transcriptions asked for, the SDK gives the words of the user and of the model."""
    script = {"steps": [{"expect": {"speech": "Is it raining?"}, "answer": "Yes, it is."}]}
    with sdk.emulator(script=script) as emulator:
        transcript = sdk.converse(
            emulator, *speak(tone(1)), end_audio(), receive_turn(), model=MODEL, config=TRANSCRIBED
        )
    (turn,) = transcript.turns
    assert turn.input_transcription == "Is it raining?"
    assert turn.output_transcription == "Yes, it is."
    assert turn.audio


@pytest.mark.parametrize(
    ("interruption", "expected"),
    [([*speak(tone(1)), end_audio()], {"speech": True}), ([say_in_realtime("Stop.")], "Stop.")],
    ids=["speech", "text"],
)
def test_an_answer_is_interrupted(sdk, interruption, expected):
    """Speech or text cuts an answer off: the SDK sees the end of that turn, then the next one."""
    script = {
        "steps": [
            {"expect": {"speech": True}, "answer": "Once upon a time", "complete": False},
            {"expect": expected, "answer": "Very well."},
        ]
    }
    with sdk.emulator(script=script) as emulator:
        transcript = sdk.converse(
            emulator,
            *speak(tone(1)),
            end_audio(),
            receive_until("audio"),
            *interruption,
            receive_turn(),
            receive_turn(),
            model=MODEL,
            config=TRANSCRIBED,
        )
    interrupted, answered = transcript.turns
    assert interrupted.interrupted
    assert interrupted.complete
    assert not interrupted.generation_complete
    assert not answered.interrupted
    assert answered.output_transcription == "Very well."
    assert answered.complete


@pytest.mark.parametrize("after", ["audio", "generation_complete"])
def test_a_voice_is_interrupted_while_it_plays(sdk, after):
    """In real time an echo can be cut off while it is sent, and while what was sent would still be heard."""
    with sdk.emulator(time_scale=1) as emulator:
        transcript = sdk.converse(
            emulator,
            *speak(tone(3)),
            end_audio(),
            receive_until(after),
            *speak(tone(0.5)),
            end_audio(),
            receive_turn(),
            receive_turn(),
            model=MODEL,
        )
    interrupted, answered = transcript.turns
    assert interrupted.interrupted
    assert interrupted.complete
    assert interrupted.generation_complete == (after == "generation_complete")
    assert not answered.interrupted
    assert answered.audio
