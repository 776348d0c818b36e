"""The examples of docs/scenarios.md, played."""

from pathlib import Path

import pytest
import yaml

from genai_live.emulator import Emulator, ScenarioMismatch
from tests.emulator.live_client import talk_set_up, text_of, transcription_of
from tests.emulator.signals import tone
from tests.emulator.speaking import audio_of, heard_of, speak, write_wav

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"


def example(number, tmp_path):
    """Write an example of the page to a file."""
    blocks = PAGE.read_text("utf-8").split("```yaml\n")[1:]
    path = tmp_path / "example.yaml"
    path.write_text(blocks[number].split("```")[0], "utf-8")
    return path


def test_a_function_call(tmp_path):
    """The model calls the function, and answers when its result has come."""
    with Emulator(script=example(0, tmp_path), time_scale=0) as emulator, talk_set_up(emulator) as client:
        client.say("Is it raining in Oslo?")
        (call,) = client.receive()["toolCall"]["functionCalls"]
        assert (call["name"], call["args"]) == ("get_weather", {"city": "Oslo"})
        response = {"id": call["id"], "name": "get_weather", "response": {"output": "heavy rain"}}
        client.send({"toolResponse": {"functionResponses": [response]}})
        assert text_of(client.receive_turn()) == "Yes, take an umbrella."


def test_an_interruption_a_warning_and_the_end(tmp_path):
    """The story is interrupted, the next answer has its usage, then goAway and the close come."""
    path = example(1, tmp_path)
    with Emulator(script=path, time_scale=0) as emulator, talk_set_up(emulator) as client:
        client.say("Tell me a story")
        said = ""
        while said != "Once upon a time there was":
            said += text_of([client.receive()])
        client.say("Stop, please.")
        assert client.receive() == {"serverContent": {"interrupted": True}}
        assert client.receive() == {"serverContent": {"turnComplete": True}}
        turn = client.receive_turn()
        assert text_of(turn) == "Very well."
        assert turn[-1]["usageMetadata"] == yaml.safe_load(path.read_text("utf-8"))["steps"][1]["usage"]
        assert client.receive() == {"goAway": {"timeLeft": "10s"}}
        assert client.receive_close() == (1011, "Internal error encountered.")


def test_two_calls_of_which_one_is_cancelled(tmp_path):
    """The response of the cancelled one is ignored, and the other's is answered."""
    with Emulator(script=example(2, tmp_path), time_scale=0) as emulator, talk_set_up(emulator) as client:
        client.say("How is the weather?")
        assert len(client.receive()["toolCall"]["functionCalls"]) == 2
        assert client.receive() == {"toolCallCancellation": {"ids": ["rome"]}}
        for city in ("rome", "oslo"):
            response = {"id": city, "name": "get_weather", "response": {}}
            client.send({"toolResponse": {"functionResponses": [response]}})
        assert text_of(client.receive_turn()) == "It rains in Oslo."


def test_a_spoken_question(tmp_path):
    """Speech is answered with the voice of the file, and both sides are transcribed."""
    write_wav(tmp_path / "rain.wav", tone(0.5, rate=24_000))
    setup = {"inputAudioTranscription": {}, "outputAudioTranscription": {}}
    with (
        Emulator(script=example(3, tmp_path), time_scale=0) as emulator,
        talk_set_up(emulator, model="models/gemini-3.8-live", **setup) as client,
    ):
        speak(client)
        turn = client.receive_turn()
        assert heard_of(turn) == "What is the weather?"
        assert transcription_of(turn) == "It is raining."
        assert audio_of(turn) == tone(0.5, rate=24_000).tobytes()


def test_a_session_that_is_resumed(tmp_path):
    """The connection ends before it said that it would, and the next one goes on with the scenario."""
    with Emulator(script=example(4, tmp_path), time_scale=0) as emulator:
        with talk_set_up(emulator) as client:
            client.say("Is it raining in Oslo?")
            handle = client.receive()["sessionResumptionUpdate"]["newHandle"]
            assert client.receive() == {"goAway": {"timeLeft": "50s"}}
            assert text_of([client.receive(), client.receive()]) == "It is"
            assert client.receive_close() == (1006, "")
        with talk_set_up(emulator, sessionResumption={"handle": handle}) as client:
            assert client.receive()["sessionResumptionUpdate"]["resumable"]
            client.say("Is it raining in Oslo?")
            assert text_of(client.receive_turn()) == "Yes, take an umbrella."


def test_a_recording(tmp_path):
    """The recorded answer comes, and nothing is added to it."""
    with Emulator(script=example(5, tmp_path)) as emulator, talk_set_up(emulator) as client:
        client.say("Hello")
        assert client.receive() == {"serverContent": {"modelTurn": {"parts": [{"text": "Hi."}]}}}


def test_the_mismatch_that_the_page_shows_is_the_one_that_comes(tmp_path):
    """It names the place in the recording, what was expected and what came."""
    shown = PAGE.read_text("utf-8").split("with a scenario:\n`", 1)[1].split("`")[0]

    def run():
        with Emulator(script=example(5, tmp_path)) as emulator, talk_set_up(emulator) as client:
            client.say("Good morning")
            assert client.receive_close() == (1008, shown)

    with pytest.raises(ScenarioMismatch):
        run()


def test_there_are_no_other_examples():
    """Every YAML example of the page is played here."""
    assert PAGE.read_text("utf-8").count("```yaml\n") == 6


def test_the_error_that_the_page_shows_is_the_one_that_comes(tmp_path):
    """The message in the page's last paragraph is what the format's reader says."""
    from genai_live.errors import ConfigurationError

    shown = PAGE.read_text("utf-8").rsplit("`weather.yaml: ", 1)[1].split("`")[0].replace("\n", " ")
    script = {"steps": [{"expect": "x"}, {"expect": "y", "answer": {"close": {"code": 1006}}}]}
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script=script)
    assert str(raised.value) == shown
