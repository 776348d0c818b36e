"""``genai-live chat --tools``: a person tries functions that the model can call."""

import json
import re
import signal

import pytest

from genai_live import Client
from genai_live.cli.answer import Answer
from genai_live.cli.conversation import Conversation
from genai_live.cli.printing import Printer
from genai_live.emulator import Emulator
from genai_live.protocol.turns import ends_turn
from genai_live.tools import ToolContext
from tests.cli.program import CTRL_C, CTRL_D, PROMPT, Program, run
from tests.cli.sound import read_wav, speech, write_wav
from tests.timing import scaled

FUNCTIONS = '''
import sys
import threading
from typing import Literal

from genai_live.tools import ToolContext, tool
from genai_live.types import FunctionDeclaration, FunctionResponse, Tool


def get_weather(city: str, unit: Literal["c", "f"] = "c") -> dict:
    """Current weather."""
    return {"weather": f"rain in {city}"}


def fail() -> str:
    """Fails."""
    raise LookupError("no such city")


def count(to: int):
    """Counts."""
    yield from range(to)
    return "done"


def steer() -> str:
    """Answers with what would steer a terminal, and at length."""
    return "\\x9b2J" + "long " * 100


@tool(scheduling="SILENT")
def note(what: str) -> None:
    """Notes it."""


def hang(context: ToolContext) -> None:
    """Hangs."""
    context.cancel_token.wait()


def undeclarable(anything): ...


async def several_later():
    """Cannot be run."""
    yield


def sleep() -> None:
    """Does not notice that nobody waits any more."""
    print("sleeping", file=sys.stderr, flush=True)
    threading.Event().wait()


class Shelf:
    def tool(self):
        return Tool(function_declarations=[FunctionDeclaration(name="list_books")])

    def call_tool(self, calls):
        response = {"output": ["Walden"]}
        return [FunctionResponse(id=call.id, name=call.name, response=response) for call in calls]


shelf = Shelf()
several = [get_weather, shelf]
'''


@pytest.fixture
def chat(tmp_path, monkeypatch):
    """Arguments of a chat with functions of the current directory; the emulator plays the steps."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_functions.py").write_text(FUNCTIONS, encoding="utf-8")
    (tmp_path / "broken.py").write_text("1 / 0", encoding="utf-8")
    (tmp_path / "empty.py").write_text("", encoding="utf-8")
    (tmp_path / "whole.py").write_text(
        "from my_functions import fail\n\ndef look() -> str:\n    return 'nothing'\n\ndef _other(x): ...\n",
        encoding="utf-8",
    )

    def arguments(*steps, tools=("my_functions:get_weather",), model="gemini-3.8-live"):
        script = tmp_path / "script.json"
        script.write_text(json.dumps({"steps": steps}), encoding="utf-8")
        chosen = [word for name in tools for word in ("--tools", name)]
        return "chat", "--emulator", "--script", str(script), "--model", model, *chosen

    return arguments


def called(name, **args):
    """The user asks, and the model calls."""
    return {"expect": "Hello", "answer": {"call": {"name": name, "args": args}}}


def answered(name, answer=None, **response):
    """The function's answer comes, and the model speaks of it."""
    step = {"expect": {"toolResponse": {"functionResponses": [{"name": name, **response}]}}}
    return step | ({"answer": answer} if answer else {})


@pytest.mark.parametrize("model", ["gemini-2.5-flash-native-audio-latest", "gemini-3.8-live"])
def test_a_function_is_called_and_shown(chat, model):
    """The model speaks of the answer, in the same turn or in one of its own; stderr tells of the call."""
    steps = [called("get_weather", city="Oslo"), answered("get_weather", "It rains.")]
    result = run(*chat(*steps, model=model), "Hello")
    assert (result.returncode, result.stdout) == (0, "It rains.\n")
    shown, _, seconds = result.stderr.partition(" in ")[2].partition(" in ")
    assert result.stderr.startswith('get_weather(city=\'Oslo\') answered {"weather": "rain in Oslo"} in ')
    assert (shown, seconds[-3:], result.stderr.count("\n")) == ('Oslo"}', " s\n", 1)


