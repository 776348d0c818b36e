"""``genai-live chat`` with a question, or with questions from a pipe."""

import json
import signal
import subprocess
import sys

import pytest

from genai_live.emulator import Emulator
from genai_live.emulator.profiles import PROFILES
from tests.cli.program import ENDS, Program, run

SECRET = "AIzaSy-nobody-may-read-this"


@pytest.fixture
def script(tmp_path):
    """Writes a scenario of the given steps, and returns the options that have it played."""

    def write(*steps):
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"steps": steps}), encoding="utf-8")
        return "--emulator", "--script", str(path)

    return write


@pytest.fixture
def emulator():
    """An emulator with one good key."""
    with Emulator(time_scale=0, api_keys=[SECRET]) as emulator:
        yield emulator


def test_one_question_gets_one_answer():
    """The answer, and nothing but the answer, is printed on stdout; the README's first command."""
    result = run("chat", "--emulator", "Tell me something")
    assert (result.returncode, result.stdout, result.stderr) == (0, "Tell me something\n", "")


@pytest.mark.parametrize("profile", PROFILES)
def test_every_family_of_models_can_be_asked(profile):
    """With ``--profile``, the emulator behaves as one of them, and a model of that family is talked to."""
    result = run("chat", "--emulator", "--profile", profile, "Hello")
    assert (result.returncode, result.stdout, result.stderr) == (0, "Hello\n", "")


def test_each_line_of_a_pipe_is_a_question():
    """Lines are asked in turn, empty ones left out, and the answers printed one after another."""
    result = run("chat", "--emulator", stdin="First?\n\n  Second?  \n\t\nThird?")
    assert (result.returncode, result.stdout, result.stderr) == (0, "First?\nSecond?\nThird?\n", "")


def test_text_that_cannot_be_read_or_printed_is_replaced():
    """Bytes that are no UTF-8, and characters that the output does not have, end nothing."""
    result = run("chat", "--emulator", stdin=b"caf\xe9 caf\xc3\xa9\n", PYTHONIOENCODING="utf-8")
    assert (result.returncode, result.stdout) == (0, "caf\ufffd caf\u00e9\n".encode())
    result = run("chat", "--emulator", "caf\u00e9", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stdout) == (0, "caf?\n")


def test_an_answer_is_printed_as_it_comes_and_ctrl_c_ends_quietly(script):
    """A word is there before the next one came; Ctrl-C then exits with 130 and says nothing."""
    options = script({"expect": "Go on.", "answer": ["Once", {"after": 100, "text": " upon"}]})
    with Program("chat", *options, "Go on.") as program:
        program.expect("Once")
        program.signal(signal.SIGINT)
        assert program.end() == 130
        assert program.printed.split() == ["Once"]


def test_a_reader_that_has_enough_ends_it_quietly():
    """Where nobody reads the answer any more, as after ``| head``, there is no traceback."""
    command = [sys.executable, "-m", "genai_live", "chat", "--emulator", "one two three"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        program.stdout.read(3)
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(ENDS) == 1


def test_without_credentials_it_says_what_to_do():
    """The variables of a key, those of Vertex AI, and the emulator are named, in one line on stderr."""
    result = run("chat", "Hello")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("genai-live: ")
    assert result.stderr.count("\n") == 1
    for way in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT", "--emulator"):
        assert way in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--emulator", " "),
        ("--script", __file__, "Hello"),
        ("--profile", "2.5", "Hello"),
        ("--emulator", "--profile", "9", "Hello"),
        ("--emulator", "--audio", __file__, "Hello"),
        ("--emulator", "--base-url", "http://127.0.0.1", "Hello"),
        ("--emulator", "--timeout", "0", "Hello"),
    ],
    ids=[
        "empty question",
        "script without emulator",
        "profile without emulator",
        "no such profile",
        "two questions",
        "emulator elsewhere",
        "no time",
    ],
)
def test_wrong_arguments_are_refused(arguments):
    """What cannot be meant is refused with exit code 2, as everywhere."""
    result = run("chat", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Usage: genai-live chat" in result.stderr


def test_an_error_is_one_sentence(emulator):
    """What the service refuses is told in one line, with exit code 1."""
    result = run("chat", "--base-url", emulator.url, "--model", "gpt-9", "Hello", GOOGLE_API_KEY=SECRET)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("genai-live: ")
    assert "models/gpt-9 is not found" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_model_that_falls_silent_is_not_waited_for(script):
    """After ``--timeout`` seconds without a message it gives up, and the answer's line is ended."""
    options = script({"expect": "Hello", "answer": "Well", "complete": False})
    result = run("chat", *options, "--timeout", "0.5", "Hello")
    assert (result.returncode, result.stdout) == (1, "Well\n")
    assert result.stderr == "genai-live: the model has been silent for 0.5 s\n"


def test_an_answer_that_breaks_off_is_told(script):
    """With a single question there is nothing to go on with: it is one sentence, and exit code 1."""
    options = script({"expect": "Hello", "answer": ["Well", {"drop": True}], "complete": False})
    result = run("chat", *options, "Hello")
    assert (result.returncode, result.stdout) == (1, "Well\n")
    assert result.stderr.startswith("genai-live: a reconnection cut through the turn (1006 ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("key", [SECRET, f"{SECRET}-but-wrong"], ids=["good key", "wrong key"])
def test_verbose_shows_frames_and_no_key(emulator, key):
    """``-v`` prints what goes over the wire on stderr; the key stands nowhere."""
    result = run("chat", "-v", "--base-url", emulator.url, "Hello", GEMINI_API_KEY=key)
    assert result.returncode == (0 if key == SECRET else 1)
    assert result.stdout == ("Hello\n" if key == SECRET else "")
    assert '> {"setup"' in result.stderr
    assert emulator.url.removeprefix("http") in result.stderr
    assert SECRET not in result.stderr


def test_the_setup_suits_models_that_only_speak(emulator):
    """The transcription is asked for, no modality is, and the system instruction is passed on."""
    run("chat", "--base-url", emulator.url, "--system", "Be brief.", "Hello", GOOGLE_API_KEY=SECRET)
    setup, question = emulator.connections[0].received
    assert setup == {
        "setup": {
            "model": "models/gemini-3.8-live",
            "outputAudioTranscription": {},
            "sessionResumption": {},
            "systemInstruction": {"parts": [{"text": "Be brief."}], "role": "user"},
        }
    }
    assert "clientContent" in question


def test_gemini_3_1_is_asked_by_realtime_input(emulator):
    """It refuses content in mid-session."""
    model = "gemini-3.1-flash-live-preview"
    result = run("chat", "--base-url", emulator.url, "--model", model, "Hello", GOOGLE_API_KEY=SECRET)
    assert result.stdout == "Hello\n"
    assert emulator.connections[0].received[1] == {"realtimeInput": {"text": "Hello"}}


def test_the_emulator_is_reached_past_proxies():
    """A proxy and a service that the environment names do not come between."""
    result = run(
        "chat",
        "--emulator",
        "Hello",
        http_proxy="http://127.0.0.1:1",
        GOOGLE_GENAI_USE_VERTEXAI="true",
        GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:1",
    )
    assert (result.returncode, result.stdout) == (0, "Hello\n")
