"""Scenarios in which the user or the model speaks."""

import numpy as np
import pytest
import yaml

from genai_live.emulator import Emulator, ScenarioMismatch
from genai_live.errors import ConfigurationError
from tests.emulator.live_client import talk_set_up, text_of, transcription_of
from tests.emulator.signals import silence, tone
from tests.emulator.speaking import audio_of, heard_of, speak, write_wav

TRANSCRIPTIONS = {"inputAudioTranscription": {}, "outputAudioTranscription": {}}


def emulate(*steps):
    """An emulator that plays these steps without pauses."""
    return Emulator(script={"steps": list(steps)}, time_scale=0)


def test_speech_may_be_expected():
    """Each utterance takes a step; media and what else asks for no answer are passed over."""
    steps = ({"expect": {"speech": True}, "answer": "One"}, {"expect": {"speech": True}, "answer": "Two"})
    with emulate(*steps) as emulator, talk_set_up(emulator) as client:
        for answer in ("One", "Two"):
            speak(client, silence(0.5))
            client.send({"contextUpdate": {}})
            speak(client)
            assert text_of(client.receive_turn()) == answer


def test_speech_is_what_the_scenario_says_it_is():
    """Its words come as the input transcription, where the setup asked for that; the answer follows."""
    words = "/What is the weather?/"
    with emulate({"expect": {"speech": words}, "answer": "Rain"}) as emulator:
        with talk_set_up(emulator, **TRANSCRIPTIONS) as client:
            speak(client)
            turn = client.receive_turn()
            assert heard_of(turn) == words
            assert text_of(turn) == "Rain"
        with talk_set_up(emulator) as client:
            speak(client)
            turn = client.receive_turn()
            assert heard_of(turn) == ""
            assert text_of(turn) == "Rain"


def test_words_are_heard_though_nothing_is_answered():
    """A step without an answer still has the words of the user."""
    steps = ({"expect": {"speech": "Hm"}}, {"expect": "Well?", "answer": "Yes"})
    with emulate(*steps) as emulator, talk_set_up(emulator, **TRANSCRIPTIONS) as client:
        speak(client)
        assert heard_of([client.receive()]) == "Hm"
        client.say("Well?")
        assert text_of(client.receive_turn()) == "Yes"


def test_speech_is_anything_that_asks_for_an_answer():
    """An empty mapping matches speech, as it does any message."""
    with emulate({"expect": {}, "answer": "Yes"}) as emulator, talk_set_up(emulator) as client:
        speak(client)
        assert text_of(client.receive_turn()) == "Yes"


def test_a_step_that_expects_realtime_input_compares_messages():
    """The speech in them takes no step of its own."""
    steps = (
        {"expect": {"realtimeInput": {"audio": {"mimeType": "audio/pcm"}}}, "answer": "One"},
        {"expect": {"realtimeInput": {"audioStreamEnd": True}}, "answer": "Two"},
    )
    with emulate(*steps) as emulator, talk_set_up(emulator) as client:
        speak(client, np.concatenate([tone(0.5), silence(1), tone(0.5)]))
        assert text_of(client.receive_turn()) == "One"
        client.send({"realtimeInput": {"audioStreamEnd": True}})
        assert text_of(client.receive_turn()) == "Two"


@pytest.mark.parametrize(
    ("steps", "mismatch"),
    [
        ([{"expect": "Hello"}], 'steps[0]: expected the user\'s text to be "Hello"; got 0.'),
        ([{"expect": "/^H/"}], 'steps[0]: expected the user\'s text to be "/^H/"; got 0.'),
        ([{"expect": {"toolResponse": {}}}], "steps[0]: expected toolResponse to be {}; got 0."),
        ([], "the scenario has ended; got 0."),
    ],
)
def test_speech_that_is_not_expected_is_a_mismatch(steps, mismatch):
    """It closes the connection with 1008; the mismatch says how long the speech was."""

    def run():
        with emulate(*steps) as emulator, talk_set_up(emulator) as client:
            speak(client)
            code, reason = client.receive_close()
            assert code == 1008
            assert reason.startswith(mismatch)

    with pytest.raises(ScenarioMismatch, match=r" got 0\.[5-7] s of speech$"):
        run()


def test_a_message_where_speech_is_expected_is_a_mismatch():
    """The message is shown."""

    def run():
        with emulate({"expect": {"speech": True}}) as emulator, talk_set_up(emulator) as client:
            client.send({"realtimeInput": {"text": "Hello"}})
            assert client.receive_close()[0] == 1008

    with pytest.raises(ScenarioMismatch, match=r'expected speech; got {"realtimeInput": {"text": "Hello"}}'):
        run()


