"""Scenarios: what the format says, and what it refuses."""

import json

import pytest

from genai_live.emulator import Emulator
from genai_live.errors import ConfigurationError
from tests.emulator.live_client import talk_set_up, text_of


def step(**keys):
    """A scenario of one step."""
    return {"steps": [keys]}


def action(**keys):
    """A scenario of one step with one action."""
    return step(expect="Hello", answer=keys)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ([], "script: must be a mapping with setup, steps"),
        ({}, "steps: must be a list of steps"),
        ({"steps": {}}, "steps: must be a list of steps"),
        ({"step": []}, "script: 'step' is not known here; did you mean 'steps'?"),
        ({"setup": "x", "steps": []}, "setup: must be a mapping"),
        ({"setup": {"model": "/(/"}, "steps": []}, "setup.model: is no regular expression: "),
        ({"steps": ["Hello"]}, "steps[0]: must be a mapping with expect, answer, complete, usage"),
        (step(), "steps[0]: needs what to expect, or what to answer"),
        (step(expect="x", anwser="y"), "steps[0]: 'anwser' is not known here; did you mean 'answer'?"),
        (step(expect=1), "steps[0].expect: must be a mapping"),
        (step(expect="/[/"), "steps[0].expect: is no regular expression: "),
        (step(expect={"a": [{"b": "/*/"}]}), "steps[0].expect.a[0].b: is no regular expression: "),
        (step(expect="x", complete=False), "steps[0]: says how an answer ends, and gives no answer"),
        (step(answer="x", complete="no"), "steps[0].complete: must be true or false"),
        (
            step(answer="x", complete=False, usage={}),
            "steps[0].usage: comes when the turn is complete, and this turn is not",
        ),
        (step(answer="x", usage=3), "steps[0].usage: must be a mapping"),
        (step(answer=1), "steps[0].answer: must be a mapping with after, text, "),
        (step(answer=["x", {}]), "steps[0].answer[1]: must be one of text, outputTranscription, "),
        (action(text="x", drop=True), "steps[0].answer: must be one of text, outputTranscription, "),
        (action(after=1), "steps[0].answer: must be one of text, outputTranscription, "),
        (action(txt="x"), "steps[0].answer: 'txt' is not known here; did you mean 'text'?"),
        (action(text=True), "steps[0].answer.text: must be a text; in YAML, put it in quotes"),
        (action(text="x", after="1"), "steps[0].answer.after: must be a number of seconds, 0 or more"),
        (action(text="x", after=-1), "steps[0].answer.after: must be a number of seconds, 0 or more"),
        (action(text="x", after=True), "steps[0].answer.after: must be a number of seconds, 0 or more"),
        (action(call=[]), "steps[0].answer.call: must be a call, or a list of calls"),
        (action(call={"args": {}}), "steps[0].answer.call.name: must be a text"),
        (action(call={"name": "f", "args": []}), "steps[0].answer.call.args: must be a mapping"),
        (
            action(call={"name": "f", "arg": {}}),
            "steps[0].answer.call: 'arg' is not known here; did you mean",
        ),
        (action(call=[{"name": "f"}, {"name": 1}]), "steps[0].answer.call[1].name: must be a text"),
        (action(message="x"), "steps[0].answer.message: must be a mapping"),
        (action(message={"a": {1: 2}}), "steps[0].answer.message.a: the key 1 must be a text"),
        (action(message={"a": [float("nan")]}), "steps[0].answer.message.a[0]: nan cannot be said in JSON"),
        (action(message={"a": b"x"}), "steps[0].answer.message.a: b'x' cannot be said in JSON"),
        (action(goAway="50s"), "steps[0].answer.goAway: must be the number of seconds that are left"),
        (action(close={}), "steps[0].answer.close.code: must be a code that a close frame may carry"),
        (
            action(close={"code": 1006}),
            "steps[0].answer.close.code: must be a code that a close frame may carry",
        ),
        (
            action(close={"code": 1011, "reason": "€" * 42}),
            "steps[0].answer.close.reason: must be 123 bytes or less",
        ),
        (action(handle=True), "steps[0].answer.handle: must be a mapping with resumable"),
        (action(handle={}), "steps[0].answer.handle.resumable: must be true or false"),
        (action(handle={"resumable": "no"}), "steps[0].answer.handle.resumable: must be true or false"),
        (action(drop=False), "steps[0].answer.drop: must be true"),
        (
            action(frame={}),
            "steps[0].answer.frame: must be text for a text frame, or base64 for a binary one",
        ),
        (action(frame={"base64": "!"}), "steps[0].answer.frame.base64: is not base64"),
        (action(frame={"base64": "é"}), "steps[0].answer.frame.base64: is not base64"),
    ],
)
def test_a_malformed_scenario_is_refused_with_its_place(tmp_path, script, message):
    """The error names the path in the scenario, and the file if there is one."""
    if isinstance(script, dict):
        with pytest.raises(ConfigurationError) as raised:
            Emulator(script=script)
        assert str(raised.value).startswith(message)
    try:
        text = json.dumps(script)
    except TypeError:
        return
    path = tmp_path / "scenario.yaml"
    path.write_text(text.replace("NaN", ".nan").replace('"1": 2', "1: 2"), "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script=path)
    shown = f"{path}: {message.removeprefix('script: ')}"
    assert str(raised.value).startswith(shown)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("scenario.yaml", "steps: [", "is not YAML: "),
        ("scenario.yaml", "", "must be a mapping with setup, steps"),
        ("scenario.json", "steps: []", "is not JSON: "),
        ("scenario.json", b"\xff", "is not JSON: "),
    ],
)
def test_a_file_that_cannot_be_parsed_is_named(tmp_path, name, content, message):
    """The error names the file, and what it should have been."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError) as raised:
        Emulator(script=str(path))
    assert str(raised.value).startswith(f"{path}: {message}")


def test_a_file_that_is_missing_is_named(tmp_path):
    """The error names the file and says why it cannot be read."""
    with pytest.raises(ConfigurationError, match=r"none\.yaml: cannot be read: No such file"):
        Emulator(script=tmp_path / "none.yaml")


@pytest.mark.parametrize("name", ["scenario.yaml", "scenario.yml", "scenario.json"])
def test_yaml_and_json_files_hold_the_same(tmp_path, name):
    """A scenario may be YAML or JSON; characters are UTF-8."""
    path = tmp_path / name
    text = '{"steps": [{"expect": "Hello", "answer": "Grüße"}]}'
    path.write_text(text if name.endswith("json") else "steps:\n- expect: Hello\n  answer: Grüße\n", "utf-8")
    for script in (path, str(path), json.loads(text)):
        with Emulator(script=script, time_scale=0) as emulator, talk_set_up(emulator) as client:
            client.say("Hello")
            assert text_of(client.receive_turn()) == "Grüße"
