"""Functions that the echo calls and a session of ours runs, under every profile that speaks."""

from contextlib import contextmanager

import pytest
from google.oauth2.credentials import Credentials

from genai_live import Client, Turn
from genai_live.emulator import Emulator
from genai_live.tools import tool
from tests.emulator.resuming import MODELS
from tests.timing import SOON

SPEAKING = ["2.0", "2.5", "3.1", "3.8", "vertex-2.5", "vertex-3.8"]
FREE = ["2.0", "2.5", "3.8", "vertex-2.5", "vertex-3.8"]
"""Those that take NON_BLOCKING functions."""


@contextmanager
def conversing(model, *functions):
    """A session with the echo, which answers in writing or in transcribed speech."""
    _, name = MODELS[model]
    config = {"tools": list(functions), "output_audio_transcription": {}}
    with Emulator(time_scale=0) as emulator:
        where = {"base_url": emulator.url}
        if model.startswith("vertex"):
            client = Client(
                vertexai=True,
                project="project",
                location="us-central1",
                credentials=Credentials(token="a token"),
                http_options=where,
            )
        else:
            client = Client(api_key="a key", http_options=where)
        with client, client.live.connect(model=name, config=config) as session:
            yield session


def said(turn):
    """What the model wrote or said."""
    return turn.text or turn.output_transcription


def ask_until(session, text, *awaited):
    """Ask, and read turns until all this was said, as a model may speak of each answer in its own turn."""
    spoken = said(session.ask(text, timeout=SOON))
    while not all(answer in spoken for answer in awaited):
        spoken += said(Turn.from_messages(list(session.receive(timeout=SOON))))
    return spoken


class Weather:
    """A function that counts how often it runs."""

    def __init__(self):
        self.cities = []

    def get_weather(self, city: str) -> dict:
        """The weather of a city."""
        self.cities.append(city)
        return {"weather": f"rain in {city}"}


@pytest.mark.parametrize("model", SPEAKING)
def test_a_function_is_run_once_and_its_answer_spoken_of(model):
    """``ask`` returns what the model says when it knows the answer."""
    weather = Weather()
    with conversing(model, weather.get_weather) as session:
        turn = session.ask('get_weather({"city": "Oslo"})', timeout=SOON)
        assert said(turn) == 'get_weather answered {"weather": "rain in Oslo"}.'
        assert said(session.ask("Thanks", timeout=SOON)) == "Thanks"
    assert weather.cities == ["Oslo"]


@pytest.mark.parametrize("model", SPEAKING)
def test_two_calls_are_both_spoken_of(model):
    """In one turn or in two, as the model does it; each function runs once."""
    weather = Weather()
    with conversing(model, weather.get_weather) as session:
        asked = 'get_weather({"city": "Oslo"}); get_weather({"city": "Rome"})'
        spoken_of = [f'get_weather answered {{"weather": "rain in {city}"}}.' for city in ("Oslo", "Rome")]
        text = ask_until(session, asked, *spoken_of)
        assert said(session.ask("Thanks", timeout=SOON)) == "Thanks"
    assert sorted(weather.cities) == ["Oslo", "Rome"]
    assert [text.count(answer) for answer in spoken_of] == [1, 1]


@pytest.mark.parametrize("model", FREE)
@pytest.mark.parametrize("scheduling", ["WHEN_IDLE", "INTERRUPT"])
def test_a_scheduled_answer_is_spoken_of(model, scheduling):
    """Of a NON_BLOCKING function: in a turn after that of the call."""

    @tool(behavior="NON_BLOCKING", scheduling=scheduling)
    def get_time() -> str:
        """The time."""
        return "noon"

    with conversing(model, get_time) as session:
        assert said(session.ask("get_time()", timeout=SOON)) == 'get_time answered {"output": "noon"}.'


@pytest.mark.parametrize("model", FREE)
def test_a_silent_answer_is_not_spoken_of(model):
    """``ask`` does not wait for it, and the conversation goes on."""

    @tool(behavior="NON_BLOCKING", scheduling="SILENT")
    def note() -> str:
        """Notes it."""
        return "noted"

    with conversing(model, note) as session:
        assert not said(session.ask("note()", timeout=SOON))
        assert said(session.ask("Thanks", timeout=SOON)) == "Thanks"


@pytest.mark.parametrize("model", FREE)
def test_a_generator_is_spoken_of_part_by_part(model):
    """Each part in a turn, and what it returns in the last."""

    @tool(behavior="NON_BLOCKING")
    def count():
        """Counts."""
        yield 1
        yield 2
        return 3

    with conversing(model, count) as session:
        spoken_of = [f'count answered {{"output": {number}}}.' for number in (1, 2, 3)]
        assert ask_until(session, "count()", *spoken_of) == "".join(spoken_of)
        assert said(session.ask("Thanks", timeout=SOON)) == "Thanks"
