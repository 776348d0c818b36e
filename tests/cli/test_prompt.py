"""``genai-live chat`` at a terminal."""

import json
import stat

import pytest

from tests.cli.program import CTRL_A, CTRL_C, CTRL_D, ENTER, PROMPT, UP, Program

LEAVES = "Ctrl-D leaves."


@pytest.fixture
def chat(tmp_path):
    """Starts a chat at a terminal, in which the emulator plays the given steps."""

    def start(*steps, options=(), **arguments):
        script = tmp_path / "script.json"
        script.write_text(json.dumps({"steps": steps}), encoding="utf-8")
        environment = {"XDG_STATE_HOME": str(tmp_path / "state")} | arguments
        return Program("chat", "--emulator", "--script", str(script), *options, terminal=True, **environment)

    return start


def test_questions_are_answered_until_ctrl_d(chat):
    """The model is named, each question answered, and Ctrl-D leaves with exit code 0."""
    steps = [{"expect": "First?", "answer": "Answer one."}, {"expect": "Second?", "answer": "Answer two."}]
    with chat(*steps) as program:
        program.expect("gemini-3.8-live")
        program.ask("First?")
        program.expect("Answer one.")
        program.ask("  ")
        program.ask("Second?")
        program.expect("Answer two.")
        program.expect(PROMPT)
        program.press(CTRL_D)
        assert program.end() == 0


def test_a_line_can_be_edited(chat):
    """The keys of a line editor work."""
    with chat({"expect": "Hello there", "answer": "Understood."}) as program:
        program.expect(PROMPT)
        program.press("lo there", CTRL_A, "Hel", ENTER)
        program.expect("Understood.")


def test_ctrl_c_drops_the_line(chat):
    """What was half written is not sent, and a hint says how to leave."""
    with chat({"expect": "Whole", "answer": "Understood."}) as program:
        program.expect(PROMPT)
        program.press("Half")
        program.expect("Half")
        program.press(CTRL_C)
        program.expect(LEAVES)
        program.ask("Whole")
        program.expect("Understood.")


def test_ctrl_c_stops_an_answer(chat):
    """The prompt comes back; the next question interrupts the model, and only its own answer is shown."""
    steps = [
        {
            "expect": "Long?",
            "answer": ["Once", {"after": 0.5, "text": " upon"}, {"after": 99, "text": " a time"}],
        },
        {"expect": "Short?", "answer": "Brief."},
    ]
    with chat(*steps) as program:
        program.ask("Long?")
        program.expect("upon")
        program.press(CTRL_C)
        program.expect("Stopped.")
        program.ask("Short?")
        program.expect("Brief.")
        program.expect(PROMPT)
        program.press(CTRL_D)
        assert program.end() == 0
        assert "a time" not in program.printed


def test_an_answer_that_ends_unread_is_not_shown_later(chat):
    """The same, where the model has said everything before the next question."""
    steps = [
        {"expect": "Long?", "answer": ["Once", {"after": 0.5, "text": "-leftover"}]},
        {"expect": "Short?", "answer": "Brief."},
    ]
    with chat(*steps, options=["-v"]) as program:
        program.ask("Long?")
        program.expect("Once")
        program.press(CTRL_C)
        program.expect("Stopped.")
        program.expect("turnComplete")
        program.ask("Short?")
        program.expect('"Brief."')
        program.expect("turnComplete")
        program.expect(PROMPT)
        program.press(CTRL_D)
        assert program.end() == 0
        assert program.printed.count("leftover") == 1, "it stands in the frame, and nowhere else"


def test_a_silent_model_can_be_asked_again(chat):
    """A timeout is told, and the chat goes on."""
    steps = [
        {"expect": "Hello?", "answer": "Well", "complete": False},
        {"expect": "Anybody?", "answer": "Present."},
    ]
    with chat(*steps, options=["--timeout", "0.5"]) as program:
        program.ask("Hello?")
        program.expect("genai-live: the model has been silent for 0.5 s")
        program.ask("Anybody?")
        program.expect("Present.")


