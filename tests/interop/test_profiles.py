"""A turn with each family of models: words by transcription, and the voice that says them."""

import pytest

from tests.interop.conversation import (
    Vertex,
    end_audio,
    receive_turn,
    receive_until,
    say,
    say_in_realtime,
    speak,
    tone,
)

TRANSCRIBED = {"responseModalities": ["AUDIO"], "outputAudioTranscription": {}}

QUESTION = "Is it raining in Oslo?"


@pytest.mark.parametrize("send", [say, say_in_realtime])
@pytest.mark.parametrize(
    "model",
    [
        "gemini-2.0-flash-live-001",
        "gemini-2.5-flash-native-audio-preview-12-2025",
        "gemini-3.1-flash-live-preview",
        "gemini-3.8-live",
    ],
)
def test_text_is_answered_with_voice(sdk, model, send):
    """A model that speaks says the words aloud, and they come as its transcription, not as text."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(emulator, send(QUESTION), receive_turn(), model=model, config=TRANSCRIBED)
    (turn,) = transcript.turns
    assert turn.output_transcription == QUESTION
    assert turn.audio
    assert not turn.text
    assert turn.complete
    assert turn.generation_complete
    assert turn.usage["totalTokenCount"] > 0


def test_vertex_answers_with_voice(sdk):
    """On Vertex AI the words come before the voice, and the session has an id."""
    with sdk.emulator() as emulator:
        transcript = sdk.converse(
            emulator,
            say(QUESTION),
            receive_turn(),
            model="gemini-live-2.5-flash-native-audio",
            config=TRANSCRIBED,
            access=Vertex(),
        )
    (turn,) = transcript.turns
    assert turn.output_transcription == QUESTION
    assert turn.audio
    assert turn.usage["totalTokenCount"] > 0
    assert transcript.session_id


def test_speech_is_written_down(sdk):
    """A model that transcribes gives the user's words, no answer, and never completes a turn."""
    script = {"steps": [{"expect": {"speech": QUESTION}}]}
    with sdk.emulator(script=script) as emulator:
        transcript = sdk.converse(
            emulator,
            *speak(tone(1)),
            end_audio(),
            receive_until("generation_complete"),
            model="gemini-3.5-transcribe-live",
            config={"responseModalities": ["TEXT"], "inputAudioTranscription": {}},
        )
    (turn,) = transcript.turns
    assert turn.input_transcription == QUESTION
    assert not turn.complete
    assert not turn.audio
