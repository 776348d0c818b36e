"""What the documentation shows, with each family of models that the emulator plays."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from google.oauth2.credentials import Credentials

from genai_live import Client
from genai_live.emulator import Emulator
from tests.docs.test_examples import EXAMPLES, PAGES, documented_output
from tests.timing import SOON

MODELS = {
    "2.0": "gemini-2.0-flash-live-001",
    "2.5": "gemini-2.5-flash-native-audio-latest",
    "3.1": "gemini-3.1-flash-live-preview",
    "3.8": "gemini-3.8-live",
    "transcribe": "gemini-3.5-transcribe-live",
    "vertex-2.5": "gemini-live-2.5-flash",
}
OTHERS = {"music.py", "tokens.py"}
"""Examples that are not about what a model answers."""
SHOWN = "gemini-3.8-live"
README = Path(__file__).parents[2] / "README.md"


@contextmanager
def client_of(profile, script=None):
    """A client of an emulator that plays this profile, on the service where its models are."""
    with Emulator(profile=profile, script=script, time_scale=0) as emulator:
        options = {"http_options": {"base_url": emulator.url}}
        if profile == "vertex-2.5":
            options |= {
                "vertexai": True,
                "project": "p",
                "location": "l",
                "credentials": Credentials(token="any"),
            }
        else:
            options["api_key"] = "any"
        with Client(**options) as client:
            yield client


def with_model(program, profile):
    """The program, written for another model. Its modality is named where 2.0 would write."""
    assert f'"{SHOWN}"' in program
    if profile == "2.0":
        audio = f'model="{SHOWN}", config={{"response_modalities": ["AUDIO"]}})'
        program = program.replace(f'model="{SHOWN}")', audio)
        program = re.sub(
            r'"output_audio_transcription": \{\}', r'\g<0>, "response_modalities": ["AUDIO"]', program
        )
    return program.replace(f'"{SHOWN}"', f'"{MODELS[profile]}"')


def hold_by_voice(names, client, folder, *, answered):
    """Runs the program that speaks a recording; the answer is as long, or empty."""
    question, answer = folder / "question.wav", folder / "answer.wav"
    names["make_recording"](question)
    names["main"](client, question, answer)
    assert abs(names["seconds"](answer) - 2.0 * answered) < 0.2


@pytest.mark.parametrize("profile", sorted(MODELS))
@pytest.mark.parametrize("example", sorted(set(PAGES) - OTHERS))
def test_an_example_works_with_every_model(example, profile, capsys, tmp_path):
    """It prints the same; a model that only transcribes has no answer to print, and no functions to call."""
    names = {"__name__": "example"}
    exec(with_model((EXAMPLES / example).read_text("utf-8"), profile), names)
    if profile == "transcribe" and "SCENARIO" in names:
        return
    with client_of(profile, names.get("SCENARIO")) as client:
        if example == "voice.py":
            hold_by_voice(names, client, tmp_path, answered=profile != "transcribe")
            return
        names["main"](client)
    printed = capsys.readouterr().out
    if profile == "transcribe":
        assert "monsoon" not in printed
    else:
        assert printed == documented_output(PAGES[example])


@pytest.mark.parametrize("profile", sorted(MODELS))
@pytest.mark.parametrize("via", ["content", "realtime"])
def test_ask_works_with_every_model(profile, via):
    """Text in, words and speech out; of the transcribing model the transcript."""
    config = {"output_audio_transcription": {}, "input_audio_transcription": {}}
    if profile == "2.0":
        config["response_modalities"] = ["AUDIO"]
    with (
        client_of(profile) as client,
        client.live.connect(model=MODELS[profile], config=config, timeout=SOON) as session,
    ):
        for question in ("Is it raining?", "And now?"):
            turn = session.ask(question, via=via, timeout=SOON)
            if profile == "transcribe":
                assert turn.input_transcription == question
            else:
                assert turn.text == question
                assert len(turn.audio) / 2 / 24_000 > 0.3


@pytest.mark.parametrize("profile", sorted(MODELS.keys() - {"transcribe", "vertex-2.5"}))
def test_the_program_of_the_readme_works_with_every_model(profile, monkeypatch, capsys):
    """With a key and an address in the environment."""
    program = re.search(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)[1]
    with Emulator(time_scale=0) as emulator:
        monkeypatch.setenv("GEMINI_API_KEY", "any")
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", emulator.url)
        exec(with_model(program, profile), {"__name__": "readme"})
    assert capsys.readouterr().out.startswith("Is it raining in Oslo?\n")