@pytest.mark.parametrize("model", ["gemini-2.5-flash-native-audio-latest", "gemini-3.8-live"])
def test_a_function_is_called_for_a_spoken_question(chat, tmp_path, model):
    """Its call is shown as for a typed one, and the answer is waited for, and heard."""
    question = write_wav(tmp_path / "question.wav", speech(0.6))
    steps = [
        called("get_weather", city="Oslo") | {"expect": {"speech": "Is it raining in Oslo?"}},
        answered("get_weather", "It rains.", response={"weather": "rain in Oslo"}),
    ]
    saving = ("--audio", str(question), "--save", str(tmp_path / "answer.wav"), "--transcript")
    result = run(*chat(*steps, model=model), *saving)
    assert result.returncode == 0
    assert result.stdout == "You: Is it raining in Oslo?\nModel: It rains.\n"
    assert re.fullmatch(
        r"""get_weather\(city='Oslo'\) answered {"weather": "rain in Oslo"} in \d+\.\d s\n""", result.stderr
    )
    assert read_wav(tmp_path / "answer.wav")[1]


def test_what_a_function_raises_is_shown(chat):
    """Where it was raised, and what the model was told of it."""
    steps = [called("fail"), answered("fail", "Sorry.", response={"error": "LookupError: no such city"})]
    result = run(*chat(*steps, tools=["my_functions:fail"]), "Hello")
    assert (result.returncode, result.stdout) == (0, "Sorry.\n")
    assert 'raise LookupError("no such city")' in result.stderr
    assert result.stderr.count('File "') == 1, "the frames of the user's code, and no others"
    assert 'fail() answered {"error": "LookupError: no such city"} in ' in result.stderr


def test_arguments_that_do_not_fit_are_shown(chat):
    """What was wrong with them, without a traceback: nothing of the user's has been run."""
    steps = [called("get_weather", town="Oslo"), answered("get_weather", "Sorry.")]
    result = run(*chat(*steps), "Hello")
    assert (result.returncode, result.stdout) == (0, "Sorry.\n")
    log, shown = result.stderr.splitlines()
    assert "the call of get_weather failed, and the model was told: get_weather() cannot be called so" in log
    assert shown.startswith('get_weather(town=\'Oslo\') answered {"error": "ToolError: ')


def test_ctrl_c_ends_a_single_question_while_a_function_runs(chat):
    """At once and quietly, though the function does not end."""
    with Program(*chat(called("sleep"), tools=["my_functions:sleep"]), "Hello") as program:
        program.expect("sleeping\n")
        program.signal(signal.SIGINT)
        assert program.end() == 130
        assert program.printed.split() == ["sleeping"]


def test_answers_in_parts_are_shown_as_they_come(chat):
    """Each part of a generator's answer, and its end."""
    steps = [
        called("count", to=1),
        answered("count", willContinue=True),
        answered("count", "Counted."),
    ]
    result = run(*chat(*steps, tools=["my_functions:count"]), "Hello")
    assert (result.returncode, result.stdout) == (0, "Counted.\n")
    part, end = result.stderr.splitlines()
    assert part.startswith('count(to=1) answered {"output": 0} after ')
    assert part.endswith(", and goes on")
    assert end.startswith('count(to=1) answered {"output": "done"} in ')


def test_what_is_shown_is_short_and_steers_no_terminal(chat):
    """The answer is cut, and its control characters are left out."""
    result = run(*chat(called("steer"), answered("steer", "Done."), tools=["my_functions:steer"]), "Hello")
    assert result.stdout == "Done.\n"
    assert 'steer() answered {"output": "2Jlong long ' in result.stderr
    assert "… in " in result.stderr
    assert len(result.stderr) < 300


def test_an_answer_of_which_nothing_is_said_ends_the_question(chat):
    """After a SILENT one the next question is asked."""
    steps = [
        called("note", what="milk"),
        answered("note", scheduling="SILENT"),
        {"expect": "Thanks", "answer": "Welcome."},
    ]
    result = run(*chat(*steps, tools=["my_functions:note"]), stdin="Hello\nThanks\n")
    assert (result.returncode, result.stdout) == (0, "Welcome.\n")
    assert result.stderr.startswith("note(what='milk') answered {\"output\": null} in ")


def test_a_call_that_the_model_cancels_is_shown(chat):
    """As cancelled, and the model goes on."""
    call = {"call": {"name": "hang", "id": "1"}}
    cancelled = {"message": {"toolCallCancellation": {"ids": ["1"]}}}
    step = {"expect": "Hello", "answer": [call, cancelled, "Never mind."]}
    result = run(*chat(step, tools=["my_functions:hang"]), "Hello")
    assert result.returncode == 0
    assert result.stdout.endswith("Never mind.\n")
    assert result.stderr.startswith("hang() was cancelled after ")