@pytest.mark.parametrize(
    ("speech", "message"),
    [
        (False, "steps[0].expect.speech: must be true, or the words that are said"),
        ("", "steps[0].expect.speech: must be true, or the words that are said"),
        ({"text": "Hello"}, "steps[0].expect.speech: must be true, or the words that are said"),
    ],
)
def test_an_expectation_of_speech_is_checked(speech, message):
    """It names the place, and what is wanted."""
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script={"steps": [{"expect": {"speech": speech}}]})
    assert str(raised.value) == message
    with pytest.raises(ConfigurationError, match=r"steps\[0\]\.expect: 'text' is not known here"):
        Emulator(script={"steps": [{"expect": {"speech": True, "text": "x"}}]})


AUDIO_MODEL = "models/gemini-2.5-flash-native-audio-latest"


@pytest.mark.parametrize(
    ("rate", "text"), [(24_000, "Good morning"), (8_000, "Good morning"), (24_000, None)]
)
def test_the_model_may_play_a_recording(tmp_path, rate, text):
    """The file is found beside the scenario's, and comes at 24 kHz; its words are the transcription."""
    sound = tone(1, rate=rate)
    write_wav(tmp_path / "answer.wav", sound, rate=rate)
    script = tmp_path / "scenario.yaml"
    speech = {"audio": "answer.wav"} | ({"text": text} if text else {})
    script.write_text(yaml.safe_dump({"steps": [{"expect": "Hello", "answer": {"speech": speech}}]}))
    with Emulator(script=script, time_scale=0) as emulator:
        for setup in (TRANSCRIPTIONS, {}):
            with talk_set_up(emulator, model=AUDIO_MODEL, **setup) as client:
                client.say("Hello")
                turn = client.receive_turn()
                heard = audio_of(turn)
                if rate == 24_000:
                    assert heard == sound.tobytes()
                assert len(heard) == 24_000 * 2
                assert np.abs(np.frombuffer(heard, np.int16)).max() == pytest.approx(8_000, rel=0.05)
                assert transcription_of(turn) == (text if text and setup else "")


def test_a_recording_named_by_a_dict_is_looked_for_in_the_working_directory(tmp_path, monkeypatch):
    """There is no scenario's file to go by."""
    write_wav(tmp_path / "answer.wav", tone(0.1))
    monkeypatch.chdir(tmp_path)
    Emulator(script={"steps": [{"answer": {"speech": {"audio": "answer.wav"}}}]})


@pytest.mark.parametrize(
    ("sound", "shape", "problem"),
    [
        (tone(0.1), {"channels": 2}, "has 2 channels of 16 bits; wanted is a WAV file of 16-bit mono PCM"),
        (tone(0.1), {"width": 1}, "has 1 channel of 8 bits; wanted is a WAV file of 16-bit mono PCM"),
        (tone(0.1), {"rate": 400_000}, "has 400000 samples a second; wanted is a WAV file of 16-bit mono"),
        (silence(0), {}, "holds no sound; wanted is a WAV file of 16-bit mono PCM"),
    ],
)
def test_other_wav_files_are_refused(tmp_path, sound, shape, problem):
    """The error says what the file is, what is wanted, and how to make it."""
    path = tmp_path / "answer.wav"
    write_wav(path, sound, **shape)
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script={"steps": [{"answer": {"speech": {"audio": str(path)}}}]})
    assert str(raised.value).startswith(f"steps[0].answer.speech.audio: {path} {problem}")
    assert str(raised.value).endswith("ffmpeg -i FILE -ac 1 -c:a pcm_s16le answer.wav")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"ID3\x04 an mp3, and long enough", "cannot be used: file does not start with RIFF id"),
        (b"RIFF", "cannot be used: it ends too early"),
        (None, "cannot be read: No such file"),
    ],
)
def test_files_that_are_no_wav_are_refused(tmp_path, data, problem):
    """The error names the file and says what is wrong with it."""
    path = tmp_path / "answer.wav"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script={"steps": [{"answer": {"speech": {"audio": str(path)}}}]})
    assert str(raised.value).startswith(f"steps[0].answer.speech.audio: {path} {problem}")


@pytest.mark.parametrize(
    ("speech", "message"),
    [
        ("answer.wav", "steps[0].answer.speech: must be a mapping with audio, text"),
        ({"text": "x"}, "steps[0].answer.speech.audio: must be a text"),
        ({"audio": "x", "text": 1}, "steps[0].answer.speech.text: must be a text"),
        ({"audoi": "x"}, "steps[0].answer.speech: 'audoi' is not known here; did you mean 'audio'?"),
    ],
)
def test_an_action_of_speech_is_checked(speech, message):
    """It names the place, and what is wanted."""
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script={"steps": [{"answer": {"speech": speech}}]})
    assert str(raised.value).startswith(message)