def test_the_server_s_close_ends_the_prompt(chat):
    """It is told at once, though a line is half written, and the exit code is 1."""
    steps = [
        {"expect": "Go?", "answer": "Gone."},
        {"answer": [{"after": 0.5, "close": {"code": 1007, "reason": "Out of order."}}]},
    ]
    with chat(*steps) as program:
        program.ask("Go?")
        program.expect("Gone.")
        program.expect(PROMPT)
        program.press("Half")
        program.expect("genai-live: the server closed the connection: 1007 Out of order.")
        assert program.end() == 1


def test_an_answer_that_breaks_off_can_be_asked_for_again(chat):
    """The chat outlives its connection: a line tells what broke off, and the next question is answered."""
    steps = [
        {"expect": "Hello?", "answer": ["Well", {"drop": True}], "complete": False},
        {"expect": "Again?", "answer": "Present."},
    ]
    with chat(*steps) as program:
        program.ask("Hello?")
        assert "Well\n" in program.expect("genai-live: a reconnection cut through the turn (1006")
        assert program.expect("\n").endswith("): nothing more comes of it, and the session goes on")
        program.ask("Again?")
        program.expect("Present.")
        program.expect(PROMPT)
        program.press(CTRL_D)
        assert program.end() == 0


def test_answers_do_not_steer_the_terminal(chat):
    """Control characters in a model's words are left out."""
    with chat({"expect": "Red?", "answer": "\x1b[31mRed\x07.\x9b"}) as program:
        program.ask("Red?")
        program.expect("[31mRed.")


def test_history_is_kept_between_chats(chat, tmp_path):
    """The arrow keys bring back earlier questions; nobody else can read the file that holds them."""
    with chat({"expect": "Rare question", "answer": "Answer."}) as program:
        program.ask("Rare question")
        program.expect("Answer.")
    assert stat.S_IMODE((tmp_path / "state" / "genai-live" / "chat-history").stat().st_mode) == 0o600
    with chat({"expect": "Rare question", "answer": "Again."}) as program:
        program.expect(PROMPT)
        program.press(UP, ENTER)
        program.expect("Again.")


def test_a_history_that_cannot_be_kept_is_kept_for_the_chat(chat):
    """Without a place to write to, everything else works."""
    steps = [
        {"expect": "Rare question", "answer": "Answer."},
        {"expect": "Rare question", "answer": "Again."},
    ]
    with chat(*steps, XDG_STATE_HOME="/dev/null") as program:
        program.ask("Rare question")
        program.expect("Answer.")
        program.expect(PROMPT)
        program.press(UP, ENTER)
        program.expect("Again.")


def test_answers_go_to_a_file_while_the_prompt_stays(chat, tmp_path):
    """With stdout redirected, the file holds the answers only."""
    with (
        (tmp_path / "answers").open("w") as file,
        chat({"expect": "Hello", "answer": "Kept."}, stdout=file) as program,
    ):
        program.ask("Hello")
        program.expect(PROMPT)
        program.press(CTRL_D)
        assert program.end() == 0
    assert (tmp_path / "answers").read_text() == "Kept.\n"


def test_a_transcript_in_a_file_has_the_questions(chat, tmp_path):
    """At the terminal they are not repeated, as they stand there already."""
    step = {"expect": "Hello", "answer": "Kept."}
    with (
        (tmp_path / "lines").open("w") as file,
        chat(step, options=["--transcript"], stdout=file) as program,
    ):
        program.ask("Hello")
        program.expect(PROMPT)
        program.press(CTRL_D)
        assert program.end() == 0
    assert (tmp_path / "lines").read_text() == "You: Hello\nModel: Kept.\n"
    with chat(step, options=["--transcript"]) as program:
        program.ask("Hello")
        program.expect("Model: Kept.")
        assert "You:" not in program.printed