def test_a_function_is_waited_for_longer_than_the_model(capsys):
    """The model's silence while a function runs is no fault."""
    limit = scaled(0.5)

    def take_long(context: ToolContext) -> str:
        """Takes longer than the model may."""
        context.cancel_token.wait(2.5 * limit)
        return "done"

    config = {"tools": [take_long], "output_audio_transcription": {}}
    with (
        Emulator(script={"steps": [called("take_long"), answered("take_long", "Done.")]}) as emulator,
        Client(api_key="any", http_options={"base_url": emulator.url}) as client,
        client.live.connect(model="gemini-3.8-live", config=config) as session,
    ):
        printer = Printer()
        conversation = Conversation(
            session, printer, lambda _: Answer(printer), realtime=False, timeout=limit, is_last=ends_turn
        )
        conversation.ask("Hello")
    assert capsys.readouterr().out == "Done.\n"


def test_ctrl_c_leaves_a_function_and_the_next_question_has_its_own_answer(chat, tmp_path):
    """Where the turn has ended at the call, the next turn is the answer to the next question."""
    # Not by `call:`, as the emulator would make the call anew.
    call = {"message": {"toolCall": {"functionCalls": [{"name": "hang", "args": {}, "id": "1"}]}}}
    words = {"message": {"serverContent": {"outputTranscription": {"text": "I look."}}}}
    steps = [
        {"expect": "Hello", "answer": [words, call, {"message": {"serverContent": {"turnComplete": True}}}]},
        {"expect": "And now?", "answer": "Here."},
        {"expect": "Yes?", "answer": "Yes."},
    ]
    arguments = chat(*steps, tools=["my_functions:hang"])
    with Program(*arguments, terminal=True, XDG_STATE_HOME=str(tmp_path / "state")) as program:
        program.ask("Hello")
        program.expect("I look.\n")
        program.press(CTRL_C)
        program.expect("Stopped.")
        program.ask("And now?")
        program.expect("Here.")
        program.ask("Yes?")
        program.expect("Yes.")
        program.expect(PROMPT)
        program.press(CTRL_D)
        assert program.end() == 0


@pytest.mark.parametrize(
    ("tools", "called_name"),
    [
        (["my_functions:shelf"], "list_books"),
        (["my_functions:several"], "list_books"),
        (["my_functions:fail", "my_functions:get_weather", "my_functions:shelf"], "list_books"),
        (["whole"], "look"),
    ],
    ids=["an object", "a list", "several", "a module"],
)
def test_what_can_be_named(chat, tools, called_name):
    """A function, a CallableTool, a list of them; all that a module defines and does not hide."""
    result = run(*chat(called(called_name), answered(called_name, "Done."), tools=tools), "Hello")
    assert (result.returncode, result.stdout) == (0, "Done.\n")
    assert f"{called_name}() answered" in result.stderr


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (":get_weather", "expected MODULE or MODULE:NAME"),
        ("my_functions:", "expected MODULE or MODULE:NAME"),
        ("nowhere:get_weather", "there is no module 'nowhere'"),
        ("my_functions:get_time", "has no attribute 'get_time'"),
        ("my_functions:FunctionResponse.x", "has no attribute 'x'"),
        ("my_functions:__name__", "expected a function or a CallableTool, got 'my_functions'"),
        ("my_functions:undeclarable", "undeclarable(): the parameter 'anything': it has no type hint"),
        ("my_functions:several_later", "several_later() is an async generator, and nobody here iterates"),
        ("my_functions.py:get_weather", "expected a module's name, as after 'import', not a file"),
        ("./my_functions", "expected a module's name, as after 'import', not a file"),
        ("broken:f", "importing it raised ZeroDivisionError: division by zero"),
        ("empty", "the module defines no functions"),
    ],
)
def test_what_cannot_be_called_is_refused(chat, name, told):
    """In one sentence, before anything is connected."""
    result = run(*chat(tools=[name]), "Hello")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith(f"Error: --tools {name}: ")
    assert told in result.stderr.splitlines()[-1]


def test_two_functions_of_one_name_are_refused(chat):
    """A call comes by name."""
    result = run(*chat(tools=["my_functions:fail", "my_functions:fail"]), "Hello")
    assert result.returncode == 2
    assert result.stderr.endswith("Error: --tools: there is another function called 'fail'\n")
